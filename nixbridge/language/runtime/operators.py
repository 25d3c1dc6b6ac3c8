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
from nixbridge.language.runtime.values import Lazy, Value, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host

__all__ = [
    "add",
    "concat",
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


def add(left: Lazy, right: Lazy, host: Host | None = None) -> Value:
    """`left + right`: numbers, strings, paths; what the left operand is decides. Raises EvalError."""
    if type(left) is Thunk:
        left = force(left)
    if type(right) is Thunk:
        right = force(right)
    if type(left) is str and type(right) is str:
        text = left + right
        # bytes of one character may stand in both, which only together are that character
        return text if text.isascii() else join("", [left, right])
    if type(left) is int or type(left) is float:
        if type(right) is int and type(left) is int:
            return checked(left + right, "adding", left, "+", right)
        if type(right) is int or type(right) is float:
            return float(left) + float(right)
        raise EvalError(f"cannot add {type_name(right)} to {type_name(left)}")
    if type(left) is NixPath:
        if type(right) is NixPath:
            return NixPath(canonical(left.text + right.text))
        text = to_string(right, host, copy_to_store=False)
        if type(text) is ContextString:
            raise EvalError("a string that refers to a store path cannot be appended to a path")
        return NixPath(canonical(left.text + text))
    # a set in front, which has a text, makes a string, but paths are copied to the store only after a string
    copy = isinstance(left, str)
    return join("", [to_string(left, host, copy_to_store=copy), to_string(right, host, copy_to_store=copy)])


def subtract(left: Lazy, right: Lazy) -> Value:
    """`left - right`."""
    if type(left) is float and type(right) is float:
        return left - right
    a, b = numbers(left, right)
    if type(a) is int and type(b) is int:
        return checked(a - b, "subtracting", a, "-", b)
    return a - b


def multiply(left: Lazy, right: Lazy) -> Value:
    """`left * right`."""
    if type(left) is float and type(right) is float:
        return left * right
    a, b = numbers(left, right)
    if type(a) is int and type(b) is int:
        return checked(a * b, "multiplying", a, "*", b)
    return a * b


def divide(left: Lazy, right: Lazy) -> Value:
    """Return `left / right`; the quotient of integers is cut towards zero."""
    left, right = force(left), force(right)
    if expect_number(right) == 0:
        raise EvalError("division by zero")
    a, b = numbers(left, right)
    return divide_integers(a, b) if type(a) is int and type(b) is int else a / b


def negate(operand: Lazy) -> Value:
    """Return `-operand`, where `-` has been given another meaning for two operands."""
    return subtract(0, operand)


def numbers(left: Lazy, right: Lazy) -> tuple[int | float, int | float]:
    """Return two ints, or two floats when one of the operands is one. Raises EvalError for anything else."""
    if type(left) is Thunk:
        left = force(left)
    if type(right) is Thunk:
        right = force(right)
    if type(left) is float or type(right) is float:
        return float(expect_number(left)), float(expect_number(right))
    return expect_int(left), expect_int(right)


def greater_equal(left: Lazy, right: Lazy) -> bool:
    """Return `left >= right`, which is `!(left < right)`; so is `right <= left`."""
    return not less(left, right)


def not_equal(left: Lazy, right: Lazy) -> bool:
    """`left != right`."""
    return not equal(left, right)


def logical(value: Lazy) -> bool:
    """Return a condition. Raises EvalError unless it is a Boolean."""
    return expect_bool(value)


def concat(left: Lazy, right: Lazy) -> list[Lazy]:
    """Return `left ++ right`; the one that has something in it, where the other has nothing."""
    a = left if type(left) is list else expect_list(left)
    b = right if type(right) is list else expect_list(right)
    return a + b if a and b else a or b


def concat_many(operands: list[Lazy]) -> list[Lazy]:
    """Return `a ++ b ++ c`; one list with something in it is given back as it is."""
    lists = [expect_list(operand) for operand in operands]
    filled = [items for items in lists if items]
    if len(filled) == 1:
        return filled[0]
    result: list[Lazy] = []
    for items in filled:
        result += items
    return result


def update(right: Lazy, left: Lazy) -> dict[str, Lazy]:
    """`left // right`. The right operand comes first, as Nix evaluates it first."""
    if type(left) is dict and type(right) is dict:
        return left | right
    after = expect_set(right)
    return attrset.update(expect_set(left), after)


def update_many(operands: list[Lazy]) -> dict[str, Lazy]:
    """Return `a // b // c`, of `[ c b a ]`."""
    sets = [expect_set(operand) for operand in operands]
    if all(type(attrs) is dict for attrs in sets):
        # one dict for all: each step would copy what is there already
        filled = [attrs for attrs in sets if attrs]
        if len(filled) > 1:
            merged: dict[str, Lazy] = {}
            for attrs in reversed(filled):
                merged.update(attrs)
            return merged
    result = sets[0]
    for attrs in sets[1:]:
        result = attrset.update(attrs, result)
    return result
