"""Numbers: the operators as functions, bits, rounding. (Nix manual, Built-ins)"""

from __future__ import annotations

import math

from nixbridge.errors.kinds import EvalError
from nixbridge.runtime import operators
from nixbridge.runtime.expect import expect_int, expect_number
from nixbridge.runtime.number import LARGEST, SMALLEST, shown
from nixbridge.runtime.primop import primop
from nixbridge.runtime.values import Value


@primop("add")
def add(a: Value, b: Value) -> Value:
    """The sum of two numbers. (builtins.add)"""
    return operators.add(*operators.numbers(a, b))


@primop("sub")
def sub(a: Value, b: Value) -> Value:
    """The difference of two numbers. (builtins.sub)"""
    return operators.subtract(a, b)


@primop("mul")
def mul(a: Value, b: Value) -> Value:
    """The product of two numbers. (builtins.mul)"""
    return operators.multiply(a, b)


@primop("div")
def div(a: Value, b: Value) -> Value:
    """The quotient of two numbers, of integers cut towards zero. (builtins.div)"""
    return operators.divide(a, b)


@primop("lessThan")
def less_than(a: Value, b: Value) -> Value:
    """`a < b`. (builtins.lessThan)"""
    return operators.less(a, b)


@primop("bitAnd")
def bit_and(a: Value, b: Value) -> Value:
    """The bits that both integers have. (builtins.bitAnd)"""
    return expect_int(a) & expect_int(b)


@primop("bitOr")
def bit_or(a: Value, b: Value) -> Value:
    """The bits that either integer has. (builtins.bitOr)"""
    return expect_int(a) | expect_int(b)


@primop("bitXor")
def bit_xor(a: Value, b: Value) -> Value:
    """The bits that one integer has and the other has not. (builtins.bitXor)"""
    return expect_int(a) ^ expect_int(b)


@primop("floor")
def floor(number: Value) -> Value:
    """The greatest integer that is not greater. Raises EvalError for what does not fit into 64 bits. (builtins.floor)"""
    return _rounded(expect_number(number), math.floor, "floor")


@primop("ceil")
def ceil(number: Value) -> Value:
    """The smallest integer that is not smaller. Raises EvalError for what does not fit into 64 bits. (builtins.ceil)"""
    return _rounded(expect_number(number), math.ceil, "ceil")


def _rounded(number: float, round_: Value, name: str) -> int:
    if not math.isfinite(number) or not SMALLEST <= (result := round_(number)) <= LARGEST:
        raise EvalError(f"NixFloat argument {shown(float(number))} is not in the range of NixInt")
    return int(result)
