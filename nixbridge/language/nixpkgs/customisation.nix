# lib.customisation
lib:
let
  inherit (builtins) functionArgs intersectAttrs isAttrs isFunction removeAttrs;
  inherit (lib.trivial) mirrorFunctionArgs setFunctionArgs;

  crossIndexes = [ "buildBuild" "buildHost" "buildTarget" "hostHost" "hostTarget" "targetTarget" ];
  capitalized = name: lib.strings.toUpper (builtins.substring 0 1 name) + builtins.substring 1 (-1) name;
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
  makeOverridable = f:
    let
      mirrored = mirrorFunctionArgs f;
      call = args:
        let
          result = f args;
          newArgs = new: args // (if lib.trivial.isFunction new then new args else new);
          override = mirrored (new: makeOverridable f (newArgs new));
          again = change: makeOverridable (mirrored (args: change (f args))) args;
        in
        if isAttrs result then
          result
          // {
            inherit override;
            overrideDerivation = change: again (package: overrideDerivation package change);
          }
          // lib.attrsets.optionalAttrs (result ? overrideAttrs) { overrideAttrs = change: again (package: package.overrideAttrs change); }
        else if isFunction result then setFunctionArgs result (functionArgs result) // { inherit override; }
        else result;
    in
    # a function that is a set keeps its other attributes
    if isAttrs f
    then f // mirrored call // lib.attrsets.optionalAttrs (f ? override) { override = change: makeOverridable (f.override change); }
    else mirrored call;

  overrideDerivation = package: change:
    extendDerivation (builtins.seq package.drvPath true)
      (
        { meta = package.meta or { }; passthru = package.passthru or { }; }
        // package.passthru or { }
        // lib.attrsets.optionalAttrs (package ? __spliced) { __spliced = builtins.mapAttrs (_: spliced: overrideDerivation spliced change) package.__spliced; }
      )
      (derivation (package.drvAttrs // change package));
  extendDerivation = condition: passthru: package:
    let
      guarded = paths: { drvPath = assert condition; paths.drvPath; outPath = assert condition; paths.outPath; };
      output = name: {
        inherit name;
        value = common // { inherit (package.${name}) type outputName; outputSpecified = true; } // guarded package.${name}
          // lib.attrsets.optionalAttrs (passthru ? overrideAttrs) { overrideAttrs = change: (passthru.overrideAttrs change).${name}; };
      };
      outputs = map output (package.outputs or [ "out" ]);
      common = package // builtins.listToAttrs outputs // { all = map (output: output.value) outputs; } // passthru // guarded package;
    in
    common;
  hydraJob = package:
    let
      outputs = package.outputs or [ "out" ];
      common = { inherit (package) meta name system; inherit outputs; }
        // lib.attrsets.optionalAttrs (package._hydraAggregate or false) { _hydraAggregate = true; constituents = map hydraJob (lib.lists.flatten package.constituents); }
        // lib.attrsets.genAttrs outputs output;
      output = name: common // { inherit (package.${name}) drvPath outPath; type = "derivation"; outputName = name; };
      job = output (builtins.head outputs);
    in
    if package == null then null else builtins.deepSeq job job;
  extendMkDerivation =
    { constructDrv, excludeDrvArgNames ? [ ], excludeFunctionArgNames ? [ ], extendDrvArgs, inheritFunctionArgs ? true, transformDrv ? lib.trivial.id }:
    let
      inherited = if inheritFunctionArgs then removeAttrs (lib.trivial.functionArgs constructDrv) excludeDrvArgNames else { };
    in
    {
      __functor = _: given: transformDrv (constructDrv (final:
        let previous = if lib.trivial.isFunction given then given final else given; in
        removeAttrs previous excludeDrvArgNames // extendDrvArgs final previous));
      __functionArgs = removeAttrs (inherited // lib.trivial.functionArgs (extendDrvArgs { })) excludeFunctionArgNames;
      inherit constructDrv excludeDrvArgNames extendDrvArgs transformDrv;
    };

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
      self = { callPackage = self.newScope { }; } // f self // {
        newScope = scope: newScope (self // scope);
        overrideScope = overlay: makeScope newScope (lib.fixedPoints.extends overlay f);
        packages = f;
      };
    in
    self;
  makeScopeWithSplicing = splicePackages: newScope: otherSplices: keep: extra: f:
    makeScopeWithSplicing' { inherit splicePackages newScope; } { inherit otherSplices keep extra f; };
  makeScopeWithSplicing' = { splicePackages, newScope }@with': { otherSplices, keep ? (_: { }), extra ? (_: { }), f }@given:
    let
      first = splicePackages {
        pkgsBuildBuild = otherSplices.selfBuildBuild;
        pkgsBuildHost = otherSplices.selfBuildHost;
        pkgsBuildTarget = otherSplices.selfBuildTarget;
        pkgsHostHost = otherSplices.selfHostHost;
        pkgsHostTarget = self;
        pkgsTargetTarget = otherSplices.selfTargetTarget;
      };
      spliced = extra first // first // keep self;
      self = f self // {
        newScope = scope: newScope (spliced // scope);
        callPackage = newScope spliced;
        overrideScope = overlay: makeScopeWithSplicing' with' (given // { f = lib.fixedPoints.extends overlay f; });
        packages = f;
      };
    in
    self;

  renameCrossIndexFrom = prefix: attrs: lib.attrsets.genAttrs crossIndexes (name: attrs.${prefix + capitalized name});
  renameCrossIndexTo = prefix: attrs: lib.attrsets.genAttrs' crossIndexes (name: lib.attrsets.nameValuePair (prefix + capitalized name) attrs.${name});
  mapCrossIndex = f: { buildBuild, buildHost, buildTarget, hostHost, hostTarget, targetTarget }@attrs: builtins.mapAttrs (_: f) attrs;
}
