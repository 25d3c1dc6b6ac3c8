"""Hover texts and signature help for an offset."""

from __future__ import annotations

from lsprotocol.types import ParameterInformation, SignatureHelp, SignatureInformation

from nixbridge.language.syntax import ast
from nixbridge.lsp.builder_places import BuilderPlace, builder_of, builder_place
from nixbridge.lsp.descriptions import (
    describe_builder,
    describe_builtin,
    describe_field,
    describe_lib,
    describe_parameter,
)
from nixbridge.lsp.known_values import KnownValues
from nixbridge.lsp.symbols import ATTRIBUTE, Definition
from nixbridge.lsp.workspace import Document
from nixbridge.mesh.tables.builder_list import BUILDERS, TABLES, table

#: Lines of a definition's value that are shown.
MOST_LINES = 12


def hover_text(document: Document, offset: int, values: KnownValues) -> tuple[str, int, int] | None:
    """Return Markdown about the element at an offset, and its range; None if nothing is known about it."""
    token = next((token for token in document.parsed.tokens if token.start <= offset < token.end), None)
    if token is None or token.type not in ("ID", "STRING", "OR"):
        return None
    # in this order: `lib.x` is a selection whose parts are also names, and a name inside a builder may be a variable
    text = _selected(document, offset, values) or _variable(document, offset) or _in_builder(document, offset)
    if text is None:
        definition = document.symbols.definition_at(offset)
        text = _definition(document, definition) if definition is not None else None
    return (text, token.start, token.end) if text is not None else None


def _selected(document: Document, offset: int, values: KnownValues) -> str | None:
    """Return the attribute of a selection: of `builtins`, `lib`, the service-mesh module, or of a set that is written out."""
    for node in reversed(document.symbols.path_to(offset)):
        if not isinstance(node, ast.Select):
            continue
        for index, (start, end) in enumerate(node.spans):
            name = node.path[index]
            if not start <= offset < end or not isinstance(name, str):
                continue
            known = values.selected(document, node.subject, node.path[:index])
            if known is None:
                return None
            if known.built_in == "builtins":
                return describe_builtin(name)
            if known.built_in.startswith("lib"):
                return describe_lib(name)
            if known.built_in:
                return describe_builder(name)
            place = values.attribute(known, name)
            return _excerpt(place[0], name, place[1].value) if place is not None else None
    return None


def _variable(document: Document, offset: int) -> str | None:
    use = document.symbols.use_at(offset)
    if use is None:
        return None
    if use.definition is not None:
        return _definition(document, use.definition)
    if use.name in BUILDERS:
        return describe_builder(use.name)
    return describe_builtin(use.name) or describe_lib(use.name)


def _in_builder(document: Document, offset: int) -> str | None:
    place = builder_place(document.symbols, offset)
    return describe_place(place) if place is not None and place.path else None


def describe_place(place: BuilderPlace) -> str | None:
    """Return the documentation of the parameter or field that a place is in."""
    if len(place.path) == 1:
        parameter = place.parameter
        return describe_parameter(parameter, place.builder) if parameter is not None else None
    return describe_field(place, place.path)


def _definition(document: Document, definition: Definition) -> str | None:
    if definition.kind == ATTRIBUTE:
        return None
    if definition.value is None:
        return f"`{definition.name}`: {definition.kind} of the function"
    return _excerpt(document, definition.name, definition.value)


def _excerpt(document: Document, name: str, value: ast.Node) -> str:
    lines = document.text[value.start : value.end].splitlines()
    shown = "\n".join(lines[:MOST_LINES]) + ("\n..." if len(lines) > MOST_LINES else "")
    return f"```nix\n{name} = {shown}\n```"


def signature_help(document: Document, offset: int) -> SignatureHelp | None:
    """Return how the builder is called whose call is around an offset, the parameter being typed marked."""
    place = builder_place(document.symbols, offset)
    if place is not None:
        names = [parameter.name for parameter in place.builder.parameters]
        active = names.index(str(place.path[0])) if place.path and place.path[0] in names else None
        parameters = [ParameterInformation(parameter.name, parameter.doc) for parameter in place.builder.parameters]
        label = f'{place.builder.name} "name" {{ {"; ".join(names)} }}'
        return SignatureHelp([SignatureInformation(label, place.builder.doc, parameters)], 0, active)
    for node in reversed(document.symbols.path_to(offset)):
        name = builder_of(document.symbols, node.function) if isinstance(node, ast.Apply) else None
        if name in TABLES:
            builder = table(name)
            return SignatureHelp([SignatureInformation(f"{name} name {{ ... }}", builder.doc, [])], 0)
    return None
