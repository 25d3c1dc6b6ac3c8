"""Write lalr_table.py: run `python -m nixbridge.language.syntax.write_table` after every change of grammar/nix.lark."""

from __future__ import annotations

import os

from nixbridge.language.syntax.parser import digest, grammar_text
from nixbridge.language.syntax.table_builder import build_table

_HEAD = '''"""The LALR(1) table of grammar/nix.lark, made by Lark through `python -m nixbridge.language.syntax.write_table`."""

# fmt: off
# ruff: noqa
'''


def table_module(grammar: str) -> str:
    """Return the text of the module for a grammar."""
    states, rules = build_table(grammar)
    lines = [_HEAD, f"GRAMMAR = {digest(grammar)!r}", "STATES: list[dict[str, int]] = ["]
    lines += [f"    {state!r}," for state in states]
    lines += [
        "]",
        "RULES: list[tuple[str, str, int, bool, tuple[int, ...]]] = [",
        *[f"    {rule!r}," for rule in rules],
        "]",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lalr_table.py")
    with open(target, "w", encoding="utf-8") as file:
        file.write(table_module(grammar_text()))
