"""Indented strings: the indentation that all lines share is taken away. (Nix manual, String, indented string)

Nix reads such a string in pieces: runs of plain text, each escape and each lone `$` or `'` apart. It matters: only
plain text can be indentation, and only a last piece of its own is looked at for a last line of blanks.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from nixbridge.language.syntax.ast import Node

    #: A piece of text and whether it may be indentation; or an expression.
    Piece: TypeAlias = tuple[str, bool] | Node

_PIECE = re.compile(r"(?P<plain>(?:[^$']++|\$[^{']|'[^'$])+)|''\\(?P<escaped>.)|(?P<quotes>''')|(?:'')?\$|'", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_FIRST_LINE_OF_BLANKS = re.compile(r" *\n")


def strip(written: list[str | Node]) -> list[str | Node]:
    """Return the parts of an indented string, given its texts as they are written and its interpolated expressions.

    Only blanks count as indentation, no tabs; a line of blanks alone counts for nothing, as first line it is dropped.
    Texts may stand side by side in the result, as they do in Nix; none is empty.
    """
    pieces = _pieces(written)
    drop = _shared_indentation(pieces)
    parts: list[str | Node] = []
    blanks: int | None = 0  # how many of them the line has so far; None within a line
    for number, piece in enumerate(pieces):
        if not isinstance(piece, tuple):
            blanks = None
            parts.append(piece)
            continue
        text, blanks = _without_indentation(piece[0], drop, blanks)
        if number == len(pieces) - 1:
            text = _without_last_line_of_blanks(text)
        if text:
            parts.append(text)
    return parts


def without_indentation(written: str) -> str:
    """Return the value of an indented string without interpolation, given its text as it is written."""
    return "".join([text for text in strip([written]) if isinstance(text, str)]) if written else ""


def join(parts: list[str | Node]) -> tuple[str | Node, ...]:
    """Return the parts, with texts that stand side by side made one."""
    joined: list[str | Node] = []
    for part in parts:
        if joined and isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


def _pieces(written: list[str | Node]) -> list[Piece]:
    pieces: list[Piece] = []
    for number, text in enumerate(written):
        if not isinstance(text, str):
            pieces.append(text)
            continue
        blank = _FIRST_LINE_OF_BLANKS.match(text) if number == 0 else None
        for found in _PIECE.finditer(text, blank.end() if blank is not None else 0):
            if found["plain"] is not None:
                pieces.append((found["plain"], True))
            elif found["escaped"] is not None:
                pieces.append((_ESCAPES.get(found["escaped"], found["escaped"]), False))
            elif found["quotes"] is not None:
                pieces.append(("''", False))
            else:
                pieces.append((found[0][-1], False))
    return pieces


def _shared_indentation(pieces: list[Piece]) -> int:
    """Return the indentation that all lines with something in them share; as in Nix, a million where no line has anything."""
    smallest = 1_000_000
    blanks: int | None = 0
    for piece in pieces:
        if not isinstance(piece, tuple) or not piece[1]:
            if blanks is not None:
                smallest = min(smallest, blanks)
            blanks = None
            continue
        for number, line in enumerate(piece[0].split("\n")):
            if number:
                blanks = 0
            if blanks is None:
                continue
            content = line.lstrip(" ")
            blanks += len(line) - len(content)
            if content:
                smallest = min(smallest, blanks)
                blanks = None
    return smallest


def _without_indentation(text: str, drop: int, blanks: int | None) -> tuple[str, int | None]:
    """Return a piece with `drop` blanks less at each line's beginning, and how many blanks its last line begins with."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if number:
            blanks = 0
        if blanks is None:
            continue
        content = line.lstrip(" ")
        here = len(line) - len(content)
        lines[number] = line[min(here, max(0, drop - blanks)) :]
        blanks = None if content else blanks + here
    return "\n".join(lines), blanks


def _without_last_line_of_blanks(text: str) -> str:
    line = text.rfind("\n")
    return text[: line + 1] if line >= 0 and not text[line + 1 :].strip(" ") else text
