"""Prints the sum by which a lib's module system is known: `python -m tests.conformance.known_functions lib/modules.nix...`.

A new sum belongs into `compiler/known_functions.py` only after reading how the functions differ from those that are known already.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nixbridge.language.compiler.known_functions import WITH_BODIES, group_sum
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.parser import parse
from nixbridge.source import Source


def sum_of(text: str) -> str:
    """Return the sum of the text of a lib/modules.nix, or an empty text where the functions are not in it."""
    source = Source(text)
    pending = [parse(source)]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Lambda):
            pending.append(node.body)
        elif isinstance(node, tree.Let) and WITH_BODIES[0] in node.bindings.attributes:
            return group_sum(node.bindings, source)
    return ""


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print(sum_of(Path(path).read_text(encoding="utf-8")), path)
