# flake-parts: a flake written as modules, with options for each system under `perSystem`.
{ lib, ... }:
{ ... }:
let
  inherit (lib) mkOption types;

  attrsOfAnything = mkOption { type = types.lazyAttrsOf types.raw; default = { }; };

  # The outputs by system that every flake may have; modules can add others with mkTransposedPerSystemModule.
  outputsBySystem = [ "apps" "checks" "devShells" "legacyPackages" "packages" ];

  mkPerSystemType = module: types.deferredModuleWith { staticModules = [ module ]; };
  mkPerSystemOption = module: mkOption { type = mkPerSystemType module; };
  mkSubmoduleOptions = options: mkOption { type = types.submoduleWith { modules = [ { inherit options; } ]; }; };

  mkTransposedPerSystemModule = { name, option, file ? "<flake-parts>" }: {
    _file = file;
    options.flake = mkSubmoduleOptions { ${name} = mkOption { type = types.lazyAttrsOf option.type; default = { }; }; };
    options.perSystem = mkPerSystemOption { options.${name} = option; };
    config.transposition.${name} = { };
  };

  # The part of a flake's outputs that is for one system.
  forSystem = system: flake:
    lib.mapAttrs (_: output: output.${system})
      (lib.filterAttrs
        (name: output: !(builtins.elem name [ "inputs" "outputs" "sourceInfo" ]) && builtins.isAttrs output && output ? ${system})
        flake);

  systemModule = { self, inputs, ... }: {
    options.perSystem = mkPerSystemOption ({ config, options, inputs', specialArgs, system, ... }: {
      _file = "<flake-parts>";
      options = lib.genAttrs outputsBySystem (_: attrsOfAnything) // {
        formatter = mkOption { type = types.nullOr types.raw; default = null; };
        debug = mkOption { type = types.bool; default = false; };
        allModuleArgs = mkOption { type = types.lazyAttrsOf types.raw; internal = true; };
      };
      config = {
        allModuleArgs = config._module.args // specialArgs // { inherit config options; };
        _module.args = {
          self' = forSystem system self;
          inputs' = lib.mapAttrs
            (name: input:
              if input._type or null == "flake" then forSystem system input
              else throw "inputs'.${name}: the input is not a flake (flake = false); use inputs.${name}")
            (removeAttrs inputs [ "self" ]);
          pkgs = lib.mkOptionDefault (
            inputs'.nixpkgs.legacyPackages or (throw "perSystem asks for pkgs, and the flake has no input nixpkgs")
          );
        };
      };
    });
  };

  flakeModule = { config, getSystem, withSystem, ... }: {
    options = {
      debug = mkOption { type = types.bool; default = false; };
      systems = mkOption { type = types.listOf types.str; };
      transposition = mkOption { type = types.lazyAttrsOf types.raw; default = { }; };
      allSystems = mkOption { type = types.lazyAttrsOf types.raw; internal = true; };
      flake = mkOption {
        type = types.submoduleWith {
          modules = [
            {
              freeformType = types.lazyAttrsOf types.raw;
              options = lib.genAttrs
                (outputsBySystem ++ [ "formatter" "nixosConfigurations" "nixosModules" "overlays" ])
                (_: attrsOfAnything);
            }
          ];
        };
      };
      perSystem = mkOption {
        type = types.deferredModule;
        apply = module: system:
          (lib.evalModules {
            modules = [ module ];
            prefix = [ "perSystem" system ];
            specialArgs = { inherit system; };
            class = "perSystem";
          }).config;
      };
    };
    config = {
      transposition = lib.genAttrs outputsBySystem (_: { });
      allSystems = lib.genAttrs config.systems config.perSystem;
      flake = lib.mkMerge [
        (lib.mapAttrs (name: _: lib.mapAttrs (_: values: values.${name}) config.allSystems) config.transposition)
        {
          formatter = lib.filterAttrs (_: value: value != null)
            (lib.mapAttrs (_: values: values.formatter) config.allSystems);
        }
      ];
      _module.args = {
        getSystem = system: config.allSystems.${system} or (config.perSystem system);
        withSystem = system: function: function (getSystem system).allModuleArgs;
        moduleWithSystem = module: { config, ... }:
          let
            system = config._module.args.system or config._module.args.pkgs.stdenv.hostPlatform.system
              or (throw "moduleWithSystem: the system of this module is not known");
            known = withSystem system (arguments: arguments);
          in
          { imports = [ (module (lib.mapAttrs (name: _: known.${name}) (builtins.functionArgs module))) ]; };
      };
    };
  };

  isFlake = value: builtins.isAttrs value && value._type or null == "flake";

  flakePartsLib = {
    inherit mkPerSystemOption mkPerSystemType mkSubmoduleOptions mkTransposedPerSystemModule;
    mkDeferredModuleType = mkPerSystemType;
    mkDeferredModuleOption = mkPerSystemOption;
    defaultModule = value: if isFlake value then value.flakeModules.default or value else value;
    importApply = path: arguments: lib.setDefaultModuleLocation path (import path arguments);
    evalFlakeModule = { inputs ? self.inputs, self ? inputs.self, specialArgs ? { }, moduleLocation ? "${self.outPath}/flake.nix" }:
      module: lib.evalModules {
        modules = [ flakeModule systemModule (lib.setDefaultModuleLocation moduleLocation module) ];
        specialArgs = { inherit inputs moduleLocation self; flake-parts-lib = flakePartsLib; } // specialArgs;
        class = "flake";
      };
    mkFlake = arguments: module: (flakePartsLib.evalFlakeModule arguments module).config.flake;
  };

  missing = name: throw "flake-parts.flakeModules.${name} is not built in: give flake-parts with --input flake-parts=DIR";
in
{
  lib = flakePartsLib;
  flakeModules = {
    # attributes that are taken from the flake's packages in an overlay
    easyOverlay = missing "easyOverlay";
    flakeModules = { options.flake = mkSubmoduleOptions { flakeModules = attrsOfAnything; }; };
    modules = { options.flake = mkSubmoduleOptions { modules = attrsOfAnything; }; };
    partitions = missing "partitions";
  };
}
