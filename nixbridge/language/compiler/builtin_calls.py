"""Calls of builtins with all their arguments: what a builtin is sure to evaluate first is evaluated where it stands, without a thunk."""

from __future__ import annotations

import ast

from nixbridge.language.compiler.emit import delay, emit
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.names import INT, STR
from nixbridge.language.compiler.python_ast import IS, call, class_of, compare, either, name
from nixbridge.language.compiler.variables import kept
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.source import Span

TO_STRING = "builtins.toString"

#: What an argument may be that is written out, for a builtin to look at and go on to the next one.
_LITERALS: dict[str, tuple[type[tree.Node], ...]] = {
    "function": (tree.Lambda,),
    "string": (tree.String,),
    "index": (tree.Integer,),
}


def builtin_call(known: str, arguments: tuple[tree.Node, ...], span: Span, frame: Frame) -> ast.expr:
    """Return a call of the builtin `known`, given as many arguments as it takes."""
    if known == TO_STRING and not frame.once:
        return to_string_in_place(arguments[0], span, frame)
    strict = first_forced(frame.unit.globals.forces.get(known, ()), arguments)
    values = [
        emit(argument, frame) if position == strict else delay(argument, frame)
        for position, argument in enumerate(arguments)
    ]
    return call(span, f"{known}()", *values)


def first_forced(order: tuple[tuple[int, str], ...], arguments: tuple[tree.Node, ...]) -> int:
    """Return the position of the argument that is evaluated before anything can fail or run; -1 where there is none.

    `order` has the positions in the order in which the builtin looks at them, each with the type that it wants. An argument that is a
    literal of that type is passed by: looking at it runs nothing.
    """
    for position, wanted in order:
        if not isinstance(arguments[position], _LITERALS.get(wanted, ())):
            return position
    return -1


def to_string_in_place(argument: tree.Node, span: Span, frame: Frame) -> ast.expr:
    """`toString x`: Python's own for an integer."""
    with frame.scratch():
        first, again = kept(emit(argument, frame), argument, span, frame)
    test = compare(span, class_of(span, first), IS, name(span, INT))
    return either(span, test, call(span, STR, again), call(span, f"{TO_STRING}()", again))
