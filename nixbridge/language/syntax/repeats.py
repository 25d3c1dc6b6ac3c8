"""Values that are written alike: `name = f { ... };`, thousands of times in a generated module, each time with other strings.

The first of them is read token by token. What differs from it in nothing but the contents of strings is as good, so it becomes a single
token, which takes a tenth of the time; the compiler makes nodes of it where it needs any. Which strings may differ is decided by what
stands around them: never names of attributes, never the elements of lists.
"""

from __future__ import annotations

import re

from nixbridge.language.syntax.ast import Repeated
from nixbridge.language.syntax.indentation import without_indentation
from nixbridge.language.syntax.lexer import unescape

#: How often a group is repeated in one match: each time costs memory.
_MANY = 10_000


def row_of(piece: str) -> str:
    """Return the pattern of many pieces, all that there are.

    A group is repeated inside an atomic one, as `(?:...)*+` does not match what it should before Python 3.11.5.
    """
    return rf"(?>(?:{piece}){{0,{_MANY}}})"


BLANKS = r"[ \t\r\n]*+"
NAME = r"[a-zA-Z_][a-zA-Z0-9_'\-]*+"
#: Strings without interpolation.
STRING = '"' + row_of(r'[^"\\$\0]++|\\[^\0]|\$(?!\{)') + '"'
_INDENTED = "''" + row_of(r"[^'$\0]++|\$(?!\{)|'(?!')") + r"''(?![$'\\])"
#: Names, numbers, selections, calls, sets without attributes, and lists of such: nothing that could begin a comment, a path or a URI.
_LIST = r"\[" + row_of(rf"{NAME}|[0-9.() \t\r\n]++|{STRING}") + r"\]"
_PLAIN = rf"(?:{NAME}|[0-9.=;() \t\r\n]++|\{{{BLANKS}\}}|{_LIST})"
_FUNCTION = NAME + row_of(rf"\.{NAME}")
_INSIDE = row_of(f"{_PLAIN}|{STRING}|{_INDENTED}")
_VALUE = re.compile(rf"{BLANKS}({_FUNCTION}{BLANKS}\{{{_INSIDE}\}})(?={BLANKS};)")
#: The braces of the value itself are plain text here.
_BETWEEN = row_of(_PLAIN + "|[{}]")
_PIECES = re.compile(rf"({_BETWEEN})({STRING}|{_INDENTED}|\Z)")
_KEYWORD = re.compile(r"(?<![\w'-])(?:rec|let|in|if|then|else|with|assert|inherit|or)(?![\w'-])")


class Wording:
    """The texts `between` the strings of values that are written alike, the first and the last one included."""

    __slots__ = ("between",)

    def __init__(self, between: tuple[str, ...]) -> None:
        self.between = between

    def strings_of(self, written: str) -> list[str]:
        """Return the strings of one of them as they are written, quotes included."""
        return [string for _, string in _PIECES.findall(written) if string]

    def value_of(self, string: str) -> str:
        """Return the value of a string that is written like this."""
        return unescape(string[1:-1]) if string[0] == '"' else without_indentation(string[2:-2])


class Repeats:
    """The values of one text that may be written again."""

    def __init__(self, text: str) -> None:
        self._text = text
        #: The texts between the strings of a value -> None where they do not say all that matters.
        self._known: dict[tuple[str, ...], Wording | None] = {}

    def find(self, position: int) -> Repeated | None:
        """Return the value at `position`, after `=`, where it was there before with other strings."""
        found = _VALUE.match(self._text, position)
        if found is None:
            return None
        between = tuple([plain for plain, _ in _PIECES.findall(found[1])])
        if between not in self._known:
            self._known[between] = Wording(between) if _may_repeat(between) else None
            return None
        wording = self._known[between]
        return None if wording is None else Repeated(*found.span(1), wording)


def _may_repeat(between: tuple[str, ...]) -> bool:
    """Return whether the strings between these texts are values of their own: not names of attributes, not what a keyword takes."""
    if any(map(_KEYWORD.search, between)):
        return False
    names = any(text.lstrip().startswith(("=", ".")) for text in between[1:])
    return not names and not any(text.rstrip().endswith(".") for text in between[:-1])
