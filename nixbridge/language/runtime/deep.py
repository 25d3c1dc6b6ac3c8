"""Forcing a value to its end, without recursion: nesting costs no stack."""

from __future__ import annotations

from nixbridge.errors.exceptions import LimitReached
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.thunk import Thunk, force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Lists and sets within one another, at most: Nix's max-call-depth ends its printing and forcing there.
DEEPEST_VALUE = 10_000


def too_deep() -> LimitReached:
    """The error of a value that is nested deeper than DEEPEST_VALUE, or contains itself."""
    return LimitReached("stack overflow; max-call-depth exceeded")


def force_deep(value: Any) -> Any:
    """`value`, forced, and all that is in it, each set and list once, in the order in which it was written.

    Raises LimitReached beyond DEEPEST_VALUE.
    """
    value = force(value)
    seen: set[int] = set()
    pending = [value]
    ends = [0]  # how much is pending when all that is inside a list or set is done, the innermost last
    while pending:
        current = pending.pop()
        while len(pending) < ends[-1]:
            ends.pop()
        if current.__class__ is Thunk:
            current = force(current)
        kind = current.__class__
        inner = current if kind is list else current.values() if kind is dict or kind is AttrSet else None
        if inner and id(current) not in seen:
            seen.add(id(current))
            if len(ends) > DEEPEST_VALUE:
                raise too_deep()
            ends.append(len(pending))
            pending.extend(reversed(inner))
    return value
