"""The texts behind `<nixpkgs>` and `<nix/...>` where the search path has neither."""

from __future__ import annotations

from nixbridge.language.machine.files import BUILT_IN_NIXPKGS

_TEXTS = {
    f"{BUILT_IN_NIXPKGS}/lib/default.nix": "lib",
}


def built_in_source(path: str) -> str | None:
    """The text of a built-in file; None for any other path."""
    return _TEXTS.get(path)
