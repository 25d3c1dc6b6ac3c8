"""Nix files that Nix brings itself, rewritten: `<nix/fetchurl.nix>`, what `derivation` is, and what `import` makes of a `.drv`."""

from __future__ import annotations

DERIVATION = "derivation-internal.nix"

#: `builtins.unsafeGetAttrPos`, --xml and messages show where the attributes of a derivation stand in this text: each is on
#: the line and in the column where Nix's own text has it.
_DERIVATION_TEXT = (
    "\n" * 29
    + """\
drvAttrs@{
  outputs ? [ "out" ],
  ...
}:

let

  paths = derivationStrict drvAttrs;

  shared =
    drvAttrs
    // builtins.listToAttrs each
    // {
      all = map (output: output.value) each;
      inherit drvAttrs;
    };

  each = map (outputName: {
    name = outputName;
    value = shared // {
      outPath = paths.${outputName};
      drvPath = paths.drvPath;
      type = "derivation";
      inherit outputName;
    };
  }) outputs;

in

(builtins.head each).value
"""
)

#: What `import` of a `.drv` file gives, of its paths.
_IMPORTED_TEXT = """\
paths@{ outputs, ... }:

let
  shared =
    builtins.listToAttrs each
    // {
      all = map (output: output.value) each;
      inherit (paths) drvPath name;
      type = "derivation";
    };

  each = map (outputName: {
    name = outputName;
    value = shared // {
      outPath = paths.${outputName};
      inherit outputName;
    };
  }) outputs;
in

(builtins.head each).value
"""

_FETCHURL_TEXT = """\
{
  url,
  name ? baseNameOf (toString url),
  # an SRI hash, or one of the others
  hash ? "",
  sha512 ? "",
  sha256 ? "",
  sha1 ? "",
  md5 ? "",
  outputHashAlgo ?
    if hash != "" then ""
    else if sha512 != "" then "sha512"
    else if sha1 != "" then "sha1"
    else if md5 != "" then "md5"
    else "sha256",
  outputHash ?
    if hash != "" then hash
    else { inherit sha512 sha1 md5 sha256; }.${
      if sha512 != "" then "sha512" else if sha1 != "" then "sha1" else if md5 != "" then "md5" else "sha256"
    },
  executable ? false,
  unpack ? false,
  impure ? false,
  system ? "",
}:

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
COREPKGS = {
    DERIVATION: _DERIVATION_TEXT,
    "imported-drv-to-derivation.nix": _IMPORTED_TEXT,
    "fetchurl.nix": _FETCHURL_TEXT,
}
