"""Strict JSON: duplicate keys, NaN and infinities are errors, and every error has a position."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

#: The tokens that matter when the parser has met an error that it gives no position for.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|NaN|-?Infinity')
#: Python reads no integer of more than 4,300 digits. A longer one is cut: Nix's have 19, so it is refused either way.
_MOST_DIGITS = 4000


class InvalidJson(ValueError):
    """A text that is not JSON; `start` and `end` are the offsets of the offending part."""

    def __init__(self, text: str, start: int, end: int) -> None:
        super().__init__(text)
        self.start, self.end = start, end


class _DuplicateKey(Exception):
    """An object has a key twice."""


class _NotANumber(Exception):
    """NaN or an infinity."""


def read_json(text: str) -> Any:
    """Return the data of a JSON text. Raises InvalidJson, and RecursionError for a text that is nested too deeply."""
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_not_a_number,
            parse_int=lambda t: int(t[:_MOST_DIGITS]),
        )
    except json.JSONDecodeError as error:
        said = error.msg[:1].lower() + error.msg[1:]
        raise InvalidJson(said, error.pos, error.pos + 1) from None
    # the parser's hooks are not told where they are, so the text is searched for what they refused
    except _NotANumber:
        found = next(found for found in _TOKEN.finditer(text) if found[0].endswith(("NaN", "Infinity")))
        raise InvalidJson(f"{found[0]} is not a number", found.start(), found.end()) from None
    except _DuplicateKey:
        found = _second_name(text)
        raise InvalidJson(f"duplicate key {found[0]}", found.start(), found.end()) from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise _DuplicateKey
    return result


def _not_a_number(text: str) -> NoReturn:
    raise _NotANumber


def _second_name(text: str) -> re.Match[str]:
    """Return the first key that repeats an earlier one of its object. One exists: the parser met it."""
    around: list[set[str] | None] = []
    before = ""
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token in ("{", "["):
            around.append(set() if token == "{" else None)
        elif token in ("}", "]"):
            around.pop()
        elif token.startswith('"') and before in ("{", ",") and around and around[-1] is not None:
            name = json.loads(token)
            if name in around[-1]:
                return found
            around[-1].add(name)
        before = token
    raise AssertionError("no duplicate key")
