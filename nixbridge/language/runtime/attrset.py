"""Sets that remember where their attributes stand and which builder made them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from nixbridge.language.runtime.values import Lazy

#: attribute name -> (file name, line from 1, column from 1)
Positions: TypeAlias = "dict[str, tuple[str, int, int]]"


class AttrSet(dict[str, "Lazy"]):
    """A set with more to remember than its attributes.

    `positions` says where attributes were defined (None: nowhere). `origin` is the name of the builder that made the
    record (`mkVirtualService`), or None. `absent`, where it is not None, gives a value for each name that the set lacks: selection
    and `with` ask it last, while `?`, `or` and everything that lists attributes go by what is there (the built-in pkgs, which cannot
    list every package of nixpkgs). Most sets are a plain `dict`; both are Nix sets.
    """

    __slots__ = ("absent", "origin", "positions")

    def __init__(
        self,
        attrs: dict[str, Lazy],
        positions: Positions | None = None,
        origin: str | None = None,
        absent: Callable[[str], Lazy] | None = None,
    ) -> None:
        super().__init__(attrs)
        self.positions = positions
        self.origin = origin
        self.absent = absent


def update(left: dict[str, Lazy], right: dict[str, Lazy]) -> dict[str, Lazy]:
    """Return `left // right`, both forced: right's attributes win; a builder's mark on the left survives, else the right's."""
    if not right or not left:
        return left or right  # the very set, as in Nix: its printing tells
    if type(left) is dict and type(right) is dict:
        return left | right
    merged = {**left, **right}
    positions: Positions = {}
    origin: str | None = None
    absent: Callable[[str], Lazy] | None = None
    for side in (right, left):
        if type(side) is AttrSet:
            origin = side.origin or origin
            absent = side.absent or absent
    for side in (left, right):
        known = side.positions if type(side) is AttrSet else None
        if known:
            positions.update(known)
        elif positions:
            for name in side:
                positions.pop(name, None)
    return AttrSet(merged, positions or None, origin, absent)
