"""Values to strings: `"${x}"`, `toString x`. (Nix manual, String interpolation, builtins.toString)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime import number
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.function import call
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.printer import show_error
from nixbridge.language.runtime.strings import ContextString, join
from nixbridge.language.runtime.thunk import DEEPEST_VALUE, Thunk, force, too_deep
from nixbridge.language.runtime.values import Lazy, Value, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host


def to_string(
    value: Lazy, host: Host | None = None, *, coerce_more: bool = False, copy_to_store: bool = True, depth: int = 0
) -> str:
    """Return the value as a string, with its context.

    Strings, paths (as the store path of their contents where `copy_to_store`), sets with `__toString` or `outPath`; with
    `coerce_more`, as `toString` does, numbers, Booleans, null and lists as well. Raises EvalError for all else, LimitReached
    where `depth`, the lists and sets around the value, exceeds DEEPEST_VALUE.
    """
    if type(value) is Thunk:
        value = force(value)
    if type(value) is str or type(value) is ContextString:
        return value
    if type(value) is NixPath:
        return host.store.copy(value.text) if copy_to_store and host is not None else value.text
    if depth > DEEPEST_VALUE:
        raise too_deep()
    if type(value) is dict or type(value) is AttrSet:
        if "__toString" in value or "outPath" in value:
            made = call(value["__toString"], value) if "__toString" in value else value["outPath"]
            return to_string(made, host, coerce_more=coerce_more, copy_to_store=copy_to_store, depth=depth + 1)
    elif coerce_more:
        more = _coerce_more(value, host, copy_to_store, depth + 1)
        if more is not None:
            return more
    raise EvalError(f"cannot coerce {type_name(value)} to a string: {show_error(value)}")


def _coerce_more(value: Value, host: Host | None, copy_to_store: bool, depth: int) -> str | None:
    if type(value) is int:
        return str(value)
    if type(value) is float:
        return number.six_digits(value)
    if type(value) is bool:
        return "1" if value else ""
    if value is None:
        return ""
    if type(value) is not list:
        return None
    parts: list[str] = []
    for position, item in enumerate(value):
        item = force(item)
        parts.append(to_string(item, host, coerce_more=True, copy_to_store=copy_to_store, depth=depth))
        # an empty list inside a list adds no blank
        if position < len(value) - 1 and not (type(item) is list and not item):
            parts.append(" ")
    return join("", parts)
