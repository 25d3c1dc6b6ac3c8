"""The grammar's text, which is beside this module in an installed package and in `grammar/` in a checkout."""

from __future__ import annotations

import os


def grammar_text() -> str:
    """Return the text of nix.lark."""
    here = os.path.dirname(os.path.abspath(__file__))
    for path in (os.path.join(here, "nix.lark"), os.path.join(here, "..", "..", "..", "grammar", "nix.lark")):
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    raise FileNotFoundError("nix.lark is neither in the package nor in grammar/")
