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
    to_bytes,
    with_context,
    without_context,
)
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import expect_int, expect_list, expect_string
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host


@primop("toString", host=True)
def to_string_(host: Host, value: Lazy) -> Value:
    """Return the value as a string: strings, numbers, Booleans, null, paths, lists of these, sets that say how. (builtins.toString)"""
    if value.__class__ is int:
        return str(value)
    return to_string(value, host, coerce_more=True, copy_to_store=False)


@primop("stringLength", host=True)
def string_length(host: Host, text: Lazy) -> Value:
    """Return the number of bytes in a string. (builtins.stringLength)"""
    return length(to_string(text, host))


@primop("substring", host=True)
def substring(host: Host, start: Lazy, size: Lazy, text: Lazy) -> Value:
    """Return `size` bytes from `start`, as many as there are; to the end when `size` is negative. (builtins.substring)"""
    if type(text) is str and type(start) is int and type(size) is int and start >= 0 and text.isascii():
        # what nearly every call is: loops over the characters of a string make thousands
        return text[start : start + size] if size >= 0 else text[start:]
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
def concat_strings_sep(host: Host, separator: Lazy, items: Lazy) -> Value:
    """Return the strings of a list with the separator between them. (builtins.concatStringsSep)"""
    between = expect_string(separator)
    parts = []
    for item in expect_list(items):
        parts.append(item if item.__class__ is str else to_string(item, host))
    return join(between, parts)


@primop("baseNameOf", host=True)
def base_name_of(host: Host, path: Lazy) -> Value:
    """Return the part after the last slash, ignoring a trailing slash. (builtins.baseNameOf)"""
    value = force(path)
    text = value.text if value.__class__ is NixPath else to_string(value, host, copy_to_store=False)
    plain = without_context(text)
    if plain.endswith("/") and len(plain) > 1:
        plain = plain[:-1]
    return with_context(plain.rpartition("/")[2], context_of(text))


@primop("dirOf", host=True)
def dir_of(host: Host, path: Lazy) -> Value:
    """Return the part before the last slash: a path for a path, a string for a string. (builtins.dirOf)"""
    value = force(path)
    if value.__class__ is NixPath:
        return NixPath(value.text.rpartition("/")[0] or "/")
    text = to_string(value, host, copy_to_store=False)
    plain = without_context(text)
    folder, slash, _ = plain.rpartition("/")
    return with_context("." if not slash else folder or "/", context_of(text))


@primop("toPath", host=True)
def to_path(host: Host, path: Lazy) -> Value:
    """Return an absolute path's text, canonical. Raises EvalError for one that is not absolute. (builtins.toPath)"""
    text = to_string(path, host, copy_to_store=False)
    if not text.startswith("/"):
        raise EvalError(f"string '{text}' doesn't represent an absolute path")
    return with_context(canonical(text), context_of(text))
