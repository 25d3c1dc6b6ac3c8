# flake-utils: the outputs of a flake for each of several systems.
{ lib, ... }:
{ systems ? null, ... }:
let
  # Nixpkgs knows more, which nobody evaluates for.
  knownSystems = [
    "aarch64-darwin" "aarch64-linux" "aarch64-windows" "armv5tel-linux" "armv6l-linux" "armv7l-linux" "i686-linux"
    "loongarch64-linux" "powerpc64-linux" "powerpc64le-linux" "riscv32-linux" "riscv64-linux" "s390x-linux"
    "wasm32-wasi" "wasm64-wasi" "x86_64-cygwin" "x86_64-darwin" "x86_64-freebsd" "x86_64-linux" "x86_64-netbsd"
    "x86_64-openbsd" "x86_64-windows"
  ];
  defaultSystems =
    if systems == null then [ "aarch64-linux" "aarch64-darwin" "x86_64-darwin" "x86_64-linux" ] else import systems;

  # A system of the machine counts where the evaluation knows one.
  completed = wanted:
    if builtins ? currentSystem && !(builtins.elem builtins.currentSystem wanted)
    then wanted ++ [ builtins.currentSystem ]
    else wanted;

  # Each output of `make system` becomes a set by system; a later system wins over an earlier one of the same name.
  eachSystem = wanted: make:
    let
      made = map (system: { inherit system; outputs = make system; }) (completed wanted);
      pairs = lib.concatMap
        ({ system, outputs }: map (output: { ${output}.${system} = outputs.${output}; }) (builtins.attrNames outputs))
        made;
    in
    lib.foldAttrs (bySystem: others: bySystem // others) { } pairs;

  # The same where the whole answer of `make` is passed through.
  eachSystemPassThrough = wanted: make: lib.foldl' (outputs: system: outputs // make system) { } (completed wanted);

  eachSystemMap = wanted: make: lib.genAttrs wanted make;

  isKept = system: package:
    let
      meta = package.meta or { };
      fits =
        if meta.hydraPlatforms or null != null then builtins.elem system meta.hydraPlatforms
        else if meta.platforms or null != null then builtins.elem system meta.platforms
        else true;
    in
    lib.isDerivation package && fits && !(meta.broken or false);

  flattenTree = tree:
    let
      walk = prefix: attrs: lib.concatMap
        (name:
          let
            value = attrs.${name};
            found = builtins.tryEval value;
            path = if prefix == "" then name else "${prefix}/${name}";
          in
          if !found.success then [ ]
          else if lib.isDerivation value then [ (lib.nameValuePair path value) ]
          else if builtins.isAttrs value && value.recurseForDerivations or false then walk path value
          else [ ])
        (builtins.attrNames attrs);
    in
    builtins.listToAttrs (walk "" tree);

  mkApp = { drv, name ? drv.pname or drv.name, exePath ? drv.passthru.exePath or "/bin/${name}" }: {
    type = "app";
    program = "${drv}${exePath}";
  };

  simpleFlake =
    { self, nixpkgs, name, overlay ? null, config ? { }, shell ? null, preOverlays ? [ ], systems ? defaultSystems }:
    let
      load = value: if builtins.isFunction value || builtins.isAttrs value then value else import value;
      overlays = preOverlays ++ lib.optional (overlay != null) (load overlay) ++ [ (_: _: { __dontExport = true; }) ];
      forSystem = system:
        let
          pkgs = import nixpkgs { inherit config overlays system; };
          own = pkgs.${name} or { };
          packages = own.packages or own;
          defaultPackage = own.defaultPackage or packages.${name} or null;
        in
        {
          legacyPackages = own;
          packages = flattenTree packages;
        }
        // lib.optionalAttrs (own ? checks) { checks = flattenTree own.checks; }
        // lib.optionalAttrs (own ? apps) { inherit (own) apps; }
        // lib.optionalAttrs (own ? hydraJobs) { inherit (own) hydraJobs; }
        // lib.optionalAttrs (defaultPackage != null) { inherit defaultPackage; }
        // (
          if shell != null then { devShell = load shell { inherit pkgs; }; }
          else lib.optionalAttrs (own ? devShell) { inherit (own) devShell; }
        );
    in
    eachSystem systems forSystem // lib.optionalAttrs (overlay != null) { overlays.default = load overlay; };
in
{
  lib = {
    inherit defaultSystems eachSystem eachSystemMap eachSystemPassThrough flattenTree mkApp simpleFlake;
    allSystems = knownSystems;
    system = lib.genAttrs knownSystems (system: system);
    eachDefaultSystem = eachSystem defaultSystems;
    eachDefaultSystemMap = eachSystemMap defaultSystems;
    eachDefaultSystemPassThrough = eachSystemPassThrough defaultSystems;
    filterPackages = system: lib.filterAttrs (_: isKept system);
    meld = inputs: parts: lib.foldl' (outputs: part: lib.recursiveUpdate outputs (import part inputs)) { } parts;
  };
}
