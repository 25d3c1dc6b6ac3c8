"""Operators where generated code does not compute them in place. Operands may be unforced; results are not."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime import attrset
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.compare import equal, incomparable, less
from nixbridge.language.runtime.number import checked, divide_integers
from nixbridge.language.runtime.path import NixPath, canonical
from nixbridge.language.runtime.strings import ContextString, join
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_bool, expect_int, expect_list, expect_number, expect_set
from nixbridge.language.runtime.values import Value, type_name

__all__ = [
    "add",
    "concat_many",
    "divide",
    "equal",
    "greater_equal",
    "incomparable",
    "less",
    "logical",
    "multiply",
    "negate",
    "not_equal",
    "subtract",
    "update",
    "update_many",
]


def add(left: Value, right: Value, host: Value = None) -> Value:
    """`left + right`: numbers, strings, paths; what the left operand is decides. Raises EvalError."""
    if left.__class__ is Thunk:
        left = force(left)
    if right.__class__ is Thunk:
        right = force(right)
    a, b = left.__class__, right.__class__
    if a is str and b is str:
        text = left + right
        return text if text.isascii() else join("", [left, right])
    if a is int or a is float:
        if b is int and a is int:
            return checked(left + right, "adding", left, "+", right)
        if b is int or b is float:
            return float(left) + float(right)
        raise EvalError(f"cannot add {type_name(right)} to {type_name(left)}")
    if a is NixPath:
        if b is NixPath:
            return NixPath(canonical(left.text + right.text))
        text = to_string(right, host, copy_to_store=False)
        if text.__class__ is ContextString:
            raise EvalError("a string that refers to a store path cannot be appended to a path")
        return NixPath(canonical(left.text + text))
    # a set in front, which has a text, makes a string, but paths are copied to the store only after a string
    copy = isinstance(left, str)
    return join("", [to_string(left, host, copy_to_store=copy), to_string(right, host, copy_to_store=copy)])


def subtract(left: Value, right: Value) -> Value:
    """`left - right`."""
    left, right = numbers(left, right)
    if left.__class__ is int:
        return checked(left - right, "subtracting", left, "-", right)
    return left - right


def multiply(left: Value, right: Value) -> Value:
    """`left * right`."""
    left, right = numbers(left, right)
    if left.__class__ is int:
        return checked(left * right, "multiplying", left, "*", right)
    return left * right


def divide(left: Value, right: Value) -> Value:
    """Return `left / right`; the quotient of integers is cut towards zero."""
    left, right = force(left), force(right)
    if expect_number(right) == 0:
        raise EvalError("division by zero")
    left, right = numbers(left, right)
    return divide_integers(left, right) if left.__class__ is int else left / right


def negate(operand: Value) -> Value:
    """Return `-operand`, where `-` has been given another meaning for two operands."""
    return subtract(0, operand)


def numbers(left: Value, right: Value) -> tuple[Value, Value]:
    """Two ints, or two floats when one of the operands is one. Raises EvalError for anything else."""
    left, right = force(left), force(right)
    if left.__class__ is float or right.__class__ is float:
        return float(expect_number(left)), float(expect_number(right))
    return expect_int(left), expect_int(right)


def greater_equal(left: Value, right: Value) -> bool:
    """Return `left >= right`, which is `!(left < right)`; so is `right <= left`."""
    return not less(left, right)


def not_equal(left: Value, right: Value) -> bool:
    """`left != right`."""
    return not equal(left, right)


def logical(value: Value) -> bool:
    """Return a condition. Raises EvalError for what is not a Boolean."""
    return expect_bool(value)


def concat_many(operands: list[Value]) -> list[Value]:
    """Return `a ++ b ++ c`; one list with something in it is given back as it is."""
    lists = [expect_list(operand) for operand in operands]
    filled = [items for items in lists if items]
    if len(filled) == 1:
        return filled[0]
    result: list[Value] = []
    for items in filled:
        result += items
    return result


def update(right: Value, left: Value) -> dict[str, Value]:
    """`left // right`. The right operand comes first, as Nix evaluates it first."""
    if left.__class__ is dict and right.__class__ is dict:
        return left | right
    after = expect_set(right)
    return attrset.update(expect_set(left), after)


def update_many(operands: list[Value]) -> dict[str, Value]:
    """Return `a // b // c`, of `[ c b a ]`."""
    sets = [expect_set(operand) for operand in operands]
    if all(attrs.__class__ is dict for attrs in sets):
        # one dict for all: each step would copy what is there already
        filled = [attrs for attrs in sets if attrs]
        if len(filled) > 1:
            merged: dict[str, Value] = {}
            for attrs in reversed(filled):
                merged.update(attrs)
            return merged
    result = sets[0]
    for attrs in sets[1:]:
        result = attrset.update(attrs, result)
    return result
