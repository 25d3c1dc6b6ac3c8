"""A value as Nix shows it inside an error message (short) or a trace (whole): nothing forced."""

from __future__ import annotations

import sys

from nixbridge.language.function_info import info_of
from nixbridge.language.runtime import number
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.primop import Primop, PrimopCall
from nixbridge.language.runtime.strings import from_bytes, length, to_bytes
from nixbridge.language.runtime.thunk import Thunk, blackhole
from nixbridge.language.runtime.values import Partial, code_of, sorted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.runtime.values import Lambda, Lazy, Scalar

#: Nix's own limits in messages.
MOST_ITEMS = 10
LONGEST_STRING = 1024
DEEPEST = 10
#: What a message shows first of a set: what kind of thing it is.
IMPORTANT = ("_type", "type")

KEYWORDS = frozenset(("assert", "else", "if", "in", "inherit", "let", "rec", "then", "with"))


def show_error(value: Lazy) -> str:
    """The value on one line, cut as Nix cuts it: at most ten elements and ten attributes, strings to 1,024 bytes, thunks as `«thunk»`,
    what was shown before as `«repeated»`.
    """
    return _Shower(MOST_ITEMS, LONGEST_STRING, IMPORTANT).show(value, 1)


def show_traced(value: Lazy) -> str:
    """Return the value on one line, as builtins.trace shows it: neither items nor strings are cut."""
    return _Shower(sys.maxsize, sys.maxsize, ()).show(value, 1)


class _Shower:
    def __init__(self, most_items: int, longest_string: int, first: tuple[str, ...]) -> None:
        # Nix counts elements and attributes apart, and each only when it is printed: an outer one comes after those in it
        self.elements = self.attributes = 0
        self.most_items = most_items
        self.longest_string = longest_string
        self.first = first
        self.seen: set[int] = set()

    def show(self, value: Lazy, depth: int) -> str:
        place = value
        if type(value) is Thunk:
            if value.code is not None:
                return "«potential infinite recursion»" if value.code is blackhole else "«thunk»"
            value = value.value
        if isinstance(value, list):
            # to Nix a list is where it stands, a set is its contents: two variables with one set in them are a repetition
            return "«repeated»" if value and self.is_repeated(place) else self.show_list(value, depth)
        if isinstance(value, dict):
            return "«repeated»" if value and self.is_repeated(value) else self.show_set(value, depth)
        return show_scalar(value, self.longest_string)

    def is_repeated(self, value: Lazy) -> bool:
        if id(value) in self.seen:
            return True
        self.seen.add(id(value))
        return False

    def show_list(self, items: list[Lazy], depth: int) -> str:
        if not items:
            return "[ ]"
        if depth > DEEPEST:
            return "[ ... ]"
        shown: list[str] = []
        for item in items:
            if self.elements >= self.most_items:
                shown.append(elided(len(items) - len(shown), "item"))
                break
            shown.append(self.show(item, depth + 1))
            self.elements += 1
        return f"[ {' '.join(shown)} ]"

    def show_set(self, attrs: dict[str, Lazy], depth: int) -> str:
        if not attrs:
            return "{ }"
        if depth > DEEPEST:
            return "{ ... }"
        shown: list[str] = []
        important = [name for name in self.first if name in attrs]
        for name in [*important, *(name for name in sorted_names(attrs) if name not in important)]:
            if self.attributes >= self.most_items:
                shown.append(elided(len(attrs) - len(shown), "attribute"))
                break
            shown.append(f"{show_name(name)} = {self.show(attrs[name], depth + 1)};")
            self.attributes += 1
        return f"{{ {' '.join(shown)} }}"


def elided(count: int, what: str) -> str:
    """`«3 items elided»`."""
    return f"«{count} {what}{'' if count == 1 else 's'} elided»"


def show_scalar(value: Scalar, longest_string: int = LONGEST_STRING) -> str:
    """Return a value that is neither list nor set."""
    if isinstance(value, str):
        rest = length(value) - longest_string
        if rest <= 0:
            return show_string(value)
        # by bytes, as Nix cuts: the last character may lose some of its own
        text = from_bytes(to_bytes(value)[:longest_string])
        return f"{show_string(text)} «{rest} byte{'' if rest == 1 else 's'} elided»"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number.shown(value)
    if isinstance(value, NixPath):
        return value.text
    return str(value) if isinstance(value, int) else show_function(value)


def show_function(value: Lambda | Primop | PrimopCall) -> str:
    """Return `«lambda f @ file:1:2»`, `«primop map»`, `«partially applied primop map»`."""
    if isinstance(value, Primop):
        return f"«primop {value.name}»"
    if isinstance(value, PrimopCall):
        return f"«partially applied primop {value.primop.name}»"
    run = code_of(value)
    info = info_of(run, len(value.given) if type(value) is Partial else 0)
    if info is None:
        return "«lambda»"
    name = f" {info.name}" if info.name else ""
    return f"«lambda{name} @ {run.__code__.co_filename}:{info.line}:{info.column}»"


def show_string(text: str) -> str:
    """Return a string literal in Nix's syntax."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return '"' + text.replace("${", "\\${") + '"'


def show_name(name: str) -> str:
    """Return an attribute name, quoted where it is not an identifier."""
    return name if is_identifier(name) else show_string(name)


def is_identifier(name: str) -> bool:
    """Return whether `name` can be an attribute name without quotes."""
    if not name or name in KEYWORDS or not (name[0].isalpha() or name[0] == "_") or not name.isascii():
        return False
    return all(character.isalnum() or character in "_'-" for character in name)
