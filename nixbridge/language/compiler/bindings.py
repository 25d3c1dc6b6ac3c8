"""Attribute sets and `let`: bindings that may see one another. (Nix manual, Attribute sets, Let-expressions.)"""

from __future__ import annotations

import _ast as ast
from itertools import groupby

from nixbridge.language.compiler.binding import Local
from nixbridge.language.compiler.emit import delay, delays, emit, emits, is_ready, suspend, thunks_of
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.functions import lambda_, python_function, scope_of_stubs
from nixbridge.language.compiler.laziness import needs_thunk
from nixbridge.language.compiler.names import CALLABLES, FILE_NAME, GLOBAL, STR, THUNK
from nixbridge.language.compiler.python_ast import (
    IS,
    assign,
    call,
    class_of,
    compare,
    constant,
    dict_of,
    either,
    function,
    in_order,
    item,
    list_of,
    name,
    tuple_of,
)
from nixbridge.language.compiler.resolution import NOT_DATA, Scope
from nixbridge.language.compiler.sequences import long_dict, long_list
from nixbridge.language.compiler.shapes import global_of
from nixbridge.language.compiler.variables import all_sets, if_scalar, kept
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from nixbridge.language.compiler.frame import ScopeOfStubs

    Row: TypeAlias = "list[tuple[str, tree.Attribute]]"

#: A scope that inherits from so many sets is that of a library.
MANY_SUBJECTS = 8
#: So many stubs of functions in one scope are made together.
FEWEST_STUBS = 3


@emits(tree.Let)
def let(node: tree.Let, frame: Frame) -> ast.expr:
    """`let a = 1; in body`: locals, then the body."""
    steps = bind(node.bindings, frame.unit.found.scopes.pop(node), frame)
    return in_order(frame.span(node), steps, emit(node.body, frame))


@emits(tree.AttrSet)
def attrset(node: tree.AttrSet, frame: Frame) -> ast.expr:
    """Return `{ ... }` and `rec { ... }`."""
    span = frame.span(node)
    found = frame.unit.found
    if node.recursive:
        return recursive_set(node, found.scopes.pop(node), frame)
    data = found.data.pop(node, NOT_DATA)
    if data is not NOT_DATA and node.bindings.attributes:
        return name(span, frame.unit.constant(data))
    bindings = node.bindings
    scope = found.scopes.pop(node) if bindings.inherit_from else Scope({})
    steps = inherited_subjects(bindings, scope, frame)
    display = with_positions(entries_of(bindings, scope, span, frame), bindings, span, frame)
    return in_order(span, steps, dynamic(display, bindings, span, frame))


@delays(tree.AttrSet)
def delayed_attrset(node: tree.AttrSet, frame: Frame) -> ast.expr:
    """Building a set runs nothing, unless it has names to compute or overrides."""
    return suspend(node, frame) if needs_thunk(node) else attrset(node, frame)


def entries_of(bindings: tree.Bindings, scope: Scope, span: Span, frame: Frame) -> ast.expr:
    """Return a dict of the static attributes, each a value or a thunk. A row of thunks that can wait to be compiled is made at once."""

    def entry(row: Row, frame: Frame) -> tuple[ast.expr | None, ast.expr]:
        if len(row) > 1:
            return None, thunks_of([(key, _waiting(attribute, frame)) for key, attribute in row], span, frame)
        ((key, attribute),) = row
        place = frame.unit.source.span(attribute.start, attribute.end)
        return constant(place, key), binding_value(key, attribute, scope, frame)

    # neighbours only: the dict keeps the order of the attributes
    rows: list[Row] = []
    for (is_row, _), group in groupby(
        bindings.attributes.items(), lambda item: (_can_wait(item[1], frame), item[1].inherited)
    ):
        items = [*group]
        rows.extend([items] if is_row else [[item] for item in items])
    if len(rows) == 1 and len(rows[0]) > 1:
        return entry(rows[0], frame)[1]
    return long_dict(rows, span, frame, entry)


def _can_wait(attribute: tree.Attribute, frame: Frame) -> bool:
    return is_ready(_waiting(attribute, frame), frame)


def _waiting(attribute: tree.Attribute, frame: Frame) -> tree.Node:
    """Return the node that is a region where the value of an attribute can wait: of an inherited name, what it means."""
    return frame.unit.found.inherited.get(attribute.value, attribute.value)


def recursive_set(node: tree.AttrSet, scope: Scope, frame: Frame) -> ast.expr:
    """`rec { ... }`: locals, and a set of them. `__overrides` replaces both (as Nix still does)."""
    span = frame.span(node)
    bindings = node.bindings
    steps = bind(bindings, scope, frame)
    if scope.own is not None:
        display = with_positions(name(span, scope.own.python), bindings, span, frame)
        return in_order(span, steps, dynamic(display, bindings, span, frame))
    python = {key: local.python for key, local in scope.names.items() if isinstance(local, Local)}
    overrides = python.get("__overrides")
    if overrides is not None:
        steps.append(assign(span, overrides, call(span, "nix.overridden", name(span, overrides))))
        for key, variable in python.items():
            if key != "__overrides":
                arguments = name(span, overrides), constant(span, key), name(span, variable)
                steps.append(assign(span, variable, call(span, "nix.override", *arguments)))
        assigned(scope)

    def entry(attribute: tuple[str, str], _frame: Frame) -> tuple[ast.expr, ast.expr]:
        return constant(span, attribute[0]), name(span, attribute[1])

    display = with_positions(long_dict(tuple(python.items()), span, frame, entry), bindings, span, frame)
    if overrides is not None:
        display = call(span, "nix.update", name(span, overrides), display)
    return in_order(span, steps, dynamic(display, bindings, span, frame))


def bind(bindings: tree.Bindings, scope: Scope, frame: Frame) -> list[ast.expr]:
    """Return the steps that fill the scope of a `let` or `rec`; a large one is a dict in one variable."""
    own = scope.own
    if own is None:
        return bind_locals(bindings, scope, frame)
    # pending: thunks that are made meanwhile may not read the variable before the dict is in it
    own.frame, own.pending = frame, True
    steps = inherited_subjects(bindings, scope, frame)
    attributes = bindings.attributes.values()
    start, end = min(attribute.start for attribute in attributes), max(attribute.end for attribute in attributes)
    span = frame.unit.source.span(start, end)
    steps.append(assign(span, own.python, entries_of(bindings, scope, span, frame)))
    own.pending = False
    return steps


def bind_locals(bindings: tree.Bindings, scope: Scope, frame: Frame) -> list[ast.expr]:
    """Return the steps that assign the variables of a `let` or `rec`.

    Functions come first, then data: whatever needs no thunk is there when the thunks of the others are made.
    """
    for local in scope.names.values():
        assert isinstance(local, Local)
        local.frame, local.pending = frame, True
    outer = frame.stubs
    frame.stubs = stubs_together(bindings, frame)
    steps = inherited_subjects(bindings, scope, frame)
    fixed = "__overrides" not in bindings.attributes
    for key, attribute in sorted(bindings.attributes.items(), key=_simplest_first):
        local = scope.names[key]
        assert isinstance(local, Local)
        place = frame.unit.source.span(attribute.start, attribute.end)
        if local.known is not None:
            steps.extend(bind_function(key, attribute.value, local, frame, place))
        else:
            steps.append(assign(place, local.python, binding_value(key, attribute, scope, frame)))
            # what overrides may still replace must not be copied before they have
            local.pending = not fixed
    if frame.stubs is not None and frame.stubs.arities:
        steps.insert(0, scope_of_stubs(frame.stubs, frame.span(frame.unit.root)))
    frame.stubs = outer
    return steps


def stubs_together(bindings: tree.Bindings, frame: Frame) -> ScopeOfStubs | None:
    """Return what collects the stubs of the functions that are bound here, where they are so many that it is worth while."""
    if not frame.once:
        return None
    regions = frame.unit.found.regions
    stubs = [attribute for attribute in bindings.attributes.values() if attribute.value in regions]
    are_many = sum(attribute.value.__class__ is tree.Lambda for attribute in stubs) >= FEWEST_STUBS
    return frame.unit.scope_of_stubs() if are_many else None


def assigned(scope: Scope) -> None:
    """From here on the variables of a scope are assigned for good."""
    for local in scope.names.values():
        assert isinstance(local, Local)
        local.pending = False


def bind_function(key: str, node: tree.Node, local: Local, frame: Frame, place: Span) -> list[ast.expr]:
    """Return the steps that bind a function; one of several arguments has its Python function in a variable of its own."""
    assert isinstance(node, tree.Lambda) and local.known is not None
    arity, direct = local.known.arity, local.known.python
    # a saturated call goes straight to the Python function; the Nix value is for everything else
    steps: list[ast.expr] = [assign(place, direct, python_function(node, frame, key))]
    if arity > 1:
        steps.append(assign(place, local.python, call(place, CALLABLES[arity][0], name(place, direct))))
    local.pending = False
    return steps


def _simplest_first(binding: tuple[str, tree.Attribute]) -> int:
    value = binding[1].value
    if isinstance(value, tree.Lambda):
        return 0
    return 1 if isinstance(value, (tree.Integer, tree.Float, tree.String)) else 2


def inherited_subjects(bindings: tree.Bindings, scope: Scope, frame: Frame) -> list[ast.expr]:
    """Return the steps that put the subjects of `inherit (e) ...`, each evaluated once, into their variables."""
    pairs = [*zip(scope.subjects, bindings.inherit_from, strict=True)] if bindings.inherit_from else []
    once = frame.once
    # a library that passes on those of others is made once, even by a function
    frame.once = once or len(pairs) >= MANY_SUBJECTS
    steps: list[ast.expr] = [
        assign(frame.span(subject), local.python, delay(subject, frame)) for local, subject in pairs
    ]
    frame.once = once
    return steps


def binding_value(key: str, attribute: tree.Attribute, scope: Scope, frame: Frame) -> ast.expr:
    """Return what a binding holds: a value or a thunk."""
    value = attribute.value
    if attribute.inherited is not None and attribute.inherited is not True:
        span = frame.span(value)
        known = global_of(value, frame.unit.globals)
        if known is not None and known.python not in frame.unit.globals.delayed:
            # Cannot fail, but is a value of its own, which no other is the same as. A lib passes on builtins that nobody asks for, whose
            # modules need not be loaded.
            return call(span, THUNK, name(span, GLOBAL), constant(span, known.python))
        if _can_wait(attribute, frame):
            return suspend(_waiting(attribute, frame), frame)
        return inherited_value(key, scope.subjects[attribute.inherited], span, frame)
    if isinstance(value, tree.Lambda):
        return lambda_(value, frame, key)
    return delay(value, frame)


def inherited_value(key: str, subject: Local, span: Span, frame: Frame) -> ast.expr:
    """Return `inherit (subject) key`: a thunk of its own to Nix, hence at once only a number or a string of a set that is there."""
    held = name(span, subject.python)
    thunk = call(span, THUNK, function(span, [], call(span, "nix.select", held, constant(span, key))))
    if frame.once:
        # the test below is longer than the closure that it would save
        return thunk
    first = [all_sets([held], span), compare(span, constant(span, key), ast.In(), held)]
    return if_scalar(item(span, held, constant(span, key)), thunk, span, frame, first)


def dynamic(display: ast.expr, bindings: tree.Bindings, span: Span, frame: Frame) -> ast.expr:
    """Return `display` with the attributes whose names are computed; null names are left out, doubles are an error."""
    if not bindings.dynamic:
        return display

    if len(bindings.dynamic) == 1 and not bindings.attributes and not frame.once and not frame.unit.mode.positions:
        return one_computed(bindings.dynamic[0], span, frame)

    def entry(attribute: tree.DynamicAttribute, frame: Frame) -> ast.expr:
        place = frame.span(attribute.name)
        line, column = frame.unit.source.position(attribute.start)
        position = tuple_of(place, [name(place, FILE_NAME), constant(place, line), constant(place, column + 1)])
        return tuple_of(place, [emit(attribute.name, frame), delay(attribute.value, frame), position])

    # the runtime joins them: whether two names are the same is known only once they are evaluated
    keep = constant(span, frame.unit.mode.positions)
    return call(span, "nix.dynamic_attributes", display, long_list(bindings.dynamic, span, frame, entry), keep)


def one_computed(attribute: tree.DynamicAttribute, span: Span, frame: Frame) -> ast.expr:
    """Return `{ ${name} = value; }`: in place where the name is a plain string."""
    place = frame.span(attribute.name)
    with frame.scratch():
        named, key = kept(emit(attribute.name, frame), attribute.name, place, frame)
        held = frame.temporary()
        value = assign(place, held, delay(attribute.value, frame))
    test = compare(place, class_of(place, key), IS, name(place, STR))
    entry = tuple_of(place, [key, name(place, held), constant(place, None)])
    slow = call(span, "nix.dynamic_attributes", dict_of(span, [], []), list_of(span, [entry]), constant(span, False))
    return in_order(span, [named, value], either(span, test, dict_of(span, [key], [name(place, held)]), slow))


def with_positions(display: ast.expr, bindings: tree.Bindings, span: Span, frame: Frame) -> ast.expr:
    """Return `display` as a set that knows where its attributes stand, when this compilation keeps positions.

    So does one to which computed names are added, whatever the compilation: the message for a name that is there says where.
    """
    unit = frame.unit
    if not (unit.mode.positions or bindings.dynamic) or not bindings.attributes:
        return display
    places = {}
    for key, attribute in bindings.attributes.items():
        line, column = unit.source.position(attribute.start)
        places[key] = line, column + 1
    return call(span, "nix.positioned", display, name(span, unit.constant(("places", places))))
