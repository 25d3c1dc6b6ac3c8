"""Thunks: delayed computations, memoized, with black-holing; and forcing of values, shallow and deep."""

from __future__ import annotations

import sys

from nixbridge.errors.exceptions import InfiniteRecursion, TooDeep
from nixbridge.language.name_order import in_nix_order
from nixbridge.type_checking import Sentinel, final

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Reversible
    from typing import Any, TypeAlias

    from nixbridge.language.runtime.values import Lazy, Value

    #: The keys that lead to a part of a value, as a linked list from the inside out.
    Way: TypeAlias = "tuple[str | int, Way | None]"

#: Lists and sets within one another, at most: Nix's max-call-depth ends its printing and forcing there. In a browser, whose stack is
#: small and which Python does not know the end of, freeing 3,000 objects that are nested (a level has five) ends the interpreter.
DEEPEST_VALUE = 10_000 if sys.platform != "emscripten" else 400


#: Marks a thunk whose code takes no argument.
NO_ARGUMENT = Sentinel("NO_ARGUMENT")


@final
class Thunk:
    """Code that gives a value when it is asked for, once.

    `code` is a function of no argument, or, where an `argument` is given, of that one (an application `f x` needs no
    closure then). When it has run, `code` is None and `value` the result, in weak head normal form: what the code held
    on to is let go.
    """

    __slots__ = ("code", "value")

    def __init__(self, code: Callable[..., Lazy], argument: Any = NO_ARGUMENT) -> None:
        self.code: Callable[..., Lazy] | None = code
        self.value: Value = argument


def blackhole(_argument: object = None) -> Value:
    """Stands in for the code of a thunk that is being evaluated."""
    raise InfiniteRecursion("infinite recursion encountered")


def force(value: Lazy) -> Value:
    """Return `value` in weak head normal form. Raises InfiniteRecursion for a thunk that needs itself.

    A thunk whose evaluation failed can be forced again and fails again. All frames here are Python's, so that depth
    costs no C stack.
    """
    if type(value) is not Thunk:
        return value
    code = value.code
    if code is None:
        return value.value
    argument: object = value.value  # until the code has run
    value.code = blackhole
    try:
        result = code() if argument is NO_ARGUMENT else code(argument)
    except BaseException:
        value.code = code
        raise
    if type(result) is Thunk:
        result = force(result)
    value.value = result
    value.code = None
    return result


#: The classes of values of which there may be two where there was one: nobody can tell.
_INTERCHANGEABLE = frozenset((int, str, bool, type(None)))


def force_in(values: Any, key: str | int) -> Value:
    """Return an attribute of a set, or an element of a list, that is a thunk, forced. A number, string, Boolean or null replaces the thunk.

    The next look needs no call, and what is computed from it needs no thunk. Functions, and sets and lists that may hold some, keep
    their thunk: to `==` the thunk is what makes the function in two places one and the same.
    """
    thunk = values[key]
    code = thunk.code
    if code is None:
        value: Value = thunk.value
    else:
        # what `force` does, without another frame: programs select in chains, one thunk's attribute in another's code
        argument = thunk.value
        thunk.code = blackhole
        try:
            value = code() if argument is NO_ARGUMENT else code(argument)
        except BaseException:
            thunk.code = code
            raise
        if type(value) is Thunk:
            value = force(value)
        thunk.value = value
        thunk.code = None
    if type(value) in _INTERCHANGEABLE:
        values[key] = value
    return value


def settle(values: list[Lazy]) -> None:
    """Replace thunks in a list that have run by their values, where these are interchangeable as in `force_in`."""
    if Thunk in set(map(type, values)):
        for position, item in enumerate(values):
            if type(item) is Thunk and item.code is None and type(item.value) in _INTERCHANGEABLE:
                values[position] = item.value


def too_deep() -> TooDeep:
    """Return the error of a value that is nested deeper than DEEPEST_VALUE, or contains itself."""
    return TooDeep("stack overflow; max-call-depth exceeded")


def force_deep(value: Lazy) -> Value:
    """Return `value`, forced, and all that is in it, each set and list once, in Nix's order. Nesting costs no stack.

    Raises LimitReached beyond DEEPEST_VALUE.
    """
    value = force(value)
    seen: set[int] = set()
    pending: list[Lazy] = [value]
    ends = [0]  # how much is pending when all that is inside a list or set is done, the innermost last
    while pending:
        current = pending.pop()
        while len(pending) < ends[-1]:
            ends.pop()
        if type(current) is Thunk:
            current = force(current)
        inner: Reversible[Lazy] | None = None
        if type(current) is list:
            inner = current
        elif isinstance(current, dict):
            names = in_nix_order(current)
            inner = current.values() if names is current else [current[name] for name in names]
        if inner and id(current) not in seen:
            seen.add(id(current))
            if len(ends) > DEEPEST_VALUE:
                raise too_deep()
            ends.append(len(pending))
            pending.extend(reversed(inner))
    return value


def unfinished_part(value: Lazy) -> str:
    """Return the attribute path (`a.b.0`) of the first part that `force_deep` could not force; empty where that is the whole."""
    seen: set[int] = set()
    pending: list[tuple[Lazy, Way | None]] = [(value, None)]
    while pending:
        current, way = pending.pop()
        if type(current) is Thunk:
            if current.code is not None:
                return ".".join(reversed(list(_names(way))))
            current = current.value
        keyed: list[tuple[str | int, Lazy]] = []
        if type(current) is list:
            keyed.extend(enumerate(current))
        elif isinstance(current, dict):
            keyed.extend((name, current[name]) for name in in_nix_order(current))
        if keyed and id(current) not in seen:
            seen.add(id(current))
            pending.extend((inner, (key, way)) for key, inner in reversed(keyed))
    return ""


def _names(way: Way | None) -> Iterator[str]:
    """Return the keys of a way, which is a linked list from the inside out."""
    while way is not None:
        key, way = way
        yield str(key)
