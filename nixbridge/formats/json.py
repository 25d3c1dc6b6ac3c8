"""JSON: pretty for people, compact byte for byte as Nix prints it; and the reading of golden files."""

from __future__ import annotations

from nixbridge.errors.kinds import EvalError
from nixbridge.formats.document import to_document, valid
from nixbridge.formats.grisu import write_float
from nixbridge.runtime.attrset import AttrSet
from nixbridge.runtime.coerce import to_string
from nixbridge.runtime.deep import DEEPEST_VALUE, too_deep
from nixbridge.runtime.path import NixPath
from nixbridge.runtime.text import ContextString
from nixbridge.runtime.thunk import Thunk, force
from nixbridge.runtime.values import Value, sorted_names, type_name

try:
    from _json import encode_basestring as quote  # the public module brings `re`: 6 ms
except ImportError:  # pragma: no cover - a Python without the accelerator
    from json.encoder import py_encode_basestring as quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.runtime.host import Host

SUFFIXES = (".json",)


def write(value: Value, host: Host) -> str:
    """The value as JSON, two spaces a level, with a newline at the end. Raises EvalError for what JSON cannot say."""
    return pretty(to_document(value, host)) + "\n"


def write_compact(value: Value, host: Host) -> str:
    """The value as `nix-instantiate --eval --strict --json` prints it, with its newline."""
    return compact(value, host) + "\n"


def pretty(document: Any) -> str:
    """Plain data as JSON over several lines; dicts in their own order."""
    parts: list[str] = []
    _write_pretty(document, "\n", parts.append)
    return "".join(parts)


def _write_pretty(document: Any, newline: str, add: Any) -> None:
    kind = document.__class__
    if kind is str:
        add(quote(document))
    elif kind is dict and document:
        inner = newline + "  "
        opening = "{" + inner
        for name, item in document.items():
            add(f"{opening}{quote(name)}: ")
            if item.__class__ is str:
                add(quote(item))
            else:
                _write_pretty(item, inner, add)
            opening = "," + inner
        add(newline + "}")
    elif kind is list and document:
        inner = newline + "  "
        opening = "[" + inner
        for item in document:
            add(opening)
            _write_pretty(item, inner, add)
            opening = "," + inner
        add(newline + "]")
    else:
        add(scalar(document))


def compact(value: Value, host: Host | None = None, context: set[str] | None = None) -> str:
    """The value, forced to its end, as JSON without a blank, names in Nix's order; the same as of its document.

    In one go, which takes two thirds of the time. `context` collects the string contexts met.
    """
    writer = _Compact(host, context)
    writer.write(value, 0)
    return "".join(writer.parts)


class _Compact:
    def __init__(self, host: Host | None, context: set[str] | None) -> None:
        self.host = host
        self.context = context
        self.parts: list[str] = []
        self.add = self.parts.append
        self.names: dict[str, str] = {}

    def write(self, value: Value, depth: int) -> None:
        if value.__class__ is Thunk:
            value = force(value)
        kind = value.__class__
        if depth > DEEPEST_VALUE:
            raise too_deep()
        if kind is dict or kind is AttrSet:
            if "__toString" in value or "outPath" in value:
                self.write(value["outPath"] if "__toString" not in value else to_string(value, self.host), depth + 1)
            else:
                self.write_set(value, depth + 1)
        elif kind is list:
            self.write_list(value, depth + 1)
        elif kind is str or kind is ContextString:
            if kind is ContextString and self.context is not None:
                self.context |= value.context
            self.add(quote(valid(value)))
        elif kind is int or kind is float or kind is bool or value is None:
            self.add(scalar(value))
        elif kind is NixPath:
            self.write(to_string(value, self.host), depth)
        else:
            raise EvalError(f"cannot convert {type_name(value)} to JSON")

    def write_set(self, attrs: dict[str, Value], depth: int) -> None:
        add, names = self.add, self.names
        opening = "{"
        for name in sorted_names(attrs):
            item = attrs[name]
            if item.__class__ is Thunk:
                item = force(item)
            quoted = names.get(name)
            if quoted is None:
                quoted = names[name] = quote(valid(name)) + ":"
            if item.__class__ is str and item.isascii():
                add(f"{opening}{quoted}{quote(item)}")
            elif item.__class__ is int:
                add(f"{opening}{quoted}{item}")
            else:
                add(opening + quoted)
                self.write(item, depth)
            opening = ","
        add("}" if attrs else "{}")

    def write_list(self, items: list[Value], depth: int) -> None:
        add = self.add
        opening = "["
        for item in items:
            if item.__class__ is Thunk:
                item = force(item)
            if item.__class__ is str and item.isascii():
                add(f"{opening}{quote(item)}")
            elif item.__class__ is int:
                add(f"{opening}{item}")
            else:
                add(opening)
                self.write(item, depth)
            opening = ","
        add("]" if items else "[]")


def scalar(document: Any) -> str:
    """What is neither a string nor a filled container."""
    if document is None:
        return "null"
    kind = document.__class__
    if kind is bool:
        return "true" if document else "false"
    if kind is float:
        return float_text(document)
    if kind is dict:
        return "{}"
    return "[]" if kind is list else str(document)


def float_text(number: float) -> str:
    """A float in the form of Nix's JSON library: `1.0`, `1e+15`, `1e-05`; `null` for infinities and NaN."""
    if number - number != 0:
        return "null"
    return write_float(number)


def read(text: str) -> Any:
    """The data of a JSON text, ints and floats apart. Raises ValueError for what is no JSON or has a name twice."""
    import json

    return json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_constant)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise ValueError(f"the name '{name}' is there twice")
        result[name] = value
    return result


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")
