"""`builtins.sort`: Nix's own algorithm, since a comparator that is not an order shows which one it is.

Nix sorts with Peeksort (Munro and Wild, Nearly-Optimal Mergesorts, 2018): natural runs are found from the middle outwards and
merged in pairs, short ranges are sorted by insertion. For a strict weak order every stable sort gives the same list; for
`a: b: true` the permutation depends on which pairs are compared, so the comparisons here are those of Nix, in the same order.
"""

from __future__ import annotations

from nixbridge.errors.exceptions import NixError
from nixbridge.language.function_info import GREATER_THAN, LESS_THAN
from nixbridge.language.runtime.function import callable2_of, describe
from nixbridge.language.runtime.primop import Primop, primop
from nixbridge.language.runtime.selection import select
from nixbridge.language.runtime.thunk import force, settle
from nixbridge.language.runtime.type_checks import expect_bool, expect_function, expect_list
from nixbridge.language.runtime.values import Curried2, Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    #: A comparator: what it gives must be a Boolean, which is for its caller to see.
    Before = Callable[[Lazy, Lazy], Value]

#: Ranges of at most this many elements are sorted by insertion.
SHORT = 16


@primop("sort")
def sort(comparator: Lazy, items: Lazy) -> Value:
    """Return the list sorted by `comparator a b` (is a before b?); stable. Forces the elements. (builtins.sort)"""
    values = expect_list(items)
    if not values:
        return values
    function = expect_function(comparator)
    forced = [force(item) for item in values]
    if len(forced) == 1:
        return values
    order = _order_of(function)
    if order is not None:
        by_key, descending = order
        keys = _keys(forced, by_key)
        if keys is not None:
            # stable in both directions, as Nix's own sort is
            places = sorted(range(len(keys)), key=keys.__getitem__, reverse=descending)
            return [(values if by_key else forced)[place] for place in places]

    settle(values)
    return peeksort(values, callable2_of(function))


def _order_of(function: Value) -> tuple[tuple[str, ...], bool] | None:
    """Return the attribute path by which a comparator orders, and whether the larger comes first; None for any other function."""
    if type(function) is Primop:
        return ((), False) if function.name == "lessThan" else None
    info = describe(function) if type(function) is Curried2 else None
    if info is None or info.trait not in (LESS_THAN, GREATER_THAN):
        return None
    return info.key, info.trait == GREATER_THAN


def _keys(items: list[Value], path: tuple[str, ...]) -> list[Any] | None:
    """Return what is at `path` in each of the items, which are forced, where Python orders it as Nix does: all integers or all ASCII.

    Every comparison of Nix's looks at two of these values, and all of them are looked at: so one that fails is an error in any case. It is
    left to the comparator, which fails at the right place. The second is looked at first, as a sort by insertion does.
    """
    keys: list[Any] = items  # of one class, once that is known
    if path:
        try:
            second, first, *others = [_at(item, path) for item in (items[1], items[0], *items[2:])]
        except NixError:
            return None
        keys = [first, second, *others]
    kinds = {type(key) for key in keys}
    if kinds == {int} or (kinds == {str} and all(key.isascii() for key in keys)):
        return keys
    return None


def _at(item: Value, path: tuple[str, ...]) -> Value:
    """Return what is at an attribute path."""
    for name in path:
        item = select(item, name)
    return item


def peeksort(values: list[Lazy], before: Before) -> list[Lazy]:
    """Return a sorted copy. `before` is called from Python frames only: a comparator may recurse as deep as it likes."""
    items = values.copy()
    if len(items) == 2:
        if expect_bool(before(items[1], items[0])):
            items.reverse()
        return items
    _sort(items, before, 0, len(items), 0, len(items))
    return items


def _sort(items: list[Lazy], before: Before, begin: int, end: int, left_end: int, right_begin: int) -> None:
    """Sort `items[begin:end]`, of which `[begin:left_end]` and `[right_begin:end]` are sorted already."""
    if left_end == end or right_begin == begin:
        return
    if end - begin <= SHORT:
        _insert_all(items, before, begin, end)
        return
    middle = begin + (end - begin) // 2
    if middle <= left_end:
        _sort(items, before, left_end, end, left_end + 1, right_begin)
        _merge(items, before, begin, left_end, end)
        return
    if middle >= right_begin:
        _sort(items, before, begin, right_begin, left_end, right_begin - 1)
        _merge(items, before, begin, right_begin, end)
        return
    start, stop = _run_around(items, before, left_end, middle, right_begin)
    if start == begin and stop == end:
        return
    # the cut goes where the run's nearer end is, so that the run stays whole
    if middle - start < stop - middle:
        _sort(items, before, begin, start, left_end, start - 1)
        _sort(items, before, start, end, stop, right_begin)
        _merge(items, before, begin, start, end)
    else:
        _sort(items, before, begin, stop, left_end, start)
        _sort(items, before, stop, end, stop + 1, right_begin)
        _merge(items, before, begin, stop, end)


def _run_around(items: list[Lazy], before: Before, lowest: int, middle: int, highest: int) -> tuple[int, int]:
    """Return the bounds of the run that `items[middle - 1]` is in; a run that falls is turned round."""
    falling = expect_bool(before(items[middle], items[middle - 1]))
    start = middle - 1
    while start > lowest and expect_bool(before(items[start], items[start - 1])) is falling:
        start -= 1
    stop = middle
    while stop < highest and expect_bool(before(items[stop], items[stop - 1])) is falling:
        stop += 1
    if falling:
        items[start:stop] = items[start:stop][::-1]
    return start, stop


def _insert_all(items: list[Lazy], before: Before, begin: int, end: int) -> None:
    """Sort a short range by insertion."""
    for current in range(begin + 1, end):
        item = items[current]
        place = current
        while place > begin:
            verdict = before(item, items[place - 1])
            if verdict is False or (verdict is not True and not expect_bool(verdict)):
                break
            items[place] = items[place - 1]
            place -= 1
        items[place] = item


def _merge(items: list[Lazy], before: Before, begin: int, middle: int, end: int) -> None:
    """Merge two sorted neighbours; of two elements that are equal the left one comes first."""
    left, right = items[begin:middle], items[middle:end]
    merged: list[Lazy] = []
    add = merged.append
    i, j, left_size, right_size = 0, 0, len(left), len(right)
    while i < left_size and j < right_size:
        verdict = before(right[j], left[i])
        if verdict is True or (verdict is not False and expect_bool(verdict)):
            add(right[j])
            j += 1
        else:
            add(left[i])
            i += 1
    items[begin:end] = merged + left[i:] + right[j:]
