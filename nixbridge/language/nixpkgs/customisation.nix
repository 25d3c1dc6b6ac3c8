# lib.customisation
lib:
let
  inherit (builtins) functionArgs intersectAttrs isAttrs isFunction removeAttrs;
  inherit (lib.trivial) mirrorFunctionArgs setFunctionArgs;

  called = f: if lib.trivial.isFunction f then f else import f;
  missingMessage = f: auto: args:
    let
      wanted = lib.trivial.functionArgs f;
      missing = builtins.filter (name: !wanted.${name} && !(auto ? ${name}) && !(args ? ${name})) (builtins.attrNames wanted);
      place = builtins.unsafeGetAttrPos (builtins.head missing) wanted;
      near = name: lib.lists.take 3 (builtins.filter (other: lib.strings.levenshteinAtMost 2 name other) (builtins.attrNames (auto // args)));
      suggest = name:
        let found = near name; in
        if found == [ ] then "" else ", did you mean ${builtins.concatStringsSep " or " (map (other: "\"${other}\"") found)}?";
    in
    if missing == [ ] then null
    else "lib.customisation.callPackageWith: Function called without required argument \"${builtins.head missing}\"${suggest (builtins.head missing)}";
in
rec {
  makeOverridable = f: mirrorFunctionArgs f (args:
    let
      result = f args;
      newArgs = new: args // (if lib.trivial.isFunction new then new args else new);
      override = mirrorFunctionArgs f (new: makeOverridable f (newArgs new));
    in
    if isAttrs result then
      result // { inherit override; }
      // (if result ? overrideAttrs then { overrideAttrs = change: makeOverridable (mirrorFunctionArgs f (args: (f args).overrideAttrs change)) args; } else { })
    else if isFunction result then setFunctionArgs result (functionArgs result) // { inherit override; }
    else result);

  callPackageWith = auto: f: args:
    let
      function = called f;
      given = intersectAttrs (lib.trivial.functionArgs function) auto // args;
      message = missingMessage function auto args;
    in
    if message == null then makeOverridable function given else abort message;
  callPackagesWith = auto: f: args:
    let
      function = called f;
      given = intersectAttrs (lib.trivial.functionArgs function) auto // args;
      set = function given;
      one = name: _: makeOverridable (mirrorFunctionArgs function (args: (function args).${name})) given;
    in
    if set ? type && lib.attrsets.isDerivation set
    then throw "function `callPackages` was called on a *single* derivation \"${set.name or "<unknown-name>"}\"; did you mean to use `callPackage` instead?"
    else builtins.mapAttrs one (removeAttrs set [ "override" "__functionArgs" ]);

  makeScope = newScope: f:
    let
      self = f self // {
        newScope = scope: newScope (self // scope);
        callPackage = self.newScope { };
        overrideScope = overlay: makeScope newScope (lib.fixedPoints.extends overlay f);
        packages = f;
      };
    in
    self;
}
