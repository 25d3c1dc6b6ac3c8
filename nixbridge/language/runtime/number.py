"""64-bit integers and floats: arithmetic, and how floats are printed. (Nix manual, Data types, Operators)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError

SMALLEST = -(2**63)
LARGEST = 2**63 - 1


def checked(result: int, verb: str, left: int, operator: str, right: int) -> int:
    """Return `result` when it fits into 64 bits; else EvalError in Nix's words."""
    if SMALLEST <= result <= LARGEST:
        return result
    raise EvalError(f"integer overflow in {verb} {left} {operator} {right}")


def divide_integers(left: int, right: int) -> int:
    """Return the quotient, cut towards zero. Raises EvalError for zero and for the one quotient that does not fit."""
    if right == 0:
        raise EvalError("division by zero")
    quotient = abs(left) // abs(right)
    return checked(quotient if (left < 0) == (right < 0) else -quotient, "dividing", left, "/", right)


def six_digits(number: float) -> str:
    """Return a float as `toString` gives it: C's `%f`."""
    return special(number) or f"{number:f}"


def shown(number: float) -> str:
    """Return a float as Nix prints a value: C++'s default, six significant digits."""
    return special(number) or f"{number:g}"


def special(number: float) -> str | None:
    """Return `inf`, `-inf`, `nan`, `-nan`; None for a finite float."""
    if number != number:
        from math import copysign  # a shared library: few programs need it, every start would load it

        return "nan" if copysign(1.0, number) > 0 else "-nan"
    if number in (float("inf"), float("-inf")):
        return "inf" if number > 0 else "-inf"
    return None
