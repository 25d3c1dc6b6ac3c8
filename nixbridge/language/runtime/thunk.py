"""A value that is not there yet."""

from __future__ import annotations

from nixbridge.errors.exceptions import InfiniteRecursion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class NoArgument:
    """The class itself marks a thunk whose code takes no argument."""


class Thunk:
    """Code that gives a value when it is asked for, once.

    `code` is a function of no argument, or, where an `argument` is given, of that one (an application `f x` needs no
    closure then). When it has run, `code` is None and `value` the result, in weak head normal form: what the code held
    on to is let go.
    """

    __slots__ = ("code", "value")

    def __init__(self, code: Callable[..., Any], argument: Any = NoArgument) -> None:
        self.code: Callable[..., Any] | None = code
        self.value = argument


def blackhole(_argument: Any = None) -> Any:
    """Stands in for the code of a thunk that is being evaluated."""
    raise InfiniteRecursion("infinite recursion encountered")


def force(value: Any) -> Any:
    """`value` in weak head normal form. Raises InfiniteRecursion for a thunk that needs itself.

    A thunk whose evaluation failed can be forced again and fails again. All frames here are Python's, so that depth
    costs no C stack.
    """
    if value.__class__ is not Thunk:
        return value
    code = value.code
    if code is None:
        return value.value
    argument = value.value
    value.code = blackhole
    try:
        result = code() if argument is NoArgument else code(argument)
    except BaseException:
        value.code = code
        raise
    if result.__class__ is Thunk:
        result = force(result)
    value.value = result
    value.code = None
    return result
