# stdenv, as far as it can be without its programs: mkDerivation, and the platforms.
{ lib, native, missing, pkgs, hostSystem, ... }:
let
  inherit (builtins) isFunction listToAttrs map removeAttrs;
  platform = lib.systems.elaborate hostSystem;

  # Attributes of mkDerivation that its builder does not see.
  notForBuilder = [ "meta" "passthru" "pos" "env" "finalPackage" "overrideAttrs" ];

  # The attributes that every derivation of nixpkgs has, whether they were given or not.
  defaults = {
    buildInputs = [ ];
    nativeBuildInputs = [ ];
    propagatedBuildInputs = [ ];
    propagatedNativeBuildInputs = [ ];
    depsBuildBuild = [ ];
    depsBuildTarget = [ ];
    depsHostHost = [ ];
    depsTargetTarget = [ ];
    configureFlags = [ ];
    cmakeFlags = [ ];
    mesonFlags = [ ];
    patches = [ ];
    doCheck = false;
    doInstallCheck = false;
    strictDeps = false;
    outputs = [ "out" ];
  };

  nameOf = attrs: attrs.name or "${attrs.pname}-${attrs.version or (throw "mkDerivation: '${attrs.pname}' has neither a name nor a version")}";

  checkedEnv = attrs:
    let
      env = attrs.env or { };
      wrong = builtins.filter (name: !(builtins.isString env.${name} || builtins.isBool env.${name} || builtins.isInt env.${name} || lib.isDerivation env.${name})) (builtins.attrNames env);
      twice = builtins.attrNames (builtins.intersectAttrs env (removeAttrs attrs notForBuilder));
    in
    assert lib.assertMsg (lib.isAttrs env && !(lib.isDerivation env)) "mkDerivation: `env` must be an attribute set of environment variables.";
    assert lib.assertMsg (wrong == [ ]) "mkDerivation: The `env` attribute set can only contain derivation, string, boolean or integer attributes. The `${builtins.head wrong}` attribute is of type ${builtins.typeOf env.${builtins.head wrong}}.";
    assert lib.assertMsg (twice == [ ]) "mkDerivation: The `env` attribute set cannot contain any attributes passed to derivation. The following attributes are overlapping: ${builtins.concatStringsSep ", " twice}";
    env;

  fixedHash = attrs:
    if attrs ? outputHash then { inherit (attrs) outputHash; outputHashAlgo = attrs.outputHashAlgo or null; outputHashMode = attrs.outputHashMode or "flat"; }
    else null;

  # Like `derivation`, with stand-in paths. Where a hash fixes the output, its path is Nix's own.
  derivationOf = attributes: more:
    let
      paths = native.standIn attributes;
      fixed = fixedHash attributes;
      exact = (derivation ({ inherit (attributes) name system; builder = "nixbridge:fetch"; } // lib.filterAttrs (_: value: value != null) fixed)).outPath;
      each = map
        (output: {
          name = output;
          value = shared // {
            outPath = if fixed == null then paths.${output} else builtins.seq paths.drvPath (native.recorded exact paths.${output});
            inherit (paths) drvPath;
            type = "derivation";
            outputName = output;
            outputSpecified = true;
          };
        })
        attributes.outputs;
      shared = attributes // more // listToAttrs each // {
        all = map (output: output.value) each;
        drvAttrs = attributes;
      };
    in
    removeAttrs (builtins.head each).value [ "outputSpecified" ];

  builderOf = attrs: if attrs ? buildCommand then "nixbridge:script" else "nixbridge:phases";

  mkDerivation = given: derivationWith (if isFunction given then given else _: given);
  derivationWith = function:
    let
      attrs = function (attrs // { inherit finalPackage overrideAttrs; });
      overrideAttrs = change: derivationWith (lib.fixedPoints.extends (overlayOf change) function);
      attributes = defaults
        // { builder = builderOf attrs; system = hostSystem; name = nameOf attrs; }
        // removeAttrs attrs notForBuilder
        // checkedEnv attrs
        // { __ignoreNulls = true; };
      passthru = attrs.passthru or { };
      finalPackage = derivationOf attributes (
        {
          inherit overrideAttrs passthru;
          meta = { name = attributes.name; available = true; broken = false; insecure = false; unfree = false; unsupported = false; } // attrs.meta or { };
        } // passthru
      );
    in
    finalPackage;
  # A change is a set, a function of the attributes before, or an overlay.
  overlayOf = change: final: prev:
    if !(lib.isFunction change) then change
    else
      let made = change prev; in
      if lib.isFunction made then change final prev else made;

  make = name: lib.fix (self: native.open (attribute: missing "${name}.${attribute}") {
    inherit mkDerivation name;
    type = "derivation";
    inherit (missing name) outPath drvPath;
    buildPlatform = platform;
    hostPlatform = platform;
    targetPlatform = platform;
    inherit (platform) system isLinux isDarwin isx86_64 isAarch64 isAarch32 isi686 is32bit is64bit isBSD isCygwin isFreeBSD isOpenBSD isSunOS isMips isBigEndian isArmv7;
    shell = pkgs.runtimeShell;
    shellDryRun = "${pkgs.runtimeShell} -n -O extglob";
    override = _: self;
  });
in
{
  stdenv = make "stdenv";
  stdenvNoCC = make "stdenvNoCC";
  stdenvNoLibs = make "stdenvNoLibs";
  clangStdenv = make "clangStdenv";
  gccStdenv = make "gccStdenv";
  hostPlatform = platform;
  buildPlatform = platform;
  targetPlatform = platform;
  system = platform.system;
  runtimeShell = "${missing "bash"}/bin/bash";
  runtimeShellPackage = missing "bash";
}
