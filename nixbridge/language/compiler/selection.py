"""Attributes: `a.b`, `a.b or c`, `a ? b`. (Nix manual, Operators: attribute selection, has attribute.)"""

from __future__ import annotations

import _ast as ast

from nixbridge.language.compiler.binding import Global
from nixbridge.language.compiler.emit import emit, emits
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.functions import known_global
from nixbridge.language.compiler.names import DICT, FORCE, FORCE_IN, MISSING, STR, THUNK
from nixbridge.language.compiler.python_ast import (
    AND,
    IS,
    IS_NOT,
    assign,
    binary,
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
from nixbridge.language.compiler.sequences import MOST_ITEMS, long_list
from nixbridge.language.compiler.shapes import known_value
from nixbridge.language.compiler.variables import forced_global, kept, taken
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Span

#: A longer path is walked by the runtime: Python's own compiler fails on what is nested too deeply.
LONGEST_NESTED = 8


@emits(tree.Select)
def select(node: tree.Select, frame: Frame) -> ast.expr:
    """Return `a.b.c`, one step after the other; with `or`, one look-up that may find nothing."""
    known = known_global(node, frame)
    if known is not None:
        return forced_global(Global(known), frame.span(node), frame)
    if node.default is not None:
        return select_or(node, node.default, frame)
    reached = known_value(node).constant
    if reached is not None:
        # the subject is not emitted: what it would assign is not there for later code
        return constant(frame.span(node), reached.value)
    value, subject = emit(node.subject, frame), node.subject
    if len(node.path) > LONGEST_NESTED:
        span = frame.span(node)
        return call(span, "nix.select_path", value, path_names(node.path, span, frame))
    shape = known_value(subject).shape
    for element, (start, end) in zip(node.path, node.spans, strict=True):
        place = frame.unit.source.span(start, end)
        inside = shape.get(element) if shape is not None and isinstance(element, str) else None
        if inside is not None and isinstance(element, str):
            value, shape = taken(value, element, inside, place, frame), inside.shape
        elif isinstance(element, str):
            value, shape = select_name(value, subject, element, place, frame), None
        else:
            value, shape = select_computed(value, subject, element, place, frame), None
        subject = node
    return value


def select_name(subject: ast.expr, node: tree.Node, key: str, place: Span, frame: Frame) -> ast.expr:
    """Return `subject.key`, forced: in place for a plain set that has the attribute, else by the runtime, which knows all errors."""
    if frame.once or isinstance(
        subject, ast.Constant
    ):  # a constant cannot be a set: Python's compiler would warn of what stands there
        return call(place, "nix.select", subject, constant(place, key))
    with frame.scratch():
        first, again = kept(subject, node, place, frame)
        value = frame.temporary()
    is_set = compare(place, class_of(place, first), IS, name(place, DICT))
    has_it = compare(place, constant(place, key), ast.In(), again)
    held = assign(place, value, item(place, again, constant(place, key)))
    there = compare(place, class_of(place, held), IS, name(place, THUNK))
    forced = either(place, there, call(place, FORCE_IN, again, constant(place, key)), name(place, value))
    slow = call(place, "nix.select", again, constant(place, key))
    return either(place, both(place, AND, [is_set, has_it]), forced, slow)


def select_computed(subject: ast.expr, node: tree.Node, element: tree.Node, place: Span, frame: Frame) -> ast.expr:
    """Return `subject.${element}`, forced: in place for a plain set that has an attribute of that name."""
    if frame.once or isinstance(subject, ast.Constant):
        return call(place, "nix.select", subject, call(place, "nix.attribute_name", emit(element, frame)))
    with frame.scratch():
        test, again, key = computed_name(subject, node, element, place, frame)
        value = frame.temporary()
    held = assign(place, value, item(place, again, key))
    there = compare(place, class_of(place, held), IS, name(place, THUNK))
    forced = either(place, there, call(place, FORCE_IN, again, key), name(place, value))
    slow = call(place, "nix.select", again, call(place, "nix.attribute_name", key))
    has_it = compare(place, key, ast.In(), again)
    return either(place, both(place, AND, [test, has_it]), forced, slow)


def computed_name(
    subject: ast.expr, node: tree.Node, element: tree.Node, place: Span, frame: Frame
) -> tuple[ast.expr, ast.expr, ast.expr]:
    """Return a test that `subject` is a plain set and `element` a plain string, which evaluates both; and both again."""
    first, again = kept(subject, node, place, frame)
    named, key = kept(emit(element, frame), element, place, frame)
    # `&`, not `and`: the name is evaluated whatever the subject is, as Nix does
    is_set = compare(place, class_of(place, first), IS, name(place, DICT))
    is_text = compare(place, class_of(place, named), IS, name(place, STR))
    return binary(place, is_set, ast.BitAnd(), is_text), again, key


def set_and_name(
    subject: ast.expr, node: tree.Node, element: str | tree.Node, place: Span, frame: Frame
) -> tuple[ast.expr, ast.expr, ast.expr, ast.expr]:
    """Return a test that `subject` is a plain set, and the name plain if computed; both again; and the name for where the test fails."""
    if not isinstance(element, str):
        is_set, again, key = computed_name(subject, node, element, place, frame)
        return is_set, again, key, call(frame.span(element), "nix.attribute_name", key)
    first, again = kept(subject, node, place, frame)
    key = constant(place, element)
    return compare(place, class_of(place, first), IS, name(place, DICT)), again, key, key


def select_or(node: tree.Select, default: tree.Node, frame: Frame) -> ast.expr:
    """`a.b or default`: the default is evaluated where it is needed."""
    span = frame.span(node)
    found = look_up(node, span, frame)
    with frame.scratch():
        python = frame.temporary()
    test = compare(span, assign(span, python, found), IS_NOT, name(span, MISSING))
    with frame.branch():
        otherwise = emit(default, frame)
    return either(span, test, name(span, python), otherwise)


def look_up(node: tree.Select, span: Span, frame: Frame) -> ast.expr:
    """Return what is at the end of a path, forced, or MISSING: in place for one name in a plain set."""
    subject = emit(node.subject, frame)
    element = node.path[0]
    if len(node.path) > 1 or isinstance(subject, ast.Constant) or (frame.once and not isinstance(element, str)):
        return call(span, "nix.lookup", subject, path_names(node.path, span, frame))
    with frame.scratch():
        is_set, again, key, names = set_and_name(subject, node.subject, element, span, frame)
        value = frame.temporary()
    has_it = compare(span, key, ast.In(), again)
    held = assign(span, value, item(span, again, key))
    is_thunk = compare(span, class_of(span, held), IS, name(span, THUNK))
    forced = either(span, is_thunk, call(span, FORCE, name(span, value)), name(span, value))
    inside = either(span, has_it, forced, name(span, MISSING))
    return either(span, is_set, inside, call(span, "nix.lookup", again, tuple_of(span, [names])))


@emits(tree.HasAttr)
def has_attr(node: tree.HasAttr, frame: Frame) -> ast.expr:
    """`a ? b.c`: false as soon as something on the way is not a set or has no such attribute. One name is looked up in place."""
    span = frame.span(node)
    subject = emit(node.subject, frame)
    element = node.path[0]
    if len(node.path) > 1 or isinstance(subject, ast.Constant) or (frame.once and not isinstance(element, str)):
        return call(span, "nix.has_path", subject, path_names(node.path, span, frame))
    with frame.scratch():
        is_set, again, key, names = set_and_name(subject, node.subject, element, span, frame)
    has_it = compare(span, key, ast.In(), again)
    return either(span, is_set, has_it, call(span, "nix.has_path", again, tuple_of(span, [names])))


def path_names(path: tuple[str | tree.Node, ...], span: Span, frame: Frame) -> ast.expr:
    """Return the path as a row of strings; a computed name is a function, called when the look-up gets there."""
    if all(isinstance(element, str) for element in path):
        return constant(span, path)

    def element_of(element: str | tree.Node, frame: Frame) -> ast.expr:
        if isinstance(element, str):
            return constant(span, element)
        place = frame.span(element)
        return function(place, [], call(place, "nix.attribute_name", emit(element, frame.inner())))

    if len(path) > MOST_ITEMS:
        return long_list(path, span, frame, element_of)
    return tuple_of(span, [element_of(element, frame) for element in path])
