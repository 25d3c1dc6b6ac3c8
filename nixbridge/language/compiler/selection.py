"""Attributes: `a.b`, `a.b or c`, `a ? b`. (Nix manual, Operators: attribute selection, has attribute.)"""

from __future__ import annotations

import ast

from nixbridge.language.compiler.emit import emit, emits
from nixbridge.language.compiler.functions import known_global
from nixbridge.language.compiler.names import DICT, FORCE, MISSING, THUNK
from nixbridge.language.compiler.python_ast import (
    AND,
    IS,
    IS_NOT,
    assign,
    both,
    call,
    class_of,
    compare,
    constant,
    either,
    function,
    item,
    name,
    tuple_of,
)
from nixbridge.language.compiler.scope import Scope
from nixbridge.language.compiler.variables import kept
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Span

#: A longer path is walked by the runtime: Python's own compiler fails on what is nested too deeply.
LONGEST_NESTED = 50


@emits(tree.Select)
def select(node: tree.Select, scope: Scope) -> ast.expr:
    """`a.b.c`, one step after the other; with `or`, one look-up that may find nothing."""
    known = known_global(node, scope)
    if known is not None:
        return name(scope.span(node), known)
    if node.default is not None:
        return select_or(node, node.default, scope)
    value, subject = emit(node.subject, scope), node.subject
    if len(node.path) > LONGEST_NESTED:
        span = scope.span(node)
        return call(span, "nix.select_path", value, path_names(node.path, span, scope))
    for element, (start, end) in zip(node.path, node.spans, strict=True):
        place = scope.unit.source.span(start, end)
        if isinstance(element, str):
            value = select_name(value, subject, element, place, scope)
        else:
            value = call(place, "nix.select", value, call(place, "nix.attribute_name", emit(element, scope)))
        subject = node
    return value


def select_name(subject: ast.expr, node: tree.Node, key: str, place: Span, scope: Scope) -> ast.expr:
    """`subject.key`, forced: in place for a plain set that has the attribute, else by the runtime, which knows all errors."""
    if isinstance(subject, ast.Constant):
        # no set: Python's compiler would warn of what stands there
        return call(place, "nix.select", subject, constant(place, key))
    first, again, temporaries = kept(subject, node, place, scope)
    value = scope.frame.temporary()
    is_set = compare(place, class_of(place, first), IS, name(place, DICT))
    has_it = compare(place, constant(place, key), ast.In(), again)
    held = assign(place, value, item(place, again, constant(place, key)))
    there = compare(place, class_of(place, held), IS, name(place, THUNK))
    forced = either(place, there, call(place, FORCE, name(place, value)), name(place, value))
    scope.frame.release(temporaries + 1)
    slow = call(place, "nix.select", again, constant(place, key))
    return either(place, both(place, AND, [is_set, has_it]), forced, slow)


def select_or(node: tree.Select, default: tree.Node, scope: Scope) -> ast.expr:
    """`a.b or default`: the default is evaluated where it is needed."""
    span = scope.span(node)
    found = call(span, "nix.lookup", emit(node.subject, scope), path_names(node.path, span, scope))
    python = scope.frame.temporary()
    scope.frame.release()
    test = compare(span, assign(span, python, found), IS_NOT, name(span, MISSING))
    mark = scope.frame.mark()
    otherwise = emit(default, scope)
    scope.frame.forget(mark)
    return either(span, test, name(span, python), otherwise)


@emits(tree.HasAttr)
def has_attr(node: tree.HasAttr, scope: Scope) -> ast.expr:
    """`a ? b.c`: false as soon as something on the way is no set or has no such attribute."""
    span = scope.span(node)
    return call(span, "nix.has_path", emit(node.subject, scope), path_names(node.path, span, scope))


def path_names(path: tuple[str | tree.Node, ...], span: Span, scope: Scope) -> ast.expr:
    """The path as a tuple of strings; a computed name is a function, called when the look-up gets there."""
    if all(isinstance(element, str) for element in path):
        return constant(span, path)
    items: list[ast.expr] = []
    for element in path:
        if isinstance(element, str):
            items.append(constant(span, element))
        else:
            place = scope.span(element)
            items.append(function(place, [], call(place, "nix.attribute_name", emit(element, scope.inner()))))
    return tuple_of(span, items)
