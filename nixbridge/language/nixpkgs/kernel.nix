# lib.kernel
lib:
let
  tristate = value: { tristate = value; optional = false; };
in
{
  option = value: value // { optional = true; };
  yes = tristate "y";
  no = tristate "n";
  module = tristate "m";
  unset = tristate null;
  freeform = value: { freeform = value; optional = false; };
  whenHelpers = version:
    let
      atLeast = lib.strings.versionAtLeast version;
      older = lib.strings.versionOlder version;
    in
    {
      whenAtLeast = other: lib.modules.mkIf (atLeast other);
      whenOlder = other: lib.modules.mkIf (older other);
      whenBetween = first: last: lib.modules.mkIf (atLeast first && older last);
    };
}
