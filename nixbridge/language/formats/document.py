"""A value as plain data, completely evaluated: what JSON, YAML and the library's callers get. (builtins.toJSON)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.function import place_of
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.strings import ContextString, to_bytes, without_context, without_stand_ins
from nixbridge.language.runtime.thunk import DEEPEST_VALUE, Thunk, force, too_deep
from nixbridge.language.runtime.values import LAMBDAS, Lazy, Value, sorted_names, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from nixbridge.language.machine.host import Host

#: An object of JSON: a manifest, a part of one, a node of a schema. Its fields are known to a schema that is data as well, not to Python.
JsonObject: TypeAlias = "dict[str, Any]"

#: For messages that say which part of a value is not data (errors/traceback.py).
WALKS_THROUGH = {"to_document": "value"}

#: What is in a document as it is.
_SCALARS = frozenset((int, float, bool, None.__class__))


def to_document(value: Lazy, host: Host | None, context: set[str] | None = None, depth: int = 0) -> Any:
    """Return the value as dict (in Nix's order of names), list, str, int, float, bool or None, nothing of it shared with the evaluation.

    A set with `__toString` or `outPath` is that string; a path is the store path of its contents. Raises EvalError for
    a function, LimitReached for a value nested too deeply. Recurses in Python frames only. `context` collects the string
    contexts met; `depth` says how many lists and sets are around the value.
    """
    if type(value) is Thunk:
        value = force(value)
    if type(value) in _SCALARS:
        return value
    if type(value) is str:
        return value if value.isascii() else valid(value)
    if depth > DEEPEST_VALUE:
        raise too_deep()
    if type(value) is dict or type(value) is AttrSet:
        if "__toString" in value or "outPath" in value:
            return _set_as_string(value, host, context, depth)
        result: dict[str, object] = {}
        for name in sorted_names(value):
            item = value[name]
            if type(item) is Thunk:
                item = force(item)
            result[valid(name)] = item if type(item) in _SCALARS else to_document(item, host, context, depth + 1)
        return result
    if type(value) is list:
        items: list[object] = []
        for item in value:
            if type(item) is Thunk:
                item = force(item)
            items.append(item if type(item) in _SCALARS else to_document(item, host, context, depth + 1))
        return items
    return _other(value, host, context)


def _other(value: Value, host: Host | None, context: set[str] | None) -> Any:
    if type(value) is ContextString:
        if context is not None:
            context |= value.context
        else:
            # no context is wanted where the document is shown
            without_stand_ins(value)
        return valid(without_context(value))
    if type(value) is NixPath:
        return to_document(printed_path(value, host, context), host, context)
    raise not_data(value)


def not_data(value: Lazy) -> EvalError:
    """Return the error of a function where data is wanted, with the place of the function."""
    error = EvalError(f"cannot convert {type_name(value)} to JSON")
    if isinstance(value, LAMBDAS):
        error.origin = place_of(value)
    return error


def printed_path(path: NixPath, host: Host | None, context: set[str] | None) -> str:
    """Return a path as JSON and YAML have it: the store path of its contents.

    `nix eval` prints a path of a flake as it is, so a pure evaluation does too, except in `builtins.toJSON`, which collects a `context`.
    """
    if host is not None and host.pure and context is None:
        return path.text
    return to_string(path, host)


def _set_as_string(value: dict[str, Lazy], host: Host | None, context: set[str] | None, depth: int) -> Any:
    if "__toString" in value:
        # a path that `__toString` gives is not copied, as in Nix; one in `outPath` is
        return to_document(to_string(value, host, copy_to_store=False), host, context)
    return to_document(value["outPath"], host, context, depth + 1)


def valid(text: str) -> str:
    """Return `text`, when its bytes are UTF-8. Raises EvalError, as Nix does, when they are not."""
    if text.isascii():
        return text
    data = to_bytes(text)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        said = f"incomplete UTF-8 string; last byte: 0x{data[-1]:02X}"
        if error.reason != "unexpected end of data":
            index = error.start if error.reason == "invalid start byte" else error.end
            said = f"invalid UTF-8 byte at index {index}: 0x{data[index]:02X}"
        raise EvalError(f"JSON serialization error: [json.exception.type_error.316] {said}") from None
    return text
