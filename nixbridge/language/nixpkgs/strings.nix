# lib.strings, what is clearer in Nix than in Python, or seldom used. The others are in strings.py.
lib:
let
  inherit (builtins) concatStringsSep elemAt filter fromJSON genList head isAttrs isBool isList isString length map match replaceStrings split stringLength substring tail typeOf;
  inherit (lib.strings) escapeShellArg hasPrefix hasSuffix optionalString stringToCharacters toLower toUpper;
  inherit (lib.lists) reverseList;

  lower = stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upper = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  # the printable ASCII characters and their codes
  ascii = builtins.listToAttrs (genList
    (number: { name = substring number 1 printable; value = number + 32; }) (stringLength printable))
    // { "\t" = 9; "\n" = 10; "\r" = 13; };
  printable = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

  isBlank = text: match "[ \t\r\n]*" text != null;
  mustBe = what: check: name: value:
    lib.asserts.assertMsg (check value) "${name}: expected a ${what}";
  stringArgument = function: value:
    if isString value then value
    else throw "${function} does only accepts string values, but got ${typeOf value}";

  # "a/b" as the folder of a package or of a plain path
  below = folder: path: "${path}/${folder}";
  present = filter (path: path != null);

  decimal = text: match "[[:space:]]*(-?[0-9]+)[[:space:]]*" text;
  badInteger = function: text: throw "${function}: Could not convert ${escaped text} to int.";
  escaped = builtins.toJSON;

  derivationName = value: if isAttrs value then value.name else value;
in
rec {
  lowerChars = lower;
  upperChars = upper;

  # a number without the zeros that JSON forbids
  removeLeadingZeros = digits:
    let found = match "0*([0-9]+)" digits; in if found == null then digits else head found;

  join = concatStringsSep;
  concatMapAttrsStringSep = separator: f: attrs:
    concatStringsSep separator (lib.attrsets.mapAttrsToList f attrs);
  replaceString = from: to: replaceStrings [ from ] [ to ];

  trim = trimWith { start = true; end = true; };
  trimWith = { start ? false, end ? false }: text:
    let
      blanks = "[ \t\r\n]";
      pattern =
        if start && end then "${blanks}*(.*[^ \t\r\n])${blanks}*"
        else if start then "${blanks}*(.*)"
        else "(.*[^ \t\r\n])${blanks}*";
      found = match pattern text;
    in
    if !start && !end then (if isString text then text else match "" text)
    else if found == null then ""
    else head found;

  toSentenceCase = text:
    let given = stringArgument "toSentenceCase" text;
    in toUpper (substring 0 1 given) + toLower (substring 1 (stringLength given) given);

  toCamelCase = text:
    let
      given = stringArgument "toCamelCase" text;
      isBorder = previous: current:
        builtins.elem current [ "-" "_" " " ] || (match "[a-z]" previous != null && match "[A-Z]" current != null);
      words = map (word: let found = match "[-_ ](.*)" word; in if found == null then word else head found)
        (splitStringBy isBorder true given);
    in
    if words == [ ] then ""
    else lib.strings.concatStrings ([ (toLower (head words)) ] ++ map toSentenceCase (tail words));

  charToInt = character: ascii.${character};
  escapeC = characters:
    let hex = code: lib.strings.fixedWidthString 2 "0" (toLower (lib.trivial.toHexString code));
    in replaceStrings characters (map (character: "\\x${hex (charToInt character)}") characters);
  escapeURL =
    let
      safe = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
      unsafe = lib.lists.subtractLists safe (builtins.attrNames ascii);
      percent = character: "%${lib.strings.fixedWidthString 2 "0" (lib.trivial.toHexString ascii.${character})}";
    in
    replaceStrings unsafe (map percent unsafe);

  escapeShellArg = value:
    let text = toString value; in
    if match "[[:alnum:],._+:@%/-]+" text != null then text else "'${replaceStrings [ "'" ] [ "'\\''" ] text}'";
  escapeShellArgs = values: lib.strings.concatMapStringsSep " " escapeShellArg values;
  isValidPosixName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;
  toShellVar = name: value:
    let
      words = if isList value then map escapeShellArg value
        else lib.attrsets.mapAttrsToList (key: item: "[${escapeShellArg key}]=${escapeShellArg item}") value;
      isSet = isAttrs value && !isStringLike value;
    in
    lib.trivial.throwIfNot (isValidPosixName name) "toShellVar: ${name} is not a valid shell variable name" (
      if isSet then "declare -A ${name}=(${concatStringsSep " " words})"
      else if isList value then "declare -a ${name}=(${concatStringsSep " " words})"
      else "${name}=${escapeShellArg value}"
    );
  toShellVars = attrs: concatStringsSep "\n" (lib.attrsets.mapAttrsToList toShellVar attrs);

  escapeNixString = value: replaceStrings [ "$" ] [ "\\$" ] (builtins.toJSON value);
  escapeNixIdentifier = name:
    let keywords = [ "assert" "else" "if" "in" "inherit" "let" "or" "rec" "then" "with" ];
    in if match "[a-zA-Z_][a-zA-Z0-9_'-]*" name != null && !builtins.elem name keywords then name else escapeNixString name;
  escapeRegex = lib.strings.escape (stringToCharacters "\\[{()^$?*+|.");
  escapeXML = replaceStrings [ "\"" "'" "<" ">" "&" ] [ "&quot;" "&apos;" "&lt;" "&gt;" "&amp;" ];

  versionOlder = first: second: builtins.compareVersions second first == 1;
  versionAtLeast = first: second: !versionOlder first second;
  getName = value: if isAttrs value then value.pname or (builtins.parseDrvName value.name).name else (builtins.parseDrvName value).name;
  getVersion = value: if isAttrs value then value.version or (builtins.parseDrvName value.name).version else (builtins.parseDrvName value).version;
  nameFromURL = url: separator:
    let file = lib.lists.last (lib.strings.splitString "/" url); name = head (lib.strings.splitString separator file);
    in assert name != file; name;

  fixedWidthString = width: filler: text:
    let missing = width - stringLength text; fill = stringLength filler; in
    assert lib.asserts.assertMsg (missing >= 0)
      "fixedWidthString: requested string length (${toString width}) must not be shorter than actual length (${toString (stringLength text)})";
    if missing == 0 then text else filler + fixedWidthString (width - fill) filler text;
  fixedWidthNumber = width: number: fixedWidthString width "0" (toString number);
  floatToString = number:
    let text = toString number; in
    lib.trivial.warnIf (fromJSON text != number) "Imprecise conversion from float to string ${text}" text;

  toInt = text:
    let found = decimal text; digits = head found; leading = match "[[:space:]]*(-?)(0+)([0-9]+)[[:space:]]*" text; in
    if found == null then badInteger "toInt" text
    else if leading != null then
      throw "toInt: Ambiguity in interpretation of ${escaped text} between octal and zero padded integer."
    else fromJSON digits;
  toIntBase10 = text:
    let found = match "[[:space:]]*0*(-?[0-9]+)[[:space:]]*" text; in
    if found == null then badInteger "toIntBase10" text else fromJSON (head found);

  makeSearchPath = folder: paths: concatStringsSep ":" (map (below folder) (present paths));
  makeSearchPathOutput = output: folder: packages: makeSearchPath folder (map (lib.attrsets.getOutput output) packages);
  makeLibraryPath = makeSearchPathOutput "lib" "lib";
  makeIncludePath = makeSearchPathOutput "dev" "include";
  makeBinPath = makeSearchPathOutput "bin" "bin";
  normalizePath = path:
    lib.trivial.warnIf (builtins.isPath path)
      "lib.strings.normalizePath: The argument (${toString path}) is a path value, but only strings are supported."
      (builtins.foldl' (done: character: if character == "/" && hasSuffix "/" done then done else done + character) "" (stringToCharacters path));

  splitStringBy = isBorder: keep: text:
    let
      step = state: character:
        if isBorder state.previous character
        then { previous = character; parts = state.parts ++ [ state.current ]; current = if keep then character else ""; }
        else { previous = character; inherit (state) parts; current = state.current + character; };
      last = builtins.foldl' step { previous = ""; parts = [ ]; current = ""; } (stringToCharacters text);
    in
    if text == "" then [ "" ] else last.parts ++ [ last.current ];

  isStringLike = value: isString value || builtins.isPath value || value ? outPath || value ? __toString;
  isConvertibleWithToString = value:
    isStringLike value || builtins.elem (typeOf value) [ "null" "int" "float" "bool" ]
    || (isList value && builtins.all isConvertibleWithToString value);
  isStorePath = value:
    if isStringLike value
    then let text = toString value; in substring 0 1 text == "/" && (builtins.dirOf text == builtins.storeDir || match "/[0-9a-z]{52}" text != null)
    else false;
  sanitizeDerivationName = value:
    let
      text = builtins.unsafeDiscardStringContext (if isString value then value else "${value}");
      undotted = head (match "\\.*(.*)" text);
      pieces = filter (piece: piece != null) (map (piece: if isList piece then "-" else piece) (split "[^[:alnum:]+._?=-]+" undotted));
      cut = text: let size = stringLength text; in substring (lib.trivial.max (size - 207) 0) (-1) text;
      made = cut (concatStringsSep "" pieces);
    in
    if stringLength text <= 207 && match "[[:alnum:]+_?=-][[:alnum:]+._?=-]*" text != null then text
    else if made == "" then "unknown" else made;

  commonPrefixLength = a: b:
    let
      most = lib.trivial.min (stringLength a) (stringLength b);
      from = number: if number >= most || substring number 1 a != substring number 1 b then number else from (number + 1);
    in from 0;
  commonSuffixLength = a: b:
    let
      most = lib.trivial.min (stringLength a) (stringLength b);
      at = text: number: substring (stringLength text - number - 1) 1 text;
      from = number: if number >= most || at a number != at b number then number else from (number + 1);
    in from 0;
  # row by row: row.i is the distance of the first i characters of b to those of a so far
  levenshtein = a: b:
    let
      bs = stringToCharacters b;
      first = genList (number: number) (length bs + 1);
      next = row: character:
        builtins.foldl'
          (made: number:
            let
              replaced = elemAt row number + (if elemAt bs number == character then 0 else 1);
              added = elemAt made number + 1;
              removed = elemAt row (number + 1) + 1;
            in made ++ [ (lib.trivial.min replaced (lib.trivial.min added removed)) ])
          [ (head row + 1) ]
          (genList (number: number) (length bs));
    in lib.lists.last (builtins.foldl' next first (stringToCharacters a));
  levenshteinAtMost = most: a: b:
    let difference = stringLength a - stringLength b; in
    (if difference < 0 then -difference else difference) <= most && levenshtein a b <= most;

  addContextFrom = source: target: substring 0 0 source + target;
  fileContents = path: lib.strings.removeSuffix "\n" (builtins.readFile path);

  cmakeOptionType = type: feature: value:
    assert builtins.elem (toUpper type) [ "FILEPATH" "PATH" "STRING" "BOOL" "INTERNAL" ];
    assert isString feature;
    assert isString value;
    "-D${feature}:${toUpper type}=${value}";
  cmakeBool = feature: value: assert isString feature; assert isBool value; cmakeOptionType "bool" feature (toUpper (lib.trivial.boolToString value));
  cmakeFeature = feature: value: assert isString feature; assert isString value; cmakeOptionType "string" feature value;
  mesonOption = feature: value: assert isString feature; assert isString value; "-D${feature}=${value}";
  mesonBool = feature: value: assert isString feature; assert isBool value; mesonOption feature (lib.trivial.boolToString value);
  mesonEnable = feature: value: assert isString feature; assert isBool value; mesonOption feature (if value then "enabled" else "disabled");
  enableFeature = flag: feature: assert isBool flag; assert isString feature; "--${if flag then "enable" else "disable"}-${feature}";
  enableFeatureAs = flag: feature: value: enableFeature flag feature + optionalString flag "=${value}";
  withFeature = flag: feature: assert isString feature; "--${if flag then "with" else "without"}-${feature}";
  withFeatureAs = flag: feature: value: withFeature flag feature + optionalString flag "=${value}";
}
