"""Numbers: the operators as functions, bits, rounding. (Nix manual, Built-ins)"""

from __future__ import annotations

import math

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime import operators
from nixbridge.language.runtime.number import LARGEST, SMALLEST, shown
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.type_checks import expect_int, expect_number
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


@primop("add")
def add(a: Lazy, b: Lazy) -> Value:
    """Return the sum of two numbers. (builtins.add)"""
    return operators.add(*operators.numbers(a, b))


@primop("sub")
def sub(a: Lazy, b: Lazy) -> Value:
    """Return the difference of two numbers. (builtins.sub)"""
    return operators.subtract(a, b)


@primop("mul")
def mul(a: Lazy, b: Lazy) -> Value:
    """Return the product of two numbers. (builtins.mul)"""
    return operators.multiply(a, b)


@primop("div")
def div(a: Lazy, b: Lazy) -> Value:
    """Return the quotient of two numbers, of integers cut towards zero. (builtins.div)"""
    return operators.divide(a, b)


@primop("lessThan")
def less_than(a: Lazy, b: Lazy) -> Value:
    """Return `a < b`. (builtins.lessThan)"""
    return operators.less(a, b)


@primop("bitAnd")
def bit_and(a: Lazy, b: Lazy) -> Value:
    """Return the bits that both integers have. (builtins.bitAnd)"""
    return expect_int(a) & expect_int(b)


@primop("bitOr")
def bit_or(a: Lazy, b: Lazy) -> Value:
    """Return the bits that either integer has. (builtins.bitOr)"""
    return expect_int(a) | expect_int(b)


@primop("bitXor")
def bit_xor(a: Lazy, b: Lazy) -> Value:
    """Return the bits that one integer has and the other lacks. (builtins.bitXor)"""
    return expect_int(a) ^ expect_int(b)


@primop("floor")
def floor(number: Lazy) -> Value:
    """Return the greatest integer that is not greater. Raises EvalError for what does not fit into 64 bits. (builtins.floor)"""
    return _rounded(expect_number(number), math.floor)


@primop("ceil")
def ceil(number: Lazy) -> Value:
    """Return the smallest integer that is not smaller. Raises EvalError for what does not fit into 64 bits. (builtins.ceil)"""
    return _rounded(expect_number(number), math.ceil)


def _rounded(number: int | float, round_: Callable[[float], int]) -> int:
    if type(number) is int:
        return _unless_once_wrong(number)
    if not math.isfinite(number) or not SMALLEST <= (result := round_(number)) <= LARGEST:
        raise EvalError(f"NixFloat argument {shown(number)} is not in the range of NixInt")
    return result


def _unless_once_wrong(number: int) -> int:
    """Return an integer as it is. Raises EvalError, as Nix does, for one that older versions changed on the way through a float."""
    bug = "Due to a bug (see https://github.com/NixOS/nix/issues/12899)"
    nearest = int(float(number))
    if nearest > LARGEST:
        raise EvalError(f"{bug} the NixInt argument {number} caused undefined behavior in previous Nix versions.")
    if nearest != number:
        lost = "a loss of precision occurred in previous Nix versions because the NixInt argument"
        raise EvalError(f"{bug} {lost} {number} was rounded to {nearest}.")
    return number
