# lib.misc: what nixpkgs keeps for old code.
lib:
let
  inherit (builtins) all attrNames elem filter foldl' getEnv hasAttr head isAttrs isBool isFunction isInt isList isString length map removeAttrs tail;
  inherit (lib.trivial) id mergeAttrs;
in
rec {
  imap = lib.lists.imap1;
  maybeEnv = name: default: let value = getEnv name; in if value == "" then default else value;
  maybeAttrNullable = maybeAttr;
  maybeAttr = name: default: attrs: attrs.${name} or default;
  ifEnable = condition: value:
    if condition then value
    else if isList value then [ ]
    else if isAttrs value then { }
    else if value == true || value == false then false
    else null;
  nvs = name: value: builtins.listToAttrs [ (lib.attrsets.nameValuePair name value) ];
  setAttr = attrs: name: value: attrs // nvs name value;
  setAttrMerge = name: default: attrs: f: setAttr attrs name (f (maybeAttr name default attrs));

  defaultMergeArg = x: y: if isAttrs y then y else y x;
  defaultMerge = x: y: x // defaultMergeArg x y;
  foldArgs = merger: f: init: x:
    let
      merged = merger init (defaultMergeArg init x);
      again = foldArgs merger f merged;
      remembered = passthru: passthru // { function = again; args = (passthru.passthru.args or { }) // x; };
    in
    setAttrMerge "passthru" { } (f merged) remembered // { override = again; };
  innerModifySumArgs = f: x: a: b: if b == null then f a b // x else innerModifySumArgs f x (a // b);
  modifySumArgs = f: x: innerModifySumArgs f x { };

  mergeAttrsWithFunc = f: a: b:
    foldl' (done: name: setAttr done name (f (a.${name} or b.${name}) b.${name})) a (attrNames b);
  mergeAttrsConcatenateValues = mergeAttrsWithFunc (a: b: lib.lists.toList a ++ lib.lists.toList b);
  mergeAttrsNoOverride = { mergeLists ? [ "buildInputs" "propagatedBuildInputs" ], overrideSnd ? [ "buildPhase" ] }: first: second:
    foldl'
      (done: name: setAttr done name (
        if hasAttr name first then
          (if elem name mergeLists then second.${name} ++ first.${name}
          else if elem name overrideSnd then first.${name}
          else throw "duplicate attribute ${name}")
        else second.${name}))
      first (attrNames second);
  mergeAttrBy =
    let
      concat = names: lib.attrsets.genAttrs names (_: lib.trivial.concat);
      lines = names: lib.attrsets.genAttrs names (_: a: b: a + "\n" + b);
    in
    concat [ "nativeBuildInputs" "buildInputs" "propagatedBuildInputs" "configureFlags" "prePhases" "postAll" "patches" ]
    // lib.attrsets.genAttrs [ "passthru" "meta" "cfg" "flags" ] (_: mergeAttrs)
    // lines [ "preConfigure" "postInstall" ];
  mergeAttrByFunc = x: y:
    let
      mergers = x.mergeAttrBy or { } // y.mergeAttrBy or { };
      common = name: hasAttr name x && hasAttr name y;
    in
    x // y
    // (lib.attrsets.optionalAttrs (x ? mergeAttrBy || y ? mergeAttrBy) { mergeAttrBy = mergers; })
    // builtins.listToAttrs (map (name: lib.attrsets.nameValuePair name (mergers.${name} x.${name} y.${name})) (filter common (attrNames mergers)));
  mergeAttrsByFuncDefaults = foldl' mergeAttrByFunc { inherit mergeAttrBy; };
  mergeAttrsByFuncDefaultsClean = list: removeAttrs (mergeAttrsByFuncDefaults list) [ "mergeAttrBy" ];

  uniqList = { inputList, acc ? [ ] }:
    (foldl' (done: value: if elem value done.seen then done else { seen = done.seen ++ [ value ]; new = done.new ++ [ value ]; }) { seen = acc; new = [ ]; } inputList).new;
  uniqListExt = { inputList, outputList ? [ ], getter ? id, compare ? (a: b: a == b) }:
    foldl' (done: value: if lib.lists.any (other: compare (getter other) (getter value)) done then done else done ++ [ value ]) outputList inputList;
  condConcat = name: list: checker:
    if list == [ ] then name
    else condConcat (if checker (head list) then name + head (tail list) else name) (tail (tail list)) checker;
  lazyGenericClosure = { startSet, operator }:
    let
      work = pending: done: result:
        if pending == [ ] then result
        else
          let first = head pending; in
          if elem first.key done then work (tail pending) done result
          else work (tail pending ++ operator first) ([ first.key ] ++ done) ([ first ] ++ result);
    in
    work startSet [ ] [ ];

  innerClosePropagation = done: list:
    let
      first = head list;
      found = [ first ] ++ done;
    in
    if list == [ ] then done
    else if !isAttrs first then innerClosePropagation done (tail list)
    else innerClosePropagation found (uniqList {
      inputList = first.propagatedBuildInputs or [ ] ++ first.propagatedNativeBuildInputs or [ ] ++ tail list;
      acc = found;
    });
  closePropagationSlow = list: uniqList { inputList = innerClosePropagation [ ] list; };
  closePropagationFast = list:
    let item = package: { key = package.outPath; inherit package; }; in
    map (found: found.package) (builtins.genericClosure {
      startSet = map item (filter (package: package != null) list);
      operator = { package, ... }:
        if isAttrs package
        then map item (filter (input: input != null) (package.propagatedBuildInputs or [ ] ++ package.propagatedNativeBuildInputs or [ ]))
        else [ ];
    });
  closePropagation = closePropagationFast;

  checkFlag = attrs: name:
    if name == "true" then true
    else if name == "false" then false
    else if elem name (attrs.flags or [ ]) then true
    else attrs.${name} or false;
  getValue = attrs: args: name:
    let
      listed = filter (one: head one == name) args;
    in
    attrs.${name} or (if listed != [ ] then head (tail (head listed)) else if elem name (attrs.flags or [ ]) then true else null);
  checkReqs = attrs: args: conditions:
    foldl' (ok: condition:
      let
        trigger = head condition;
        needed = tail condition;
        isThere = name: let value = getValue attrs args name; in value != null && value != false;
      in
      ok && (!(checkFlag attrs trigger) || all isThere needed)) true conditions;

  nixType = value:
    if isAttrs value then (if value ? outPath then "derivation" else "attrs")
    else if isFunction value then "function"
    else if isList value then "list"
    else if value == true || value == false then "bool"
    else if value == null then "null"
    else if isInt value then "int"
    else "string";

  fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  fakeSha256 = "0000000000000000000000000000000000000000000000000000000000000000";
  fakeSha512 = fakeSha256 + fakeSha256;
}
