"""TOML 1.0 to values. (Nix manual, builtins.fromTOML)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.type_checks import expect_plain_string
from nixbridge.language.runtime.values import Lazy, Value


@primop("fromTOML")
def from_toml(text: Lazy) -> Value:
    """Return the set that a TOML text is. (builtins.fromTOML)

    Raises EvalError for invalid TOML, for integers beyond 64 bits and floats beyond their range, for null
    characters, and for dates and times, which Nix does not have.
    """
    from nixbridge.language.builtins.toml_reader import read_toml  # with `re`; lib only passes the builtin on

    source = expect_plain_string(text).removeprefix("\ufeff")
    try:
        source.encode()
    except UnicodeEncodeError:
        raise EvalError("while parsing TOML: the text is not UTF-8") from None
    return read_toml(source)
