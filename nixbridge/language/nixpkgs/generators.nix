# lib.generators: values to text in other syntaxes.
lib:
let
  inherit (builtins) attrNames concatStringsSep elemAt filter floor fromJSON genList isAttrs isBool isFloat isInt isList isPath isString length map mapAttrs match replaceStrings split stringLength substring tail toJSON toString typeOf;
  inherit (lib.trivial) isFunction;
  inherit (lib.attrsets) filterAttrs isDerivation mapAttrsToList optionalAttrs;
  inherit (lib.strings) concatMapStrings concatMapStringsSep escape escapeNixIdentifier escapeNixString hasInfix hasPrefix hasSuffix optionalString splitString;
  inherit (lib.lists) flatten last;

  unsupported = name: what: value: abort "generators.${name}: ${what} not supported: ${toPretty { } value}";
  floatText = value: toJSON value;

  toPretty = { allowPrettyValues ? false, multiline ? true, indent ? "" }:
    let
      go = indent: value:
        let
          inner = indent + "  ";
          opening = if multiline then "\n" + inner else " ";
          closing = if multiline then "\n" + indent else " ";
          lines = splitString "\n" value;
          # in an indented string only '' and ${ have a meaning
          block = text: replaceStrings [ "''" "\${" ] [ "'''" "''\${" ] text;
          asBlock = "''" + opening + concatStringsSep opening (map block (lib.lists.init lines)) + (if last lines == "" then closing else opening + block (last lines)) + "''";
          formals = mapAttrsToList (name: hasDefault: if hasDefault then name + "?" else name) (lib.trivial.functionArgs value);
          binding = name: item: "${escapeNixIdentifier name} = ${builtins.addErrorContext "while evaluating an attribute `${name}`" (go inner item)};";
        in
        if isInt value then toString value
        else if isFloat value then toJSON value
        else if isBool value then lib.trivial.boolToString value
        else if isString value then
          (if length lines <= 1 || !multiline then "\"${concatStringsSep "\\n" (map (escape [ "\\" "\"" "\${" ]) lines)}\"" else asBlock)
        else if value == null then "null"
        else if isPath value then toString value
        else if isList value then
          (if value == [ ] then "[ ]" else "[" + opening + concatMapStringsSep opening (go inner) value + closing + "]")
        else if isFunction value then
          (if formals == [ ] then "<function>" else "<function, args: {${concatStringsSep ", " formals}}>")
        else if isAttrs value then
          (if allowPrettyValues && value ? __pretty && value ? val then value.__pretty value.val
          else if value == { } then "{ }"
          else if isDerivation value then "<derivation ${value.name or "???"}>"
          else "{" + opening + concatStringsSep opening (mapAttrsToList binding value) + closing + "}")
        else abort "generators.toPretty: should never happen (value of type ${typeOf value})";
    in
    go indent;

  mkValueStringDefault = { }: value:
    if isInt value then toString value
    else if isDerivation value then toString value
    else if isString value then value
    else if value == true then "true"
    else if value == false then "false"
    else if value == null then "null"
    else if isFloat value then lib.strings.floatToString value
    else if isList value then unsupported "mkValueStringDefault" "lists" value
    else if isAttrs value then unsupported "mkValueStringDefault" "attrsets" value
    else if isFunction value then unsupported "mkValueStringDefault" "functions" value
    else unsupported "mkValueStringDefault" "this value" value;
  mkKeyValueDefault = { mkValueString ? mkValueStringDefault { } }: separator: name: value:
    "${escape [ separator ] name}${separator}${mkValueString value}";

  toKeyValue = { mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false, indent ? "" }:
    let
      line = name: value: indent + mkKeyValue name value + "\n";
      lines = name: value: if listsAsDuplicateKeys then map (line name) (if isList value then value else [ value ]) else [ (line name value) ];
    in
    attrs: lib.strings.concatStrings (lib.lists.concatLists (mapAttrsToList lines attrs));
  toINI = { mkSectionName ? (name: escape [ "[" "]" ] name), mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false }: attrs:
    concatStringsSep "\n" (mapAttrsToList
      (name: section: "[${mkSectionName name}]\n" + toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } section) attrs);
  toINIWithGlobalSection = given@{ mkSectionName ? (name: escape [ "[" "]" ] name), mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false }: { globalSection, sections ? { } }:
    (if globalSection == { } then "" else toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } globalSection + "\n") + toINI given sections;

  toGitINI = attrs:
    let
      sectionName = name:
        let
          quoted = "\"${escape [ "\"" ] (concatStringsSep "." rest)}\"";
          parts = splitString "." name;
          containsQuote = hasInfix "\"" name;
          section = builtins.head parts;
          rest = lib.lists.drop 1 parts;
        in
        if containsQuote || rest == [ ] then name else "${section} ${quoted}";
      value = text: "\"${replaceStrings [ "\n" "\t" "\\" "\"" ] [ "\\n" "\\t" "\\\\" "\\\"" ] text}\"";
      keyValue = name: given: "\t" + mkKeyValueDefault { mkValueString = item: if isString item then value item else mkValueStringDefault { } item; } " = " name given;
      # every attribute with the path of names to it, sections joined with dots
      rows = path: given:
        if isAttrs given && !isDerivation given then lib.lists.concatMap (name: rows (path ++ [ name ]) given.${name}) (attrNames given)
        else if length path > 1 then [ { section = concatStringsSep "." (lib.lists.init path); name = last path; value = given; } ]
        else [ { section = last path; name = null; value = given; } ];
      flat = lib.lists.foldl (done: row: lib.attrsets.recursiveUpdate done (if row.name == null then { ${row.section} = row.value; } else { ${row.section}.${row.name} = row.value; })) { } (rows [ ] attrs);
    in
    toINI { mkSectionName = sectionName; mkKeyValue = keyValue; listsAsDuplicateKeys = true; } flat;

  mkDconfKeyValue = mkKeyValueDefault { mkValueString = value: toString (lib.gvariant.mkValue value); } "=";
  toDconfINI = toINI { mkKeyValue = mkDconfKeyValue; };

  withRecursion = { depthLimit, throwOnDepthLimit ? true }:
    assert isInt depthLimit;
    let
      special = [ "__functor" "__functionArgs" "__toString" "__pretty" ];
      within = depth: value:
        if depth <= depthLimit then value
        else if throwOnDepthLimit then throw "Exceeded maximum eval-depth limit of ${toString depthLimit} while trying to evaluate with `generators.withRecursion'!"
        else "<unevaluated>";
      # whatever is neither a set nor a list counts as one level deeper than it stands
      go = depth: value:
        let below = item: go (depth + 1) (within (depth + 1) item); in
        if isAttrs value then mapAttrs (name: item: if builtins.elem name special then item else below item) value
        else if isList value then map below value
        else within (depth + 1) value;
    in
    go 0;

  toPlist = { escape ? false }: value:
    let
      text = if escape then lib.strings.escapeXML else lib.trivial.id;
      tag = name: indent: content: "${indent}<${name}>${content}</${name}>";
      go = indent: value:
        let inner = indent + "\t"; in
        if value == null then ""
        else if isBool value then "${indent}<${lib.trivial.boolToString value}/>"
        else if isInt value then tag "integer" indent (toString value)
        else if isString value then tag "string" indent (text value)
        else if isList value then concatStringsSep "\n" [ "${indent}<array>" (concatMapStringsSep "\n" (go inner) value) "${indent}</array>" ]
        else if isAttrs value then concatStringsSep "\n" [ "${indent}<dict>" (concatStringsSep "\n" (flatten (pairs inner value))) "${indent}</dict>" ]
        else if isPath value then tag "string" indent (text (toString value))
        else if isFloat value then tag "real" indent (toString value)
        else abort "generators.toPlist: should never happen (v = ${toString value})";
      shownAttrs = filterAttrs (name: item: item != null && name != "_module");
      pairs = indent: attrs: mapAttrsToList (name: item: [ (tag "key" indent (text name)) (go indent item) ]) (shownAttrs attrs);
    in
    lib.trivial.warnIfNot escape "Using `lib.generators.toPlist` without `escape = true` is deprecated" ''
      <?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
      <plist version="1.0">
      ${go "" value}
      </plist>'';

  toDhall = { }@given: value:
    if isAttrs value then
      (if isDerivation value then toJSON (toString value)
      else "{ ${concatStringsSep ", " (mapAttrsToList (name: item: "${name} = ${toDhall given item}") value)} }")
    else if isList value then "[ ${concatMapStringsSep ", " (toDhall given) value} ]"
    else if isInt value then "${optionalString (value >= 0) "+"}${toString value}"
    else if isBool value then (if value then "True" else "False")
    else if isFunction value then abort "generators.toDhall: cannot convert a function to Dhall"
    else if value == null then abort "generators.toDhall: cannot convert a null to Dhall"
    else toJSON value;

  mkLuaInline = expr: { _type = "lua-inline"; inherit expr; };
  toLua = given@{ multiline ? true, indent ? "", asBindings ? false }: value:
    let
      inner = indent + "  ";
      opening = if multiline then "\n${inner}" else " ";
      closing = if multiline then "\n${indent}" else " ";
      separator = if multiline then ",\n${inner}" else ", ";
      below = given // { indent = if asBindings then indent else inner; asBindings = false; };
      bindings = attrs: lib.strings.concatStrings (mapAttrsToList
        (name: item:
          if match "[a-zA-Z_][a-zA-Z0-9_]*(\\.[a-zA-Z_][a-zA-Z0-9_]*)*" name == null
          then throw "toLua: attribute name ${toJSON name} is not a valid Lua name; bindings need one"
          else "${indent}${name} = ${toLua below item}\n")
        attrs);
      items = list: "{${opening}${concatMapStringsSep separator (toLua below) list}${closing}}";
      table = attrs: "{${opening}${concatStringsSep separator (mapAttrsToList (name: item: "[${toJSON name}] = ${toLua below item}") attrs)}${closing}}";
    in
    if asBindings then bindings value
    else if value == null then "nil"
    else if isInt value || isFloat value || isString value || isBool value then toJSON value
    else if isPath value || isDerivation value then toJSON "${value}"
    else if isList value then (if value == [ ] then "{}" else items value)
    else if isAttrs value then
      (if lib.types.isType "lua-inline" value then "(${value.expr})"
      else if value == { } then "{}"
      else table value)
    else abort "generators.toLua: type ${typeOf value} is unsupported";
in
{
  inherit mkDconfKeyValue mkKeyValueDefault mkLuaInline mkValueStringDefault toDconfINI toDhall toGitINI toINI toINIWithGlobalSection toKeyValue toLua toPlist toPretty withRecursion;
  toJSON = { }: value: toJSON value;
  toYAML = { }: value: toJSON value;
}
