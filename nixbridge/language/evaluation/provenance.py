"""A value as plain data that keeps what rendering and linting need: which builder made a set, and where its attributes stand."""

from __future__ import annotations

from nixbridge.language.formats.document import to_document
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import Value, sorted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.machine.host import Host


def marked_document(value: Value, host: Host) -> Any:
    """As `to_document`, but sets that have positions or a builder's mark stay AttrSets."""
    value = force(value)
    if isinstance(value, list):
        return [marked_document(item, host) for item in value]
    if not isinstance(value, dict) or "__toString" in value or "outPath" in value:
        return to_document(value, host)
    items = {name: marked_document(value[name], host) for name in sorted_names(value)}
    return AttrSet(items, value.positions, value.origin) if isinstance(value, AttrSet) else items
