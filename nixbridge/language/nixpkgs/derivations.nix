# lib.derivations
lib:
let
  positionOf = name: attrs:
    let position = builtins.unsafeGetAttrPos name attrs; in
    lib.optionalString (position != null) ",\n    at ${position.file}:${toString position.line}:${toString position.column}";
  definedAt = package: lib.optionalString (builtins.isString package.meta.position or null) ",\n    defined at ${package.meta.position}";
  shown = lib.generators.toPretty { multiline = false; };
in
rec {
  inherit (builtins) addDrvOutputDependencies unsafeDiscardOutputDependency;
  optionalDrvAttr = condition: value: if condition then value else null;
  lazyDerivation = { derivation, meta ? null, passthru ? { }, outputs ? [ "out" ] }@args:
    let
      checked =
        if derivation.type or null != "derivation" then throw "lazyDerivation: input must be a derivation."
        else if derivation.outputs != outputs then
          throw ''
            lib.lazyDerivation: The derivation ${derivation.name or "<unknown>"} has outputs that don't match the assumed outputs.

            Assumed outputs passed to lazyDerivation${positionOf "outputs" args}:
                ${shown outputs};

            Actual outputs of the derivation${definedAt derivation}:
                ${shown derivation.outputs}
          ''
        else derivation;
    in
    {
      type = "derivation";
      inherit outputs;
      inherit (checked) drvPath name outPath outputName system;
      meta = args.meta or checked.meta;
    } // lib.genAttrs outputs (output: checked.${output}) // passthru;
  warnOnInstantiate = message: package:
    package
    // builtins.mapAttrs (_: lib.warn message) (removeAttrs package [ "meta" "name" "type" "outputName" ])
    // lib.optionalAttrs (package ? overrideAttrs && builtins.isFunction package.overrideAttrs) {
      overrideAttrs = change: warnOnInstantiate message (package.overrideAttrs change);
    };
}
