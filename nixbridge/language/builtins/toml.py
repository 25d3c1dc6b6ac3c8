"""TOML 1.0 to values. (Nix manual, builtins.fromTOML)"""

from __future__ import annotations

import re
import tomllib

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.number import LARGEST, SMALLEST
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.type_checks import expect_plain_string
from nixbridge.language.runtime.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DATA = frozenset((float, bool))


@primop("fromTOML")
def from_toml(text: Value) -> Value:
    """The set that a TOML text says. (builtins.fromTOML)

    Raises EvalError for what is no TOML, for integers beyond 64 bits and floats beyond their range, for null
    characters, and for dates and times, which Nix has not.
    """
    source = expect_plain_string(text).removeprefix("\ufeff")
    try:
        source.encode()
        document = tomllib.loads(source, parse_float=_float)
    except UnicodeEncodeError:
        raise EvalError("while parsing TOML: the text is no UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise EvalError(f"while parsing TOML: {_words(str(error))}") from None
    except ValueError:  # Python reads no decimal number of more than 4,300 digits
        raise EvalError("while parsing TOML: an integer does not fit into 64 bits") from None
    _check(document)
    return document


def _float(text: str) -> float:
    number = float(text)
    if number - number != 0 and text.lstrip("+-") not in ("inf", "nan"):
        raise EvalError(f"while parsing TOML: the number {text} is too large")
    return number


def _check(document: dict[str, Any]) -> None:
    """Raises EvalError for what TOML has and Nix has not."""
    pending: list[Any] = [document]
    while pending:
        item = pending.pop()
        kind = item.__class__
        if kind is dict:
            for name in item:
                _check_text(name)
            pending.extend(item.values())
        elif kind is list:
            pending.extend(item)
        elif kind is str:
            _check_text(item)
        elif kind is int:
            if not SMALLEST <= item <= LARGEST:
                shown = f"the integer {item}" if item.bit_length() < 1000 else "an integer"
                raise EvalError(f"while parsing TOML: {shown} does not fit into 64 bits")
        elif kind not in _DATA:
            raise EvalError("while parsing TOML: Dates and times are not supported")


def _check_text(text: str) -> None:
    if "\0" in text:
        shown = text.replace("\0", "␀")
        raise EvalError(
            f"while parsing TOML: error: input string '{shown}' cannot be represented as Nix string "
            "because it contains null bytes"
        )


def _words(message: str) -> str:
    """What tomllib says, for people who do not know Python: `cannot declare 'a.b' twice (at line 3, column 5)`."""
    message = re.sub(r"\('(.*?)',?\)", lambda found: f"'{found[1]}'".replace("', '", "."), message)
    return message[:1].lower() + message[1:]
