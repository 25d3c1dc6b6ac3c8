"""Definitions and uses of a name, within a file and across imports; rename; the outline of a file."""

from __future__ import annotations

import re

from lsprotocol.types import DocumentSymbol, FoldingRange, Location, SymbolKind, TextEdit, WorkspaceEdit

from nixbridge.language.syntax import ast
from nixbridge.language.syntax.tokens import KEYWORDS
from nixbridge.lsp.known_values import Known, KnownValues, path_in
from nixbridge.lsp.symbols import ATTRIBUTE, INHERITED, Definition, children
from nixbridge.lsp.workspace import Document

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'\-]*")
#: Levels of sets that the outline shows.
DEEPEST_OUTLINE = 8


def definition_locations(document: Document, offset: int, values: KnownValues) -> list[Location]:
    """Return where the element at an offset is defined: a variable, an attribute, an imported file, an option's declaration."""
    nodes = document.symbols.path_to(offset)
    innermost = nodes[-1] if nodes else None
    if isinstance(innermost, ast.Path):
        target = values.workspace.document(path_in(document, innermost.text))
        return [_location(target, 0, 0)] if target is not None else []
    for node in reversed(nodes):
        if isinstance(node, ast.Select):
            found = _selected(document, node, offset, values)
            if found is not None:
                return found
    definition = document.symbols.definition_at(offset)
    if definition is not None:
        return _definition(document, definition, values)
    use = document.symbols.use_at(offset)
    if use is not None:
        for scope in use.scope.withs():
            known = values.of(document, scope.opened)
            place = values.attribute(known, use.name) if known is not None else None
            if place is not None:
                return [_location(place[0], place[1].start, place[1].end)]
    return _option_declarations(document, offset, values)


def _selected(document: Document, node: ast.Select, offset: int, values: KnownValues) -> list[Location] | None:
    for index, (start, end) in enumerate(node.spans):
        name = node.path[index]
        if start <= offset <= end and isinstance(name, str):
            known = values.selected(document, node.subject, node.path[:index])
            place = values.attribute(known, name) if known is not None else None
            if place is not None:
                return [_location(place[0], place[1].start, place[1].end)]
            # a set that is written out and lacks the attribute: nothing else may be meant
            if known is not None and known.document is not None:
                return []
            path = ".".join(part for part in node.path[: index + 1] if isinstance(part, str))
            return _declared(path, values) or []
    return None


def _definition(document: Document, definition: Definition, values: KnownValues) -> list[Location]:
    """Return the position of a definition; for `inherit`, that of the inherited name."""
    if definition.kind == INHERITED and isinstance(definition.value, ast.Select):
        known = values.of(document, definition.value.subject)
        place = values.attribute(known, definition.name) if known is not None else None
        if place is not None:
            return [_location(place[0], place[1].start, place[1].end)]
    if definition.kind == INHERITED and isinstance(definition.value, ast.Variable):
        # `inherit a;` refers to the `a` around it, which `scope` is
        outer = definition.scope.lookup(definition.name)
        if outer is not None and outer is not definition:
            return [_location(document, outer.start, outer.end)]
    return [_location(document, definition.start, definition.end)]


def _option_declarations(document: Document, offset: int, values: KnownValues) -> list[Location]:
    """Return the `options.a.b = mkOption` of the module option that a definition `a.b = ...` at the offset sets."""
    definition = next((d for d in document.symbols.definitions if d.start <= offset <= d.end), None)
    if definition is None:
        return []
    return _declared(".".join(attribute_path(document, definition.start)), values) or []


def _declared(path: str, values: KnownValues) -> list[Location] | None:
    """Return the options of that path (`config.` before it does not count) that known files declare."""
    wanted = path.removeprefix("config.").split(".")
    found: list[Location] = []
    for document in values.workspace.documents():
        for known in _option_sets(document, values):
            place = None
            for name in wanted:
                place = values.attribute(known, name) if known is not None else None
                if place is None:
                    break
                known = values.of(place[0], place[1].value)  # type: ignore[assignment]
            if place is not None:
                found.append(_location(place[0], place[1].start, place[1].end))
    return found or None


def _option_sets(document: Document, values: KnownValues) -> list[Known]:
    """Return the sets called `options` at the top of a module."""
    known = values.of(document, document.parsed.tree)
    if known is not None and isinstance(known.node, ast.Lambda):
        known = values.of(document, known.node.body)
    place = values.attribute(known, "options") if known is not None else None
    options = values.of(place[0], place[1].value) if place is not None else None
    return [options] if options is not None else []


def attribute_path(document: Document, offset: int) -> list[str]:
    """Return the path of attributes from the top of the file to the one whose name or value is at an offset."""
    path: list[str] = []
    for node in document.symbols.path_to(offset):
        if isinstance(node, ast.AttrSet):
            for name, attribute in node.bindings.attributes.items():
                if attribute.start <= offset <= max(attribute.end, attribute.value.end):
                    path.append(name)
                    break
    return path


def reference_locations(document: Document, offset: int, values: KnownValues, *, declaration: bool) -> list[Location]:
    """Return every use of the element at an offset: in its file and, for an attribute, in the files that are known."""
    definition = document.symbols.definition_at(offset)
    if definition is None:
        return []
    found = [_location(document, use.start, use.end) for use in document.symbols.uses_of(definition)]
    if definition.kind == ATTRIBUTE:
        found += _selections_of(document, definition, values)
    if declaration:
        found.insert(0, _location(document, definition.start, definition.end))
    return found


def _selections_of(home: Document, definition: Definition, values: KnownValues) -> list[Location]:
    """Return the places in known files that select an attribute."""
    found: list[Location] = []
    for document in values.workspace.documents():
        for node in list(document.symbols.scope_of):
            if isinstance(node, ast.Select) and definition.name in node.path:
                index = node.path.index(definition.name)
                known = values.selected(document, node.subject, node.path[:index])
                place = values.attribute(known, definition.name) if known is not None else None
                if place is not None and place[0] is home and place[1].end == definition.end:
                    found.append(_location(document, *node.spans[index]))
    return found


def rename_edit(document: Document, offset: int, new: str) -> WorkspaceEdit | str:
    """Return the edits that rename a variable, or the reason why it cannot have that name."""
    definition = document.symbols.definition_at(offset)
    if definition is None or definition.kind in (ATTRIBUTE, INHERITED):
        return "only a variable can be renamed: a name of let or rec, a formal or a parameter"
    if not _NAME.fullmatch(new) or new in KEYWORDS:
        return f"'{new}' is not a valid name"
    uses = document.symbols.uses_of(definition)
    inherited = {one.start: one for one in document.symbols.definitions if one.kind == INHERITED}
    for use in uses:
        if use.start in inherited:
            line = document.positions.position(use.start).line + 1
            return f"line {line} inherits '{definition.name}': the attribute it defines would be renamed"
        other = use.scope.lookup(new)
        if other is not None and other is not definition:
            line = document.positions.position(other.start).line + 1
            return f"'{new}' is already defined in line {line} and would be used instead"
    # the other way round: a use of the new name, whose definition is farther out, would come to mean this one
    if any(use.name == new and use.scope.lookup(definition.name) is definition for use in document.symbols.uses):
        return f"'{new}' is used below this definition and would then refer to it"
    places = [(definition.start, definition.end), *((use.start, use.end) for use in uses)]
    edits = [TextEdit(document.positions.range(start, end), new) for start, end in places]
    return WorkspaceEdit(changes={document.uri: edits})


def document_symbols(document: Document) -> list[DocumentSymbol]:
    """Return the outline: bindings with what is inside them."""
    tree = document.parsed.tree
    return _outline(document, tree, 0) if tree is not None else []


def _outline(document: Document, node: ast.Node, depth: int) -> list[DocumentSymbol]:
    if depth > DEEPEST_OUTLINE:
        return []
    if isinstance(node, ast.AttrSet | ast.Let):
        symbols = [
            _symbol(document, name, attribute, depth)
            for name, attribute in node.bindings.attributes.items()
            if attribute.inherited is None
        ]
        return symbols + (_outline(document, node.body, depth) if isinstance(node, ast.Let) else [])
    return [symbol for child in children(node) for symbol in _outline(document, child, depth + 1)]


def _symbol(document: Document, name: str, attribute: ast.Attribute, depth: int) -> DocumentSymbol:
    kinds = {ast.Lambda: SymbolKind.Function, ast.AttrSet: SymbolKind.Object, ast.List: SymbolKind.Array}
    kinds |= {ast.String: SymbolKind.String, ast.Integer: SymbolKind.Number}
    return DocumentSymbol(
        name or '""',  # LSP does not allow an empty name
        kinds.get(type(attribute.value), SymbolKind.Property),
        document.positions.range(attribute.start, max(attribute.end, attribute.value.end)),
        document.positions.range(attribute.start, attribute.end),
        children=_outline(document, attribute.value, depth + 1),
    )


def folding_ranges(document: Document) -> list[FoldingRange]:
    """Return the sets, lists, functions and strings that go over several lines."""
    found: dict[int, FoldingRange] = {}
    for node in document.symbols.scope_of:
        if isinstance(node, ast.AttrSet | ast.List | ast.Let | ast.Interpolation | ast.String):
            first = document.positions.position(node.start).line
            last = document.positions.position(node.end).line
            if last > first and (first not in found or found[first].end_line < last):
                found[first] = FoldingRange(first, last)
    return [found[line] for line in sorted(found)]


def _location(document: Document, start: int, end: int) -> Location:
    return Location(document.uri, document.positions.range(start, end))
