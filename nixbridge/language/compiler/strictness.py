"""Cheap eagerness: what can be computed at once, cannot fail and runs none of the user's code needs no thunk.

`n - 1` where `n` is there and is a small integer is a number; `"${name}.local"` where `name` is there and is a string is a string.
Whether that is so is tested where the value is made; where it is not, a thunk is made after all, which fails at the right
time. The language is pure, so nobody can tell. (fib 24: 65 ms without, 16 with)
"""

from __future__ import annotations

import ast

from nixbridge.language.compiler.emit import delays, suspend
from nixbridge.language.compiler.names import DICT, INT, STR
from nixbridge.language.compiler.operators import ARITHMETIC, SMALL
from nixbridge.language.compiler.python_ast import (
    AND,
    IS,
    assign,
    binary,
    both,
    call,
    class_of,
    compare,
    constant,
    either,
    item,
    name,
    place_of,
)
from nixbridge.language.compiler.scope import Local, Scope
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: An expression of more operands than this is a thunk: each is a test, and code that is there twice.
MOST_OPERANDS = 5


class Attempt:
    """An expression that may be computed at once: the tests that say whether it may, in order, and its temporaries."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.tests: list[ast.expr] = []
        self.tested: set[tuple[str, str]] = set()
        self.temporaries = 0
        self.operands = 0

    def test_class(self, node: tree.Node, python: str, wanted: str) -> None:
        """The variable must be of this class; each is tested once."""
        if (python, wanted) not in self.tested:
            self.tested.add((python, wanted))
            span = self.scope.span(node)
            self.tests.append(compare(span, class_of(span, name(span, python)), IS, name(span, wanted)))

    def temporary(self) -> str:
        """A Python variable that lives as long as the attempt."""
        self.temporaries += 1
        return self.scope.frame.temporary()

    def finish(self) -> None:
        """Its temporaries are free again."""
        self.scope.frame.release(self.temporaries)


def available(node: tree.Node, scope: Scope) -> str | None:
    """The Python variable that holds what a variable of Nix is, when it is assigned already."""
    if not isinstance(node, tree.Variable):
        return None
    binding = scope.resolve(node.name, node)
    if not isinstance(binding, Local):
        return None
    alias = scope.frame.alias(binding)
    if alias is not None:
        return alias
    return None if binding.pending and binding.frame is scope.frame else binding.python


def integer(node: tree.Node, attempt: Attempt) -> ast.expr | None:
    """`node` as a small Python integer, when the attempt's tests hold."""
    scope, span = attempt.scope, attempt.scope.span(node)
    attempt.operands += 1
    if attempt.operands > MOST_OPERANDS:
        return None
    if isinstance(node, tree.Integer):
        return constant(span, node.value) if node.value < SMALL else None
    python = available(node, scope)
    if python is not None:
        attempt.test_class(node, python, INT)
        return name(span, python)
    if not isinstance(node, tree.Binary) or node.operator not in ARITHMETIC or _redefined(node, scope):
        return None
    left = integer(node.left, attempt)
    right = integer(node.right, attempt) if left is not None else None
    if left is None or right is None:
        return None
    result = attempt.temporary()
    value = assign(span, result, binary(span, left, ARITHMETIC[node.operator][1], right))
    attempt.tests.append(compare(span, constant(span, -SMALL), ast.Lt(), value, ast.Lt(), constant(span, SMALL)))
    return name(span, result)


def _redefined(node: tree.Binary, scope: Scope) -> bool:
    primop = {"-": "__sub", "*": "__mul"}.get(node.operator)
    return primop is not None and not scope.is_builtin(primop)


def string(node: tree.Node, attempt: Attempt) -> ast.expr | None:
    """`node` as an ASCII string without context, when the attempt's tests hold."""
    scope, span = attempt.scope, attempt.scope.span(node)
    attempt.operands += 1
    if attempt.operands > MOST_OPERANDS:
        return None
    if isinstance(node, tree.String):
        return constant(span, node.value) if node.value.isascii() else None
    python = available(node, scope)
    if python is not None:
        attempt.test_class(node, python, STR)
        return name(span, python)
    number = _to_string(node, attempt)
    if number is not None:
        return number
    parts: list[tree.Node | str] = []
    if isinstance(node, tree.Interpolation):
        parts = list(node.parts)
    elif isinstance(node, tree.Binary) and node.operator == "+":
        parts = [node.left, node.right]
    if not parts:
        return None
    joined: ast.expr | None = None
    for part in parts:
        piece = constant(span, part) if isinstance(part, str) else string(part, attempt)
        if piece is None or (isinstance(part, str) and not part.isascii()):
            return None
        joined = piece if joined is None else binary(span, joined, ast.Add(), piece)
    return joined


def _to_string(node: tree.Node, attempt: Attempt) -> ast.expr | None:
    """`toString n` of an integer that is there."""
    scope = attempt.scope
    if not (isinstance(node, tree.Apply) and len(node.arguments) == 1 and isinstance(node.function, tree.Variable)):
        return None
    if node.function.name != "toString" or not scope.is_builtin("toString"):
        return None
    python = available(node.arguments[0], scope)
    if python is None:
        return None
    attempt.test_class(node, python, INT)
    span = scope.span(node)
    return call(span, STR, name(span, python))


@delays(tree.Binary)
def delayed_binary(node: tree.Binary, scope: Scope) -> ast.expr:
    """Sums and products of integers that are there, and strings joined with `+`."""
    if node.operator not in ARITHMETIC:
        return suspend(node, scope)
    if node.operator == "+" and _is_text(node):
        return attempted(node, scope, string)
    return attempted(node, scope, integer)


@delays(tree.Interpolation)
def delayed_interpolation(node: tree.Interpolation, scope: Scope) -> ast.expr:
    """Strings that are there, joined."""
    return attempted(node, scope, string)


@delays(tree.Apply)
def delayed_apply(node: tree.Apply, scope: Scope) -> ast.expr:
    """`toString n`; any other call is a thunk."""
    return attempted(node, scope, _to_string_only)


def _to_string_only(node: tree.Node, attempt: Attempt) -> ast.expr | None:
    return _to_string(node, attempt)


@delays(tree.Select)
def delayed_select(node: tree.Select, scope: Scope) -> ast.expr:
    """`a.b` where the set is there and has the attribute: what it holds, value or thunk. No look at anything else."""
    if node.default is not None or len(node.path) != 1 or not isinstance(node.path[0], str):
        return suspend(node, scope)
    python = available(node.subject, scope)
    if python is None:
        return suspend(node, scope)
    span = scope.span(node)
    place = scope.unit.source.span(*node.spans[0])
    key = node.path[0]
    is_set = compare(span, class_of(span, name(span, python)), IS, name(span, DICT))
    has_it = compare(span, constant(span, key), ast.In(), name(span, python))
    there = item(place, name(span, python), constant(span, key))
    return either(span, both(span, AND, [is_set, has_it]), there, suspend(node, scope))


def _is_text(node: tree.Node) -> bool:
    """Is one of the operands of a `+` certainly a string?"""
    while isinstance(node, tree.Binary) and node.operator == "+":
        if isinstance(node.right, (tree.String, tree.Interpolation)):
            return True
        node = node.left
    return isinstance(node, (tree.String, tree.Interpolation))


def attempted(node: tree.Node, scope: Scope, compute: Callable[[tree.Node, Attempt], ast.expr | None]) -> ast.expr:
    """The value where the tests hold, else a thunk; a thunk alone where there is nothing to try."""
    attempt = Attempt(scope)
    value = compute(node, attempt)
    attempt.finish()
    if value is None:
        return suspend(node, scope)
    span = scope.span(node)
    if compute is not integer:
        result = scope.frame.temporary()
        scope.frame.release()
        attempt.tests.append(
            call(span, ast.Attribute(assign(span, result, value), "isascii", ast.Load(), **place_of(span)))
        )
        value = name(span, result)
    if not attempt.tests:
        return value
    return either(span, both(span, AND, attempt.tests), value, suspend(node, scope))
