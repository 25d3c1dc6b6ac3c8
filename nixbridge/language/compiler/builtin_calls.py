"""Calls of builtins with all their arguments: what a builtin is sure to evaluate first is evaluated where it stands, without a thunk."""

from __future__ import annotations

import ast

from nixbridge.language.compiler.emit import delay, emit
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.laziness import first_forced
from nixbridge.language.compiler.names import INT, STR
from nixbridge.language.compiler.python_ast import IS, call, class_of, compare, either, name
from nixbridge.language.compiler.variables import kept
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.source import Span

TO_STRING = "builtins.toString"


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


def to_string_in_place(argument: tree.Node, span: Span, frame: Frame) -> ast.expr:
    """`toString x`: Python's own for an integer."""
    with frame.scratch():
        first, again = kept(emit(argument, frame), argument, span, frame)
    test = compare(span, class_of(span, first), IS, name(span, INT))
    return either(span, test, call(span, STR, again), call(span, f"{TO_STRING}()", again))
