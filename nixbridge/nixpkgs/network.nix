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

  # the longest row of zeros, of two at least, the first of equally long ones, becomes `::`
  addressOf = groups:
    let
      zerosFrom = start: if start < 8 && elemAt groups start == 0 then 1 + zerosFrom (start + 1) else 0;
      best = lib.lists.foldl' (best: start: let size = zerosFrom start; in if size > best.size then { inherit start size; } else best) { start = 0; size = 1; } (lib.lists.range 0 7);
      words = from: count: concatStringsSep ":" (map hex (lib.lists.sublist from count groups));
    in
    if best.size < 2 then words 0 8
    else words 0 best.start + "::" + words (best.start + best.size) (8 - best.start - best.size);

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
      bytes = map fromHexString (splitString ":" mac);
      first = builtins.bitXor (head bytes) 2;
      pair = a: b: hex (a * 256 + b);
      at = elemAt bytes;
    in
    if match "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}" mac == null then throw "\"${mac}\" is not a valid MAC address (expected six hexadecimal bytes joined with colons)"
    else concatStringsSep ":" [ (pair first (at 1)) (pair (at 2) 255) (pair 254 (at 3)) (pair (at 4) (at 5)) ];
in
{
  ipv6 = { fromString = parse; inherit mkEUI64Suffix; };
  inherit mkEUI64Suffix;
}
