"""`lib.strings`, the functions that configurations use most. (Nixpkgs manual, lib.strings) The others are in strings.nix."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.builtins.replace_strings import replace_strings
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.function import call, call2
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.strings import context_of, from_bytes, join, to_bytes, with_context, without_context
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import (
    expect_bool,
    expect_int,
    expect_list,
    expect_plain_string,
    expect_string,
)
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host

LOWER = "abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()
_TO_UPPER = str.maketrans(LOWER, UPPER)
_TO_LOWER = str.maketrans(UPPER, LOWER)
#: What nixpkgs escapes in a regular expression.
_ESCAPED = str.maketrans({character: f"\\{character}" for character in "\\[{()^$?*+|."})


def joined(separator: Lazy, items: list[Lazy], host: Host) -> str:
    """Return what builtins.concatStringsSep gives: each item coerced as in `"${item}"`."""
    between = expect_string(separator)
    parts: list[str] = []
    for item in items:
        parts.append(item if type(item) is str else to_string(item, host))
    return join(between, parts)


@primop("concatStrings", host=True)
def concat_strings(host: Host, items: Lazy) -> Value:
    """Return the strings of a list, joined. (lib.strings.concatStrings)"""
    return joined("", expect_list(items), host)


@primop("concatMapStrings", host=True)
def concat_map_strings(host: Host, function: Lazy, items: Lazy) -> Value:
    """Return the function of each element, joined. (lib.strings.concatMapStrings)"""
    return concat_map_strings_sep(host, "", function, items)


@primop("concatMapStringsSep", host=True)
def concat_map_strings_sep(host: Host, separator: Lazy, function: Lazy, items: Lazy) -> Value:
    """Return the function of each element, joined with a separator. (lib.strings.concatMapStringsSep)"""
    between = expect_string(separator)
    parts: list[Lazy] = []
    for item in expect_list(items):
        parts.append(call(function, item))
    return joined(between, parts, host)


@primop("concatImapStringsSep", host=True)
def concat_imap_strings_sep(host: Host, separator: Lazy, function: Lazy, items: Lazy) -> Value:
    """Return `function index element` of each element, from 1, joined. (lib.strings.concatImapStringsSep)"""
    between = expect_string(separator)
    parts: list[Lazy] = []
    for index, item in enumerate(expect_list(items), 1):
        parts.append(call2(function, index, item))
    return joined(between, parts, host)


@primop("concatImapStrings", host=True)
def concat_imap_strings(host: Host, function: Lazy, items: Lazy) -> Value:
    """Return `function index element` of each element, from 1, joined. (lib.strings.concatImapStrings)"""
    return concat_imap_strings_sep(host, "", function, items)


@primop("concatLines", host=True)
def concat_lines(host: Host, items: Lazy) -> Value:
    """Return the strings, each with a newline after it, as one. (lib.strings.concatLines)"""
    parts: list[str] = []
    for item in expect_list(items):
        parts += [to_string(item, host), "\n"]
    return join("", parts)


@primop("optionalString")
def optional_string(condition: Lazy, text: Lazy) -> Value:
    """Return the text when the condition holds, else ""; the text is not looked at then. (lib.strings.optionalString)"""
    return force(text) if expect_bool(condition) else ""


@primop("hasPrefix", host=True)
def has_prefix(host: Host, prefix: Lazy, text: Lazy) -> Value:
    """Return whether the text begins with the prefix. (lib.strings.hasPrefix)"""
    start = _piece(host, prefix, "hasPrefix", "prefix")
    return _bytes(to_string(text, host)).startswith(_bytes(start))


@primop("hasSuffix", host=True)
def has_suffix(host: Host, suffix: Lazy, text: Lazy) -> Value:
    """Return whether the text ends with the suffix. (lib.strings.hasSuffix)"""
    end = _piece(host, suffix, "hasSuffix", "suffix")
    return _bytes(to_string(text, host)).endswith(_bytes(end))


@primop("hasInfix", host=True)
def has_infix(host: Host, infix: Lazy, text: Lazy) -> Value:
    """Return whether the infix is somewhere in the text. (lib.strings.hasInfix)"""
    inner = _piece(host, infix, "hasInfix", "infix")
    _check_pattern(inner, ".*")
    return _bytes(inner) in _bytes(to_string(text, host))


@primop("removePrefix", host=True)
def remove_prefix(host: Host, prefix: Lazy, text: Lazy) -> Value:
    """Return the text without the prefix; unchanged when it does not begin so. (lib.strings.removePrefix)"""
    start = _piece(host, prefix, "removePrefix", "prefix")
    whole = to_string(text, host)
    rest = _bytes(whole).removeprefix(_bytes(start))
    return with_context(from_bytes(rest), context_of(whole))


@primop("removeSuffix", host=True)
def remove_suffix(host: Host, suffix: Lazy, text: Lazy) -> Value:
    """Return the text without the suffix; unchanged when it does not end so. (lib.strings.removeSuffix)"""
    end = _piece(host, suffix, "removeSuffix", "suffix")
    whole = to_string(text, host)
    rest = _bytes(whole).removesuffix(_bytes(end))
    return with_context(from_bytes(rest), context_of(whole))


def _piece(host: Host, value: Lazy, function: str, what: str) -> str:
    """Return a prefix, suffix or infix. A path is taken as its store path, with a warning, since that is hardly ever meant."""
    value = force(value)
    if value.__class__ is NixPath:
        host.messages.show(
            f"evaluation warning: lib.strings.{function}: The first argument ({value.text}) is a path value, but only strings "
            f"are supported. The {what} will be its store path; use toString to get the path itself."
        )
    return to_string(value, host)


def _check_pattern(text: str, around: str = "") -> None:
    """Raise EvalError for a text with a context, since nixpkgs makes a regular expression of it, which cannot have one."""
    if type(text) is not str:
        escaped = without_context(text).translate(_ESCAPED)
        expect_plain_string(with_context(f"{around}{escaped}{around}", context_of(text)))


def _bytes(text: str) -> bytes:
    return to_bytes(without_context(text))


@primop("splitString", host=True)
def split_string(host: Host, separator: Lazy, text: Lazy) -> Value:
    """Return the parts of the text between the separators. (lib.strings.splitString)"""
    between = to_string(separator, host)
    _check_pattern(between)
    whole = to_string(text, host)
    context = context_of(whole)
    if not between:
        parts = ["", *stringToCharacters(whole), ""] if whole else ["", ""]
    else:
        parts = [from_bytes(part) for part in _bytes(whole).split(_bytes(between))]
    return [with_context(part, context) for part in parts]


def stringToCharacters(text: str) -> list[str]:
    """Return each byte as a string."""
    plain = without_context(text)
    return list(plain) if plain.isascii() else [from_bytes(bytes([byte])) for byte in to_bytes(plain)]


@primop("stringToCharacters", host=True)
def string_to_characters(host: Host, text: Lazy) -> Value:
    """Return each byte of the text as a string. (lib.strings.stringToCharacters)"""
    whole = to_string(text, host)
    return [with_context(character, context_of(whole)) for character in stringToCharacters(whole)]


@primop("stringAsChars", host=True)
def string_as_chars(host: Host, function: Lazy, text: Lazy) -> Value:
    """Return the function of each byte of the text, joined. (lib.strings.stringAsChars)"""
    return concat_map_strings(host, function, string_to_characters(host, text))


@primop("toLower")
def to_lower(text: Lazy) -> Value:
    """Return the text with its ASCII letters in lower case. (lib.strings.toLower)"""
    whole = expect_string(text)
    return with_context(without_context(whole).translate(_TO_LOWER), context_of(whole))


@primop("toUpper")
def to_upper(text: Lazy) -> Value:
    """Return the text with its ASCII letters in upper case. (lib.strings.toUpper)"""
    whole = expect_string(text)
    return with_context(without_context(whole).translate(_TO_UPPER), context_of(whole))


@primop("replicate", host=True)
def replicate(host: Host, number: Lazy, text: Lazy) -> Value:
    """Return the text, `number` times. Raises EvalError for a negative number. (lib.strings.replicate)"""
    times = expect_int(number)
    if times < 0:
        raise EvalError(f"cannot create list of size {times}")
    return joined("", [text] * times, host)


@primop("intersperse")
def intersperse(separator: Lazy, items: Lazy) -> Value:
    """Return the list with the separator between its elements, which are not looked at. (lib.strings.intersperse)"""
    values = expect_list(items)
    result: list[Lazy] = []
    for item in values:
        result += [separator, item]
    return result[1:]


@primop("escape")
def escape(characters: Lazy, text: Lazy) -> Value:
    """Return a backslash before each of these characters. (lib.strings.escape)"""
    whole = expect_string(text)
    marked = without_context(whole)
    wanted = {expect_string(item) for item in expect_list(characters)}
    if all(len(item) == 1 for item in wanted):
        marked = "".join(f"\\{character}" if character in wanted else character for character in marked)
        return with_context(marked, context_of(whole))
    originals = list(expect_list(characters))
    return replace_strings(originals, [f"\\{expect_string(item)}" for item in originals], whole)
