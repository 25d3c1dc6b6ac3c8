"""Attribute sets and `let`: bindings that may see one another. (Nix manual, Attribute sets, Let-expressions.)"""

from __future__ import annotations

import ast

from nixbridge.language.compiler.emit import delay, delays, emit, emits, suspend
from nixbridge.language.compiler.functions import arguments_in_a_row, lambda_, python_function
from nixbridge.language.compiler.literals import NOT_DATA, fold
from nixbridge.language.compiler.names import CALLABLES
from nixbridge.language.compiler.python_ast import (
    assign,
    call,
    constant,
    dict_of,
    function,
    in_order,
    list_of,
    name,
    tuple_of,
)
from nixbridge.language.compiler.scope import KnownFunction, Local, Member, Scope
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Span

#: So many bindings become local variables. Beyond, they are entries of one dict: Python's compiler copies the names around a
#: function for each function in it, which takes 10,000 bindings from a tenth of a second to ten.
MOST_LOCALS = 1000


@emits(tree.Let)
def let(node: tree.Let, scope: Scope) -> ast.expr:
    """`let a = 1; in body`: locals, then the body."""
    inner, steps = bind(node.bindings, scope)
    return in_order(scope.span(node), steps, emit(node.body, inner))


@emits(tree.AttrSet)
def attrset(node: tree.AttrSet, scope: Scope) -> ast.expr:
    """`{ ... }` and `rec { ... }`."""
    span = scope.span(node)
    if node.recursive:
        return recursive_set(node, scope)
    folded = fold(node, scope)
    if folded is not NOT_DATA and node.bindings.attributes:
        return name(span, scope.unit.constant(folded))
    steps, subjects = inherited_subjects(node.bindings, scope, scope)
    keys: list[ast.expr] = []
    values: list[ast.expr] = []
    for key, attribute in node.bindings.attributes.items():
        place = scope.unit.source.span(attribute.start, attribute.end)
        keys.append(constant(place, key))
        values.append(binding_value(key, attribute, scope, scope, subjects))
    display = with_positions(dict_of(span, keys, values), node.bindings, span, scope)
    return in_order(span, steps, dynamic(display, node.bindings, span, scope))


@delays(tree.AttrSet)
def delayed_attrset(node: tree.AttrSet, scope: Scope) -> ast.expr:
    """Building a set runs nothing, unless it has names to compute or overrides."""
    return suspend(node, scope) if needs_thunk(node) else attrset(node, scope)


def needs_thunk(node: tree.AttrSet) -> bool:
    """Can building this set fail?"""
    return bool(node.bindings.dynamic) or (node.recursive and "__overrides" in node.bindings.attributes)


def recursive_set(node: tree.AttrSet, scope: Scope) -> ast.expr:
    """`rec { ... }`: locals, and a set of them. `__overrides` replaces both (as Nix still does)."""
    span = scope.span(node)
    attributes = node.bindings.attributes
    if is_large(node.bindings):
        inner, container, steps = bind_members(node.bindings, scope)
        display = with_positions(name(span, container), node.bindings, span, scope)
        return in_order(span, steps, dynamic(display, node.bindings, span, inner))
    inner, locals_, steps = bind_locals(node.bindings, scope)
    overrides = locals_["__overrides"].python if "__overrides" in attributes else None
    if overrides is not None:
        steps.append(assign(span, overrides, call(span, "nix.overridden", name(span, overrides))))
        for key, local in locals_.items():
            if key != "__overrides":
                choice = call(
                    span, "nix.override", name(span, overrides), constant(span, key), name(span, local.python)
                )
                steps.append(assign(span, local.python, choice))
            local.pending = False
    keys = [constant(span, key) for key in attributes]
    values = [name(span, locals_[key].python) for key in attributes]
    display = with_positions(dict_of(span, list(keys), list(values)), node.bindings, span, scope)
    if overrides is not None:
        display = call(span, "nix.update", name(span, overrides), display)
    return in_order(span, steps, dynamic(display, node.bindings, span, inner))


def bind(bindings: tree.Bindings, scope: Scope) -> tuple[Scope, list[ast.expr]]:
    """The scope of a `let` and the steps that fill it."""
    if is_large(bindings):
        inner, _, steps = bind_members(bindings, scope)
    else:
        inner, _, steps = bind_locals(bindings, scope)
    return inner, steps


def is_large(bindings: tree.Bindings) -> bool:
    """Are these more than the local variables of one function should be?"""
    return len(bindings.attributes) > MOST_LOCALS and "__overrides" not in bindings.attributes


def bind_members(bindings: tree.Bindings, scope: Scope) -> tuple[Scope, str, list[ast.expr]]:
    """The scope of a large `let` or `rec`, the variable that holds its dict, and the steps that fill that."""
    unit = scope.unit
    inner = Scope(scope.frame, scope)
    container = unit.own_variable("members")
    inner.names.update({key: Member(container, key) for key in bindings.attributes})
    steps, subjects = inherited_subjects(bindings, inner, inner)
    start, end = next(iter(bindings.attributes.values())).start, next(reversed(bindings.attributes.values())).end
    span = unit.source.span(start, end)
    keys: list[ast.expr] = []
    values: list[ast.expr] = []
    for key, attribute in bindings.attributes.items():
        keys.append(constant(unit.source.span(attribute.start, attribute.end), key))
        values.append(binding_value(key, attribute, inner, scope, subjects))
    made = assign(span, container, dict_of(span, keys, values))
    return inner, container, [*steps, made]


def bind_locals(bindings: tree.Bindings, scope: Scope) -> tuple[Scope, dict[str, Local], list[ast.expr]]:
    """The scope of a `let` or `rec`, its locals, and the steps that fill them.

    Functions come first, then data: whatever needs no thunk is there when the thunks of the others are made.
    """
    frame, unit = scope.frame, scope.unit
    inner = Scope(frame, scope)
    locals_ = {key: Local(unit.variable(key), frame, pending=True) for key in bindings.attributes}
    inner.names.update(locals_)
    steps, subjects = inherited_subjects(bindings, inner, inner)
    fixed = "__overrides" not in bindings.attributes
    for key, attribute in sorted(bindings.attributes.items(), key=_simplest_first):
        local = locals_[key]
        value = attribute.value
        local.is_value = fixed and is_value(value)
        place = unit.source.span(attribute.start, attribute.end)
        if fixed and isinstance(value, tree.Lambda):
            steps.extend(bind_function(key, value, local, inner, place))
            continue
        steps.append(assign(place, local.python, binding_value(key, attribute, inner, scope, subjects)))
        # what overrides may still replace must not be copied before they have
        local.pending = not fixed
    return inner, locals_, steps


def bind_function(key: str, node: tree.Lambda, local: Local, scope: Scope, place: Span) -> list[ast.expr]:
    """The steps that bind a function; one of several arguments has its Python function in a variable of its own."""
    arity = len(arguments_in_a_row(node))
    direct = local.python if arity == 1 else scope.unit.own_variable("function")
    local.known = KnownFunction(direct, arity)
    steps: list[ast.expr] = [assign(place, direct, python_function(node, scope, key))]
    if arity > 1:
        steps.append(assign(place, local.python, call(place, CALLABLES[arity][0], name(place, direct))))
    local.pending = False
    return steps


def is_value(node: tree.Node) -> bool:
    """Does `delay` make a value of this node, never a thunk?"""
    if isinstance(node, tree.AttrSet):
        return not needs_thunk(node)
    return isinstance(node, (tree.Lambda, tree.Integer, tree.Float, tree.String, tree.List, tree.Path))


def _simplest_first(binding: tuple[str, tree.Attribute]) -> int:
    value = binding[1].value
    if isinstance(value, tree.Lambda):
        return 0
    return 1 if isinstance(value, (tree.Integer, tree.Float, tree.String)) else 2


def inherited_subjects(bindings: tree.Bindings, scope: Scope, inner: Scope) -> tuple[list[ast.expr], list[Local]]:
    """The subjects of `inherit (e) ...`, each evaluated once: steps that put them into locals, and these."""
    steps: list[ast.expr] = []
    locals_: list[Local] = []
    for subject in bindings.inherit_from:
        local = Local(scope.unit.own_variable("inherit"), scope.frame)
        steps.append(assign(scope.span(subject), local.python, delay(subject, inner)))
        locals_.append(local)
    return steps, locals_


def binding_value(key: str, attribute: tree.Attribute, inner: Scope, outer: Scope, subjects: list[Local]) -> ast.expr:
    """What a binding holds: a value or a thunk."""
    value = attribute.value
    if attribute.inherited is True:
        return delay(value, outer)
    if attribute.inherited is not None:
        span = inner.span(value)
        subject = name(span, subjects[attribute.inherited].python)
        selection = call(span, "nix.select", subject, constant(span, key))
        return call(span, "nix.Thunk", function(span, [], selection))
    if isinstance(value, tree.Lambda):
        return lambda_(value, inner, key)
    return delay(value, inner)


def dynamic(display: ast.expr, bindings: tree.Bindings, span: Span, scope: Scope) -> ast.expr:
    """`display` with the attributes whose names are computed; null names are left out, doubles are an error."""
    if not bindings.dynamic:
        return display
    entries: list[ast.expr] = []
    source = scope.unit.source
    for entry in bindings.dynamic:
        place = scope.span(entry.name)
        line, column = source.position(entry.start)
        position = constant(place, (source.name, line, column + 1))
        entries.append(tuple_of(place, [emit(entry.name, scope), delay(entry.value, scope), position]))
    keep = constant(span, scope.unit.mode.positions)
    return call(span, "nix.dynamic_attributes", display, list_of(span, entries), keep)


def with_positions(display: ast.expr, bindings: tree.Bindings, span: Span, scope: Scope) -> ast.expr:
    """`display` as a set that knows where its attributes stand, when this compilation keeps positions."""
    if not scope.unit.mode.positions or not bindings.attributes:
        return display
    file = scope.unit.source.name
    places = {}
    for key, attribute in bindings.attributes.items():
        line, column = scope.unit.source.position(attribute.start)
        places[key] = [file, line, column + 1]
    return call(span, "nix.positioned", display, name(span, scope.unit.constant(places)))
