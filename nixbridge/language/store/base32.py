"""Nix's base 32: its own digits (no e, o, u, t), the last bits first. (Nix manual, nix hash convert)"""

from __future__ import annotations

DIGITS = "0123456789abcdfghijklmnpqrsvwxyz"


def length(size: int) -> int:
    """How many digits `size` bytes take."""
    return (size * 8 + 4) // 5


def encode(data: bytes) -> str:
    """The digits of `data`."""
    number = int.from_bytes(data, "little")
    return "".join([DIGITS[number >> 5 * place & 31] for place in range(length(len(data)) - 1, -1, -1)])


def decode(text: str) -> bytes:
    """The bytes that `text` stands for; bits left over become one more. Raises ValueError for what is no digit."""
    number = 0
    for character in text:
        number = number << 5 | DIGITS.index(character)
    size = len(text) * 5 // 8
    return number.to_bytes(max(size, (number.bit_length() + 7) // 8), "little")
