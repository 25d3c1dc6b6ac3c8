"""Values in Nix's own syntax, byte for byte as `nix-instantiate --eval --strict` prints them."""

from __future__ import annotations

from nixbridge.errors.exceptions import NixError
from nixbridge.language.runtime.primop import Primop, PrimopCall
from nixbridge.language.runtime.printer import show_name, show_scalar, show_string
from nixbridge.language.runtime.strings import without_stand_ins
from nixbridge.language.runtime.thunk import Thunk, force, force_deep, unfinished_part
from nixbridge.language.runtime.values import LAMBDAS, Lazy, Value, sorted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.machine.host import Host


def write(value: Lazy, host: Host) -> str:
    """Return the value, completely evaluated, on one line, with a newline. A set or list met before is `«repeated»`.

    Two sets are one when no operation lies between them; two lists only when they are the same variable or argument.
    """
    try:
        whole = force_deep(value)
    except NixError as error:
        path = unfinished_part(value)
        if path:
            error.context.append(f"while evaluating attribute '{path}'")
        raise
    parts: list[str] = []
    _write(whole, set(), parts.append)
    return without_stand_ins("".join(parts)) + "\n"


def _write(value: Value, seen: set[int], add: Callable[[str], object]) -> None:
    if isinstance(value, dict):
        _write_set(value, seen, add)
    elif isinstance(value, list):
        _write_list(value, seen, add)
    elif isinstance(value, str):
        add(show_string(value))
    elif isinstance(value, LAMBDAS):
        add("<LAMBDA>")
    elif isinstance(value, Primop):
        add("<PRIMOP>")
    elif isinstance(value, PrimopCall):
        add("<PRIMOP-APP>")
    else:
        add(show_scalar(value))


def _write_item(item: Lazy, seen: set[int], add: Callable[[str], object]) -> None:
    """Write an element or attribute. Nix knows a list again by the place that holds it, which is the thunk where there is one."""
    place = id(item)
    if type(item) is Thunk:
        item = force(item)
    if type(item) is list and item:
        if place in seen:
            add("«repeated»")
            return
        seen.add(place)
    _write(item, seen, add)


def _write_set(attrs: dict[str, Lazy], seen: set[int], add: Callable[[str], object]) -> None:
    # Nix never shows an empty set as repeated
    if attrs and id(attrs) in seen:
        add("«repeated»")
        return
    seen.add(id(attrs))
    add("{ ")
    for name in sorted_names(attrs):
        add(f"{show_name(name)} = ")
        _write_item(attrs[name], seen, add)
        add("; ")
    add("}")


def _write_list(items: list[Lazy], seen: set[int], add: Callable[[str], object]) -> None:
    add("[ ")
    for item in items:
        _write_item(item, seen, add)
        add(" ")
    add("]")
