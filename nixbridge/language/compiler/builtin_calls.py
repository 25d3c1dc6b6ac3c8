"""Calls of builtins with all their arguments: what a builtin is sure to evaluate first is evaluated where it stands, without a thunk.

The shortest builtins are code in place where their argument is what they are for; the builtin itself, which knows all errors, is called
for anything else.
"""

from __future__ import annotations

import ast

from nixbridge.language.compiler.emit import delay, emit
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.laziness import first_forced, scalar
from nixbridge.language.compiler.names import BOOL, DICT, FLOAT, FORCE, FUNCTION, INT, LIST, STR, THUNK
from nixbridge.language.compiler.python_ast import (
    AND,
    IS,
    OR,
    assign,
    both,
    call,
    class_of,
    compare,
    constant,
    either,
    item,
    name,
)
from nixbridge.language.compiler.variables import kept
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.source import Span

    #: Makes the code of a call in place, given how the argument is evaluated and how it is used again.
    InPlace = Callable[[ast.expr, ast.expr, Span, Frame], ast.expr]

#: Builtins that ask for a class: the Python class, and whether values of other classes count as well.
_ASKS_CLASS = {
    "builtins.isInt": (INT, False),
    "builtins.isFloat": (FLOAT, False),
    "builtins.isBool": (BOOL, False),
    "builtins.isList": (LIST, False),
    "builtins.isString": (STR, True),
    "builtins.isAttrs": (DICT, True),
    "builtins.isFunction": (FUNCTION, True),
}


def builtin_call(known: str, arguments: tuple[tree.Node, ...], span: Span, frame: Frame) -> ast.expr:
    """Return a call of the builtin `known`, given as many arguments as it takes."""
    # a number or a text is not what these builtins are for, and Python's compiler would warn of code that takes it for a list
    if not frame.once and scalar(arguments[0]) is None:
        if known in _IN_PLACE:
            return in_place(known, arguments[0], span, frame)
        if known in _ASKS_CLASS:
            return class_asked(known, arguments[0], span, frame)
        index = scalar(arguments[1]) if known == "builtins.elemAt" else None
        if isinstance(index, int):
            return element_at(index, arguments[0], span, frame)
    strict = first_forced(frame.unit.globals.forces.get(known, ()), arguments)
    values = [
        emit(argument, frame) if position == strict else delay(argument, frame)
        for position, argument in enumerate(arguments)
    ]
    return call(span, f"{known}()", *values)


def in_place(known: str, argument: tree.Node, span: Span, frame: Frame) -> ast.expr:
    """Return the code of a builtin of one argument."""
    value = emit(argument, frame)
    if isinstance(value, ast.Constant):
        # null or a Boolean, an error to these builtins: Python's compiler would warn of it as it would of a number
        return call(span, f"{known}()", value)
    with frame.scratch():
        first, again = kept(value, argument, span, frame)
        return _IN_PLACE[known](first, again, span, frame)


def is_class(value: ast.expr, python: str, span: Span) -> ast.expr:
    """Return a test that a value is of this class."""
    return compare(span, class_of(span, value), IS, name(span, python))


def class_asked(known: str, argument: tree.Node, span: Span, frame: Frame) -> ast.expr:
    """Return `isInt x` and its kin."""
    python, others = _ASKS_CLASS[known]
    with frame.scratch():
        first, again = kept(emit(argument, frame), argument, span, frame)
    test = is_class(first, python, span)
    return both(span, OR, [test, call(span, f"{known}()", again)]) if others else test


def to_string(first: ast.expr, again: ast.expr, span: Span, _frame: Frame) -> ast.expr:
    """Return `toString x`: Python's own for an integer."""
    return either(span, is_class(first, INT, span), call(span, STR, again), call(span, "builtins.toString()", again))


def length(first: ast.expr, again: ast.expr, span: Span, _frame: Frame) -> ast.expr:
    """Return `length xs`."""
    return either(
        span, is_class(first, LIST, span), call(span, "nix.len", again), call(span, "builtins.length()", again)
    )


def head(first: ast.expr, again: ast.expr, span: Span, frame: Frame) -> ast.expr:
    """Return `head xs` of a list that is not empty."""
    test = both(span, AND, [is_class(first, LIST, span), again])
    return either(span, test, element(again, 0, span, frame), call(span, "builtins.head()", again))


def element_at(index: int, argument: tree.Node, span: Span, frame: Frame) -> ast.expr:
    """Return `elemAt xs 1`, the index being written out."""
    value = emit(argument, frame)
    if isinstance(value, ast.Constant):
        return call(span, "builtins.elemAt()", value, constant(span, index))
    with frame.scratch():
        first, again = kept(value, argument, span, frame)
        long_enough = compare(span, call(span, "nix.len", again), ast.Gt(), constant(span, index))
        test = both(span, AND, [is_class(first, LIST, span), long_enough])
        there = element(again, index, span, frame)
        return either(span, test, there, call(span, "builtins.elemAt()", again, constant(span, index)))


def element(items: ast.expr, index: int, span: Span, frame: Frame) -> ast.expr:
    """Return an element of a list that has it, forced."""
    held = frame.temporary()
    there = assign(span, held, item(span, items, constant(span, index)))
    return either(span, is_class(there, THUNK, span), call(span, FORCE, name(span, held)), name(span, held))


_IN_PLACE: dict[str, InPlace] = {
    "builtins.toString": to_string,
    "builtins.length": length,
    "builtins.head": head,
}
