"""Lists of nothing but data, found in a text without reading the rest: `name = [ { a = "b"; c = 1; } ... ];`.

Files of one folder often differ in these alone (compiler/alike_files.py).
"""

from __future__ import annotations

import re

from nixbridge.language.syntax.lexer import unescape
from nixbridge.language.syntax.repeats import BLANKS, NAME, STRING, row_of
from nixbridge.language.syntax.tokens import KEYWORDS

#: How deep sets and lists are nested in the list.
_DEEPEST = 3
_NUMBER = r"(?:0|[1-9][0-9]*+)(?>(?:\.[0-9]++)?)(?![^ \t\r\n;\]])"
#: What counts in such a list; the rest are blanks and `=`.
_PIECE = re.compile(rf"({STRING})|({NAME})|({_NUMBER})|([\[\]{{}}])")
#: A number that is longer may be out of range.
_LONGEST_NUMBER = 18


def _pattern() -> re.Pattern[str]:
    """Return the pattern of such a list after `=`. What follows it on its line has no place in the code: nothing but `;` may."""
    value = f"(?:{STRING}|{_NUMBER})"
    for _ in range(_DEEPEST):
        attributes = row_of(rf"(?:{NAME}|{STRING}){BLANKS}={BLANKS}{value}{BLANKS};{BLANKS}")
        items = row_of(value + BLANKS)
        list_ = rf"\[{BLANKS}{items}\]"
        value = rf"(?:{STRING}|{_NUMBER}|\{{{BLANKS}{attributes}\}}|{list_})"
    return re.compile(rf"={BLANKS}({list_})(?=;\r?\n)")


def data_lists(text: str) -> list[tuple[int, int]]:
    """Return where the lists of data in a text stand that have sets in them.

    Some may be inside a string or a comment: what is around a list says whether it is one.
    """
    # the `re` module keeps the pattern, which few processes need, once it is made
    return [found.span(1) for found in _pattern().finditer(text) if "{" in found[1]]


def list_of(written: str) -> list[object] | None:
    """Return the list that `data_lists` found, written like this; None for one that may have a mistake in it."""
    whole: list[object] = []
    around: list[list[object] | dict[str, object]] = [whole]
    name = ""
    for string, plain_name, number, bracket in _PIECE.findall(written):
        inside = around[-1]
        if plain_name or (string and not name and isinstance(inside, dict)):
            name = plain_name or unescape(string[1:-1])
            if not name or name in inside or plain_name in KEYWORDS:
                return None
            continue
        value: object
        if bracket:
            if bracket in "]}":
                around.pop()
                continue
            opened: list[object] | dict[str, object] = [] if bracket == "[" else {}
            around.append(opened)
            value = opened
        elif string:
            value = unescape(string[1:-1])
        elif len(number) <= _LONGEST_NUMBER:
            value = float(number) if "." in number else int(number)
        else:
            return None
        if isinstance(inside, list):
            inside.append(value)
        else:
            inside[name] = value
            name = ""
    (made,) = whole
    return made if isinstance(made, list) else None
