"""Names for type checkers whose own modules (typing, enum) would cost a start of the command more than evaluating a small file.

`NOT_FOUND = Sentinel("NOT_FOUND")` is a mark for "nothing is there" where None is a value like any other; it is compared with `is`. To type
checkers it is PEP 661's: `Value | NOT_FOUND` is a type, and `is NOT_FOUND` narrows it. `@final` is typing's: of a final class alone does
`type(x) is C` narrow both branches.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import final

    from typing_extensions import Sentinel
else:

    class Sentinel:
        """One mark, which is equal to itself only."""

        __slots__ = ("name",)

        def __init__(self, name):
            self.name = name

        def __repr__(self):
            return self.name

    def final(decorated):
        """Return the class as it is."""
        return decorated


__all__ = ["Sentinel", "final"]
