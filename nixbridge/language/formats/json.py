"""JSON: pretty for people, compact byte for byte as Nix prints it; and the reading of golden files."""

from __future__ import annotations

from nixbridge.language.formats.document import not_data, printed_path, to_document
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.strings import ContextString, without_stand_ins
from nixbridge.language.runtime.thunk import DEEPEST_VALUE, Thunk, force, too_deep
from nixbridge.language.runtime.values import Lazy, sorted_names

try:
    from _json import encode_basestring  # the public module brings `re`: 6 ms
except ImportError:  # pragma: no cover - a Python without the accelerator
    from json.encoder import py_encode_basestring as encode_basestring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, TypeAlias

    #: The names of a set, as they are there -> the names as they are written, each with all that is before its value.
    Shapes: TypeAlias = dict[tuple[str, ...], list[tuple[str, str]]]

    from nixbridge.language.machine.host import Host

#: For messages that say which part of a value could not be written (errors/traceback.py).
WALKS_THROUGH = {"write_attrs": "attrs", "write_list": "items"}

#: A string in JSON's notation, with its quotes.
quote = encode_basestring
#: Sets of at most so many attributes share the texts of their names, and so many of these are kept for a depth.
MOST_NAMES, MOST_SHAPES = 32, 1000
#: The depth at which a container is remembered, to find out early that it contains itself.
_MARKED_DEPTH = 500


def write(value: Lazy, host: Host) -> str:
    """Return the value as JSON, two spaces a level, with a newline at the end. Raises EvalError for what JSON cannot say."""
    return without_stand_ins(_Writer(host).text(value, "\n")) + "\n"


def write_compact(value: Lazy, host: Host) -> str:
    """Return the value as `nix-instantiate --eval --strict --json` prints it, with its newline."""
    return without_stand_ins(compact(value, host)) + "\n"


def compact(value: Lazy, host: Host | None = None, context: set[str] | None = None) -> str:
    """Return the value, completely evaluated, as JSON without a blank, names in Nix's order. `context` collects the string contexts met."""
    return _Writer(host, context).text(value, "")


def pretty(document: Any) -> str:
    """Return plain data as JSON over several lines; dicts in their own order."""
    return _PlainWriter(None).text(document, "\n")


def compact_data(data: object) -> str:
    """Return plain data as JSON on one line, names in Nix's order; no name means anything, unlike `outPath` in a Nix value."""
    if isinstance(data, dict):
        return "{" + ",".join([f"{quote(name)}:{compact_data(data[name])}" for name in sorted_names(data)]) + "}"
    if isinstance(data, list):
        return "[" + ",".join([compact_data(item) for item in data]) + "]"
    return quote(data) if isinstance(data, str) else scalar(data)


class _Writer:
    """Forces and writes in one go, which takes two thirds of the time that it takes one after the other.

    `newline` is what comes before the end of a container: a newline and its indentation, or nothing at all.
    """

    #: The names of sets that are written without a blank: `toJSON` is called for many that are alike.
    compact_shapes: ClassVar[Shapes] = {}

    def __init__(self, host: Host | None, context: set[str] | None = None) -> None:
        self.host = host
        self.context = context
        self.parts: list[str] = []
        self.add = self.parts.append
        self.marked = 0
        self.shapes: dict[str, Shapes] = {"": self.compact_shapes}

    def text(self, value: Lazy, newline: str) -> str:
        """Return the value's JSON. Raises EvalError for a string that is not UTF-8, as Nix does, when all is evaluated."""
        self.write(value, newline, 0)
        text = "".join(self.parts)
        # one look at the whole is faster than one at each string; only a fault needs the walk that finds its string
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                to_document(value, self.host)  # raises, and knows which string it is
                raise
        return text

    def write(self, value: Lazy, newline: str, depth: int) -> None:
        """Write any value."""
        if type(value) is Thunk:
            value = force(value)
        if type(value) is dict or type(value) is AttrSet:
            self.write_attrs(value, newline, depth + 1)
        elif type(value) is list:
            self.write_list(value, newline, depth + 1)
        elif type(value) is str:
            self.add(quote(value))
        elif type(value) is ContextString:
            if self.context is not None:
                self.context |= value.context
            self.add(quote(value))
        elif type(value) is NixPath:
            self.write(printed_path(value, self.host, self.context), newline, depth)
        elif type(value) is int or type(value) is float or type(value) is bool or value is None:
            self.add(scalar(value))
        else:
            raise not_data(value)

    def write_attrs(self, attrs: dict[str, Lazy], newline: str, depth: int) -> None:
        """Write a set; one with `__toString` or `outPath` is that string. What is met most is written here, without a call."""
        if depth >= _MARKED_DEPTH:
            self.check_depth(attrs, depth)
        if "__toString" in attrs or "outPath" in attrs:
            self.write_special(attrs, newline, depth)
            return
        add = self.add
        inner = newline and newline + "  "
        for name, before in self.named(attrs, newline):
            item = attrs[name]
            if type(item) is Thunk:
                item = item.value if item.code is None else force(item)
            if type(item) is str:
                add(before + quote(item))
            elif type(item) is int:
                add(f"{before}{item}")
            else:
                add(before)
                if type(item) is dict:
                    self.write_attrs(item, inner, depth + 1)
                else:
                    self.write(item, inner, depth)
        add(newline + "}" if attrs else "{}")

    def check_depth(self, container: dict[str, Lazy] | list[Lazy], depth: int) -> None:
        """Raise LimitReached beyond DEEPEST_VALUE, and at once for a value that contains itself.

        The indentation of 10,000 levels takes 100 MB. Whatever is deeper than _MARKED_DEPTH lies inside the container that was met
        there last, so meeting that one again means that it contains itself.
        """
        if depth == _MARKED_DEPTH:
            self.marked = id(container)
        elif depth > DEEPEST_VALUE or id(container) == self.marked:
            raise too_deep()

    def write_special(self, attrs: dict[str, Lazy], newline: str, depth: int) -> None:
        """Write a set that stands for a string. A path that `__toString` gives is not copied, as in Nix."""
        text = to_string(attrs, self.host, copy_to_store=False) if "__toString" in attrs else attrs["outPath"]
        self.write(text, newline, depth)

    def write_list(self, items: list[Lazy], newline: str, depth: int) -> None:
        """Write a list; as `write_attrs`."""
        if depth >= _MARKED_DEPTH:
            self.check_depth(items, depth)
        add = self.add
        inner = newline and newline + "  "
        before, following = "[" + inner, "," + inner
        for item in items:
            if type(item) is Thunk:
                item = item.value if item.code is None else force(item)
            if type(item) is str:
                add(before + quote(item))
            elif type(item) is int:
                add(f"{before}{item}")
            else:
                add(before)
                if type(item) is dict:
                    self.write_attrs(item, inner, depth + 1)
                else:
                    self.write(item, inner, depth)
            before = following
        add(newline + "]" if items else "[]")

    def named(self, attrs: dict[str, Lazy], newline: str) -> list[tuple[str, str]]:
        """Return the names in the order in which they are written, each with all that stands before its value.

        Sets that are made alike share it.
        """
        if len(attrs) > MOST_NAMES:
            return self.names_of(attrs, newline)
        shapes = self.shapes.get(newline)
        if shapes is None:
            shapes = self.shapes[newline] = {}
        shape = (*attrs,)
        found = shapes.get(shape)
        if found is None:
            if len(shapes) >= MOST_SHAPES:
                shapes.clear()
            found = shapes[shape] = self.names_of(attrs, newline)
        return found

    def names_of(self, attrs: dict[str, Lazy], newline: str) -> list[tuple[str, str]]:
        """Return the same, created again."""
        inner, colon = (newline + "  ", ": ") if newline else ("", ":")
        named = [(name, f",{inner}{quote(name)}{colon}") for name in self.in_order(attrs)]
        if named:
            name, before = named[0]
            named[0] = name, "{" + before[1:]
        return named

    def in_order(self, attrs: dict[str, Lazy]) -> list[str]:
        """Return the names in their order."""
        return sorted_names(attrs)


class _PlainWriter(_Writer):
    """For data: no name means anything, and their order is the dicts' own."""

    compact_shapes: ClassVar[Shapes] = {}

    def write_special(self, attrs: dict[str, Lazy], newline: str, depth: int) -> None:
        for name, before in self.named(attrs, newline):
            self.add(before)
            self.write(attrs[name], newline + "  ", depth)
        self.add(newline + "}")

    def in_order(self, attrs: dict[str, Lazy]) -> list[str]:
        return list(attrs)


def scalar(document: object) -> str:
    """Return the text of what is neither a string nor a filled container."""
    if document is None:
        return "null"
    if type(document) is bool:
        return "true" if document else "false"
    if type(document) is float:
        return float_text(document)
    if type(document) is dict:
        return "{}"
    return "[]" if type(document) is list else str(document)


def float_text(number: float) -> str:
    """Return a float in the form of Nix's JSON library: `1.0`, `1e+15`, `1e-05`; `null` for infinities and NaN."""
    # infinities and NaN, without an import of `math`
    if number - number != 0:
        return "null"
    from nixbridge.language.formats.grisu import write_float  # few documents have floats

    return write_float(number)


def read(text: str) -> Any:
    """Return the data of a JSON text, with ints and floats apart. Raises ValueError for invalid JSON and duplicate keys."""
    from nixbridge.language.formats.json_strict import InvalidJson, read_json  # few evaluations read JSON as data

    try:
        return read_json(text)
    except InvalidJson as error:
        line, column = text.count("\n", 0, error.start) + 1, error.start - text.rfind("\n", 0, error.start)
        raise ValueError(f"{error}, in line {line}, column {column}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
