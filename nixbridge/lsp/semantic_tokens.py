"""Colours by meaning: builders, parameters, functions, variables, attributes, in the LSP's relative encoding."""

from __future__ import annotations

from lsprotocol.types import SemanticTokensLegend

from nixbridge.language.builtins.registry import GLOBALS
from nixbridge.language.syntax import ast
from nixbridge.lsp.symbols import ATTRIBUTE, FORMAL, PARAMETER
from nixbridge.lsp.workspace import Document
from nixbridge.mesh.tables.builder_list import BUILDERS

TYPES = ("variable", "parameter", "property", "function", "class", "namespace")
VARIABLE, PARAMETER_TYPE, PROPERTY, FUNCTION, BUILDER, NAMESPACE = range(len(TYPES))
LEGEND = SemanticTokensLegend(list(TYPES), ["declaration"])
_DECLARATION = 1
_GLOBALS = frozenset(GLOBALS)


def semantic_tokens(document: Document) -> list[int]:
    """Return the tokens of a document, five numbers each, as LSP 3.17 encodes them."""
    found: dict[int, tuple[int, int, int]] = {}
    for definition in document.symbols.definitions:
        kind = PROPERTY if definition.kind == ATTRIBUTE else VARIABLE
        kind = PARAMETER_TYPE if definition.kind in (FORMAL, PARAMETER) else kind
        kind = FUNCTION if isinstance(definition.value, ast.Lambda) else kind
        found[definition.start] = (definition.end, kind, _DECLARATION)
    for use in document.symbols.uses:
        if use.definition is not None:
            kind = PARAMETER_TYPE if use.definition.kind in (FORMAL, PARAMETER) else VARIABLE
            kind = FUNCTION if isinstance(use.definition.value, ast.Lambda) else kind
        elif use.name in BUILDERS:
            kind = BUILDER
        elif use.name in ("lib", "builtins", "serviceMesh", "nixernetes"):
            kind = NAMESPACE
        else:
            kind = FUNCTION if use.name in _GLOBALS else VARIABLE
        found[use.start] = (use.end, kind, 0)
    for node in document.symbols.scope_of:
        if isinstance(node, ast.Select):
            for (start, end), name in zip(node.spans, node.path, strict=True):
                if isinstance(name, str) and end > start:
                    found[start] = (end, BUILDER if name in BUILDERS else PROPERTY, 0)
    return _encoded(document, found)


def _encoded(document: Document, found: dict[int, tuple[int, int, int]]) -> list[int]:
    data: list[int] = []
    line, column = 0, 0
    for start in sorted(found):
        end, kind, modifiers = found[start]
        place = document.positions.position(start)
        length = document.positions.position(end).character - place.character
        if length <= 0:
            continue
        data += [place.line - line, place.character - (column if place.line == line else 0), length, kind, modifiers]
        line, column = place.line, place.character
    return data
