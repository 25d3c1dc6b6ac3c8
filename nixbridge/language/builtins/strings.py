"""Strings, which are bytes to Nix. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.path import NixPath, canonical
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.strings import (
    context_of,
    from_bytes,
    join,
    length,
    normal,
    to_bytes,
    with_context,
    without_context,
)
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import expect_int, expect_list, expect_string
from nixbridge.language.runtime.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.machine.host import Host


@primop("toString", host=True)
def to_string_(host: Host, value: Value) -> Value:
    """The value as a string: strings, numbers, Booleans, null, paths, lists of these, sets that say how. (builtins.toString)"""
    if value.__class__ is int:
        return str(value)
    return to_string(value, host, coerce_more=True, copy_to_store=False)


@primop("stringLength", host=True)
def string_length(host: Host, text: Value) -> Value:
    """How many bytes a string has. (builtins.stringLength)"""
    return length(to_string(text, host))


@primop("substring", host=True)
def substring(host: Host, start: Value, size: Value, text: Value) -> Value:
    """`size` bytes from `start`, as many as there are; to the end when `size` is negative. (builtins.substring)"""
    first = expect_int(start)
    if first < 0:
        raise EvalError("negative start position in 'substring'")
    wanted = expect_int(size)
    whole = to_string(text, host)
    if whole.isascii():
        part: str = str.__str__(whole)[first : first + wanted] if wanted >= 0 else str.__str__(whole)[first:]
    else:
        data = to_bytes(whole)
        part = from_bytes(data[first : first + wanted] if wanted >= 0 else data[first:])
    return with_context(part, context_of(whole))


@primop("concatStringsSep", host=True)
def concat_strings_sep(host: Host, separator: Value, items: Value) -> Value:
    """The strings of a list with the separator between them. (builtins.concatStringsSep)"""
    between = expect_string(separator)
    parts = []
    for item in expect_list(items):
        parts.append(item if item.__class__ is str else to_string(item, host))
    return join(between, parts)


@primop("replaceStrings")
def replace_strings(originals: Value, replacements: Value, text: Value) -> Value:
    """Every occurrence of one of `originals`, from the left, replaced by what stands for it. (builtins.replaceStrings)

    An empty original matches everywhere. Replacements are looked at only when they are needed.
    """
    old, new = expect_list(originals), expect_list(replacements)
    if len(old) != len(new):
        raise EvalError("'from' and 'to' arguments passed to builtins.replaceStrings have different lengths")
    wanted = [without_context(expect_string(item)) for item in old]
    whole = expect_string(text)
    context = set(context_of(whole))
    known: dict[int, str] = {}

    def replacement(index: int) -> str:
        if index not in known:
            known[index] = expect_string(new[index])
            context.update(context_of(known[index]))
        return known[index]

    if whole.isascii() and all(item.isascii() for item in wanted):
        result = _replaced(without_context(whole), wanted, replacement)
    else:
        # byte by byte: an original may match inside a character
        one = [to_bytes(item).decode("latin-1") for item in wanted]
        latin = _replaced(to_bytes(whole).decode("latin-1"), one, lambda i: to_bytes(replacement(i)).decode("latin-1"))
        result = from_bytes(latin.encode("latin-1"))
    return with_context(normal(result), context)


#: Up to so many originals are looked for one by one.
_FEW_ORIGINALS = 8


def _replaced(text: str, wanted: list[str], replacement: Callable[[int], str]) -> str:
    """`text` with each occurrence of `wanted[i]` as `replacement(i)`; where several begin, the first of the list counts."""
    parts: list[str] = []
    end = 0
    few = len(wanted) <= _FEW_ORIGINALS and "" not in wanted
    for index, start in _occurrences_of_few(text, wanted) if few else _occurrences(text, wanted):
        parts.append(text[end:start])
        parts.append(without_context(replacement(index)))
        end = start + len(wanted[index])
    if not parts:
        return text
    parts.append(text[end:])
    return "".join(parts)


def _occurrences_of_few(text: str, wanted: list[str]) -> list[tuple[int, int]]:
    """Which original begins where, from the left, none inside another."""
    found: list[tuple[int, int]] = []
    following = [text.find(item) for item in wanted]
    position = 0
    while True:
        first, start = -1, len(text)
        for index, place in enumerate(following):
            if 0 <= place < position:
                place = following[index] = text.find(wanted[index], position)
            if 0 <= place < start:
                first, start = index, place
        if first < 0:
            return found
        found.append((first, start))
        position = start + len(wanted[first])


def _occurrences(text: str, wanted: list[str]) -> list[tuple[int, int]]:
    """The same for many originals, and for an empty one, which is found before every character and at the end."""
    by_letter: dict[str, list[tuple[int, str]]] = {}
    everywhere = wanted.index("") if "" in wanted else len(wanted)
    for index, item in enumerate(wanted[:everywhere]):
        by_letter.setdefault(item[0], []).append((index, item))
    found: list[tuple[int, int]] = []
    position = 0
    while position <= len(text):
        for index, item in by_letter.get(text[position : position + 1], ()):
            if text.startswith(item, position):
                found.append((index, position))
                position += len(item)
                break
        else:
            if everywhere < len(wanted):
                found.append((everywhere, position))
            position += 1
    return found


@primop("baseNameOf", host=True)
def base_name_of(host: Host, path: Value) -> Value:
    """What follows the last slash, a slash at the end left out. (builtins.baseNameOf)"""
    value = force(path)
    text = value.text if value.__class__ is NixPath else to_string(value, host, copy_to_store=False)
    plain = without_context(text)
    if plain.endswith("/") and len(plain) > 1:
        plain = plain[:-1]
    return with_context(plain.rpartition("/")[2], context_of(text))


@primop("dirOf", host=True)
def dir_of(host: Host, path: Value) -> Value:
    """What precedes the last slash: a path of a path, a string of a string. (builtins.dirOf)"""
    value = force(path)
    if value.__class__ is NixPath:
        return NixPath(value.text.rpartition("/")[0] or "/")
    text = to_string(value, host, copy_to_store=False)
    plain = without_context(text)
    folder, slash, _ = plain.rpartition("/")
    return with_context("." if not slash else folder or "/", context_of(text))


@primop("toPath", host=True)
def to_path(host: Host, path: Value) -> Value:
    """An absolute path's text, canonical. Raises EvalError for one that is not absolute. (builtins.toPath)"""
    text = to_string(path, host, copy_to_store=False)
    if not text.startswith("/"):
        raise EvalError(f"string '{text}' doesn't represent an absolute path")
    return with_context(canonical(text), context_of(text))
