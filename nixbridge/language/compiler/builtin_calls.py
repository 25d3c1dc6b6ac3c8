"""Calls of builtins with all their arguments: what a builtin is sure to evaluate first is evaluated where it stands, without a thunk.

The shortest builtins are code in place where their argument is what they are for; the builtin itself, which knows all errors, is called
for anything else.
"""

from __future__ import annotations

import _ast as ast

from nixbridge.language.compiler.emit import delay, emit
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.laziness import first_forced, scalar
from nixbridge.language.compiler.names import BOOL, DICT, FLOAT, FORCE_IN, FUNCTION, INT, LIST, STR, THUNK
from nixbridge.language.compiler.python_ast import (
    AND,
    IS,
    OR,
    assign,
    attribute,
    binary,
    both,
    call,
    class_of,
    compare,
    constant,
    either,
    item,
    name,
    section,
)
from nixbridge.language.compiler.variables import kept
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.source import Span

    #: Makes the code of a call in place, given how the argument is evaluated and how it is used again.
    InPlace = Callable[[ast.expr, ast.expr, Span, Frame], ast.expr]
    #: Tests, and the value where they hold.
    Guarded = tuple[list[ast.expr], ast.expr]

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
    if not frame.once and known in _GUARDED:
        return guarded(known, arguments, span, frame)
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
    return either(span, test, element(again, constant(span, 0), span, frame), call(span, "builtins.head()", again))


def tail(first: ast.expr, again: ast.expr, span: Span, _frame: Frame) -> ast.expr:
    """Return `tail xs` of a list that is not empty."""
    test = both(span, AND, [is_class(first, LIST, span), again])
    return either(span, test, section(span, again, constant(span, 1), None), call(span, "builtins.tail()", again))


def string_length(first: ast.expr, again: ast.expr, span: Span, _frame: Frame) -> ast.expr:
    """Return `stringLength s` of a string of ASCII, in which a byte is a character."""
    test = both(span, AND, [is_class(first, STR, span), call(span, attribute(span, again, "isascii"))])
    return either(span, test, call(span, "nix.len", again), call(span, "builtins.stringLength()", again))


def is_null(first: ast.expr, _again: ast.expr, span: Span, _frame: Frame) -> ast.expr:
    """Return `isNull x`."""
    return compare(span, first, IS, constant(span, None))


def element(items: ast.expr, index: ast.expr, span: Span, frame: Frame) -> ast.expr:
    """Return an element or attribute that is certainly there, forced."""
    held = frame.temporary()
    there = assign(span, held, item(span, items, index))
    return either(span, is_class(there, THUNK, span), call(span, FORCE_IN, items, index), name(span, held))


_IN_PLACE: dict[str, InPlace] = {
    "builtins.toString": to_string,
    "builtins.length": length,
    "builtins.head": head,
    "builtins.tail": tail,
    "builtins.stringLength": string_length,
    "builtins.isNull": is_null,
}


def guarded(known: str, arguments: tuple[tree.Node, ...], span: Span, frame: Frame) -> ast.expr:
    """Return a call of a builtin of several arguments: code in place where each is of its class, as far as they were evaluated.

    They are evaluated in the builtin's own order, each only where those before it are what the builtin takes. It is an error anyway
    where one is not: the builtin, which knows which, gets null for those that it does not come to look at.
    """
    guards, make = _GUARDED[known]

    def from_guard(number: int, held: dict[int, ast.expr]) -> ast.expr:
        position, wanted = guards[number]
        value = emit(arguments[position], frame)
        is_last = number == len(guards) - 1
        if isinstance(value, ast.Constant) and value.value.__class__ is not _PYTHON[wanted]:
            rest = {place: delay(arguments[place], frame) for place, _ in guards[number + 1 :]}
            return called(held | rest | {position: value})
        first, again = kept(value, arguments[position], span, frame)
        held = held | {position: again}
        tests = [] if isinstance(value, ast.Constant) else [is_class(first, wanted, span)]
        if known == "builtins.substring" and position == 0 and tests:
            # a start that is negative is an error before the size is evaluated
            tests.append(compare(span, again, ast.GtE(), constant(span, 0)))
        with frame.branch():
            if is_last:
                more, inside = make([held[place] for place in range(len(held))], span, frame)
                tests += more
            else:
                inside = from_guard(number + 1, held)
        return either(span, both(span, AND, tests), inside, called(held)) if tests else inside

    def called(held: dict[int, ast.expr]) -> ast.expr:
        unseen = constant(span, None)
        return call(span, f"{known}()", *[held.get(place, unseen) for place in range(len(arguments))])

    with frame.scratch():
        return from_guard(0, {})


def element_at(held: list[ast.expr], span: Span, frame: Frame) -> Guarded:
    """Return `elemAt xs i`."""
    items, index = held
    test = compare(span, constant(span, -1), ast.Lt(), index, ast.Lt(), call(span, "nix.len", items))
    return [test], element(items, index, span, frame)


def substring(held: list[ast.expr], span: Span, _frame: Frame) -> Guarded:
    """Return `substring start size s` of ASCII, where `size` is not negative; `start` is known not to be."""
    start, size, text = held
    tests = [compare(span, size, ast.GtE(), constant(span, 0))] if is_open(size) else []
    from_start = isinstance(start, ast.Constant) and start.value == 0
    end = size if from_start else binary(span, start, ast.Add(), size)
    is_ascii = call(span, attribute(span, text, "isascii"))
    return [*tests, is_ascii], section(span, text, None if from_start else start, end)


def is_open(value: ast.expr) -> bool:
    """Return whether a value is known at run time only: a number that is written out is not negative."""
    return not isinstance(value, ast.Constant)


def attribute_of(held: list[ast.expr], span: Span, frame: Frame) -> Guarded:
    """Return `getAttr name set`."""
    key, attrs = held
    return [compare(span, key, ast.In(), attrs)], element(attrs, key, span, frame)


def has_attribute(held: list[ast.expr], span: Span, _frame: Frame) -> Guarded:
    """Return `hasAttr name set`."""
    key, attrs = held
    return [], compare(span, key, ast.In(), attrs)


def bits(operator: ast.operator) -> Callable[[list[ast.expr], Span, Frame], Guarded]:
    """Return what makes `bitAnd a b` and its kin."""
    return lambda held, span, _frame: ([], binary(span, held[0], operator, held[1]))


_PYTHON = {INT: int, STR: str, LIST: list, DICT: dict}

#: Builtins of several arguments: the positions in the order in which they are evaluated, each with the class that it has nearly always;
#: and what makes the code where all are of their classes, further tests and the value.
_GUARDED: dict[str, tuple[tuple[tuple[int, str], ...], Callable[[list[ast.expr], Span, Frame], Guarded]]] = {
    "builtins.elemAt": (((1, INT), (0, LIST)), element_at),
    "builtins.substring": (((0, INT), (1, INT), (2, STR)), substring),
    "builtins.getAttr": (((0, STR), (1, DICT)), attribute_of),
    "builtins.hasAttr": (((0, STR), (1, DICT)), has_attribute),
    "builtins.bitAnd": (((0, INT), (1, INT)), bits(ast.BitAnd())),
    "builtins.bitOr": (((0, INT), (1, INT)), bits(ast.BitOr())),
    "builtins.bitXor": (((0, INT), (1, INT)), bits(ast.BitXor())),
}
