# The built-in nixpkgs: a function of { system, config, overlays, ... }, as nixpkgs itself is.
lib: native:
{ system ? native.defaultSystem, localSystem ? system, config ? { }, overlays ? [ ], ... }:
let
  hostSystem = if builtins.isString localSystem then localSystem else localSystem.system or localSystem.config;

  # A package that is not built in. It can be passed on, selected from, called and put into text; only what is made of it
  # (a store path that is shown, a file that is built) fails, and then names it.
  missing = attribute: native.open (name: missing "${attribute}.${name}") (
    package attribute // {
      __functor = _: _: missing attribute;
      override = _: missing attribute;
      overrideAttrs = _: missing attribute;
      outputs = [ "out" ];
    } // lib.genAttrs [ "out" "bin" "dev" "lib" "man" "doc" "static" ] (_: package attribute)
  );
  programs = { kubernetes-helm = "helm"; yq-go = "yq"; ripgrep = "rg"; python3 = "python3"; nodejs = "node"; };
  package = attribute:
    let
      attributes = {
        name = lib.strings.sanitizeDerivationName attribute;
        builder = "nixbridge:missing";
        outputs = [ "out" ];
        inherit attribute;
      };
      paths = native.standIn attributes;
    in
    {
      type = "derivation";
      inherit (attributes) name;
      pname = attributes.name;
      meta.mainProgram = programs.${attribute} or attributes.name;
      outPath = paths.out;
      inherit (paths) drvPath;
      outputName = "out";
      outputSpecified = true;
    };

  make = layers:
    let
      final = builtins.foldl' (prev: overlay: prev // overlay final prev) (native.open missing (base final)) layers;
      base = pkgs: builtins.foldl' (attrs: file: attrs // file { inherit lib native missing pkgs hostSystem; })
        {
          inherit config lib pkgs;
          overlays = layers;
          extend = overlay: make (layers ++ [ overlay ]);
          appendOverlays = more: if more == [ ] then pkgs else make (layers ++ more);
          buildPackages = pkgs;
          targetPackages = pkgs;
          pkgsBuildBuild = pkgs;
          pkgsBuildHost = pkgs;
          pkgsHostHost = pkgs;
          _type = "pkgs";
        }
        native.files;
    in
    final;
in
make overlays
