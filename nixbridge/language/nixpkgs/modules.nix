# lib.modules: modules to one configuration. How it works is told in the Nixpkgs manual (Module system); this is nixbridge's own.
#
#   modules -> collectModules (imports followed, functions called) -> mergeModules (a tree of options, each with its definitions)
#           -> evalOptionValue (properties taken apart, priorities, order, the type's merge) -> config
lib:
let
  inherit (builtins) addErrorContext all any attrNames attrValues concatLists concatMap elem filter foldl' functionArgs genericClosure head isAttrs isBool isFunction isList isPath isString length listToAttrs map mapAttrs sort toString typeOf;
  inherit (lib.attrsets) mapAttrsRecursiveCond optionalAttrs recursiveUpdate setAttrByPath;
  inherit (lib.lists) imap1 optional reverseList toList;
  inherit (lib.options) isOption mkOption showDefs showFiles showOption unknownModule;
  inherit (lib.trivial) warn;
  types = lib.types;

  isProperty = kind: value: value ? _type && value._type == kind;
  # attributes of many sets by name, values in the order of the sets
  byName = builtins.zipAttrsWith (_: values: values);

  internalAttributes = [ "_class" "_file" "key" "disabledModules" "imports" "freeformType" ];
  longAttributes = internalAttributes ++ [ "options" "config" "meta" ];

  # what a definition of `name` is worth: modules of the outer evaluation do not see what they should not use
  outside = name: value: warn "lib.modules.${name} is not meant to be used from outside; it may change or go." value;
in
rec {
  defaultOverridePriority = 100;
  defaultOrderPriority = 1000;

  # Evaluation

  evalModules =
    { modules, prefix ? [ ], specialArgs ? { }, args ? { }, check ? true, class ? null, modulesPath ? null }@given:
    let
      internal = { config, ... }: {
        _file = "lib/modules.nix";
        key = "lib/modules.nix";
        options._module = {
          args = mkOption {
            type = types.lazyAttrsOf types.raw;
            # they are no part of what a configuration is about, and shown only where they were set
            internal = prefix != [ ];
            description = "Additional arguments passed to each module in addition to ones like lib, config, and pkgs, modulesPath.";
          };
          check = mkOption { type = types.bool; internal = true; default = check; description = "Whether to check whether all option definitions have matching declarations."; };
          freeformType = mkOption { type = types.nullOr types.optionType; internal = true; default = null; description = "The type of definitions that have no option."; };
          specialArgs = mkOption { readOnly = true; internal = true; description = "Arguments that can be used in imports."; };
        };
        config._module = {
          args = { inherit extendModules; moduleType = type; } // args;
          inherit specialArgs;
        };
      };

      collected = collect class (specialArgs.modulesPath or "") (modules ++ [ internal ]) ({
        inherit lib options specialArgs;
        config = whole;
        _class = class;
        _prefix = prefix;
      } // specialArgs);
      merged = merge prefix (reverseList collected.modules);
      options = merged.matchedOptions;
      declared = mapAttrsRecursiveCond (value: !isOption value) (_: option: option.value) options;
      freeformType = declared._module.freeformType;
      free = map (def: { inherit (def) file; value = setAttrByPath def.prefix def.value; }) merged.unmatchedDefns;
      whole =
        if freeformType == null || free == [ ] then declared
        else recursiveUpdate (freeformType.merge prefix free) declared;

      checkUnmatched =
        # of the whole configuration, as nixpkgs asks: what a freeform type makes of the rest has to be a set
        if whole._module.check && freeformType == null && merged.unmatchedDefns != [ ]
        then throw (unmatchedMessage prefix options merged.unmatchedDefns)
        else null;
      checked = builtins.seq checkUnmatched;

      extendModules = { modules ? [ ], specialArgs ? { }, prefix ? [ ] }@extension:
        evalModules (given // {
          inherit class;
          modules = given.modules ++ modules;
          specialArgs = given.specialArgs or { } // specialArgs;
          prefix = if extension ? prefix then prefix else given.prefix or [ ];
        });
      type = types.submoduleWith { inherit modules specialArgs class; };
    in
    {
      _type = "configuration";
      options = checked options;
      config = checked (removeAttrs whole [ "_module" ]);
      _module = checked whole._module;
      inherit (collected) graph;
      inherit extendModules type class;
    };

  fixMergeModules = modules: args:
    warn "lib.modules.fixMergeModules is deprecated, use lib.evalModules instead."
      (evalModules { inherit modules args; check = false; });

  unmatchedMessage = prefix: options: unmatched:
    let
      first = head unmatched;
      path = first.prefix;
      name = lib.lists.last path;
      home = lib.attrsets.attrByPath (lib.lists.init path) { } options;
      siblings = if isAttrs home && !isOption home then filter (other: !(lib.strings.hasPrefix "_" other)) (attrNames home) else [ ];
      distance = other: lib.strings.levenshtein name other;
      near = lib.lists.take 3 (lib.lists.sortOn distance siblings);
      quoted = map (other: "`${showOption (prefix ++ lib.lists.init path ++ [ other ])}'") near;
      suggestion =
        if near == [ ] then ""
        else if length near == 1 then "\n\nDid you mean ${head quoted}?"
        else "\n\nDid you mean ${builtins.concatStringsSep ", " (lib.lists.init quoted)} or ${lib.lists.last quoted}?";
      basic = "The option `${showOption (prefix ++ path)}' does not exist. Definition values:${showDefs [ first ]}";
      none = "\n\nHowever there are no options defined in `${showOption prefix}'. Are you sure you've\ndeclared your options properly? This can happen if you e.g. declared your options in `types.submodule'\nunder `config' rather than `options'.";
    in
    basic + (if attrNames options == [ "_module" ] && prefix != [ ] then none else suggestion);

  # Modules

  collectModules = modulesPath: modules: args: outside "collectModules" (collect null modulesPath modules args);

  collect = class: modulesPath: modules: args:
    let
      checkClass = module:
        if class != null && module._class != null && module._class != class
        then throw "The module `${toString module._file}' (class: ${builtins.toJSON module._class}) cannot be imported into a module evaluation that expects class ${builtins.toJSON class}."
        else module;

      # each module with what it imports, lazily; a module that has no key gets one made of its importer's and its place
      tree = parentFile: parentKey: list:
        imap1
          (number: value:
            let module = checkClass (load args parentFile "${parentKey}:anon-${toString number}" value); in
            { inherit (module) key; inherit module; below = tree module._file module.key module.imports; })
          list;
      roots = tree unknownModule "" modules;

      disabledKey = file: value:
        if isString value then (if builtins.substring 0 1 value == "/" then value else toString modulesPath + "/" + value)
        else if isAttrs value then
          (if value ? key then value.key
          else throw "disabledModules in ${toString file}: a set that is no module's key was given; it needs an attribute `key'.")
        else toString value;
      # the keys that any module in reach disables; modules that are disabled disable nothing
      closure = disabled: genericClosure {
        startSet = filter (node: !elem node.key disabled) roots;
        operator = node: filter (below: !elem below.key disabled) node.below;
      };
      every = closure [ ];
      disabled = concatMap (node: map (disabledKey node.module._file) node.module.disabledModules) every;
      kept = if disabled == [ ] then every else closure disabled;
      describe = node: {
        inherit (node) key;
        file = node.module._file;
        imports = map describe node.below;
        disabled = elem node.key disabled;
      };
    in
    # the module that every evaluation has of itself is no part of the user's graph
    { modules = map (node: node.module) kept; graph = map describe (filter (node: node.key != "lib/modules.nix") roots); };

  load = args: file: key: value:
    if isFunction value || (isAttrs value && value ? __functor) then unify file key (applyModuleArgs key value args)
    else if isAttrs value then
      let kind = value._type or "module"; in
      if kind == "module" then unify file key value
      else if kind == "if" || kind == "override" then load args file key { config = value; }
      else throw "Could not load a value as a module, because it is of type ${builtins.toJSON kind}, in file ${toString file}.${if kind == "configuration" then " If you do intend to import this configuration, please only import the modules that make up the configuration." else ""}"
    else if isList value then
      throw "Module imports can't be nested lists. Perhaps you meant to remove one level of lists? Definitions:${showDefs [ { inherit file value; } ]}"
    else unify (toString value) (toString value) (applyModuleArgsIf (toString value) (import value) args);

  applyModuleArgsIfFunction = key: f: args: outside "applyModuleArgsIfFunction" (applyModuleArgsIf key f args);
  applyModuleArgsIf = key: f: args: if lib.trivial.isFunction f then applyModuleArgs key f args else f;
  applyModuleArgs = key: f: args:
    let
      wanted = attrNames (lib.trivial.functionArgs f);
      value = name: addErrorContext "while evaluating the module argument `${name}' in \"${key}\":" (args.${name} or args.config._module.args.${name});
    in
    f (args // listToAttrs (map (name: { inherit name; value = value name; }) wanted));

  unifyModuleSyntax = file: key: module: outside "unifyModuleSyntax" (unify file key module);
  unify = file: key: module:
    let
      withMeta = config: if module ? meta then mkMerge [ config { inherit (module) meta; } ] else config;
      withFreeform = config: if module ? freeformType then mkMerge [ config { _module.freeformType = module.freeformType; } ] else config;
      common = {
        _file = toString (module._file or file);
        _class = module._class or null;
        key = toString (module.key or key);
        disabledModules = module.disabledModules or [ ];
      };
      wrong = attrNames (removeAttrs module longAttributes);
    in
    if !isAttrs module then throw "Module `${toString key}' in file ${toString file} does not look like a module: it is ${typeOf module}."
    else if module ? config || module ? options then
      if wrong != [ ] then
        throw "Module `${toString key}' has an unsupported attribute `${head wrong}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString wrong}) into the explicit `config' attribute."
      else common // {
        imports = module.imports or [ ];
        options = module.options or { };
        config = withFreeform (withMeta (module.config or { }));
      }
    else common // {
      imports = module.require or [ ] ++ module.imports or [ ];
      options = { };
      config = withFreeform (removeAttrs module (internalAttributes ++ [ "require" ]));
    };

  setDefaultModuleLocation = file: module: { _file = file; imports = [ module ]; };
  importApply = path: argument: setDefaultModuleLocation path (import path argument);
  importJSON = file: { _file = file; config = lib.trivial.importJSON file; };
  importTOML = file: { _file = file; config = lib.trivial.importTOML file; };

  # The tree of options

  mergeModules = prefix: modules: outside "mergeModules" (merge prefix modules);
  merge = prefix: modules:
    mergeTree prefix modules
      (concatMap (module: map (config: { file = module._file; inherit config; }) (pushDown module.config)) modules);
  mergeModules' = prefix: modules: configs: outside "mergeModules'" (mergeTree prefix modules configs);

  # `modules`: { _file, options } each; `configs`: { file, config } each
  mergeTree = prefix: modules: configs:
    let
      declarations = byName (map
        (module:
          if isAttrs module.options
          then mapAttrs (name: value: { inherit (module) _file; options = value; position = builtins.unsafeGetAttrPos name module.options; }) module.options
          else throw "An option declaration under `${showOption prefix}' in ${toString module._file} should be an attribute set, not ${typeOf module.options}.")
        modules);
      definitions = byName (map
        (def:
          if isAttrs def.config then mapAttrs (_: value: { inherit (def) file; inherit value; }) def.config
          else throw "In module `${toString def.file}', you're trying to define a value of type `${typeOf def.config}'\nrather than an attribute set for the option\n`${builtins.concatStringsSep "." prefix}'!\n\nThis usually happens if `${builtins.concatStringsSep "." prefix}' has option\ndefinitions inside that are not matched. Please check how to properly define\nthis option by e.g. referring to `man 5 configuration.nix'!\n")
        configs);

      at = name: declared:
        let
          loc = prefix ++ [ name ];
          defs = definitions.${name} or [ ];
          areOptions = filter (declaration: isOption declaration.options) declared;
          evaluated = declarations: {
            matchedOptions = evalOptionValue' loc (fixupOptionType loc (mergeOptionDecls loc declarations)) defs;
            unmatchedDefns = [ ];
          };
          bareType = lib.lists.findFirst (declaration: isProperty "option-type" declaration.options) null declared;
        in
        if bareType != null then
          throw "The option `${showOption loc}' in ${toString bareType._file} is a type, not an option declaration; write mkOption { type = ...; }."
        else if length areOptions == length declared then evaluated declared
        else if areOptions != [ ] then
          if all (declaration: (declaration.options.type or types.unspecified).getSubModules or null != null) areOptions
          then evaluated (map (declaration: if isOption declaration.options then declaration else declaration // { options = belowSubmodule declaration; }) declared)
          else
            let other = lib.lists.findFirst (declaration: !isOption declaration.options) null declared; in
            throw "The option `${showOption loc}' in `${toString (head areOptions)._file}' is a prefix of options in `${toString other._file}', but its type `${((head areOptions).options.type or types.unspecified).description}' does not support nested options."
        else mergeTree loc declared
          (concatMap (def: map (config: { inherit (def) file; inherit config; }) (pushDown def.value)) defs);

      results = mapAttrs at declarations;
      unknown = removeAttrs definitions (attrNames declarations);
    in
    {
      matchedOptions = mapAttrs (_: result: result.matchedOptions) results;
      unmatchedDefns =
        concatMap (name: map (def: def // { prefix = [ name ] ++ def.prefix or [ ]; }) results.${name}.unmatchedDefns) (attrNames results)
        ++ concatMap (name: map (def: { inherit (def) file value; prefix = [ name ]; }) unknown.${name}) (attrNames unknown);
    };

  # options declared below an option of a submodule type are a further module of it
  belowSubmodule = declaration: mkOption {
    type = types.submoduleWith { modules = [ { _file = declaration._file; inherit (declaration) options; } ]; shorthandOnlyDefinesConfig = null; };
  };

  mergeOptionDecls = loc: declarations:
    let
      both = a: b: name: a ? ${name} && b.options ? ${name};
      already = a: b: throw "The option `${showOption loc}' in `${toString b._file}' is already declared in ${showFiles a.declarations}.";
      add = merged: declaration:
        let
          option = declaration.options;
          mergedType = merged.type.typeMerge option.type.functor;
          subModules = option.type.getSubModules or null;
          positions = lib.lists.optional (declaration ? position && declaration.position != null) declaration.position;
        in
        if any (both merged declaration) [ "default" "example" "description" "apply" ] || (both merged declaration "type" && mergedType == null)
        then already merged declaration
        else option // merged // {
          declarations = merged.declarations ++ [ declaration._file ];
          declarationPositions = merged.declarationPositions ++ positions;
          options =
            if option ? type && subModules != null
            then map (setDefaultModuleLocation declaration._file) subModules ++ merged.options
            else merged.options;
        } // optionalAttrs (both merged declaration "type") { type = mergedType; };
    in
    foldl' add { inherit loc; declarations = [ ]; declarationPositions = [ ]; options = [ ]; } declarations;

  fixupOptionType = loc: option:
    if option ? type && option.type.getSubModules or null != null
    then option // { type = option.type.substSubModules option.options; options = [ ]; }
    else option // { type = option.type or types.unspecified; };

  # The value of an option

  evalOptionValue = evalOptionValue';
  evalOptionValue' = loc: option: defs:
    let
      defaults = optional (option ? default) { file = head option.declarations; value = mkOptionDefault option.default; };
      all = defaults ++ defs;
      result =
        if option.readOnly or false && length all > 1
        then throw "The option `${showOption loc}' is read-only, but it's set multiple times. Definition values:${showDefs (map (def: def // { value = (mergeDefinitions loc option.type [ def ]).mergedValue; }) all)}"
        else mergeDefinitions loc option.type all;
      deprecated = option.type.deprecationMessage or null;
      value = if option ? apply then option.apply result.mergedValue else result.mergedValue;
    in
    option // {
      value = addErrorContext "while evaluating the option `${showOption loc}':"
        (if deprecated != null then warn "The type `types.${option.type.name}' of option `${showOption loc}' is deprecated. ${deprecated}" value else value);
      inherit loc;
      inherit (result.defsFinal') highestPrio;
      definitions = map (def: def.value) result.defsFinal;
      files = map (def: def.file) result.defsFinal;
      definitionsWithLocations = result.defsFinal;
      inherit (result) isDefined;
      inherit (result.checkedAndMerged) valueMeta;
      __toString = _: showOption loc;
    };

  # a type that checks and merges in one step must not have got another check by `//`
  coherent = loc: type: result:
    if type.check.isV2MergeCoherent or false then result
    else throw "The option `${showOption loc}' has a type `${type.description}' that uses\nan ad-hoc `type // { check = ...; }' override, which is incompatible with\nthe v2 merge mechanism.\n\nPlease use `lib.types.addCheck` instead of `type // { check }' to add\ncustom validation.\n";

  mergeDefinitions = loc: type: defs:
    let
      apart = concatMap
        (def: map
          (value: if isProperty "definition" value then value // { file = value.file or def.file; } else { inherit (def) file; inherit value; })
          (addErrorContext "while evaluating definitions from `${toString def.file}':" (dischargeProperties' def.value)))
        defs;
      best = filterOverrides' apart;
      ordered = if any (def: isProperty "order" def.value) best.values then sortProperties best.values else best.values;
      wrong = filter (def: !type.check def.value) defsFinal;
      inOneStep = type.merge ? v2;
      checkedAndMerged =
        if !inOneStep then { headError = null; value = mergedValue; valueMeta = { }; }
        else
          let step = coherent loc type (type.merge.v2 { inherit loc; defs = defsFinal; }); in
          step // { valueMeta = step.valueMeta // { _internal = { inherit type; }; }; };
      defsFinal = ordered;
      isDefined = defsFinal != [ ];
      mergedValue =
        if isDefined then
          (if inOneStep then
            (if checkedAndMerged.headError == null then checkedAndMerged.value
            else throw "A definition for option `${showOption loc}' is not of type `${type.description}'. TypeError: ${checkedAndMerged.headError.message}")
          else if wrong == [ ] then type.merge loc defsFinal
          else throw "A definition for option `${showOption loc}' is not of type `${type.description}'. Definition values:${showDefs wrong}")
        else if type.emptyValue or { } ? value then type.emptyValue.value
        else throw "The option `${showOption loc}' was accessed but has no value defined. Try setting the option.";
    in
    {
      inherit checkedAndMerged defsFinal isDefined mergedValue;
      defsFinal' = { values = defsFinal; inherit (best) highestPrio; };
      optionalValue = optionalAttrs isDefined { value = mergedValue; };
    };

  mergeAttrDefinitionsWithPrio = option:
    let
      pairs = concatMap
        (def: concatMap (value: map (name: { ${name} = { inherit (def) file; value = value.${name}; }; }) (attrNames value)) [ def.value ])
        option.definitionsWithLocations;
      defs = byName pairs;
    in
    assert lib.asserts.assertMsg (option.type.name == "attrsOf" || option.type.name == "lazyAttrsOf")
      "lib.modules.mergeAttrDefinitionsWithPrio: the option must have type attrsOf or lazyAttrsOf, not ${option.type.name}";
    mapAttrs
      (name: values:
        let merged = mergeDefinitions (option.loc ++ [ name ]) option.type.nestedTypes.elemType values; in
        merged.optionalValue // { inherit (merged.defsFinal') highestPrio; })
      defs;

  # Properties

  pushDownProperties = config: outside "pushDownProperties" (pushDown config);
  pushDown = config:
    if isProperty "merge" config then concatMap pushDown config.contents
    else if isProperty "if" config then map (mapSet (_: mkIf config.condition)) (pushDown config.content)
    else if isProperty "override" config then map (mapSet (_: mkOverride config.priority)) (pushDown config.content)
    else [ config ];
  # what is not a set is reported where a set is needed, with the option's name
  mapSet = f: value: if isAttrs value then mapAttrs f value else value;

  dischargeProperties = def: outside "dischargeProperties" (dischargeProperties' def);
  dischargeProperties' = def:
    if isProperty "merge" def then concatMap dischargeProperties' def.contents
    else if isProperty "if" def then
      (if !isBool def.condition then throw "‘mkIf’ called with a non-Boolean condition"
      else if def.condition then dischargeProperties' def.content
      else [ ])
    else [ def ];

  filterOverrides = defs: (filterOverrides' defs).values;
  filterOverrides' = defs:
    let
      priority = def: if isProperty "override" def.value then def.value.priority else defaultOverridePriority;
      highestPrio = foldl' (best: def: lib.trivial.min best (priority def)) 9999 defs;
      bare = def: if isProperty "override" def.value then def // { value = def.value.content; } else def;
    in
    { values = map bare (filter (def: priority def == highestPrio) defs); inherit highestPrio; };

  sortProperties = defs:
    let
      bare = def: if isProperty "order" def.value then def // { value = def.value.content; inherit (def.value) priority; } else def;
      order = def: def.priority or defaultOrderPriority;
    in
    sort (a: b: order a < order b) (map bare defs);

  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkAssert = condition: message: content:
    mkIf (if condition then true else throw "\nFailed assertion: ${message}") content;
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  mkFixStrictness = warn "lib.mkFixStrictness has no effect and will be removed. It returns its argument unmodified, so you can just remove any calls." lib.trivial.id;
  mkOrder = priority: content: { _type = "order"; inherit priority content; };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
  mkDefinition = given@{ file, value, ... }: given // { _type = "definition"; };
  mapDefinitionValue = f: value:
    let inside = mapDefinitionValue f; in
    if isProperty "if" value || isProperty "override" value || isProperty "order" value then value // { content = inside value.content; }
    else if isProperty "merge" value then value // { contents = map inside value.contents; }
    else if isProperty "definition" value then value // { value = inside value.value; }
    else f value;

  # Aliases

  mkAliasDefinitions = mkAliasAndWrapDefinitions lib.trivial.id;
  mkAliasAndWrapDefinitions = wrap: option: ifDefined option (wrap (mkMerge option.definitions));
  mkAliasAndWrapDefsWithPriority = wrap: option:
    let priority = option.highestPrio or defaultOverridePriority; in
    ifDefined option (wrap (mkMerge (map (mkOverride priority) option.definitions)));
  ifDefined = option: mkIf (isOption option && option.isDefined);
  mkAliasIfDef = option: warn "lib.modules.mkAliasIfDef is deprecated." (ifDefined option);
  mkDerivedConfig = option: f: mkOverride (option.highestPrio or defaultOverridePriority) (f option.value);

  mkRemovedOptionModule = path: hint: { options, ... }:
    let option = lib.attrsets.getAttrFromPath path options; in
    {
      options = setAttrByPath path (mkOption {
        visible = false;
        apply = _: throw "The option `${showOption path}' can no longer be used since it's been removed. ${hint}";
      });
      config.assertions = [
        {
          assertion = !option.isDefined;
          message = "The option definition `${showOption path}' in ${showFiles option.files} no longer has any effect; please remove it.\n${hint}\n";
        }
      ];
    };
  mkRenamedOptionModule = from: to: doRename {
    inherit from to;
    visible = false;
    warn = true;
    use = builtins.trace "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";
  };
  mkRenamedOptionModuleWith = { from, to, sinceRelease }: doRename {
    inherit from to;
    visible = false;
    warn = lib.trivial.oldestSupportedReleaseIsAtLeast sinceRelease;
    use = lib.trivial.warnIf (lib.trivial.oldestSupportedReleaseIsAtLeast sinceRelease)
      "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";
  };
  mkAliasOptionModule = from: to: doRename { inherit from to; visible = true; warn = false; use = lib.trivial.id; };
  mkAliasOptionModuleMD = warn "lib.mkAliasOptionModuleMD is deprecated, use lib.mkAliasOptionModule instead." mkAliasOptionModule;
  mkMergedOptionModule = froms: to: f: { config, options, ... }:
    let
      given = filter (from: (lib.attrsets.attrByPath from { isDefined = false; } options).isDefined or false) froms;
      message = from: "The option `${showOption from}' defined in ${showFiles (lib.attrsets.getAttrFromPath from options).files} has been changed to `${showOption to}' that has a different type. Please read `${showOption to}' documentation and update your configuration accordingly.";
      hidden = from: setAttrByPath from (mkOption { visible = false; default = "_mkMergedOptionModule"; });
      used = filter (from: lib.attrsets.getAttrFromPath from config != "_mkMergedOptionModule") froms;
    in
    {
      options = foldl' recursiveUpdate { } (map hidden froms);
      config = (if options ? warnings then { warnings = map message used; } else { })
        // setAttrByPath to (mkMerge (optional (used != [ ]) (f config)));
    };
  mkChangedOptionModule = from: to: f: mkMergedOptionModule [ from ] to f;
  doRename =
    { from, to, visible, warn, use, withPriority ? true, condition ? true }:
    { config, options, ... }:
    let
      fromOption = lib.attrsets.getAttrFromPath from options;
      toOption = lib.attrsets.attrByPath to (abort "Renaming error: option `${showOption to}' does not exist.");
      toType = let found = lib.attrsets.attrByPath to { } options; in found.type or types.unspecified;
      target = toOption options;
    in
    {
      options = setAttrByPath from (mkOption {
        inherit visible;
        description = "Alias of {option}`${showOption to}`.";
        apply = _: use (toOption config);
      } // optionalAttrs (toType != null) { type = toType; });
      config = mkIf condition (mkMerge [
        (optionalAttrs (options ? warnings) {
          warnings = optional (warn && fromOption.isDefined)
            "The option `${showOption from}' defined in ${showFiles fromOption.files} has been renamed to `${showOption to}'.";
        })
        (if withPriority
        then mkAliasAndWrapDefsWithPriority (setAttrByPath to) fromOption
        else mkAliasAndWrapDefinitions (setAttrByPath to) fromOption)
      ]);
    };
}
