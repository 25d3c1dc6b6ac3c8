"""Stand-in store paths: what a derivation has where its real path depends on nixpkgs' own stdenv.

A stand-in lets text refer to a derivation of the built-in pkgs while that text is being made. It is never shown: its hash begins with
`STAND_IN`, which no real store path has, and every way out (documents, hashes, files) refuses a text that contains it.
"""

from __future__ import annotations

from nixbridge.errors.exceptions import Refused
from nixbridge.language.runtime.strings import STAND_IN

PREFIX = f"/nix/store/{STAND_IN}"
#: Characters from the start of `STAND_IN` to the start of the name: the hash and a dash.
_BEFORE_NAME = 32 + 1

_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._?=")

REAL_NIXPKGS = "use a real nixpkgs with -I nixpkgs=DIR (and --system SYSTEM)"


def refusal(text: str) -> Refused:
    """Return the error for showing `text`, which contains a stand-in path."""
    name = derivation_name(text)
    return Refused(
        f"the store path of '{name}' is refused: it depends on nixpkgs' own stdenv, which the built-in pkgs does not have",
        hint=f"nixbridge build writes the files of a derivation whose contents are known; for its store path, {REAL_NIXPKGS}",
    )


def derivation_name(text: str) -> str:
    """Return the name in the first stand-in path of `text`, which has one."""
    start = end = text.index(STAND_IN) + _BEFORE_NAME
    while end < len(text) and text[end] in _NAME_CHARACTERS:
        end += 1
    return text[start:end].removesuffix(".drv")
