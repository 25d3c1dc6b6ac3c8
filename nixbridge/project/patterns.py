"""Patterns of paths, as .gitignore and the settings `include` and `exclude` write them.

A pattern with a slash before its end starts at the root of the project; one without matches a name at any depth. A pattern that
matches a folder matches everything below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_PIECE = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|\[!?[^\]/]*\]|\\.|[^*?\[\\]+|.", re.DOTALL)


class Patterns:
    """Patterns of which one is to match. A name may be asked about often: they are compiled once."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._expression = re.compile("|".join(map(_regular_expression, patterns)) or r"(?!)")

    def match(self, path: str) -> bool:
        """Return whether a pattern matches `path`, which is relative to the root, or a folder on the way to it."""
        return self._expression.match(path) is not None


def _regular_expression(pattern: str) -> str:
    anchored = "/" in pattern.rstrip("/")
    body = "".join(_piece(match[0]) for match in _PIECE.finditer(pattern.removeprefix("./").strip("/")))
    return f"{'' if anchored else '(?:.*/)?'}(?:{body})(?:/.*)?\\Z"


def _piece(text: str) -> str:
    if text == "**/":
        return "(?:.*/)?"
    if text == "/**":
        return "/.*"
    if text == "**":
        return ".*"
    if text == "*":
        return "[^/]*"
    if text == "?":
        return "[^/]"
    if text[0] == "[" and len(text) > 2:
        inside = text[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(text[1:] if text[0] == "\\" and len(text) > 1 else text)
