# lib.options
lib:
let
  inherit (builtins) all any attrNames concatLists concatStringsSep elem elemAt filter foldl' head isAttrs isBool isFunction isInt isList isString length listToAttrs map mapAttrs split tail;
  inherit (lib.attrsets) collect isDerivation optionalAttrs;
  inherit (lib.strings) concatMapStrings concatStrings;

  quoteFile = file: "`${toString file}'";
  # a value in at most five lines, or nothing where it cannot be shown
  shortly = value:
    let
      shown = builtins.tryEval (lib.generators.toPretty { } (lib.generators.withRecursion { depthLimit = 10; throwOnDepthLimit = false; } value));
      lines = lib.strings.splitString "\n" shown.value;
      first = lib.lists.take 5 lines;
      all = first ++ (if length lines > 5 then [ "..." ] else [ ]);
    in
    if shown.success then (if length all > 1 then "\n    " else " ") + concatStringsSep "\n    " all else "";
in
rec {
  unknownModule = "<unknown-file>";
  isOption = lib.types.isType "option";

  mkOption =
    { default ? null, defaultText ? null, example ? null, description ? null, relatedPackages ? null, type ? null, apply ? null, internal ? null, visible ? null, readOnly ? null }@declared:
    declared // { _type = "option"; };
  mkEnableOption = name: mkOption {
    default = false;
    example = true;
    description = if name ? _type && name._type == "mdDoc" then name // { text = "Whether to enable ${name.text}."; } else "Whether to enable ${name}.";
    type = lib.types.bool;
  };
  mkPackageOption = pkgs: name:
    { nullable ? false, default ? name, example ? null, extraDescription ? "", pkgsText ? "pkgs" }:
    let
      listed = value: if isList value then value else [ value ];
      words = if isList name then name else [ name ];
      path = listed default;
      text = "${pkgsText}.${lib.attrsets.showAttrPath path}";
    in
    mkOption (
      {
        type = (if nullable then lib.types.nullOr else lib.trivial.id) lib.types.package;
        description = "The ${lib.lists.last words} package to use." + (if extraDescription == "" then "" else " ") + extraDescription;
      }
      // (if default != null
        then {
          default = lib.attrsets.attrByPath path (throw "${lib.attrsets.showAttrPath path} cannot be found in ${pkgsText}") pkgs;
          defaultText = literalExpression text;
        }
        else optionalAttrs nullable { default = null; })
      // optionalAttrs (example != null) {
        example = literalExpression (if isList example then "${pkgsText}.${lib.attrsets.showAttrPath example}" else example);
      }
    );
  mkSinkUndeclaredOptions = attrs: mkOption ({
    internal = true;
    visible = false;
    default = false;
    description = "Sink for option definitions.";
    type = lib.types.mkOptionType { name = "sink"; check = _: true; merge = _: _: false; };
    apply = _: throw "Option value is not readable because the option is not declared.";
  } // attrs);

  mergeDefaultOption = loc: defs:
    let list = getValues defs; first = head list; in
    if length list == 1 then first
    # the results are merged as if they were definitions themselves, which they must look like
    else if all isFunction list then argument: mergeDefaultOption loc (map (f: f argument) list)
    else if all isList list then concatLists list
    else if all isAttrs list then foldl' (merged: attrs: merged // attrs) { } list
    else if all isBool list then foldl' (found: flag: found || flag) false list
    else if all isString list then concatStrings list
    else if all isInt list && all (number: number == first) list then first
    else throw "Cannot merge definitions of `${showOption loc}'. Definition values:${showDefs defs}";
  mergeOneOption = mergeUniqueOption { message = ""; };
  mergeUniqueOption = { message, merge ? null }@given: loc: defs:
    if length defs == 1
    then (if merge == null then (head defs).value else merge loc defs)
    else
      assert length defs > 1;
      throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.\n${message}\nDefinition values:${showDefs defs}\n${showPriorities}";
  showPriorities = "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";
  mergeEqualOption = loc: defs:
    if defs == [ ] then abort "This case should never happen."
    else if length defs == 1 then (head defs).value
    else (foldl'
      (first: def:
        if def.value == first.value then first
        else throw "The option `${showOption loc}' has conflicting definition values:${showDefs [ first def ]}\n${showPriorities}")
      (head defs)
      (tail defs)).value;

  getValues = map (def: def.value);
  getFiles = map (def: def.file);

  optionAttrSetToDocList = optionAttrSetToDocList' [ ];
  optionAttrSetToDocList' = _: options:
    lib.lists.concatMap
      (option:
        let
          name = showOption option.loc;
          visible = option.visible or true;
          type = option.type or { };
          # what an option without definitions is, unless its type is a submodule, which has defaults of its own
          emptyValue = if type.emptyValue or { } ? value && type.getSubModules or null == null then type.emptyValue else null;
          entry = {
            inherit name;
            inherit (option) loc;
            description = option.description or null;
            declarations = filter (file: file != unknownModule) option.declarations;
            internal = option.internal or false;
            visible = if isBool visible then visible else visible == "shallow";
            readOnly = option.readOnly or false;
            type = option.type.description or "unspecified";
          }
          // optionalAttrs (option ? example) { example = renderOptionValue option.example; }
          // optionalAttrs (option ? defaultText || option ? default || emptyValue != null) {
            default = renderOptionValue (option.defaultText or option.default or emptyValue.value);
          }
          // optionalAttrs (option ? relatedPackages && option.relatedPackages != null) { inherit (option) relatedPackages; };
          below = option.type.getSubOptions option.loc;
          goesBelow = (if isBool visible then visible else visible == "transparent") && below != { };
        in
        [ entry ] ++ (if goesBelow then optionAttrSetToDocList' option.loc below else [ ]))
      (collect isOption options);

  scrubOptionValue = value:
    if isDerivation value then { type = "derivation"; drvPath = value.name; outPath = value.name; name = value.name; }
    else if isList value then map scrubOptionValue value
    else if isAttrs value then mapAttrs (_: scrubOptionValue) (removeAttrs value [ "_args" ])
    else value;
  renderOptionValue = value:
    if value ? _type && value ? text then value
    else literalExpression (lib.generators.toPretty { multiline = true; allowPrettyValues = true; } value);
  literalExpression = text:
    if isString text then { _type = "literalExpression"; inherit text; }
    else throw "literalExpression expects a string.";
  literalCode = language: text: literalMD "```${language}\n${text}\n```\n";
  literalMD = text:
    if isString text then { _type = "literalMD"; inherit text; }
    else throw "literalMD expects a string.";

  showOption = parts:
    let
      one = part:
        if part == "*" || builtins.match "<.*>" part != null then part else lib.strings.escapeNixIdentifier part;
    in
    builtins.concatStringsSep "." (map one parts);
  showFiles = files: concatStringsSep " and " (map quoteFile files);
  showDefs = defs: concatMapStrings (def: "\n- In `${toString def.file}'${let shown = shortly def.value; in if shown == "" then "" else ":${shown}"}") defs;
  showOptionWithDefLocs = option:
    "${showOption option.loc}, with values defined in:\n${lib.strings.concatMapStringsSep "\n" (file: "  - ${file}") option.files}\n";
}
