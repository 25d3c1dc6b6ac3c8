"""JSON: pretty for people, compact byte for byte as Nix prints it; and the reading of golden files."""

from __future__ import annotations

from nixbridge.errors.kinds import EvalError
from nixbridge.formats.document import valid
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


#: Sets of at most so many attributes share the order of their names, and so many of these orders are kept.
MOST_NAMES, MOST_ORDERS = 32, 2000


def write(value: Value, host: Host) -> str:
    """The value as JSON, two spaces a level, with a newline at the end. Raises EvalError for what JSON cannot say."""
    writer = _Writer(host)
    writer.write(value, "\n", 0)
    writer.add("\n")
    return "".join(writer.parts)


def write_compact(value: Value, host: Host) -> str:
    """The value as `nix-instantiate --eval --strict --json` prints it, with its newline."""
    return compact(value, host) + "\n"


def compact(value: Value, host: Host | None = None, context: set[str] | None = None) -> str:
    """The value, forced to its end, as JSON without a blank, names in Nix's order. `context` collects the string contexts met."""
    writer = _Writer(host, context)
    writer.write(value, "", 0)
    return "".join(writer.parts)


def pretty(document: Any) -> str:
    """Plain data as JSON over several lines; dicts in their own order."""
    writer = _PlainWriter(None)
    writer.write(document, "\n", 0)
    return "".join(writer.parts)


class _Writer:
    """Forces and writes in one go, which takes two thirds of the time that it takes one after the other.

    `newline` is what comes before an item of the container around it: a newline and its indentation, or nothing at all.
    """

    def __init__(self, host: Host | None, context: set[str] | None = None) -> None:
        self.host = host
        self.context = context
        self.parts: list[str] = []
        self.add = self.parts.append
        self.orders: dict[tuple[str, ...], list[tuple[str, str]]] = {}

    def write(self, value: Value, newline: str, depth: int) -> None:
        if value.__class__ is Thunk:
            value = force(value)
        kind = value.__class__
        if kind is dict or kind is AttrSet:
            self.write_attrs(value, newline, depth + 1)
        elif kind is list:
            self.write_list(value, newline, depth + 1)
        elif kind is str or kind is ContextString:
            if kind is ContextString and self.context is not None:
                self.context |= value.context
            self.add(quote(valid(value)))
        elif kind is int or kind is float or kind is bool or value is None:
            self.add(scalar(value))
        elif kind is NixPath:
            self.write(to_string(value, self.host), newline, depth)
        else:
            raise EvalError(f"cannot convert {type_name(value)} to JSON")

    def write_attrs(self, attrs: dict[str, Value], newline: str, depth: int) -> None:
        """A set; one with `__toString` or `outPath` is that string."""
        if depth > DEEPEST_VALUE:
            raise too_deep()
        if "__toString" in attrs:
            self.write(to_string(attrs, self.host), newline, depth)
        elif "outPath" in attrs:
            self.write(attrs["outPath"], newline, depth)
        else:
            self.write_set(attrs, newline, depth)

    def write_set(self, attrs: dict[str, Value], newline: str, depth: int) -> None:
        """Brackets and what is between them; what is met most is written here, without a call."""
        add = self.add
        inner = newline and newline + "  "
        following = "," + inner
        opening = "{" + inner
        for name, quoted in self.order(attrs, newline):
            item = attrs[name]
            kind = item.__class__
            if kind is Thunk:
                item = force(item)
                kind = item.__class__
            if kind is str and item.isascii():
                add(f"{opening}{quoted}{quote(item)}")
            elif kind is int:
                add(f"{opening}{quoted}{item}")
            else:
                add(opening + quoted)
                self.write(item, inner, depth)
            opening = following
        add(newline + "}" if attrs else "{}")

    def write_list(self, items: list[Value], newline: str, depth: int) -> None:
        if depth > DEEPEST_VALUE:
            raise too_deep()
        add = self.add
        inner = newline and newline + "  "
        following = "," + inner
        opening = "[" + inner
        for item in items:
            kind = item.__class__
            if kind is Thunk:
                item = force(item)
                kind = item.__class__
            if kind is str and item.isascii():
                add(f"{opening}{quote(item)}")
            elif kind is int:
                add(f"{opening}{item}")
            else:
                add(opening)
                self.write(item, inner, depth)
            opening = following
        add(newline + "]" if items else "[]")

    def order(self, attrs: dict[str, Value], newline: str) -> list[tuple[str, str]]:
        """The names in the order in which they are written, each with its text. Sets that are made alike share it."""
        if len(attrs) > MOST_NAMES:
            return self.named(attrs, newline)
        orders = self.orders
        shape = (*attrs,)
        found = orders.get(shape)
        if found is None:
            if len(orders) >= MOST_ORDERS:
                orders.clear()
            found = orders[shape] = self.named(attrs, newline)
        return found

    def named(self, attrs: dict[str, Value], newline: str) -> list[tuple[str, str]]:
        """The same, made anew."""
        colon = ": " if newline else ":"
        return [(name, quote(valid(name)) + colon) for name in self.names(attrs)]

    def names(self, attrs: dict[str, Value]) -> list[str]:
        """The names in their order."""
        return sorted_names(attrs)


class _PlainWriter(_Writer):
    """For data: no name means anything, and their order is the dicts' own."""

    def write_attrs(self, attrs: dict[str, Value], newline: str, depth: int) -> None:
        self.write_set(attrs, newline, depth)

    def names(self, attrs: dict[str, Value]) -> list[str]:
        return list(attrs)


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
