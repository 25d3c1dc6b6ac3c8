"""Operators. Small integers are computed in place, all else by the runtime. (Nix manual, Operators.)

What the generated code relies on: `x.__class__ is int` is false for Booleans; a comparison evaluates both operands from
left to right, even when it is false; the sum of two numbers within 62 bits, checked afterwards, is exact in Python.
"""

from __future__ import annotations

import ast

from nixbridge.language.compiler.control import condition
from nixbridge.language.compiler.emit import emit, emits
from nixbridge.language.compiler.names import INT, STR
from nixbridge.language.compiler.python_ast import (
    AND,
    IS,
    IS_NOT,
    OR,
    assign,
    binary,
    both,
    call,
    class_of,
    compare,
    constant,
    either,
    in_order,
    list_of,
    name,
    negation,
)
from nixbridge.language.compiler.scope import GLOBAL_CONSTANTS, Global, Scope
from nixbridge.language.compiler.variables import kept
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Span

#: What is added, subtracted or multiplied in place stays within this; beyond, the runtime checks for overflow.
SMALL = 1 << 62
#: A chain longer than this is compiled flat, since Python's compiler recurses into each operand.
LONGEST_NESTED_CHAIN = 12

ARITHMETIC = {
    "+": ("nix.add", ast.Add()),
    "-": ("nix.subtract", ast.Sub()),
    "*": ("nix.multiply", ast.Mult()),
}
_ORDER = {
    "<": ("nix.less", ast.Lt()),
    ">=": ("nix.greater_equal", ast.GtE()),
}
#: `a > b` is `b < a` to Nix, which evaluates `b` first.
_MIRRORED = {">": "<", "<=": ">="}
_PRIMOPS = {"-": "__sub", "*": "__mul", "/": "__div"} | dict.fromkeys((*_ORDER, *_MIRRORED), "__lessThan")
_LEFT_CHAINS = ("+", "-", "*", "/")


@emits(tree.Binary)
def binary_operator(node: tree.Binary, scope: Scope) -> ast.expr:
    """Any operator of two operands."""
    operator = node.operator
    if operator in ("&&", "||", "->"):
        return logical(node, scope)
    if operator in ("++", "//"):
        return joined(node, scope)
    shadowed = _shadowed_primop(node, scope)
    if shadowed is not None:
        return emit(shadowed, scope)
    if operator in _LEFT_CHAINS:
        return arithmetic_chain(node, scope)
    first, second = (node.right, node.left) if operator in _MIRRORED else (node.left, node.right)
    return comparison(_MIRRORED.get(operator, operator), scope.span(node), emit(first, scope), first, second, scope)


def arithmetic_chain(node: tree.Binary, scope: Scope) -> ast.expr:
    """`a + b - c`, from left to right; a long chain as steps one after the other."""
    links: list[tree.Binary] = []
    first: tree.Node = node
    while isinstance(first, tree.Binary) and first.operator in _LEFT_CHAINS and _shadowed_primop(first, scope) is None:
        links.append(first)
        first = first.left
    links.reverse()
    if len(links) <= LONGEST_NESTED_CHAIN:
        value, left = emit(first, scope), first
        for link in links:
            value, left = arithmetic(link, value, left, scope), link
        return value
    span = scope.span(node)
    result = scope.frame.temporary()
    steps: list[ast.expr] = [assign(scope.span(first), result, emit(first, scope))]
    for link in links:
        place = scope.span(link)
        steps.append(assign(place, result, arithmetic(link, name(place, result), link.left, scope)))
    scope.frame.release()
    return in_order(span, steps, name(span, result))


def arithmetic(link: tree.Binary, left: ast.expr, left_node: tree.Node, scope: Scope) -> ast.expr:
    """One `+`, `-`, `*` or `/`: in place for small integers, but for the division."""
    span = scope.span(link)
    test, a, b, temporaries = same_class(left, left_node, link.right, INT, span, scope)
    if link.operator == "/":
        scope.frame.release(temporaries)
        # Python cuts towards minus infinity, Nix towards zero: the same where neither operand is negative
        positive = compare(span, a, ast.GtE(), constant(span, 0), ast.Lt(), b)
        quotient = binary(span, a, ast.FloorDiv(), b)
        return either(span, both(span, AND, [test, positive]), quotient, call(span, "nix.divide", a, b))
    slow, operation = ARITHMETIC[link.operator]
    result = scope.frame.temporary()
    value = assign(span, result, binary(span, a, operation, b))
    within = compare(span, constant(span, -SMALL), ast.Lt(), value, ast.Lt(), constant(span, SMALL))
    scope.frame.release(temporaries + 1)
    return either(span, both(span, AND, [test, within]), name(span, result), call(span, slow, a, b))


def comparison(
    operator: str, span: Span, left: ast.expr, left_node: tree.Node, right_node: tree.Node, scope: Scope
) -> ast.expr:
    """`==`, `!=`, `<`, `>=`: in place for two integers, and for `==` with a string that is written out."""
    if operator in _ORDER:
        slow, operation = _ORDER[operator]
        test, a, b, temporaries = same_class(left, left_node, right_node, INT, span, scope)
        scope.frame.release(temporaries)
        return either(span, test, compare(span, a, operation, b), call(span, slow, a, b))
    if _singleton(left_node, scope) or _singleton(right_node, scope):
        right = emit(right_node, scope)
        if not isinstance(left, ast.Constant) or not isinstance(right, ast.Constant):
            # null, true and false are one object each: what is one of them is that object
            return compare(span, left, IS if operator == "==" else IS_NOT, right)
        return constant(span, (left.value is right.value) is (operator == "=="))
    slow = "nix.equal" if operator == "==" else "nix.not_equal"
    python = STR if tree.String in (left_node.__class__, right_node.__class__) else INT
    equality = ast.Eq() if operator == "==" else ast.NotEq()
    test, a, b, temporaries = same_class(left, left_node, right_node, python, span, scope)
    scope.frame.release(temporaries)
    return either(span, test, compare(span, a, equality, b), call(span, slow, a, b))


def _singleton(node: tree.Node, scope: Scope) -> bool:
    """Is `node` null, true or false, written out?"""
    if not isinstance(node, tree.Variable):
        return False
    binding = scope.resolve(node.name, node)
    return isinstance(binding, Global) and binding.python in GLOBAL_CONSTANTS


def same_class(
    left: ast.expr, left_node: tree.Node, right_node: tree.Node, python: str, span: Span, scope: Scope
) -> tuple[ast.expr, ast.expr, ast.expr, int]:
    """A test that both operands are of class `python`, which evaluates both; the operands again; temporaries taken."""
    wanted = {INT: tree.Integer, STR: tree.String}[python]
    left_first, left_again, taken = kept(left, left_node, span, scope)
    right_first, right_again, more = kept(emit(right_node, scope), right_node, span, scope)
    if isinstance(right_node, wanted):
        test = compare(span, class_of(span, left_first), IS, name(span, python))
    elif isinstance(left_node, wanted):
        test = compare(span, class_of(span, right_first), IS, name(span, python))
    else:
        test = compare(span, class_of(span, left_first), IS, class_of(span, right_first), IS, name(span, python))
    return test, left_again, right_again, taken + more


def logical(node: tree.Binary, scope: Scope) -> ast.expr:
    """`&&`, `||`, `->`: Python's own, over conditions. What the right operand forces is not known behind it."""
    span = scope.span(node)
    if node.operator == "->":
        left = condition(node.left, scope)
        mark = scope.frame.mark()
        right = condition(node.right, scope)
        scope.frame.forget(mark)
        return both(span, OR, [negation(span, left), right])
    operands: list[tree.Node] = [node.right]
    first = node.left
    while isinstance(first, tree.Binary) and first.operator == node.operator:
        operands.append(first.right)
        first = first.left
    operands.append(first)
    operands.reverse()
    tests = [condition(operands[0], scope)]
    mark = scope.frame.mark()
    tests.extend(condition(operand, scope) for operand in operands[1:])
    scope.frame.forget(mark)
    return both(span, AND if node.operator == "&&" else OR, tests)


def joined(node: tree.Binary, scope: Scope) -> ast.expr:
    """`++` and `//`, which group to the right: a chain is one call. Nix evaluates the operands of `//` from the right."""
    span = scope.span(node)
    operands: list[tree.Node] = []
    rest: tree.Node = node
    while isinstance(rest, tree.Binary) and rest.operator == node.operator:
        operands.append(rest.left)
        rest = rest.right
    operands.append(rest)
    if node.operator == "//":
        operands.reverse()
    values = [emit(operand, scope) for operand in operands]
    if node.operator == "++":
        return call(span, "nix.concat_many", list_of(span, values))
    if len(values) == 2:
        return call(span, "nix.update", *values)
    return call(span, "nix.update_many", list_of(span, values))


@emits(tree.Not)
def not_(node: tree.Not, scope: Scope) -> ast.expr:
    """`!a`."""
    return negation(scope.span(node), condition(node.operand, scope))


@emits(tree.Negate)
def negate(node: tree.Negate, scope: Scope) -> ast.expr:
    """`-a`, which is `0 - a`."""
    if not scope.is_builtin("__sub"):
        zero = tree.Integer(node.start, node.start, 0)
        return emit(tree.Binary(node.start, node.end, "-", zero, node.operand, node.start), scope)
    return call(scope.span(node), "nix.negate", emit(node.operand, scope))


def _shadowed_primop(node: tree.Binary, scope: Scope) -> tree.Node | None:
    """The call that an operator stands for, where the file has a variable of its own called `__sub` and so on.

    Nix's parser makes calls of `__sub`, `__mul`, `__div` and `__lessThan` out of operators, and they are looked up as variables.
    """
    wanted = _PRIMOPS.get(node.operator)
    if wanted is None or not any(wanted in outer.names for outer in scope.outwards()):
        return None
    operands = (node.left, node.right) if node.operator in ("-", "*", "/", "<", ">=") else (node.right, node.left)
    applied: tree.Node = tree.Apply(node.start, node.end, tree.Variable(node.start, node.end, wanted), operands)
    return tree.Not(node.start, node.end, applied) if node.operator in ("<=", ">=") else applied
