"""Prints the sums by which functions of a lib are known: `python -m tests.conformance.known_functions lib/*.nix`.

A new sum belongs into `compiler/known_functions.py` only after reading how the functions differ from those that are known already.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nixbridge.language.compiler.known_functions import GROUPS, Group
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.parser import parse
from nixbridge.source import Source


def sum_of(text: str, group: Group) -> str:
    """Return the sum of a group in the text of a file of lib, or an empty text where it is not there."""
    source = Source(text)
    pending = [parse(source)]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Lambda):
            pending.append(node.body)
        elif isinstance(node, tree.Let | tree.AttrSet):
            if group.first in node.bindings.attributes:
                return group.sum_of(node.bindings, source)
            if isinstance(node, tree.Let):
                pending.append(node.body)
    return ""


if __name__ == "__main__":
    for path in sys.argv[1:]:
        for each in GROUPS:
            found = sum_of(Path(path).read_text(encoding="utf-8"), each)
            if found:
                print(found, "known" if found in each.sums else "new", f"group of {each.first}", path)
