"""The line above a builder's call that shows how its manifest changes."""

from __future__ import annotations

import difflib

from lsprotocol.types import CodeLens, Command

from nixbridge.language.formats.document import JsonObject
from nixbridge.language.syntax import ast
from nixbridge.lsp.builder_places import builder_of
from nixbridge.lsp.workspace import Document
from nixbridge.mesh.tables.builder_list import TABLES, table

#: Characters of a difference that are shown.
LONGEST_CHANGE = 8000


def code_lenses(document: Document, command: str) -> list[CodeLens]:
    """Return a lens for each builder call that makes a resource."""
    found: list[CodeLens] = []
    for node in document.symbols.scope_of:
        name = builder_of(document.symbols, node.function) if isinstance(node, ast.Apply) else None
        if name in TABLES:
            place = document.positions.range(node.start, node.start)
            title = f"{table(name).kind}: show the change of its manifest"
            found.append(CodeLens(place, Command(title, command, arguments=[document.uri])))
    return sorted(found, key=lambda lens: (lens.range.start.line, lens.range.start.character))


def manifest_change(name: str, before: JsonObject, after: JsonObject) -> str:
    """Return the difference of two renderings as a unified diff, or why there is none."""
    if "error" in after:
        return f"{name} cannot be rendered: {after['error']}"
    old = before.get("manifests", "").splitlines()
    new = after["manifests"].splitlines()
    lines = list(difflib.unified_diff(old, new, f"{name} (saved)", f"{name} (now)", lineterm=""))
    return "\n".join(lines)[:LONGEST_CHANGE] if lines else f"the manifests of {name} do not change"
