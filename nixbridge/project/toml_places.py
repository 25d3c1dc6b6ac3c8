"""Positions of the keys in a TOML text. `tomllib` has parsed it before, so it is valid; tomllib itself gives no positions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixbridge.source import Source, Span

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}=,.\n]|[^\s\[\]{}=,.#"\']+',
    re.DOTALL,
)
Path = tuple[str, ...]


def places(source: Source) -> dict[Path, Span]:
    """Return the place of each key by its path from the top; tables of arrays count as their first element."""
    return _Walk(source).found


class _Walk:
    """One walk over the tokens of a text. A key's path is that of the table around it and its own parts."""

    def __init__(self, source: Source) -> None:
        self.found: dict[Path, Span] = {}
        self._source = source
        self._tokens = _tokens(source.text)
        self._text, self._start = "\n", 0
        self._next()
        table: Path = ()
        while self._text:
            if self._text == "[":
                table = self._header()
            elif self._text in ("\n", ""):
                self._next()
            else:
                self._pair(table)

    def _next(self) -> None:
        self._text, self._start = next(self._tokens, ("", len(self._source.text)))

    def _header(self) -> Path:
        while self._text == "[":
            self._next()
        path = self._key((), "]")
        while self._text == "]":
            self._next()
        return path

    def _key(self, table: Path, end: str) -> Path:
        """Read a dotted key up to `end`, noting the place of each part."""
        path = table
        while self._text not in (end, "", "\n"):
            if self._text != ".":
                path = (*path, _unquoted(self._text))
                span = self._source.span(self._start, self._start + len(self._text))
                self.found.setdefault(path, span)
            self._next()
        return path

    def _pair(self, table: Path) -> None:
        path = self._key(table, "=")
        self._next()
        self._value(path)

    def _value(self, path: Path) -> None:
        """Read a value and the keys of tables in it, up to its delimiter."""
        depth = 0
        while self._text:
            if self._text == "{":
                self._next()
                while self._text not in ("}", ""):
                    if self._text in (",", "\n"):
                        self._next()
                    else:
                        self._pair(path)
            # inside a list these separate its elements
            elif depth == 0 and self._text in ("}", ",", "\n"):
                return
            else:
                depth += {"[": 1, "]": -1}.get(self._text, 0)
            self._next()


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    for match in _TOKEN.finditer(text):
        if not match[0].startswith("#"):
            yield match[0], match.start()


def _unquoted(key: str) -> str:
    if key[0] == "'":
        return key[1:-1]
    if key[0] == '"':
        import tomllib

        return str(tomllib.loads(f"key = {key}")["key"])
    return key
