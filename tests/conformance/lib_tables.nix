# The data in nixpkgs' lib that its built-in counterpart reads from tables: what it is, without functions.
lib:
let
  inherit (lib) systems;
  data = value:
    if lib.isFunction value then null
    else if builtins.isList value then map data value
    else if builtins.isAttrs value then lib.mapAttrs (_: data) (lib.filterAttrs (_: inner: !(lib.isFunction inner)) value)
    else value;

  configs = lib.unique (lib.catAttrs "config" (lib.attrValues systems.examples));
  elaborated = lib.genAttrs (systems.doubles.all ++ configs) (system:
    let full = (systems.elaborate system)._withoutFunctions; in
    # these attributes are errors: a library where there are no shared ones, and Nim's name of a MIPS processor
    data (full // {
      extensions = removeAttrs full.extensions (lib.optional (!full.hasSharedLibraries && !full.isStatic) "library");
      nim = removeAttrs full.nim (lib.optional full.isMips "cpu");
    }));
  base = elaborated.x86_64-linux;
  # A system as what differs from x86_64-linux.
  difference = system: {
    changed = lib.filterAttrs (name: value: !(base ? ${name}) || base.${name} != value) system;
    absent = lib.attrNames (removeAttrs base (lib.attrNames system));
  };
in
{
  systems = {
    inherit base;
    others = lib.mapAttrs (_: difference) (removeAttrs elaborated [ "x86_64-linux" ]);
    inherit (systems) doubles examples flakeExposed;
    patterns = data systems.inspect.patterns;
    platformPatterns = data systems.inspect.platformPatterns;
    platforms = data systems.platforms;
    architectures = { inherit (systems.architectures) features inferiors; };
    parts = lib.mapAttrs (_: data) { inherit (systems.parse) cpuTypes vendors kernels abis execFormats kernelFamilies significantBytes; };
    compatible = lib.mapAttrs
      (_: cpu: lib.attrNames (lib.filterAttrs (_: other: systems.parse.isCompatible cpu other) systems.parse.cpuTypes))
      systems.parse.cpuTypes;
  };
  licenses = lib.filterAttrs (_: license: builtins.isAttrs license) lib.licenses;
}
