"""Durations as Go writes them: `250ms`, `1m30s`, `2h`."""

from __future__ import annotations

import re
from fractions import Fraction

from nixbridge.mesh.tables.value_types import DURATION_PART

_DURATION = re.compile(f"[-+]?(?:0|(?:{DURATION_PART})+)")
_PART = re.compile(DURATION_PART)
_MILLISECONDS = {
    "ns": Fraction(1, 1_000_000),
    "us": Fraction(1, 1_000),
    "µs": Fraction(1, 1_000),
    "μs": Fraction(1, 1_000),
    "ms": Fraction(1),
    "s": Fraction(1_000),
    "m": Fraction(60_000),
    "h": Fraction(3_600_000),
}
#: Nobody writes more digits than this, and Python reads no number of more than 4,300.
LONGEST_TEXT = 100
#: What Go's time.Duration holds: 2**63 nanoseconds.
_LONGEST = Fraction(2**63, 1_000_000)


def milliseconds(text: str) -> Fraction | None:
    """Return the length of a duration, or None if Go's time.ParseDuration would reject it."""
    if len(text) > LONGEST_TEXT or not _DURATION.fullmatch(text):
        return None
    total = Fraction(0)
    for number, unit in _PART.findall(text):
        # exact: as a float, 1.001 * 1000 is 1000.9999999999999
        total += Fraction(number) * _MILLISECONDS[unit]
    if total >= _LONGEST:
        return None
    return -total if text.startswith("-") else total


def wrong_duration(text: str, *, least: int = 1) -> str | None:
    """Return the fault of a duration of at least `least` milliseconds, or None.

    (CEL rule of the CRDs; istiod's ValidateDuration)
    """
    length = milliseconds(text)
    if length is None:
        return f"'{text}' is not a duration (250ms, 30s, 1m30s, 2h)"
    if length < least:
        return f"'{text}' is too short: {least}ms at least" if least else f"'{text}' is negative"
    if length.denominator != 1:
        return f"'{text}' is more exact than milliseconds, which is what Istio takes"
    return None
