"""Operators. Small integers are computed in place, all else by the runtime. (Nix manual, Operators.)

What the generated code relies on: `x.__class__ is int` is false for Booleans; a comparison evaluates both operands from
left to right, even when it is false; the sum of two numbers within 62 bits, checked afterwards, is exact in Python.
"""

from __future__ import annotations

import _ast as ast

from nixbridge.language.compiler.binding import GLOBAL_CONSTANTS, Global
from nixbridge.language.compiler.control import condition
from nixbridge.language.compiler.emit import emit, emits
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.laziness import scalar
from nixbridge.language.compiler.names import INT, STR
from nixbridge.language.compiler.operator_chains import ARITHMETIC_CHAIN
from nixbridge.language.compiler.python_ast import (
    AND,
    IS,
    IS_NOT,
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
    function,
    name,
    negation,
)
from nixbridge.language.compiler.sequences import MOST_ITEMS, groups, in_steps, long_list
from nixbridge.language.compiler.variables import kept
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Span

#: What is added, subtracted or multiplied in place stays within this; beyond, the runtime checks for overflow.
SMALL = 1 << 62
#: A chain longer than this is compiled flat, since Python's compiler recurses into each operand.
LONGEST_NESTED_CHAIN = 8

ARITHMETIC = {
    "+": ("nix.add", ast.Add()),
    "-": ("nix.subtract", ast.Sub()),
    "*": ("nix.multiply", ast.Mult()),
}
_SLOW = {"+": "nix.add", "-": "nix.subtract", "*": "nix.multiply", "/": "nix.divide"}
_ORDER = {
    "<": ("nix.less", ast.Lt()),
    ">=": ("nix.greater_equal", ast.GtE()),
}
#: `a > b` is `b < a` to Nix, which evaluates `b` first.
_MIRRORED = {">": "<", "<=": ">="}


@emits(tree.Binary)
def binary_operator(node: tree.Binary, frame: Frame) -> ast.expr:
    """Return any operator of two operands."""
    # the file has a `__lessThan` or the like of its own: to Nix the operator is a call of it
    meant = frame.unit.found.desugared.get(node)
    if meant is not None:
        return emit(meant, frame)
    operator = node.operator
    if operator in ("&&", "||"):
        return logical(node, frame)
    if operator == "->":
        return implication(node, frame)
    if operator in ("++", "//"):
        return joined(node, frame)
    if operator in ARITHMETIC_CHAIN:
        return arithmetic_chain(node, frame)
    first, second = (node.right, node.left) if operator in _MIRRORED else (node.left, node.right)
    return comparison(_MIRRORED.get(operator, operator), frame.span(node), emit(first, frame), first, second, frame)


def arithmetic_chain(node: tree.Binary, frame: Frame) -> ast.expr:
    """Return `a + b - c`, from left to right; a long chain as steps one after the other, which the runtime computes."""
    # a loop, not recursion: 60,000 operands in a row are valid Nix
    links: list[tree.Binary] = []
    first: tree.Node = node
    desugared = frame.unit.found.desugared
    while isinstance(first, tree.Binary) and first.operator in ARITHMETIC_CHAIN and first not in desugared:
        links.append(first)
        first = first.left
    links.reverse()
    value = emit(first, frame)
    if len(links) <= LONGEST_NESTED_CHAIN:
        left = first
        for link in links:
            value, left = arithmetic(link, value, left, frame), link
        return value

    def step(link: tree.Binary, held: str, frame: Frame) -> ast.expr:
        place = frame.span(link)
        return call(place, _SLOW[link.operator], name(place, held), emit(link.right, frame))

    return in_steps(value, links, step, frame.span(node), frame)


def arithmetic(link: tree.Binary, left: ast.expr, left_node: tree.Node, frame: Frame) -> ast.expr:
    """Return one `+`, `-`, `*` or `/`: in place for small integers, except the division."""
    span = frame.span(link)
    if frame.once:
        # code that runs once costs more to compile in place than the call costs
        return call(span, _SLOW[link.operator], left, emit(link.right, frame))
    if link.operator == "+" and (isinstance(scalar(link.right), str) or isinstance(scalar(left_node), str)):
        return text_in_place(left, left_node, link.right, span, frame)
    with frame.scratch():
        test, a, b = same_class(left, left_node, link.right, INT, span, frame)
        if link.operator == "/":
            # Python cuts towards minus infinity, Nix towards zero: the same where neither operand is negative
            positive = compare(span, a, ast.GtE(), constant(span, 0))
            if not isinstance(scalar(link.right), int) or scalar(link.right) == 0:
                # a divisor that is zero must reach the runtime, which has Nix's message for it
                positive = compare(span, a, ast.GtE(), constant(span, 0), ast.Lt(), b)
            quotient = binary(span, a, ast.FloorDiv(), b)
            return either(span, both(span, AND, [test, positive]), quotient, call(span, "nix.divide", a, b))
        slow, operation = ARITHMETIC[link.operator]
        result = frame.temporary()
    value = assign(span, result, binary(span, a, operation, b))
    within = compare(span, constant(span, -SMALL), ast.Lt(), value, ast.Lt(), constant(span, SMALL))
    return either(span, both(span, AND, [test, within]), name(span, result), call(span, slow, a, b))


def text_in_place(left: ast.expr, left_node: tree.Node, right_node: tree.Node, span: Span, frame: Frame) -> ast.expr:
    """Return `a + "b"`: in place where the other operand is a string and both are ASCII, else by the runtime."""
    with frame.scratch():
        test, a, b = same_class(left, left_node, right_node, STR, span, frame)
        result = frame.temporary()
    joined = assign(span, result, binary(span, a, ast.Add(), b))
    # Nix's strings are bytes: two halves of a character can meet where they are joined, which only the runtime puts right
    is_ascii = call(span, attribute(span, joined, "isascii"))
    return either(span, both(span, AND, [test, is_ascii]), name(span, result), call(span, "nix.add", a, b))


def comparison(
    operator: str, span: Span, left: ast.expr, left_node: tree.Node, right_node: tree.Node, frame: Frame
) -> ast.expr:
    """Return `==`, `!=`, `<`, `>=`: in place for two integers, and for `==` with a string that is written out."""
    if operator in _ORDER:
        slow, operation = _ORDER[operator]
        if frame.once:
            return call(span, slow, left, emit(right_node, frame))
        with frame.scratch():
            test, a, b = same_class(left, left_node, right_node, INT, span, frame)
        return either(span, test, compare(span, a, operation, b), call(span, slow, a, b))
    if _singleton(left_node) or _singleton(right_node):
        # before the test of `once`: an identity is cheaper than any call
        right = emit(right_node, frame)
        if not isinstance(left, ast.Constant) or not isinstance(right, ast.Constant):
            # null, true and false are one object each: what is one of them is that object
            return compare(span, left, IS if operator == "==" else IS_NOT, right)
        return constant(span, (left.value is right.value) is (operator == "=="))
    slow = "nix.equal" if operator == "==" else "nix.not_equal"
    if frame.once:
        return call(span, slow, left, emit(right_node, frame))
    python = STR if isinstance(scalar(left_node), str) or isinstance(scalar(right_node), str) else INT
    equality = ast.Eq() if operator == "==" else ast.NotEq()
    with frame.scratch():
        test, a, b = same_class(left, left_node, right_node, python, span, frame)
    result = compare(span, a, equality, b)
    otherwise: ast.expr = call(span, slow, a, b)
    if python == INT and not isinstance(scalar(left_node), int) and not isinstance(scalar(right_node), int):
        # what else is compared most
        both_texts = compare(span, class_of(span, a), IS, class_of(span, b), IS, name(span, STR))
        otherwise = either(span, both_texts, result, otherwise)
    return either(span, test, result, otherwise)


def _singleton(node: tree.Node) -> bool:
    """Return whether `node` is null, true or false, written out."""
    if not isinstance(node, tree.Variable):
        return False
    return isinstance(node.binding, Global) and node.binding.python in GLOBAL_CONSTANTS


def same_class(
    left: ast.expr, left_node: tree.Node, right_node: tree.Node, python: str, span: Span, frame: Frame
) -> tuple[ast.expr, ast.expr, ast.expr]:
    """Return a test that both operands are of class `python`, which evaluates both; and the operands again."""
    wanted = {INT: int, STR: str}[python]
    # both are evaluated in the test, from left to right; what stands after it only reads where they are kept
    left_first, left_again = kept(left, left_node, span, frame)
    right_first, right_again = kept(emit(right_node, frame), right_node, span, frame)
    # the class of a literal is known
    if isinstance(scalar(right_node), wanted):
        test = compare(span, class_of(span, left_first), IS, name(span, python))
    elif isinstance(scalar(left_node), wanted):
        test = compare(span, class_of(span, right_first), IS, name(span, python))
    else:
        test = compare(span, class_of(span, left_first), IS, class_of(span, right_first), IS, name(span, python))
    return test, left_again, right_again


def logical(node: tree.Binary, frame: Frame) -> ast.expr:
    """Return `&&`, `||`: Python's own, over conditions. What the right operand forces is not known after it."""
    operands: list[tree.Node] = []
    first: tree.Node = node
    while isinstance(first, tree.Binary) and first.operator == node.operator:
        operands.append(first.right)
        first = first.left
    operands.append(first)
    operands.reverse()
    return conditions(operands, AND if node.operator == "&&" else OR, frame.span(node), frame)


def implication(node: tree.Binary, frame: Frame) -> ast.expr:
    """Return `a -> b -> c`, which is `!a || !b || c`."""
    operands: list[tree.Node] = []
    last: tree.Node = node
    while isinstance(last, tree.Binary) and last.operator == "->":
        operands.append(tree.Not(last.left.start, last.left.end, last.left))
        last = last.right
    return conditions([*operands, last], OR, frame.span(node), frame)


def conditions(operands: list[tree.Node], operator: ast.boolop, span: Span, frame: Frame) -> ast.expr:
    """Return conditions joined by `operator`; many are tested in several functions."""
    if len(operands) > MOST_ITEMS:
        tests: list[ast.expr] = []
        for group in groups(operands):
            # a Python function of its own, as CPython's compiler recurses into the operands of one expression
            inner = frame.group()
            made = both(span, operator, [condition(operand, inner) for operand in group])
            tests.append(call(span, function(span, [], made)))
        return both(span, operator, tests)
    first = condition(operands[0], frame)
    # the others may not run: what they force is a thunk again for the code that follows
    with frame.branch():
        return both(span, operator, [first, *[condition(operand, frame) for operand in operands[1:]]])


def joined(node: tree.Binary, frame: Frame) -> ast.expr:
    """Return `++` and `//`, which group to the right: a chain is one call. Nix evaluates the operands of `//` from the right."""
    span = frame.span(node)
    operands: list[tree.Node] = []
    rest: tree.Node = node
    while isinstance(rest, tree.Binary) and rest.operator == node.operator:
        operands.append(rest.left)
        rest = rest.right
    operands.append(rest)
    if node.operator == "//":
        # of two errors Nix reports the one on the right
        operands.reverse()
        if len(operands) == 2:
            return call(span, "nix.update", *[emit(operand, frame) for operand in operands])
    elif len(operands) == 2:
        return call(span, "nix.concat", *[emit(operand, frame) for operand in operands])
    many = "nix.concat_many" if node.operator == "++" else "nix.update_many"
    return call(span, many, long_list(operands, span, frame, emit))


@emits(tree.Not)
def not_(node: tree.Not, frame: Frame) -> ast.expr:
    """`!a`."""
    return negation(frame.span(node), condition(node.operand, frame))


@emits(tree.Negate)
def negate(node: tree.Negate, frame: Frame) -> ast.expr:
    """Return `-a`; with a `__sub` of the file's own it is a call of that."""
    meant = frame.unit.found.desugared.get(node)
    if meant is not None:
        return emit(meant, frame)
    return call(frame.span(node), "nix.negate", emit(node.operand, frame))
