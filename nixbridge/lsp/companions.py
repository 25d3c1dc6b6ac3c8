"""Files that are looked at together with one that is being edited: a route may lead to what another file defines."""

from __future__ import annotations

import os
from collections.abc import Mapping

#: Files beside one that is edited; more than this are another program's, or a tree that `nixbridge lint` is for.
MOST_COMPANIONS = 100


def companions_of(path: str, open_texts: Mapping[str, str]) -> list[str]:
    """Return the Nix files in the folder of `path` and those that are open, without `path` itself."""
    folder = os.path.dirname(path)
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".nix"))
    except OSError:
        names = []
    found = [os.path.join(folder, name) for name in names] + [other for other in open_texts if other.endswith(".nix")]
    return [other for other in dict.fromkeys(found) if other != path and os.path.exists(other)][:MOST_COMPANIONS]
