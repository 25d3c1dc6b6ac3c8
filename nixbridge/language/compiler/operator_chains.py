"""Operators as the resolve pass and the emitters both see them: chains that are one node, and operators that are calls."""

from __future__ import annotations

from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Chains of these operators are one node to an emitter: how they group, and which operators make one chain.
ARITHMETIC_CHAIN = frozenset("+-*/")
_LEFT_CHAINS = dict.fromkeys(ARITHMETIC_CHAIN, ARITHMETIC_CHAIN) | {
    operator: frozenset((operator,)) for operator in ("&&", "||")
}
_RIGHT_CHAINS = ("++", "//", "->")

#: What Nix's parser makes of an operator: a call of a variable. (`a > b` is `b < a`.)
PRIMOPS = {"-": "__sub", "*": "__mul", "/": "__div"} | dict.fromkeys(("<", "<=", ">", ">="), "__lessThan")


def chain_operands(node: tree.Binary, ends_chain: Callable[[tree.Binary], bool]) -> list[tree.Node]:
    """Return the operands of the chain that `node` is the root of, from left to right.

    A loop, since a chain may be of any length. `ends_chain` says of a link that it is a node of its own: a call in disguise.
    """
    operator = node.operator
    operands: list[tree.Node] = []
    rest: tree.Node = node
    if operator in _LEFT_CHAINS:
        chain = _LEFT_CHAINS[operator]
        while isinstance(rest, tree.Binary) and rest.operator in chain and not ends_chain(rest):
            operands.append(rest.right)
            rest = rest.left
        operands.append(rest)
        operands.reverse()
        return operands
    if operator in _RIGHT_CHAINS:
        while isinstance(rest, tree.Binary) and rest.operator == operator:
            operands.append(rest.left)
            rest = rest.right
        operands.append(rest)
        return operands
    return [node.left, node.right]


def as_call(node: tree.Binary) -> tree.Node:
    """Return the call that an operator of PRIMOPS stands for to Nix's parser."""
    operands = (node.left, node.right) if node.operator in ("-", "*", "/", "<", ">=") else (node.right, node.left)
    function = tree.Variable(node.start, node.end, PRIMOPS[node.operator])
    applied = tree.Apply(node.start, node.end, function, operands)
    return tree.Not(node.start, node.end, applied) if node.operator in ("<=", ">=") else applied


def negation_as_call(node: tree.Negate) -> tree.Node:
    """Return the call of `__sub` that `-a` stands for."""
    zero = tree.Integer(node.start, node.start, 0)
    function = tree.Variable(node.start, node.end, PRIMOPS["-"])
    return tree.Apply(node.start, node.end, function, (zero, node.operand))
