"""Indented strings: the indentation that all lines share is taken away. (Nix manual, String, indented string)"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.syntax.tree import Node

_ESCAPE = re.compile(r"''(?:\$|'|\\(.))|\r\n?", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def strip(pieces: list[str | Node]) -> tuple[str | Node, ...]:
    """The parts of an indented string, given its texts as they are written and its interpolated expressions.

    Only blanks count as indentation, no tabs; a line of blanks alone counts for nothing; a first line of blanks alone is dropped. Escapes
    are not indentation: an escaped newline or blank ends it.
    """
    chunks = [piece if not isinstance(piece, str) else _unescape(piece) for piece in pieces]
    smallest = _smallest_indentation(chunks)
    parts: list[str | Node] = []
    at_start, dropped, first = True, 0, True
    for number, chunk in enumerate(chunks):
        if not isinstance(chunk, list):
            at_start, dropped, first = False, 0, False
            parts.append(chunk)
            continue
        text = ""
        for plain, is_escape in chunk:
            if is_escape:
                at_start = False
                text += plain
                continue
            for character in plain:
                if at_start:
                    if character == " ":
                        dropped += 1
                        if dropped > smallest:
                            text += character
                        continue
                    if character == "\n":
                        dropped = 0
                        text += character
                        continue
                    at_start, dropped = False, 0
                text += character
                if character == "\n":
                    at_start, dropped = True, 0
        if number == len(chunks) - 1:
            text = _without_last_line_of_blanks(text)
        if text:
            parts.append(text)
    return tuple(_without_first_line(parts, chunks))


def _unescape(text: str) -> list[tuple[str, bool]]:
    """Runs of text and whether each comes from an escape."""
    runs: list[tuple[str, bool]] = []
    position = 0
    for found in _ESCAPE.finditer(text):
        if found.start() > position:
            runs.append((text[position : found.start()], False))
        written = found[0]
        if written.startswith("\r"):
            runs.append(("\n", False))
        elif found[1] is not None:
            runs.append((_ESCAPES.get(found[1], found[1]), True))
        else:
            runs.append(("$" if written == "''$" else "''", True))
        position = found.end()
    if position < len(text):
        runs.append((text[position:], False))
    return runs


def _smallest_indentation(chunks: list[list[tuple[str, bool]] | Node]) -> int:
    """The indentation that all lines with something in them share."""
    smallest = 1_000_000
    current, at_start = 0, True
    for chunk in chunks:
        runs = chunk if isinstance(chunk, list) else [("x", True)]
        for text, is_escape in runs:
            if is_escape:
                if at_start:
                    at_start = False
                    smallest = min(smallest, current)
                continue
            for character in text:
                if at_start:
                    if character == " ":
                        current += 1
                    elif character == "\n":
                        current = 0
                    else:
                        at_start = False
                        smallest = min(smallest, current)
                elif character == "\n":
                    at_start, current = True, 0
    return smallest


def _without_last_line_of_blanks(text: str) -> str:
    line = text.rfind("\n")
    return text[: line + 1] if line >= 0 and not text[line + 1 :].strip(" ") else text


def _without_first_line(parts: list[str | Node], chunks: list[list[tuple[str, bool]] | Node]) -> list[str | Node]:
    """`parts` without a first line that is nothing but blanks."""
    if not parts or not isinstance(parts[0], str) or not isinstance(chunks[0], list):
        return parts
    written, is_escape = chunks[0][0]
    line, newline, _ = written.partition("\n")
    if is_escape or not newline or line.strip(" "):
        return parts
    text = parts[0].partition("\n")[2]
    return [text, *parts[1:]] if text else parts[1:]
