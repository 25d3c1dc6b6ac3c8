"""A value as plain data that keeps what rendering and linting need: which builder made a set, and where its attributes stand."""

from __future__ import annotations

from nixbridge.language.formats.document import to_document
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.thunk import DEEPEST_VALUE, force, too_deep
from nixbridge.language.runtime.values import FUNCTIONS, Lazy, Value, sorted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.language.machine.host import Host

#: For messages that say which part of a value is not data (errors/traceback.py).
WALKS_THROUGH = {"marked_document": "value"}


def marked_document(value: Lazy, host: Host, stand_in: Callable[[], Any] | None = None, depth: int = 0) -> Any:
    """Return what `to_document` does, except that sets with positions or a builder's mark stay AttrSets.

    `stand_in` makes what stands for a function or a type of an option; without it a function is an error. `depth` says how many lists
    and sets are around the value: LimitReached for one that is nested too deeply.
    """
    value = force(value)
    if depth > DEEPEST_VALUE:
        raise too_deep()
    if stand_in is not None and (value.__class__ in FUNCTIONS or is_option_type(value)):
        return stand_in()
    if isinstance(value, list):
        items: list[object] = []
        for item in value:
            items.append(marked_document(item, host, stand_in, depth + 1))
        return items
    if not isinstance(value, dict) or "__toString" in value or "outPath" in value:
        return to_document(value, host)
    attrs: dict[str, Any] = {}
    for name in sorted_names(value):
        attrs[name] = marked_document(value[name], host, stand_in, depth + 1)
    return AttrSet(attrs, value.positions, value.origin) if isinstance(value, AttrSet) else attrs


def is_option_type(value: Value) -> bool:
    """Return whether a value is a type of the module system: of functions, and some types contain themselves."""
    return isinstance(value, dict) and "_type" in value and force(value["_type"]) == "option-type"
