"""Nix's base 32: digits of its own (no e, o, u, t), least significant byte first. (Nix manual, nix hash convert)"""

from __future__ import annotations

DIGITS = "0123456789abcdfghijklmnpqrsvwxyz"
DIGIT_SET = frozenset(DIGITS)

#: Ten bits at a time: half as many steps.
_PAIRS = [high + low for high in DIGITS for low in DIGITS]


def length(size: int) -> int:
    """Return how many digits `size` bytes take."""
    return (size * 8 + 4) // 5


def encode(data: bytes) -> str:
    """Return the digits of `data`."""
    number = int.from_bytes(data, "little")
    digits = length(len(data))
    text = "".join([_PAIRS[number >> shift & 1023] for shift in range((digits - 1) // 2 * 10, -1, -10)])
    return text[-digits:]


def decode(text: str) -> bytes:
    """Return the bytes of a number in base 32; bits left over become one more byte. Raises ValueError for other characters."""
    number = 0
    for character in text:
        number = number << 5 | DIGITS.index(character)
    size = len(text) * 5 // 8
    return number.to_bytes(max(size, (number.bit_length() + 7) // 8), "little")
