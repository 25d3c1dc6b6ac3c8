"""Sentinels: marks for "nothing is there" where None is a value like any other.

    NOT_FOUND = Sentinel("NOT_FOUND")

A module that needs one makes it so and compares with `is`. Type checkers see the class of PEP 661 instead: `Value | NOT_FOUND` is a type to
them, and `is NOT_FOUND` narrows it. (An Enum would do as well, but costs a start of the command more than evaluating a small file.)
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Sentinel as Sentinel
else:

    class Sentinel:
        """One mark, which is equal to itself only."""

        __slots__ = ("name",)

        def __init__(self, name: str) -> None:
            self.name = name

        def __repr__(self) -> str:
            return self.name
