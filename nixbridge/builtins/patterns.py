"""Regular expressions: POSIX extended, over bytes. (Nix manual, builtins.match, builtins.split)"""

from __future__ import annotations

from nixbridge.errors.kinds import EvalError
from nixbridge.runtime.expect import expect_string
from nixbridge.runtime.primop import primop
from nixbridge.runtime.regex import InvalidPattern, Regex, compiled
from nixbridge.runtime.text import from_bytes, to_bytes, without_context
from nixbridge.runtime.values import Value

#: Patterns met so far: a configuration uses few, and each many times.
_KEPT: dict[str, Regex] = {}


def regex_of(pattern: str) -> Regex:
    """The compiled pattern. Raises EvalError in Nix's words for what is none."""
    try:
        return compiled(as_bytes(pattern), _KEPT)
    except InvalidPattern as error:
        shown = without_context(pattern)
        if error.complexity:
            raise EvalError(f"memory limit exceeded by regular expression '{shown}'") from None
        raise EvalError(f"invalid regular expression '{shown}'") from None


def as_bytes(text: str) -> str:
    """A string whose characters are the bytes of the text."""
    plain = without_context(text)
    return plain if plain.isascii() else to_bytes(plain).decode("latin-1")


def piece(text: str, start: int, end: int) -> str:
    """A part of such a string as a Nix string."""
    part = text[start:end]
    return part if part.isascii() else from_bytes(part.encode("latin-1"))


@primop("match")
def match(pattern: Value, text: Value) -> Value:
    """The groups of a pattern that matches the whole text, null where one took no part; null without a match. (builtins.match)"""
    regex = regex_of(expect_string(pattern))
    subject = as_bytes(expect_string(text))
    spans = regex.match(subject)
    if spans is None:
        return None
    return [piece(subject, start, end) if start >= 0 else None for start, end in spans[1:]]


@primop("split")
def split(pattern: Value, text: Value) -> Value:
    """The text between the matches, and between these pieces the groups of each match as a list. (builtins.split)"""
    regex = regex_of(expect_string(pattern))
    whole = expect_string(text)
    subject = as_bytes(whole)
    result: list[Value] = []
    position = 0
    for spans in regex.find_all(subject):
        start, end = spans[0]
        result.append(piece(subject, position, start))
        result.append([piece(subject, a, b) if a >= 0 else None for a, b in spans[1:]])
        position = end
    result.append(piece(subject, position, len(subject)))
    return result
