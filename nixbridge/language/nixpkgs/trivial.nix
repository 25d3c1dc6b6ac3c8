# lib.trivial, what is clearer in Nix than in Python, or seldom used. The others are in trivial.py.
lib:
let
  inherit (builtins) bitXor div elemAt isString length map;
  release = "26.11";
  versionSuffix = "pre-nixbridge";
  digits = lib.strings.stringToCharacters "0123456789ABCDEF";
in
rec {
  inherit release versionSuffix;
  version = release + versionSuffix;
  codeName = "Zokor";
  oldestSupportedRelease = 2511;
  oldestSupportedReleaseIsAtLeast = number: number <= oldestSupportedRelease;
  isInOldestRelease = number:
    warn "lib.isInOldestRelease is deprecated. Use lib.oldestSupportedReleaseIsAtLeast instead." (oldestSupportedReleaseIsAtLeast number);
  nixpkgsVersion = warn "lib.nixpkgsVersion is a deprecated alias of lib.version." version;
  inNixShell = builtins.getEnv "IN_NIX_SHELL" != "";
  inPureEvalMode = !(builtins ? currentSystem);

  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);

  mod = base: by: base - by * (div base by);
  bitNot = number: -1 - number;
  splitByAndCompare = test: yes: no: a: b:
    if test a then (if test b then yes a b else -1) else if test b then 1 else no a b;

  warn = message: value: builtins.warn message value;
  warnIf = condition: message: if condition then warn message else value: value;
  warnIfNot = condition: message: if condition then value: value else warn message;
  throwIf = condition: message: if condition then throw message else value: value;
  throwIfNot = condition: message: if condition then value: value else throw message;
  info = message: builtins.trace "INFO: ${message}";
  showWarnings = messages: value: lib.lists.foldr warn value messages;
  checkListOfEnum = message: valid: given:
    let wrong = lib.lists.subtractLists valid given; in
    if wrong == [ ] then value: value
    else throw "${message}: ${lib.strings.concatMapStringsSep ", " toString wrong} unexpected; valid ones: ${lib.strings.concatMapStringsSep ", " toString valid}";

  setFunctionArgs = f: args: { __functor = self: f; __functionArgs = args; };
  functionArgs = f: if f ? __functor then f.__functionArgs or (functionArgs (f.__functor f)) else builtins.functionArgs f;
  mirrorFunctionArgs = f: g: setFunctionArgs g (functionArgs f);
  toFunction = value: if lib.trivial.isFunction value then value else _: value;

  fromHexString = text:
    let
      found = builtins.match "(0[xX])?([0-9a-fA-F]+)" text;
      value = digit: lib.lists.findFirstIndex (other: other == lib.strings.toUpper digit) null digits;
    in
    if found == null then builtins.elemAt (builtins.fromTOML "x = 0x${text}").x 0
    else builtins.foldl' (sum: digit: sum * 16 + value digit) 0 (lib.strings.stringToCharacters (elemAt found 1));
  toHexString = number: lib.strings.concatMapStrings (elemAt digits) (toBaseDigits 16 number);
  toBaseDigits = base: number:
    let go = rest: if rest < base then [ rest ] else go (rest / base) ++ [ (mod rest base) ]; in
    assert builtins.isInt base;
    assert builtins.isInt number;
    assert base >= 2;
    assert number >= 0;
    go number;
  # the built-in lib is in no checkout of nixpkgs, and so has no revision
  revisionWithDefault = default: default;
}
