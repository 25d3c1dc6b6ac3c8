"""Functions of Nix that were written with several arguments in a row: `a: b: body`.

They run as one Python function of two or three arguments when all are given at once, without a closure in between: a fold is twice as
fast. Given fewer, they wait for the rest.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Curried2:
    """`a: b: body`; `run(a, b)` is the body."""

    __slots__ = ("run",)
    arity = 2

    def __init__(self, run: Callable[[Any, Any], Any]) -> None:
        self.run = run


class Curried3:
    """`a: b: c: body`; `run(a, b, c)` is the body."""

    __slots__ = ("run",)
    arity = 3

    def __init__(self, run: Callable[[Any, Any, Any], Any]) -> None:
        self.run = run


class Partial:
    """One of these that has been given some of its arguments."""

    __slots__ = ("arity", "given", "run")

    def __init__(self, run: Callable[..., Any], given: tuple[Any, ...], arity: int) -> None:
        self.run, self.given, self.arity = run, given, arity

    def apply(self, argument: Any) -> Any:
        """With one argument more: the body's value, or still a Partial."""
        if self.arity == 1:
            return self.run(*self.given, argument)
        return Partial(self.run, (*self.given, argument), self.arity - 1)
