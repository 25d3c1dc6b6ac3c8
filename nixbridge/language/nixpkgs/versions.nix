# lib.versions
lib:
let
  part = number: version: builtins.elemAt (builtins.splitVersion version) number;
in
{
  major = part 0;
  minor = part 1;
  patch = part 2;
  majorMinor = version: builtins.concatStringsSep "." (lib.lists.take 2 (builtins.splitVersion version));
  pad = size: version:
    let
      found = builtins.match "([^-]*)(-.*)?" version;
      numbers = builtins.splitVersion (builtins.head found);
      suffix = builtins.elemAt found 1;
      zeros = builtins.genList (_: "0") (lib.trivial.max 0 (size - builtins.length numbers));
    in
    builtins.concatStringsSep "." (lib.lists.take size (numbers ++ zeros)) + (if suffix == null then "" else suffix);
}
