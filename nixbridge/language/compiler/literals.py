"""Literals, strings, paths, and data folded while compiling."""

from __future__ import annotations

import ast

from nixbridge.language.compiler.emit import delay, delays, emit, emits
from nixbridge.language.compiler.python_ast import call, constant, list_of, name
from nixbridge.language.compiler.scope import GLOBAL_CONSTANTS, Global, Scope
from nixbridge.language.syntax import ast as tree

#: What no folded value is.
NOT_DATA = object()


@emits(tree.Integer)
@delays(tree.Integer)
@emits(tree.Float)
@delays(tree.Float)
@emits(tree.String)
@delays(tree.String)
def literal(node: tree.Integer | tree.Float | tree.String, scope: Scope) -> ast.expr:
    """A number or a string that stands in the text."""
    return constant(scope.span(node), node.value)


@emits(tree.Interpolation)
def interpolation(node: tree.Interpolation, scope: Scope) -> ast.expr:
    """`"a${b}c"`: the parts are coerced and joined by the runtime."""
    span = scope.span(node)
    return call(span, "nix.interpolate", *[part_of(part, node, scope) for part in node.parts])


def part_of(part: str | tree.Node, node: tree.Node, scope: Scope) -> ast.expr:
    """One part of an interpolated string or path."""
    return constant(scope.span(node), part) if isinstance(part, str) else emit(part, scope)


def absolute(text: str, scope: Scope) -> str:
    """The text of a path literal as an absolute path, not yet canonical."""
    return text if text.startswith("/") else f"{scope.unit.source.base}/{text}"


@emits(tree.Path)
@delays(tree.Path)
def path(node: tree.Path, scope: Scope) -> ast.expr:
    """`./a`: a constant, but for `~/a`, which only the host knows."""
    span = scope.span(node)
    if node.text.startswith("~"):
        return call(span, "nix.home_path", constant(span, node.text[1:]))
    return name(span, scope.unit.constant(("path", absolute(node.text, scope))))


@emits(tree.PathInterpolation)
def path_interpolation(node: tree.PathInterpolation, scope: Scope) -> ast.expr:
    """`./a/${b}`."""
    span = scope.span(node)
    first = node.parts[0]
    assert isinstance(first, str)
    rest = [part_of(part, node, scope) for part in node.parts[1:]]
    if first.startswith("~"):
        # what is joined keeps the slash that a path of its own would lose
        home = call(span, "nix.home_path", constant(span, first[1:].rstrip("/")))
        slash = [constant(span, "/")] if first.endswith("/") else []
        return call(span, "nix.path_interpolate", home, *slash, *rest)
    return call(span, "nix.path_interpolate", constant(span, absolute(first, scope)), *rest)


@emits(tree.SearchPath)
def search_path(node: tree.SearchPath, scope: Scope) -> ast.expr:
    """`<nixpkgs>` is `__findFile __nixPath "nixpkgs"`, with whatever these names mean here (Nix manual, Lookup path)."""
    variable = [tree.Variable(node.start, node.end, text) for text in ("__findFile", "__nixPath")]
    text = tree.String(node.start, node.end, node.text)
    return emit(tree.Apply(node.start, node.end, variable[0], (variable[1], text)), scope)


@emits(tree.CurrentPosition)
@delays(tree.CurrentPosition)
def current_position(node: tree.CurrentPosition, scope: Scope) -> ast.expr:
    """`__curPos`: a set of file, line and column, or null in text that is no file."""
    span = scope.span(node)
    if not scope.unit.source.name.startswith("/"):
        return constant(span, None)
    place = {"file": scope.unit.source.name, "line": span[0], "column": span[1] + 1}
    return name(span, scope.unit.constant(place))


@emits(tree.List)
@delays(tree.List)
def list_display(node: tree.List, scope: Scope) -> ast.expr:
    """`[ a b ]`. Building it runs nothing, so it needs no thunk."""
    span = scope.span(node)
    folded = fold(node, scope)
    if folded is not NOT_DATA and node.items:
        return name(span, scope.unit.constant(folded))
    return list_of(span, [delay(item, scope) for item in node.items])


def fold(node: tree.Node, scope: Scope) -> object:
    """The value of a node that is nothing but data (literals, lists and sets of data), else NOT_DATA.

    Such a value is made once, when the file is loaded, and shared: nothing ever changes it. Where positions are kept nothing is folded:
    then it matters, too, whether two lists are one (`«repeated»`).
    """
    kind = node.__class__
    if kind is tree.Integer or kind is tree.Float or kind is tree.String:
        return node.value  # type: ignore[attr-defined]
    if kind is tree.Variable:
        return _fold_variable(node, scope)  # type: ignore[arg-type]
    if kind is not tree.List and kind is not tree.AttrSet:
        return NOT_DATA
    known = scope.unit.folded
    if node not in known:
        known[node] = _fold_list(node, scope) if isinstance(node, tree.List) else _fold_set(node, scope)
    return known[node]


def _fold_variable(node: tree.Variable, scope: Scope) -> object:
    binding = scope.resolve(node.name, node)
    return GLOBAL_CONSTANTS.get(binding.python, NOT_DATA) if isinstance(binding, Global) else NOT_DATA


def _fold_list(node: tree.List, scope: Scope) -> object:
    if scope.unit.mode.positions:
        return NOT_DATA
    items = []
    for item in node.items:
        value = fold(item, scope)
        if value is NOT_DATA:
            return NOT_DATA
        items.append(value)
    return items


def _fold_set(node: tree.Node, scope: Scope) -> object:
    assert isinstance(node, tree.AttrSet)
    if node.recursive or node.bindings.dynamic or node.bindings.inherit_from or scope.unit.mode.positions:
        return NOT_DATA
    attrs = {}
    for key, attribute in node.bindings.attributes.items():
        value = fold(attribute.value, scope)
        if value is NOT_DATA:
            return NOT_DATA
        attrs[key] = value
    return attrs
