"""Values as `nix-instantiate --eval` prints them, read back as data: a golden file may be laid out as people like it.

It is not the language: `-1` stands in lists, functions are `<LAMBDA>`, what was shown before is `«repeated»`. Those stay texts
of a class of their own, so that no string is equal to them.
"""

from __future__ import annotations

import re
from typing import Any

from nixbridge.language.formats import nix_source

_TOKEN = re.compile(
    r"""(?:\s|\#[^\n]*)*(?:
      (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<mark>[{}\[\]=;])
    | (?P<atom>«[^»]*»|<[^<>\s]*>|[^\s{}\[\]=;"]+)
    | (?P<end>\Z))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_INT = re.compile(r"-?[0-9]+")
_FLOAT = re.compile(r"-?(?:[0-9]+\.[0-9]*|[0-9]*\.?[0-9]+)(?:[eE][-+]?[0-9]+)?")
_CONSTANTS = {"null": None, "true": True, "false": False}


class Printed(str):
    """Stand-in for a value that is not data: a function, a path. It differs from every string."""

    __slots__ = ()


def read(text: str) -> Any:
    """Return the data of a printed value. Raises ValueError for what was not printed so, RecursionError for one nested too deeply."""
    reader = _Reader(text)
    value = reader.value(*reader.take())
    kind, token = reader.take()
    if kind != "end":
        raise ValueError(f"'{token}' follows the value")
    return value


def lay_out(data: object) -> str:
    """Return the data over several lines. Raises ValueError for values that Nix does not have."""
    return nix_source.write(data)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def take(self) -> tuple[str, str]:
        """Return the next token: its kind and its text."""
        found = _TOKEN.match(self.text, self.place)
        if found is None or found.lastgroup is None:
            raise ValueError(f"a string is not closed in line {self.text.count(chr(10), 0, self.place) + 1}")
        self.place = found.end()
        return found.lastgroup, found[found.lastgroup]

    def expect(self, mark: str) -> None:
        kind, token = self.take()
        if (kind, token) != ("mark", mark):
            raise self.unexpected(token)

    def value(self, kind: str, token: str) -> Any:
        """Return the value that begins with a token."""
        if kind == "string":
            return _string(token)
        if kind == "atom":
            return _atom(token)
        if token == "{":
            return self.attributes()
        if token == "[":
            return self.elements()
        raise self.unexpected(token)

    def attributes(self) -> dict[str, object]:
        result: dict[str, object] = {}
        while True:
            kind, token = self.take()
            if (kind, token) == ("mark", "}"):
                return result
            if kind not in ("string", "atom"):
                raise self.unexpected(token)
            name = _string(token) if kind == "string" else token
            if name in result:
                raise ValueError(f"duplicate key '{name}'")
            self.expect("=")
            result[name] = self.value(*self.take())
            self.expect(";")

    def elements(self) -> list[object]:
        result: list[object] = []
        while True:
            kind, token = self.take()
            if (kind, token) == ("mark", "]"):
                return result
            result.append(self.value(kind, token))

    def unexpected(self, token: str) -> ValueError:
        line = self.text.count("\n", 0, self.place) + 1
        return ValueError(f"unexpected '{token}' in line {line}" if token else "it ends too early")


def _string(token: str) -> str:
    return _ESCAPE.sub(lambda found: _CONTROLS.get(found[1], found[1]), token[1:-1])


def _atom(token: str) -> Any:
    if token in _CONSTANTS:
        return _CONSTANTS[token]
    if _INT.fullmatch(token):
        return int(token)
    return float(token) if _FLOAT.fullmatch(token) else Printed(token)
