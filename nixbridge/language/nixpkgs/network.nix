# lib.network
lib:
let
  inherit (builtins) concatStringsSep elemAt filter genList head isString length map match split tail;
  inherit (lib.strings) splitString toLower;
  inherit (lib.trivial) bitNot fromHexString toHexString;

  hex = number: toLower (toHexString number);
  wrong = text: throw "${text} is not a valid IPv6 address";

  # eight numbers of 16 bits
  groupsOf = text:
    let
      halves = splitString "::" text;
      groups = half: if half == "" then [ ] else map group (splitString ":" half);
      group = word: if match "[0-9a-fA-F]{1,4}" word == null then wrong text else fromHexString word;
      left = groups (head halves);
      right = groups (elemAt halves 1);
      missing = 8 - length left - length right;
    in
    if length halves == 1 then (if length left == 8 then left else wrong text)
    else if length halves == 2 && missing >= 1 then left ++ genList (_: 0) missing ++ right
    else wrong text;

  addressOf = groups: concatStringsSep ":" (map hex groups);

  parse = text:
    let
      parts = splitString "/" text;
      prefix = if length parts == 1 then 128 else lib.strings.toInt (elemAt parts 1);
    in
    if length parts > 2 then wrong text
    else if prefix < 1 || prefix > 128 then throw "IPv6 subnet should be in range [1;128], got ${toString prefix}"
    else { address = addressOf (groupsOf (head parts)); prefixLength = prefix; };

  mkEUI64Suffix = mac:
    let
      words = filter (part: isString part) (split "[:-]" mac);
      bytes = map fromHexString words;
      first = builtins.bitXor (head bytes) 2;
      at = elemAt words;
      lower = number: toLower (at number);
    in
    if match "[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}" mac == null then throw "\"${mac}\" is not a valid MAC address (expected six hexadecimal bytes joined with colons)"
    else concatStringsSep ":" [ (hex (first * 256 + elemAt bytes 1)) "${lower 2}ff" "fe${lower 3}" "${lower 4}${lower 5}" ];
in
{
  ipv6 = { fromString = parse; inherit mkEUI64Suffix; };
  inherit mkEUI64Suffix;
}
