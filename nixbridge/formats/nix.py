"""Values in Nix's own syntax, byte for byte as `nix-instantiate --eval --strict` prints them."""

from __future__ import annotations

from nixbridge.runtime.attrset import AttrSet
from nixbridge.runtime.primop import Primop, PrimopCall
from nixbridge.runtime.show import show_name, show_scalar, show_string
from nixbridge.runtime.text import ContextString
from nixbridge.runtime.thunk import Thunk, force
from nixbridge.runtime.values import LAMBDAS, Value, sorted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.runtime.host import Host

SUFFIXES = (".nix-value",)


def write(value: Value, host: Host) -> str:
    """The value, forced to its end, on one line, with a newline. A set or list met before is `«repeated»`."""
    parts: list[str] = []
    _write(value, set(), parts.append)
    return "".join(parts) + "\n"


def _write(value: Value, seen: set[int], add: Callable[[str], object]) -> None:
    if value.__class__ is Thunk:
        value = force(value)
    kind = value.__class__
    if kind is dict or kind is AttrSet:
        _write_set(value, seen, add)
    elif kind is list:
        _write_list(value, seen, add)
    elif kind is str or kind is ContextString:
        add(show_string(value))
    elif kind in LAMBDAS:
        add("<LAMBDA>")
    elif kind is Primop:
        add("<PRIMOP>")
    elif kind is PrimopCall:
        add("<PRIMOP-APP>")
    else:
        add(show_scalar(value))


def _write_set(attrs: dict[str, Value], seen: set[int], add: Callable[[str], object]) -> None:
    if attrs and id(attrs) in seen:
        add("«repeated»")
        return
    seen.add(id(attrs))
    add("{ ")
    for name in sorted_names(attrs):
        add(f"{show_name(name)} = ")
        _write(attrs[name], seen, add)
        add("; ")
    add("}")


def _write_list(items: list[Value], seen: set[int], add: Callable[[str], object]) -> None:
    if items and id(items) in seen:
        add("«repeated»")
        return
    seen.add(id(items))
    add("[ ")
    for item in items:
        _write(item, seen, add)
        add(" ")
    add("]")


def read(text: str) -> str:
    """A golden file of this format is compared as text."""
    return text.strip()
