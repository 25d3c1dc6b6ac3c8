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
      octet = "([0-9A-Fa-f]{2})";
      octets = match "^${concatStringsSep "[-:.]?" (genList (_: octet) 6)}$" mac;
      at = elemAt octets;
      # the seventh bit of the first octet says that the address is a local one
      first = toHexString (builtins.bitXor 512 (fromHexString "${at 0}${at 1}"));
    in
    if octets == null then throw "\"${mac}\" is not a valid MAC address (expected 6 octets of hex digits)"
    else toLower (concatStringsSep ":" [ first "${at 2}ff" "fe${at 3}" "${at 4}${at 5}" ]);
in
{
  ipv6 = { fromString = parse; inherit mkEUI64Suffix; };
  inherit mkEUI64Suffix;
}
