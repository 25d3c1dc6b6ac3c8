"""Operator precedence: a flat row of operands and operators to a tree, without recursion. (Nix manual, Operators)"""

from __future__ import annotations

from nixbridge.errors.exceptions import NixSyntaxError
from nixbridge.language.syntax.ast import Apply, Binary, HasAttr, Negate, Node, Not
from nixbridge.language.syntax.tokens import Token
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    #: An operator whose right operand is not complete: how tightly it binds, how it groups, the operator.
    Waiting = tuple[int, str, Token]

#: Operator -> how tightly it binds, and whether chains of it group to the left, to the right or not at all.
INFIX = {
    "CONCATENATE": (11, "right"),
    "TIMES": (10, "left"),
    "DIVIDE": (10, "left"),
    "PLUS": (9, "left"),
    "MINUS": (9, "left"),
    "UPDATE": (7, "right"),
    "LESS": (6, "none"),
    "LESS_EQUAL": (6, "none"),
    "GREATER": (6, "none"),
    "GREATER_EQUAL": (6, "none"),
    "EQUAL": (5, "none"),
    "NOT_EQUAL": (5, "none"),
    "AND_OPERATOR": (4, "left"),
    "OR_OPERATOR": (3, "left"),
    "IMPLIES": (2, "right"),
    "PIPE_INTO": (1, "left"),
    "PIPE_FROM": (1, "right"),
}
PREFIX = {"MINUS": 13, "NOT": 8}
HAS_ATTRIBUTE = 12


def operator_tree(row: list[Node | Token | list[Token]], source: Source) -> Node:
    """Return the tree of operands (nodes) and operators (tokens); an attribute path follows a QUESTION.

    Raises NixSyntaxError for a chain that has no meaning, such as `a == b == c`.
    """
    operands: list[Node] = []
    waiting: list[Waiting] = []
    expects_operand = True
    for item in row:
        if isinstance(item, Node):
            operands.append(item)
            expects_operand = False
        elif not isinstance(item, Token):
            # `?` has completed everything that binds more tightly, so the topmost operand is its subject
            subject = operands.pop()
            names = tuple([name.value for name in item])
            operands.append(HasAttr(subject.start, item[-1].end, subject, names))
        elif expects_operand:
            waiting.append((PREFIX[item.type], "prefix", item))
        elif item.type == "QUESTION":
            _complete(operands, waiting, HAS_ATTRIBUTE, "none")
        else:
            binding, grouping = INFIX[item.type]
            _complete(operands, waiting, binding, grouping)
            if waiting and waiting[-1][0] == binding and (grouping != "right" or waiting[-1][1] != "right"):
                raise NixSyntaxError(
                    f"syntax error, unexpected '{item.value}'",
                    source=source,
                    span=source.span(item.start, item.end),
                    hint=f"'{item.value}' cannot follow '{waiting[-1][2].value}' without parentheses",
                )
            waiting.append((binding, grouping, item))
            expects_operand = True
    _complete(operands, waiting, -1, "none")
    return operands[0]


def _complete(operands: list[Node], waiting: list[Waiting], binding: int, grouping: str) -> None:
    """Give operands to the waiting operators that bind more tightly than `binding`, or as tightly and to the left."""
    while waiting and (waiting[-1][0] > binding or (waiting[-1][:2] == (binding, "left") and grouping == "left")):
        _, kind, token = waiting.pop()
        right = operands.pop()
        if kind == "prefix":
            made = Not if token.type == "NOT" else Negate
            operands.append(made(token.start, right.end, right))
        else:
            operands.append(_infix(token, operands.pop(), right))


def _infix(token: Token, left: Node, right: Node) -> Node:
    if token.type == "PIPE_INTO":
        return Apply(left.start, right.end, right, (left,))
    if token.type == "PIPE_FROM":
        return Apply(left.start, right.end, left, (right,))
    return Binary(left.start, right.end, token.value, left, right, token.start)
