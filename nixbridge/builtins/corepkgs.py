"""The Nix files that Nix brings itself: `<nix/fetchurl.nix>`, and what `derivation` is. Both are functions of formals, so they are Nix."""

from __future__ import annotations

DERIVATION = "derivation-internal.nix"

_DERIVATION_TEXT = """\
attributes@{ outputs ? [ "out" ], ... }:

let
  paths = derivationStrict attributes;

  shared =
    attributes
    // builtins.listToAttrs each
    // {
      all = map (output: output.value) each;
      drvAttrs = attributes;
    };

  each = map (name: {
    inherit name;
    value = shared // {
      outPath = paths.${name};
      inherit (paths) drvPath;
      type = "derivation";
      outputName = name;
    };
  }) outputs;
in
(builtins.head each).value
"""

_FETCHURL_TEXT = """\
{
  url,
  name ? baseNameOf (toString url),
  hash ? "",
  sha512 ? "",
  sha256 ? "",
  sha1 ? "",
  md5 ? "",
  outputHash ? if hash != "" then hash else (builtins.head legacy).value,
  outputHashAlgo ? if hash != "" then "" else (builtins.head legacy).name,
  executable ? false,
  unpack ? false,
  impure ? false,
  system ? "",
}:

let
  # the strongest of the hashes that are given; an empty sha256 when there is none
  legacy =
    builtins.filter ({ value, ... }: value != "") [
      { name = "sha512"; value = sha512; }
      { name = "sha1"; value = sha1; }
      { name = "md5"; value = md5; }
    ]
    ++ [ { name = "sha256"; value = sha256; } ];
in
derivation (
  {
    inherit name url executable unpack;
    urls = [ url ];
    builder = "builtin:fetchurl";
    system = "builtin";
    preferLocalBuild = true;
    outputHashMode = if executable || unpack then "recursive" else "flat";
    impureEnvVars = [ "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" ];
  }
  // (if impure then { __impure = true; } else { inherit outputHash outputHashAlgo; })
)
"""

#: Name below `<nix/...>` -> text.
COREPKGS = {DERIVATION: _DERIVATION_TEXT, "fetchurl.nix": _FETCHURL_TEXT}
