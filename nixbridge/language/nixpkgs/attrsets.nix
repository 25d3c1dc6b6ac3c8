# lib.attrsets, what is clearer in Nix than in Python, or seldom used. The others are in attrsets.py.
lib:
let
  inherit (builtins) attrNames attrValues concatMap foldl' head isAttrs isList listToAttrs map mapAttrs tail;
  inherit (lib.attrsets) filterAttrs isDerivation mapAttrsToList nameValuePair recursiveUpdate;
in
rec {
  genAttrs' = list: f: listToAttrs (map f list);
  zipAttrs = builtins.zipAttrsWith (_: values: values);
  zipAttrsWithNames = names: f: sets:
    listToAttrs (map (name: { inherit name; value = f name (builtins.catAttrs name sets); }) names);
  concatMapAttrs = f: attrs: foldl' (merged: made: merged // made) { } (attrValues (mapAttrs f attrs));
  foldAttrs = operator: start: sets:
    lib.lists.foldr
      (attrs: merged: foldl' (done: name: done // { ${name} = operator attrs.${name} (done.${name} or start); }) merged (attrNames attrs))
      { } sets;

  longestValidPathPrefix = path: value:
    if path != [ ] && isAttrs value && value ? ${head path}
    then [ (head path) ] ++ longestValidPathPrefix (tail path) value.${head path}
    else [ ];

  collect = accepts: value:
    if accepts value then [ value ]
    else if isAttrs value then concatMap (collect accepts) (attrValues value)
    else [ ];

  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  mapAttrsRecursiveCond = goesInto: f: attrs:
    let at = path: mapAttrs (name: value: let below = path ++ [ name ]; in if isAttrs value && goesInto value then at below value else f below value);
    in at [ ] attrs;
  mapAttrsToListRecursive = mapAttrsToListRecursiveCond (_: _: true);
  mapAttrsToListRecursiveCond = goesInto: f: attrs:
    let
      at = path: value: if isAttrs value && goesInto path value
        then concatMap (name: at (path ++ [ name ]) value.${name}) (attrNames value)
        else [ (f path value) ];
    in at [ ] attrs;
  filterAttrsRecursive = accepts: attrs:
    listToAttrs (concatMap
      (name: let value = attrs.${name}; in
        if accepts name value then [ (nameValuePair name (if isAttrs value then filterAttrsRecursive accepts value else value)) ] else [ ])
      (attrNames attrs));

  recursiveUpdateUntil = stops: left: right:
    let
      at = path: builtins.zipAttrsWith (name: values:
        let here = path ++ [ name ]; second = builtins.elemAt values 1; in
        if builtins.length values == 1 then head values
        # right comes first in the list
        else if stops here second (head values) then head values
        else at here values);
    in at [ ] [ right left ];

  matchAttrs = pattern: attrs:
    assert isAttrs pattern;
    builtins.all
      (name: attrs ? ${name} && (let wanted = pattern.${name}; there = attrs.${name}; in
        if isAttrs wanted then isAttrs there && matchAttrs wanted there else wanted == there))
      (attrNames pattern);
  overrideExisting = old: new: mapAttrs (name: value: new.${name} or value) old;

  showAttrPath = path:
    if path == [ ] then "<root attribute path>" else lib.strings.concatMapStringsSep "." lib.strings.escapeNixIdentifier path;

  cartesianProduct = attrs:
    foldl' (sets: name: concatMap (set: map (value: set // { ${name} = value; }) attrs.${name}) sets) [ { } ] (attrNames attrs);
  mapCartesianProduct = f: attrs: map f (cartesianProduct attrs);

  unionOfDisjoint = left: right:
    let
      collision = builtins.intersectAttrs left right;
      mask = mapAttrs (name: _: throw "unionOfDisjoint: collision on ${name}; complete list: ${toString (attrNames collision)}") collision;
    in (left // right) // mask;

  toDerivation = path:
    let
      outPath = builtins.storePath path;
      package = {
        type = "derivation";
        name = lib.strings.sanitizeDerivationName (builtins.substring 33 (-1) (baseNameOf outPath));
        inherit outPath;
        outputs = [ "out" ];
        out = package;
        outputName = "out";
      };
    in
    package;

  recurseIntoAttrs = attrs: attrs // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = attrs: attrs // { recurseForDerivations = false; };

  # All updates below one name are made together, the one for the name itself last.
  updateManyAttrsByPath =
    let
      go = depth: exists: value: updates:
        let
          here = builtins.partition (update: builtins.length update.path == depth) updates;
          byName = builtins.groupBy (update: builtins.elemAt update.path depth) here.wrong;
          shown = updates: length: showAttrPath (lib.lists.take length (head updates).path);
          # whether there is a value is decided before it is looked at, so that an update may ignore it
          below =
            if here.wrong == [ ] then
              (if exists then value
              else throw "updateManyAttrsByPath: Path '${shown here.right depth}' does not exist in the given value, but the first update to this path tries to access the existing value.")
            else if !exists then mapAttrs (_: go (depth + 1) false null) byName
            else if isAttrs value then value // mapAttrs (name: go (depth + 1) (value ? ${name}) value.${name}) byName
            else throw "updateManyAttrsByPath: Path '${showAttrPath (head here.wrong).path}' needs to be updated, but path '${shown here.wrong depth}' of the given value is not an attribute set, so we can't update an attribute inside of it.";
        in
        lib.lists.foldl (done: update: update.update done) below here.right;
    in
    updates: value: go 0 true value updates;

  getOutput = output: package:
    if !isAttrs package || !(package.outputSpecified or false)
    then package.${output} or package.out or package
    else package;
  getFirstOutput = names: package:
    let output = lib.lists.findFirst (name: package ? ${name}) null names;
    in if package.outputSpecified or false || output == null then package else package.${output};
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getStatic = getFirstOutput [ "static" "lib" "out" ];
  getDev = getOutput "dev";
  getInclude = getFirstOutput [ "include" "dev" "out" ];
  getMan = getOutput "man";
  chooseDevOutputs = map getDev;
}
