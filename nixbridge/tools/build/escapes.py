"""Backslash escapes, as `echo -e`, `printf` and `$'...'` have them."""

from __future__ import annotations

import re

_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "\\": "\\",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    '"': '"',
    "'": "'",
}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|0?[0-7]{1,3}|.)", re.DOTALL)


def unescaped(text: str) -> tuple[str, bool]:
    """Return `text` with its backslash escapes replaced, and whether `\\c` ended it."""
    before, ends, _ = text.partition("\\c") if "\\c" in text else (text, "", "")
    return _ESCAPE.sub(_escape, before), bool(ends)


def _escape(match: re.Match[str]) -> str:
    code = match[1]
    if code in _ESCAPES:
        return _ESCAPES[code]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0x7F)
    return match[0]
