"""Regular expressions: POSIX extended, over bytes. (Nix manual, builtins.match, builtins.split)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.strings import from_bytes, to_bytes, without_context
from nixbridge.language.runtime.type_checks import expect_plain_string, expect_string
from nixbridge.language.runtime.values import Lazy, Value
from nixbridge.posix_regex.brackets import InvalidPattern
from nixbridge.posix_regex.pattern import Regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match

#: Patterns met so far: a configuration uses few, and each many times.
_KEPT: dict[str, Regex] = {}
#: How many patterns are kept.
MOST_KEPT = 500


def regex_of(pattern: str) -> Regex:
    """Return the compiled pattern (a string without context), kept for the next time. Raises InvalidPattern."""
    found = _KEPT.get(pattern)
    if found is None:
        found = Regex(as_bytes(pattern))
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        _KEPT[pattern] = found
    return found


def refusal(pattern: str, error: InvalidPattern) -> EvalError:
    """Return the error in Nix's words."""
    what = "memory limit exceeded by regular expression" if error.too_large else "invalid regular expression"
    return EvalError(f"{what} '{pattern}'")


def as_bytes(text: str) -> str:
    """Return a string whose characters are the bytes of the text."""
    plain = without_context(text)
    # Nix matches bytes. Latin-1 maps each byte to one character, so Python's str methods can be used.
    return plain if plain.isascii() else to_bytes(plain).decode("latin-1")


def piece(part: str | None) -> str | None:
    """Return a part of such a string as a Nix string."""
    return part if part is None or part.isascii() else from_bytes(part.encode("latin-1"))


@primop("match")
def match(pattern: Lazy, text: Lazy) -> Value:
    """Return the groups of a pattern that matches the whole text, null where one took no part; null without a match. (builtins.match)"""
    wanted = expect_plain_string(pattern)
    try:
        regex = regex_of(wanted)
        subject = as_bytes(expect_string(text))
        # Python's `re` may take exponential time on longer texts; up to this length its steps are bounded
        if len(subject) <= regex.longest_match and regex.re is not None:
            quick = regex.re.fullmatch(subject)
            return None if quick is None else [*quick.groups()] if subject.isascii() else groups_of(quick)
        found = regex.match(subject)
    except InvalidPattern as error:
        raise refusal(wanted, error) from None
    return None if found is None else cut(subject, found)


def groups_of(found: Match[str]) -> list[Lazy]:
    """Return the groups of a match in text that is not ASCII."""
    return [piece(part) for part in found.groups()]


def cut(subject: str, places: list[int]) -> list[Lazy]:
    """Return the groups by their places."""
    ends = zip(places[2::2], places[3::2], strict=True)
    return [piece(subject[start:end]) if end >= 0 else None for start, end in ends]


@primop("split")
def split(pattern: Lazy, text: Lazy) -> Value:
    """Return the text between the matches, and between these pieces the groups of each match as a list. (builtins.split)"""
    wanted = expect_plain_string(pattern)
    try:
        regex = regex_of(wanted)
        whole = expect_string(text)
        subject = as_bytes(whole)
        if len(subject) <= regex.longest_search and regex.re is not None:
            parts: list[str | None] = regex.re.split(subject)
            if len(parts) == 1:
                return [whole]
            if not subject.isascii():
                parts = [piece(part) for part in parts]
            return grouped([*parts], regex.groups)
        result: list[Lazy] = []
        position = 0
        for places in regex.find_all(subject):
            result.append(piece(subject[position : places[0]]))
            result.append(cut(subject, places))
            position = places[1]
    except InvalidPattern as error:
        raise refusal(wanted, error) from None
    result.append(piece(subject[position:]))
    # without a match Nix gives the very text, so its context is kept, which the pieces lose
    return result if len(result) > 1 else [whole]


def grouped(parts: list[Lazy], groups: int) -> list[Lazy]:
    """Return pieces and groups, which are in one row, as pieces and lists of groups."""
    step = groups + 1
    result: list[Lazy] = [[]] * (2 * ((len(parts) - 1) // step) + 1)
    result[0::2] = parts[0::step]
    if groups:
        result[1::2] = [parts[at : at + groups] for at in range(1, len(parts), step)]
    return result
