"""Strings, which are bytes to Nix. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.errors.kinds import EvalError
from nixbridge.runtime.coerce import to_string
from nixbridge.runtime.expect import expect_int, expect_list, expect_string
from nixbridge.runtime.path import NixPath, canonical
from nixbridge.runtime.primop import primop
from nixbridge.runtime.text import context_of, from_bytes, join, length, to_bytes, with_context, without_context
from nixbridge.runtime.thunk import force
from nixbridge.runtime.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.runtime.host import Host


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
    wanted = [without_context(expect_string(item)) for item in expect_list(originals)]
    new = expect_list(replacements)
    if len(wanted) != len(new):
        raise EvalError("'from' and 'to' arguments passed to builtins.replaceStrings have different lengths")
    whole = expect_string(text)
    context = set(context_of(whole))
    known: dict[int, str] = {}

    def replacement(index: int) -> str:
        if index not in known:
            known[index] = expect_string(new[index])
            context.update(context_of(known[index]))
        return known[index]

    if whole.isascii() and all(item.isascii() for item in wanted):
        result = _replace(without_context(whole), wanted, replacement, "")
    else:
        # byte by byte: an original may match inside a character
        one = [to_bytes(item).decode("latin-1") for item in wanted]
        latin = _replace(
            to_bytes(whole).decode("latin-1"), one, lambda i: to_bytes(replacement(i)).decode("latin-1"), ""
        )
        result = from_bytes(latin.encode("latin-1"))
    return with_context(join("", [result]), context)


def _replace(text: str, wanted: list[str], replacement: Value, empty: str) -> str:
    parts: list[str] = []
    if len(wanted) == 1 and wanted[0]:
        if wanted[0] not in text:
            return text
        return text.replace(wanted[0], without_context(replacement(0)))
    position, size = 0, len(text)
    first_letters = {item[:1] for item in wanted}
    anywhere = "" in first_letters
    plain = 0
    while position <= size:
        if anywhere or text[position : position + 1] in first_letters:
            for index, item in enumerate(wanted):
                if text.startswith(item, position):
                    parts.append(text[plain:position])
                    parts.append(without_context(replacement(index)))
                    if not item:
                        parts.append(text[position : position + 1])
                        position += 1
                    else:
                        position += len(item)
                    plain = position
                    break
            else:
                position += 1
        else:
            position += 1
    parts.append(text[plain:])
    return empty.join(parts)


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
