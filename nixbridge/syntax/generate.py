"""Writes nixbridge/syntax/table.py: `python -m nixbridge.syntax.generate`, after every change of grammar/nix.lark."""

from __future__ import annotations

import os

from nixbridge.syntax.grammar import grammar_text
from nixbridge.syntax.parser import digest
from nixbridge.syntax.tables import build_table

_HEAD = '''"""The LALR(1) table of grammar/nix.lark, made by Lark: `python -m nixbridge.syntax.generate`. Not written by hand."""

# fmt: off
# ruff: noqa
'''


def table_module(grammar: str) -> str:
    """The text of the module for a grammar."""
    states, rules, start = build_table(grammar)
    states = [dict(sorted(state.items())) for state in states]
    lines = [
        _HEAD,
        f"GRAMMAR = {digest(grammar)!r}",
        f"START = {start}",
        f"STATES: list[dict[str, int]] = [\n{''.join(f'    {state!r},' + chr(10) for state in states)}]",
        f"RULES: list[tuple[str, str, int, bool, tuple[int, ...]]] = [\n{''.join(f'    {rule!r},' + chr(10) for rule in rules)}]",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "table.py")
    with open(target, "w", encoding="utf-8") as file:
        file.write(table_module(grammar_text()))
