"""Forcing a value to its end, without recursion: nesting costs no stack."""

from __future__ import annotations

from nixbridge.runtime.attrset import AttrSet
from nixbridge.runtime.thunk import Thunk, force
from nixbridge.runtime.values import sorted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def force_deep(value: Any) -> Any:
    """`value`, forced, and all that is in it, each set and list once. Names in order, as Nix does."""
    value = force(value)
    seen: set[int] = set()
    pending = [value]
    while pending:
        current = pending.pop()
        if current.__class__ is Thunk:
            current = force(current)
        kind = current.__class__
        if kind is list:
            if id(current) not in seen:
                seen.add(id(current))
                pending.extend(reversed(current))
        elif (kind is dict or kind is AttrSet) and id(current) not in seen:
            seen.add(id(current))
            pending.extend(current[name] for name in reversed(sorted_names(current)))
    return value
