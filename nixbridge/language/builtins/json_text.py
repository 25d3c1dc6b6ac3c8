"""Reading JSON as Nix does: with Python's own scanner, and a careful reader of our own where that is not enough."""

from __future__ import annotations

import re
from json.scanner import make_scanner

from nixbridge.language.builtins.json_reader import integer, read_carefully, real
from nixbridge.language.runtime.strings import to_bytes
from nixbridge.language.runtime.values import Value

_BLANKS = " \t\n\r"

#: Escapes that Python's scanner takes and Nix does not: null characters, halves of a pair without the other.
#: It may match too much.
_ODD_ESCAPE = re.compile(
    r"\\u0000|\\\\u[dD]|\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]", re.DOTALL
)

#: How deep Python's scanner, which uses the C stack, is let go; and how many brackets are not worth a look.
_DEEPEST, _FEW_BRACKETS = 200, 500


class _Settings:
    """The settings that `make_scanner` asks for."""

    def __init__(self) -> None:
        self.strict = True
        self.object_hook = self.object_pairs_hook = None
        self.parse_int, self.parse_float, self.parse_constant = integer, real, _no_constant
        self.memo: dict[str, str] = {}


def _no_constant(name: str) -> float:
    raise ValueError(name)  # NaN, Infinity: the careful reader says what is wrong


_scan = make_scanner(_Settings())  # type: ignore[arg-type]


def read_json(text: str) -> Value:
    """Return the value of a JSON text without a string context. Raises EvalError in Nix's words."""
    if not _needs_care(text):
        start = len(text) - len(text.lstrip(_BLANKS))
        try:
            value: Value
            value, end = _scan(text, start)
        except (StopIteration, ValueError):
            pass
        else:
            if not text[end:].strip(_BLANKS):
                return value
    return read_carefully(to_bytes(text))


def _needs_care(text: str) -> bool:
    """Return whether Python's scanner would read the text otherwise than Nix, or could not read it."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return True
    if "\\u" in text and _ODD_ESCAPE.search(text):
        return True
    return text.count("[") + text.count("{") > _FEW_BRACKETS and _is_deep(text)


def _is_deep(text: str) -> bool:
    """Return whether brackets may nest deeper than the scanner is let go."""
    if "\\" in text:
        text = text.replace("\\\\", "").replace('\\"', "")
    # strings without brackets are two quotes now, and may go: what is left of the others stays inside theirs
    marks = text.encode("utf-8", "surrogateescape").translate(None, _NO_MARKS).replace(b'""', b"")
    brackets = b"".join(marks.split(b'"')[::2])
    for _ in range(_DEEPEST):
        fewer = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    return len(brackets) > _DEEPEST


#: All but brackets and quotes.
_NO_MARKS = bytes(set(range(256)) - set(b'[]{}"'))
