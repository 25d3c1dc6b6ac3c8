"""Quantities of Kubernetes as numbers: `100m`, `256Mi`, `1e3`."""

from __future__ import annotations

import re
from fractions import Fraction

from nixbridge.mesh.tables.value_types import QUANTITY

#: Longer ones are not written by people, and cost time.
LONGEST_QUANTITY = 64
_QUANTITY = re.compile(QUANTITY)
_SUFFIXES = {"n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000), None: Fraction(1)}
_SUFFIXES |= {letter: Fraction(1000**power) for power, letter in enumerate("kMGTPE", 1)}
_SUFFIXES |= {f"{letter}i": Fraction(1024**power) for power, letter in enumerate("KMGTPE", 1)}
#: Decimal exponents beyond this are nobody's.
_LARGEST_EXPONENT = 30


def is_whole_number(text: str, most: int) -> bool:
    """Return whether Go's ParseUint reads a text as a number of at most `most`."""
    digits = text.lstrip("0")
    # compared by length first: Python reads no number of thousands of digits
    return text.isascii() and text.isdigit() and len(digits) <= len(str(most)) and int(digits or "0") <= most


def amount(quantity: object) -> Fraction | None:
    """Return a quantity as a number, or None if it is invalid."""
    if isinstance(quantity, bool) or not isinstance(quantity, (str, int, float)):
        return None
    text = str(quantity)
    found = _QUANTITY.fullmatch(text) if len(text) <= LONGEST_QUANTITY else None
    if found is None:
        return None
    number, suffix = Fraction(found[1].rstrip(".") if found[1] != "." else "0"), found[2]
    if suffix in _SUFFIXES:
        return number * _SUFFIXES[suffix]
    exponent = int(suffix[1:])
    return number * Fraction(10) ** exponent if abs(exponent) <= _LARGEST_EXPONENT else None
