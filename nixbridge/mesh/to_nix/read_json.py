"""JSON read strictly: a name that is there twice, NaN and infinities are wrong, and every fault has a place."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

#: What the search for a fault must know of a text that is JSON otherwise.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|NaN|-?Infinity')
#: Python's own limit on the digits of an integer is 4,300; Nix's is 19.
_MOST_DIGITS = 4000


class WrongJson(ValueError):
    """No JSON; `start` and `end` are offsets of what is wrong."""

    def __init__(self, text: str, start: int, end: int) -> None:
        super().__init__(text)
        self.start, self.end = start, end


class _Doubled(Exception):
    """A set has a name twice."""


class _NoNumber(Exception):
    """NaN or an infinity."""


def read_json(text: str) -> Any:
    """Return the data of a JSON text. Raises WrongJson, and RecursionError for one nested too deep."""
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_doubles,
            parse_constant=_no_number,
            parse_int=lambda t: int(t[:_MOST_DIGITS]),
        )
    except json.JSONDecodeError as error:
        said = error.msg[:1].lower() + error.msg[1:]
        raise WrongJson(said, error.pos, error.pos + 1) from None
    except _NoNumber:
        found = next(found for found in _TOKEN.finditer(text) if found[0].endswith(("NaN", "Infinity")))
        raise WrongJson(f"{found[0]} is not a number", found.start(), found.end()) from None
    except _Doubled:
        found = _second_name(text)
        raise WrongJson(f"the name {found[0]} is there twice", found.start(), found.end()) from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise _Doubled
    return result


def _no_number(text: str) -> NoReturn:
    raise _NoNumber


def _second_name(text: str) -> re.Match[str]:
    """Return the first name of a set that the set has already; there is one."""
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
    raise AssertionError("no name is there twice")
