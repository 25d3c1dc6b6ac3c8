# lib.types: what a definition must look like, and how several become one value.
lib:
let
  inherit (builtins) all any attrNames concatStringsSep elem elemAt filter foldl' functionArgs head isAttrs isBool isFloat isFunction isInt isList isString length listToAttrs map mapAttrs match sort tail toString typeOf;
  inherit (lib.attrsets) concatMapAttrs filterAttrs optionalAttrs;
  inherit (lib.lists) imap1 toList;
  inherit (lib.modules) mergeDefinitions;
  inherit (lib.options) getFiles getValues mergeDefaultOption mergeEqualOption mergeOneOption mergeUniqueOption showDefs showFiles showOption;
  inherit (lib.strings) concatMapStringsSep isStringLike;

  shown = value: if isString value then "\"${value}\"" else if isInt value then toString value else if isBool value then lib.trivial.boolToString value else if value == null then "<null>" else lib.generators.toPretty { } value;
  # each name's definitions, in the order of the definitions
  byName = defs: builtins.zipAttrsWith (_: values: values) (map (def: mapAttrs (_: value: { inherit (def) file; inherit value; }) def.value) defs);

  self = rec {
    types = self;

    isType = name: value: (value._type or "") == name;
    setType = name: value: value // { _type = name; };
    isOptionType = isType "option-type";

    # Making types

    defaultFunctor = name: {
      inherit name;
      type = self.${name} or null;
      payload = null;
      binOp = _: _: null;
    };
    defaultTypeMerge = first: second:
      let
        merged = first.binOp first.payload second.payload;
      in
      if first.name != second.name then null
      else if first.payload != null then (if merged == null then null else first.type merged)
      else first.type;
    mergeTypes = a: b:
      let merged = if isOptionType a && isOptionType b then a.typeMerge b.functor else null; in
      assert isOptionType a && isOptionType b;
      if merged == null then setType "merge-error" { error = "Cannot merge types"; } else merged;

    mkOptionType =
      { name
      , description ? null
      , descriptionClass ? null
      , deprecationMessage ? null
      , check ? (_: true)
      , merge ? mergeDefaultOption
      , emptyValue ? { }
      , getSubOptions ? (_: { })
      , getSubModules ? null
      , substSubModules ? (_: null)
      , typeMerge ? defaultTypeMerge functor
      , functor ? defaultFunctor name
      , nestedTypes ? { }
      }: {
        _type = "option-type";
        inherit name descriptionClass deprecationMessage check merge emptyValue getSubOptions getSubModules substSubModules typeMerge functor nestedTypes;
        description = if description == null then name else description;
      };

    optionDescriptionPhrase = accepts: type:
      if accepts (type.descriptionClass or null) then type.description else "(${type.description})";
    noun = optionDescriptionPhrase (class: class == "noun");
    nounOrComposite = optionDescriptionPhrase (class: class == "noun" || class == "composite");
    nounOrConjunction = optionDescriptionPhrase (class: class == "noun" || class == "conjunction");

    noCheckForDocsModule = { _file = "<built-in module that disables checking>"; config._module.check = lib.modules.mkForce false; };

    # Check and merge in one step. `step { loc, defs }` gives the value, `headError` (null, or a set with a message about definitions that do
    # not fit) and `valueMeta`, what else is known of the value. Whoever calls `merge` as a function gets the value alone.
    inOneStep = check: step: {
      check = { __functor = _: check; isV2MergeCoherent = true; };
      merge = { __functor = self: loc: defs: (self.v2 { inherit loc defs; }).value; v2 = step; };
    };
    # the step of any type
    stepOf = type: { loc, defs }@given:
      if type.merge ? v2 then lib.internal.modules.coherent loc type (type.merge.v2 given)
      else { value = type.merge loc defs; headError = headErrorOf type.check defs; valueMeta = { }; };
    headErrorOf = check: defs:
      let wrong = filter (def: !check def.value) defs; in
      if wrong == [ ] then null else { message = "Definition values: ${showDefs wrong}"; };

    # one definition only, the same for all
    plain = name: description: check: mkOptionType { inherit name description check; descriptionClass = "noun"; merge = mergeEqualOption; };
    # a type around another one
    around = name: elemType: extra: mkOptionType ({
      inherit name;
      getSubModules = elemType.getSubModules;
      nestedTypes.elemType = elemType;
    } // extra);
    payloadFunctor = name: payload: make: merge: defaultFunctor name // { inherit payload; type = make; binOp = merge; };
    elemFunctor = name: elemType: make: payloadFunctor name { inherit elemType; } ({ elemType }: make elemType)
      (a: b: let merged = a.elemType.typeMerge b.elemType.functor; in if merged == null then null else { elemType = merged; });

    # Anything

    raw = mkOptionType { name = "raw"; description = "raw value"; descriptionClass = "noun"; merge = mergeOneOption; };
    unspecified = mkOptionType { name = "unspecified"; description = "unspecified value"; descriptionClass = "noun"; };
    anything = mkOptionType {
      name = "anything";
      description = "anything";
      descriptionClass = "noun";
      merge = loc: defs:
        let
          kind = value: if isAttrs value && isStringLike value then "stringCoercibleSet" else typeOf value;
          common = foldl' (first: def: if kind def.value == first then first
            else throw "The option `${showOption loc}' has conflicting option types in ${showFiles (getFiles defs)}") (kind (head defs).value) defs;
          mergers = {
            set = (attrsOf anything).merge;
            stringCoercibleSet = mergeOneOption;
            lambda = loc: defs: argument: anything.merge (loc ++ [ "<function body>" ])
              (map (def: { inherit (def) file; value = def.value argument; }) defs);
          };
        in
        (mergers.${common} or mergeEqualOption) loc defs;
    };

    # Scalars

    bool = plain "bool" "boolean" isBool;
    boolByOr = mkOptionType {
      name = "boolByOr";
      description = "boolean (merged using or)";
      descriptionClass = "noun";
      check = isBool;
      merge = _: defs: foldl' (found: def: found || def.value) false defs;
    };
    int = plain "int" "signed integer" isInt;
    float = plain "float" "floating point number" isFloat;
    number = either int float;
    ints =
      let
        checked = name: description: check: mkOptionType { inherit name description; descriptionClass = "noun"; check = value: isInt value && check value; merge = mergeEqualOption; };
        range = lowest: highest: value: lowest <= value && value <= highest;
        bits = size: sign: lowest: highest: checked "${sign}Int${toString size}"
          "${toString size} bit ${sign} integer; between ${toString lowest} and ${toString highest} (both inclusive)" (range lowest highest);
        power = size: if size == 0 then 1 else 2 * power (size - 1);
        unsignedOf = size: bits size "unsigned" 0 (power size - 1);
        signedOf = size: bits size "signed" (-(power (size - 1))) (power (size - 1) - 1);
      in
      {
        between = lowest: highest:
          assert lib.asserts.assertMsg (lowest <= highest) "ints.between: lowest must be smaller than highest";
          checked "intBetween" "integer between ${toString lowest} and ${toString highest} (both inclusive)" (range lowest highest);
        positive = checked "positiveInt" "positive integer, meaning >0" (value: value > 0) // { descriptionClass = "nonRestrictiveClause"; };
        unsigned = checked "unsignedInt" "unsigned integer, meaning >=0" (value: value >= 0) // { descriptionClass = "nonRestrictiveClause"; };
        u8 = unsignedOf 8;
        u16 = unsignedOf 16;
        u32 = unsignedOf 32;
        s8 = signedOf 8;
        s16 = signedOf 16;
        s32 = signedOf 32;
      };
    port = ints.u16;
    numbers =
      let
        checked = name: description: check: addCheck number check // { inherit name description; };
        restricted = { descriptionClass = "nonRestrictiveClause"; };
      in
      {
        between = lowest: highest:
          assert lib.asserts.assertMsg (lowest <= highest) "numbers.between: lowest must be smaller than highest";
          checked "numberBetween" "integer or floating point number between ${builtins.toJSON lowest} and ${builtins.toJSON highest} (both inclusive)"
            (value: lowest <= value && value <= highest);
        nonnegative = checked "numberNonnegative" "nonnegative integer or floating point number, meaning >=0" (value: value >= 0) // restricted;
        positive = checked "numberPositive" "positive integer or floating point number, meaning >0" (value: value > 0) // restricted;
      };

    str = plain "str" "string" isString;
    nonEmptyStr = plain "nonEmptyStr" "non-empty string" (value: isString value && match "[ \t\n]*" value == null);
    singleLineStr = mkOptionType {
      name = "singleLineStr";
      description = "(optionally newline-terminated) single-line string";
      descriptionClass = "noun";
      check = value: isString value && match "[^\n\r]*\n?" value != null;
      merge = loc: defs: lib.strings.removeSuffix "\n" (mergeEqualOption loc defs);
    };
    strMatching = pattern: mkOptionType {
      name = "strMatching ${lib.strings.escapeNixString pattern}";
      description = "string matching the pattern ${pattern}";
      descriptionClass = "noun";
      check = value: isString value && match pattern value != null;
      merge = mergeEqualOption;
      functor = defaultFunctor "strMatching" // {
        type = payload: strMatching payload.pattern;
        payload = { inherit pattern; };
        binOp = a: b: if a == b then a else null;
      };
    };
    separatedString = separator: mkOptionType {
      name = "separatedString";
      description = if separator == "" then "Concatenated string" else "strings concatenated with ${builtins.toJSON separator}";
      descriptionClass = "noun";
      check = isString;
      merge = _: defs: concatStringsSep separator (getValues defs);
      functor = defaultFunctor "separatedString" // {
        type = payload: separatedString payload.sep;
        payload = { sep = separator; };
        binOp = a: b: if a.sep == b.sep then { inherit (a) sep; } else null;
      };
    };
    lines = separatedString "\n";
    commas = separatedString ",";
    envVar = separatedString ":";
    passwdEntry = entryType: addCheck entryType (value: !(lib.strings.hasInfix ":" value || lib.strings.hasInfix "\n" value)) // {
      name = "passwdEntry ${entryType.name}";
      description = "${noun entryType}, not containing newlines or colons";
      descriptionClass = "nonRestrictiveClause";
    };

    # Paths and packages

    package = mkOptionType {
      name = "package";
      description = "package";
      descriptionClass = "noun";
      check = value: lib.attrsets.isDerivation value || lib.strings.isStorePath value;
      merge = loc: defs: mergeOneOption loc defs;
    };
    shellPackage = package // { check = value: lib.attrsets.isDerivation value && value ? shellPath; };
    pkgs = addCheck (unique { message = "A Nixpkgs pkgs set can not be merged with another pkgs set."; } attrs // {
      name = "pkgs";
      description = "Nixpkgs package set";
      descriptionClass = "noun";
    }) (value: (value._type or null) == "pkgs");
    pathWith = given@{ inStore ? null, absolute ? null }:
      throwIf (inStore != null && absolute != null && inStore && !absolute) "In pathWith, inStore means the path must be absolute" (mkOptionType {
        name = "path";
        description =
          (if absolute == null then "" else if absolute then "absolute " else "relative ")
          + "path" + (if inStore == null then "" else if inStore then " in the Nix store" else " not in the Nix store");
        descriptionClass = "noun";
        check = value:
          let
            isLike = builtins.isPath value || isString value || (isAttrs value && (value ? outPath || value ? __toString));
            text = if builtins.isPath value then toString value else "${value}";
            isAbsolute = builtins.substring 0 1 text == "/";
            isInStore = lib.strings.hasPrefix "${builtins.storeDir}/" text;
          in
          isLike && (absolute == null || isAbsolute == absolute) && (inStore == null || isInStore == inStore);
        merge = mergeEqualOption;
        functor = defaultFunctor "path" // {
          type = pathWith;
          payload = { inherit inStore absolute; };
          binOp = a: b: if a == b then a else null;
        };
      });
    throwIf = lib.trivial.throwIf;
    path = pathWith { absolute = true; };
    pathInStore = pathWith { inStore = true; };
    externalPath = pathWith { absolute = true; inStore = false; };

    # Lists

    listOf = elemType: around "listOf" elemType {
      description = "list of ${optionDescriptionPhrase (class: class == "noun" || class == "composite") elemType}";
      descriptionClass = "composite";
      inherit (inOneStep isList ({ loc, defs }:
        let
          entries = number: def: imap1 (entry: value: mergeDefinitions (loc ++ [ "[definition ${toString number}-entry ${toString entry}]" ]) elemType [ { inherit (def) file; inherit value; } ]) def.value;
          elements = filter (merged: merged.optionalValue ? value) (lib.lists.concatLists (imap1 entries defs));
        in
        {
          headError = headErrorOf isList defs;
          value = map (merged: merged.optionalValue.value) elements;
          valueMeta.list = map (merged: merged.checkedAndMerged.valueMeta) elements;
        })) check merge;
      emptyValue.value = [ ];
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "*" ]);
      substSubModules = modules: listOf (elemType.substSubModules modules);
      functor = elemFunctor "listOf" elemType listOf;
    };
    nonEmptyListOf = elemType:
      let list = listOf elemType; in
      addCheck list (value: value != [ ]) // {
        description = "non-empty ${optionDescriptionPhrase (class: class == "noun") list}";
        emptyValue = { };
        substSubModules = modules: nonEmptyListOf (elemType.substSubModules modules);
      };
    attrListOf = elemType: attrListWith { inherit elemType; };
    attrListWith = { elemType, asAttrs ? false, mergeAttrValues ? (_: values: values) }:
      mkOptionType {
        name = "attrListOf";
        description = "attribute list of ${nounOrComposite elemType}";
        descriptionClass = "composite";
        check = value: isAttrs value || isList value;
        merge = loc: defs:
          let
            # every name of a set, every entry of a list, with the properties that it stands in
            entries = def:
              if isAttrs def.value then map (name: { inherit (def) file; inherit name; value = def.value.${name}; }) (attrNames def.value)
              else lib.lists.concatMap (entriesOf def) def.value;
            entriesOf = def: entry:
              let
                kind = entry._type or "";
                again = wrap: content: map (one: one // { value = wrap one.value; }) (entriesOf def content);
              in
              if kind == "order" then again (lib.modules.mkOrder entry.priority) entry.content
              else if kind == "override" then again (lib.modules.mkOverride entry.priority) entry.content
              else if kind == "if" then again (lib.modules.mkIf entry.condition) entry.content
              else if kind == "merge" then lib.lists.concatMap (entriesOf def) entry.contents
              else if isAttrs entry && length (attrNames entry) == 1 then [ { inherit (def) file; name = head (attrNames entry); value = entry.${head (attrNames entry)}; } ]
              else throw "A definition for option `${showOption loc}' is not of type `${(attrListOf elemType).description}': each element must be a set with one attribute. Definition values:${showDefs [ { inherit (def) file; value = entry; } ]}";
            apart = lib.lists.concatMap
              (entry: map (value: entry // { inherit value; }) (lib.internal.modules.dischargeProperties' entry.value))
              (lib.lists.concatMap entries defs);
            best = (lib.modules.filterOverrides' apart).values;
            ordered = lib.modules.sortProperties best;
            merged = map (entry: { inherit (entry) name; value = (mergeDefinitions (loc ++ [ entry.name ]) elemType [ { inherit (entry) file value; } ]).mergedValue; }) ordered;
          in
          if asAttrs
          then mapAttrs (name: values: mergeAttrValues name (map (pair: pair.value) values)) (builtins.groupBy (pair: pair.name) merged)
          else map (pair: { ${pair.name} = pair.value; }) merged;
        emptyValue.value = if asAttrs then { } else [ ];
        getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<name>" ]);
        getSubModules = elemType.getSubModules;
        substSubModules = modules: attrListWith { elemType = elemType.substSubModules modules; inherit asAttrs mergeAttrValues; };
        functor = elemFunctor "attrListOf" elemType (elemType: attrListWith { inherit elemType asAttrs mergeAttrValues; });
        nestedTypes.elemType = elemType;
      };

    # Sets

    attrs = mkOptionType {
      name = "attrs";
      description = "attribute set";
      check = isAttrs;
      merge = _: foldl' (merged: def: merged // def.value) { };
      emptyValue.value = { };
    };
    attrsOf = elemType: attrsWith { inherit elemType; };
    lazyAttrsOf = elemType: attrsWith { inherit elemType; lazy = true; };
    attrsWith = { elemType, lazy ? false, placeholder ? "name" }:
      let name = if lazy then "lazyAttrsOf" else "attrsOf"; in
      mkOptionType {
        inherit name;
        description = "${if lazy then "lazy " else ""}attribute set of ${nounOrComposite elemType}";
        descriptionClass = "composite";
        inherit (inOneStep isAttrs ({ loc, defs }:
          let
            each = mapAttrs (name: mergeDefinitions (loc ++ [ name ]) elemType) (byName defs);
            defined = if lazy then each else filterAttrs (_: merged: merged.optionalValue ? value) each;
          in
          {
            headError = headErrorOf isAttrs defs;
            value = mapAttrs (_: merged: merged.optionalValue.value or elemType.emptyValue.value or merged.mergedValue) defined;
            valueMeta.attrs = mapAttrs (_: merged: merged.checkedAndMerged.valueMeta) defined;
          })) check merge;
        emptyValue.value = { };
        getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<${placeholder}>" ]);
        getSubModules = elemType.getSubModules;
        substSubModules = modules: attrsWith { elemType = elemType.substSubModules modules; inherit lazy placeholder; };
        functor = defaultFunctor "attrsWith" // {
          type = attrsWith;
          payload = { inherit elemType lazy placeholder; };
          binOp = a: b:
            let
              merged = a.elemType.typeMerge b.elemType.functor;
              other = if a.placeholder == b.placeholder then a.placeholder else if a.placeholder == "name" then b.placeholder else if b.placeholder == "name" then a.placeholder else null;
            in
            if merged == null || a.lazy != b.lazy || other == null then null
            else { elemType = merged; inherit (a) lazy; placeholder = other; };
        };
        nestedTypes.elemType = elemType;
      };
    loaOf = elemType: attrsOf elemType // {
      name = "loaOf";
      deprecationMessage = "Mixing lists with attribute values is no longer possible; please use `types.attrsOf` instead. See https://github.com/NixOS/nixpkgs/issues/1800 for the motivation.";
      nestedTypes.elemType = elemType;
    };
    attrTag = tags:
      let
        names = attrNames tags;
        choices = lib.strings.concatMapStringsSep ", " lib.strings.escapeNixIdentifier names;
        typed = mapAttrs
          (name: option:
            if lib.types.isType "option" option then option // { loc = [ name ]; declarations = option.declarations or [ ]; type = option.type or unspecified; }
            else throw "In attrTag, each tag value must be an option, but tag ${name} ${if option ? _type then (if isOptionType option then "was a bare type, not wrapped in mkOption." else "was of type ${option._type}.") else "was not."}")
          tags;
      in
      mkOptionType {
        name = "attrTag";
        description = "attribute-tagged union with choices: ${choices}";
        descriptionClass = "noun";
        getSubOptions = prefix: mapAttrs (name: option: option // { loc = prefix ++ [ name ]; }) typed;
        check = value: isAttrs value && length (attrNames value) == 1 && tags ? ${head (attrNames value)};
        merge = loc: defs:
          let
            tag = head (attrNames (head defs).value);
            values = map
              (def: if attrNames def.value == [ tag ] then { inherit (def) file; value = def.value.${tag}; }
                else throw "The option `${showOption loc}` is defined both as `${tag}` and `${head (attrNames def.value)}`, in ${showFiles (getFiles defs)}.")
              defs;
          in
          if tags ? ${tag}
          then { ${tag} = (lib.internal.modules.evalOptionValue' (loc ++ [ tag ]) typed.${tag} values).value; }
          else throw "The option `${showOption loc}` is defined as ${lib.strings.escapeNixIdentifier tag}, but ${lib.strings.escapeNixIdentifier tag} is not among the valid choices (${choices}). Value ${lib.strings.escapeNixIdentifier tag} was defined in ${showFiles (getFiles defs)}.";
        nestedTypes = mapAttrs (_: option: option.type) typed;
        functor = defaultFunctor "attrTag" // {
          type = { tags, ... }: attrTag tags;
          payload = { inherit tags; };
          binOp = a: b:
            let
              merged = a.tags // b.tags // mapAttrs (name: option: lib.modules.mergeOptionDecls [ name ] [ { _file = "<attrTag {...}>"; options = a.tags.${name}; } { _file = "<attrTag {...}>"; options = option; } ]) (builtins.intersectAttrs a.tags b.tags);
            in { tags = merged; };
        };
      };
    luaInline = mkOptionType { name = "luaInline"; description = "inline lua"; descriptionClass = "noun"; check = isType "lua-inline"; merge = mergeEqualOption; };

    # One of several

    uniq = unique { message = ""; };
    unique = { message }: type: mkOptionType {
      name = "unique";
      inherit (type) description descriptionClass check getSubOptions getSubModules;
      merge = mergeUniqueOption { inherit message; inherit (type) merge; };
      emptyValue = type.emptyValue;
      substSubModules = modules: uniq (type.substSubModules modules);
      functor = elemFunctor "unique" type (unique { inherit message; });
      nestedTypes.elemType = type;
    };
    nullOr = elemType: mkOptionType {
      name = "nullOr";
      description = "null or ${nounOrConjunction elemType}";
      descriptionClass = "conjunction";
      check = value: value == null || elemType.check value;
      merge = loc: defs:
        let nulls = filter (def: def.value == null) defs; in
        if length nulls == length defs then null
        else if nulls != [ ] then throw "The option `${showOption loc}` is defined both null and not null, in ${showFiles (getFiles defs)}."
        else elemType.merge loc defs;
      emptyValue.value = null;
      getSubOptions = elemType.getSubOptions;
      getSubModules = elemType.getSubModules;
      substSubModules = modules: nullOr (elemType.substSubModules modules);
      functor = elemFunctor "nullOr" elemType nullOr;
      nestedTypes.elemType = elemType;
    };
    functionTo = elemType: mkOptionType {
      name = "functionTo";
      description = "function that evaluates to a(n) ${optionDescriptionPhrase (class: class == "noun" || class == "composite") elemType}";
      descriptionClass = "composite";
      check = lib.trivial.isFunction;
      merge = loc: defs: {
        __functionArgs = builtins.zipAttrsWith (_: all (hasDefault: hasDefault)) (map (def: lib.trivial.functionArgs def.value) defs);
        __functor = _: argument: (mergeDefinitions (loc ++ [ "<function body>" ]) elemType (map (def: { inherit (def) file; value = def.value argument; }) defs)).mergedValue;
      };
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<function body>" ]);
      getSubModules = elemType.getSubModules;
      substSubModules = modules: functionTo (elemType.substSubModules modules);
      functor = elemFunctor "functionTo" elemType functionTo;
      nestedTypes.elemType = elemType;
    };
    enum = values:
      let count = length values; in
      mkOptionType {
        name = "enum";
        description =
          if values == [ ] then "impossible (empty enum)"
          else if count == 1 then "value ${shown (head values)} (singular enum)"
          else "one of ${concatMapStringsSep ", " shown values}";
        descriptionClass = if count < 2 then "noun" else "conjunction";
        check = value: elem value values;
        merge = mergeEqualOption;
        functor = defaultFunctor "enum" // {
          payload = { inherit values; };
          type = payload: enum payload.values;
          binOp = a: b: { values = lib.lists.unique (a.values ++ b.values); };
        };
      };
    either = first: second: mkOptionType {
      name = "either";
      description =
        if first.descriptionClass or null == "nonRestrictiveClause"
        then "${first.description}, or ${nounOrConjunction second}"
        else "${nounOrConjunction first} or ${optionDescriptionPhrase (class: class == "noun" || class == "conjunction" || class == "composite") second}";
      descriptionClass = "conjunction";
      inherit (inOneStep (value: first.check value || second.check value) ({ loc, defs }@given:
        let
          one = stepOf first given;
          other = stepOf second given;
          headError.message = "The option `${showOption loc}` is neither a value of type `${first.description}` nor `${second.description}`, Definition values: ${showDefs defs}";
        in
        if one.headError == null then one
        else if other.headError == null then other
        else {
          inherit headError;
          valueMeta = { inherit headError; };
          value = lib.trivial.warn "One or more definitions did not pass the type-check of the 'either' type.\n${headError.message}\nIf `either`, `oneOf` or similar is used in freeformType, ensure that it is preceded by an 'attrsOf' such as: `freeformType = types.attrsOf (types.either t1 t2)`.\nOtherwise consider using the correct type for the option `${showOption loc}`.  This will be an error in Nixpkgs 26.05.\n"
            (mergeOneOption loc defs);
        })) check merge;
      typeMerge = functor:
        let
          a = first.typeMerge (elemAt functor.payload.elemType 0).functor;
          b = second.typeMerge (elemAt functor.payload.elemType 1).functor;
        in
        if functor.name == "either" && a != null && b != null then either a b else null;
      functor = defaultFunctor "either" // { payload.elemType = [ first second ]; type = payload: either (elemAt payload.elemType 0) (elemAt payload.elemType 1); };
      nestedTypes = { left = first; right = second; };
    };
    oneOf = list:
      if list == [ ] then throw "List passed to `types.oneOf` must not be empty."
      else foldl' either (head list) (tail list);
    coercedTo = from: convert: to:
      assert lib.asserts.assertMsg (from.getSubModules == null) "coercedTo: coercedType must not have submodules (it’s a ${from.description})";
      let
        fits = value: (from.check value && to.check (convert value)) || to.check value;
        coercion = inOneStep fits ({ loc, defs }:
          let
            converted = def: def // { value = if isFrom def then convert def.value else def.value; };
            isFrom = def: if from.merge ? v2 then (stepOf from { inherit loc; defs = [ def ]; }).headError == null else from.check def.value;
            given = { inherit loc; defs = map converted defs; };
          in
          if to.merge ? v2 then stepOf to given
          else { value = to.merge loc given.defs; headError = headErrorOf fits defs; valueMeta = { }; });
      in
      mkOptionType {
        name = "coercedTo";
        description = "${noun to} or ${noun from} convertible to it";
        inherit (coercion) check merge;
        emptyValue = to.emptyValue;
        getSubOptions = to.getSubOptions;
        getSubModules = to.getSubModules;
        substSubModules = modules: coercedTo from convert (to.substSubModules modules);
        typeMerge = _: null;
        functor = defaultFunctor "coercedTo";
        nestedTypes = { coercedType = from; finalType = to; };
      };
    addCheck = type: check:
      let both = value: type.check value && check value; in
      type // (if !(type.merge ? v2) then { check = both; } else inOneStep both (given:
        let merged = stepOf type given; in
        merged // { headError = if merged.headError != null then merged.headError else headErrorOf check given.defs; }));

    # Data formats

    fileset = mkOptionType {
      name = "fileset";
      descriptionClass = "noun";
      check = lib.fileset.isFileset;
      merge = _: defs: lib.fileset.unions (getValues defs);
      emptyValue.value = lib.fileset.empty;
    };

    serializableValueWith = { typeName, nullable ? true }:
      let
        value = (if nullable then nullOr else lib.trivial.id) (oneOf [ bool int float str path (attrsOf value) (listOf value) ]) // {
          description = "${typeName} value";
          descriptionClass = "noun";
          emptyValue = { };
        };
      in
      value;
    json = serializableValueWith { typeName = "JSON"; };
    toml = serializableValueWith { typeName = "TOML"; nullable = false; };

    # Modules

    isModule = value: isAttrs value || lib.trivial.isFunction value || types.path.check value;
    submodule = modules: submoduleWith { shorthandOnlyDefinesConfig = true; modules = toList modules; };
    submoduleWith = given@{ modules, specialArgs ? { }, shorthandOnlyDefinesConfig ? false, description ? null, class ? null }:
      let
        base = lib.modules.evalModules {
          inherit class specialArgs;
          modules = [ { _module.args.name = lib.modules.mkOptionDefault "‹name›"; } ] ++ modules;
        };
        # these two and nothing else: mkOrder leaves its priority in a definition, and nixpkgs refuses it here
        asModules = map ({ file, value }:
          if isAttrs value && !(value ? __functor) && shorthandOnlyDefinesConfig == true
          then { _file = file; config = value; }
          else { _file = file; imports = [ value ]; });
        freeform = base._module.freeformType;
        documented = (base.extendModules { modules = [ noCheckForDocsModule ]; })._module.freeformType;
      in
      mkOptionType {
        name = "submodule";
        description =
          if description != null then description
          else if documented ? description
          then "open submodule of ${optionDescriptionPhrase (class: class == "noun" || class == "composite") documented}"
          else "submodule";
        inherit (inOneStep isModule ({ loc, defs }:
          let
            configuration = base.extendModules {
              modules = [ { _module.args.name = lib.lists.last loc; } ] ++ asModules defs;
              prefix = loc;
            };
          in
          { headError = headErrorOf isModule defs; value = configuration.config; valueMeta = { inherit configuration; }; })) check merge;
        emptyValue.value = base.config;
        getSubOptions = prefix:
          let documented = base.extendModules { inherit prefix; modules = [ noCheckForDocsModule ]; }; in
          documented.options
          // optionalAttrs (documented._module.freeformType != null) { _freeformOptions = documented._module.freeformType.getSubOptions prefix; };
        getSubModules = modules;
        substSubModules = modules: submoduleWith (given // { inherit modules; });
        nestedTypes = optionalAttrs (freeform != null) { freeformType = freeform; };
        functor = defaultFunctor "submodule" // {
          type = submoduleWith;
          payload = { inherit modules specialArgs shorthandOnlyDefinesConfig description class; };
          binOp = a: b:
            let
              common = builtins.intersectAttrs a.specialArgs b.specialArgs;
              one = name: what:
                if a.${name} == null then b.${name} else if b.${name} == null || a.${name} == b.${name} then a.${name}
                else throw "A submoduleWith option is declared multiple times with conflicting ${what}";
            in
            {
              modules = a.modules ++ b.modules;
              specialArgs =
                if common == { } then a.specialArgs // b.specialArgs
                else throw "A submoduleWith option is declared multiple times with the same specialArgs ${toString (attrNames common)}";
              shorthandOnlyDefinesConfig = one "shorthandOnlyDefinesConfig" "shorthandOnlyDefinesConfig values";
              description = one "description" "descriptions";
              class = one "class" "class values";
            };
        };
      };
    deferredModule = deferredModuleWith { };
    deferredModuleWith = { staticModules ? [ ] }: mkOptionType {
      name = "deferredModule";
      description = "module";
      descriptionClass = "noun";
      check = isModule;
      merge = loc: defs: {
        imports = staticModules ++ map (def: lib.modules.setDefaultModuleLocation "${toString def.file}, via option ${showOption loc}" def.value) defs;
      };
      getSubOptions = (submoduleWith { modules = staticModules; }).getSubOptions;
      getSubModules = staticModules;
      substSubModules = modules: deferredModuleWith { staticModules = modules; };
      functor = defaultFunctor "deferredModuleWith" // {
        type = deferredModuleWith;
        payload = { inherit staticModules; };
        binOp = a: b: { staticModules = lib.lists.unique (a.staticModules ++ b.staticModules); };
      };
    };
    optionType = mkOptionType {
      name = "optionType";
      description = "optionType";
      descriptionClass = "noun";
      check = value: isOptionType value;
      merge = loc: defs:
        if length defs == 1 then (head defs).value
        else
          let
            asOption = def: { _file = toString def.file; options = lib.options.mkOption { type = def.value; }; };
            merged = lib.modules.fixupOptionType loc (lib.modules.mergeOptionDecls loc (map asOption defs));
          in merged.type;
    };
    optionDeclaration = mkOptionType {
      name = "optionDeclaration";
      description = "option declaration";
      descriptionClass = "noun";
      check = isType "option";
      merge = mergeOneOption;
    };
  };
in
removeAttrs self [ "around" "elemFunctor" "headErrorOf" "inOneStep" "isModule" "noun" "nounOrComposite" "nounOrConjunction" "payloadFunctor" "plain" "stepOf" "throwIf" ]
