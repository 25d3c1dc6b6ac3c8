"""`lib.lists`. (Nixpkgs manual, lib.lists)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, Thrown
from nixbridge.language.runtime.compare import equal
from nixbridge.language.runtime.function import call, call2, refuse_impossible
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_bool, expect_int, expect_list, expect_string
from nixbridge.language.runtime.values import Lazy, Value


def holds(predicate: Lazy, argument: Lazy) -> bool:
    """Return `predicate argument` as a Python bool. Raises EvalError for anything but a Boolean."""
    return expect_bool(call(predicate, argument))


@primop("optional")
def optional(condition: Lazy, element: Lazy) -> Value:
    """Return `[ element ]` when the condition holds, else `[ ]`; the element is not looked at. (lib.lists.optional)"""
    return [element] if expect_bool(condition) else []


@primop("optionals")
def optionals(condition: Lazy, elements: Lazy) -> Value:
    """Return the list when the condition holds, else `[ ]`; the list is not looked at then. (lib.lists.optionals)"""
    return force(elements) if expect_bool(condition) else []


@primop("singleton")
def singleton(element: Lazy) -> Value:
    """Return `[ element ]`. (lib.lists.singleton)"""
    return [element]


@primop("toList")
def to_list(value: Lazy) -> Value:
    """Return the value when it is a list, else `[ value ]`. (lib.lists.toList)"""
    value = force(value)
    return value if value.__class__ is list else [value]


@primop("forEach")
def for_each(elements: Lazy, function: Lazy) -> Value:
    """Return `map` with its arguments the other way round. (lib.lists.forEach)"""
    return [Thunk(lambda element=element: call(function, element)) for element in expect_list(elements)]


@primop("foldr")
def foldr(operator: Lazy, end: Lazy, elements: Lazy) -> Value:
    """Fold from the right, lazily, so that the operator may stop early. (lib.lists.foldr)"""
    items = expect_list(elements)

    def fold_from(index: int) -> Value:
        if index == len(items):
            return force(end)
        return call2(operator, items[index], Thunk(fold_from, index + 1))

    return fold_from(0)


@primop("fold")
def fold(operator: Lazy, end: Lazy, elements: Lazy) -> Value:
    """Return `foldr`. (lib.lists.fold)"""
    return foldr(operator, end, elements)


@primop("foldl")
def foldl(operator: Lazy, start: Lazy, elements: Lazy) -> Value:
    """Fold from the left, lazily: the operator may ignore its arguments. (lib.lists.foldl)"""
    items = expect_list(elements)

    def fold_to(count: int) -> Value:
        if count == 0:
            return force(start)
        return call2(operator, Thunk(fold_to, count - 1), items[count - 1])

    return fold_to(len(items))


@primop("foldl'")
def foldl_strict(operator: Lazy, start: Lazy, elements: Lazy) -> Value:
    """Fold from the left, strictly: the start and each result are forced to their heads. (lib.lists.foldl')"""
    result = force(start)
    for element in expect_list(elements):
        result = call2(operator, result, element)
    return result


@primop("imap0")
def imap0(function: Lazy, elements: Lazy) -> Value:
    """Return `function index element` for each, from 0; lazy. (lib.lists.imap0)"""
    return [
        Thunk(lambda index=index, element=element: call2(function, index, element))
        for index, element in enumerate(expect_list(elements))
    ]


@primop("imap1")
def imap1(function: Lazy, elements: Lazy) -> Value:
    """Return `function index element` for each, from 1; lazy. (lib.lists.imap1)"""
    return [
        Thunk(lambda index=index, element=element: call2(function, index, element))
        for index, element in enumerate(expect_list(elements), 1)
    ]


@primop("ifilter0")
def ifilter0(predicate: Lazy, elements: Lazy) -> Value:
    """Return the elements for which `predicate index element` holds, indexes from 0. (lib.lists.ifilter0)"""
    kept = []
    for index, element in enumerate(expect_list(elements)):
        if expect_bool(call2(predicate, index, element)):
            kept.append(element)
    return kept


@primop("flatten")
def flatten(value: Lazy) -> Value:
    """Return all nested lists as one; a value that is not a list becomes a list of itself. (lib.lists.flatten)"""
    value = force(value)
    if value.__class__ is not list:
        return [value]
    flat: list[Lazy] = []
    pending = [iter(value)]
    while pending:
        for element in pending[-1]:
            element = force(element)
            if element.__class__ is list:
                pending.append(iter(element))
                break
            flat.append(element)
        else:
            pending.pop()
    return flat


@primop("remove")
def remove(element: Lazy, elements: Lazy) -> Value:
    """Return the list without all that equal the element. (lib.lists.remove)"""
    kept = []
    for item in expect_list(elements):
        if not equal(item, element):
            kept.append(item)
    return kept


@primop("findSingle")
def find_single(predicate: Lazy, default: Lazy, multiple: Lazy, elements: Lazy) -> Value:
    """Return the only element that the predicate accepts; `default` when none, `multiple` when several. (lib.lists.findSingle)"""
    found = [element for element in expect_list(elements) if holds(predicate, element)]
    if not found:
        return force(default)
    return force(found[0] if len(found) == 1 else multiple)


@primop("findFirstIndex")
def find_first_index(predicate: Lazy, default: Lazy, elements: Lazy) -> Value:
    """Return the index of the first element that the predicate accepts, else `default`. (lib.lists.findFirstIndex)"""
    for index, element in enumerate(expect_list(elements)):
        if holds(predicate, element):
            return index
    return force(default)


@primop("findFirst")
def find_first(predicate: Lazy, default: Lazy, elements: Lazy) -> Value:
    """Return the first element that the predicate accepts, else `default`. (lib.lists.findFirst)"""
    for element in expect_list(elements):
        if holds(predicate, element):
            return force(element)
    return force(default)


@primop("count")
def count(predicate: Lazy, elements: Lazy) -> Value:
    """Count the elements that the predicate accepts. (lib.lists.count)"""
    total = 0
    for element in expect_list(elements):
        total += holds(predicate, element)
    return total


@primop("range")
def range_(first: Lazy, last: Lazy) -> Value:
    """Return the integers from first to last; `[ ]` when first is greater. (lib.lists.range)"""
    start, end = expect_int(first), expect_int(last) + 1
    refuse_impossible(end - start)
    return list(range(start, end))


@primop("replicate")
def replicate(number: Lazy, element: Lazy) -> Value:
    """Return a list of the element, `number` times. (lib.lists.replicate)"""
    times = expect_int(number)
    if times < 0:
        raise EvalError(f"cannot create list of size {times}")
    if isinstance(element, (int, float, str)):
        return [element] * times
    # each element is a thunk of its own to Nix, which tells functions and lists in two places apart
    return [Thunk(force, element) for _ in range(times)]


@primop("groupBy'")
def group_by_fold(operator: Lazy, start: Lazy, key_of: Lazy, elements: Lazy) -> Value:
    """Group by what `key_of` gives, each group folded from `start`. (lib.lists.groupBy')"""
    groups: dict[str, list[Lazy]] = {}
    for element in expect_list(elements):
        groups.setdefault(expect_string(call(key_of, element)), []).append(element)
    return {str(key): Thunk(lambda items=items: foldl(operator, start, items)) for key, items in groups.items()}


@primop("zipListsWith")
def zip_lists_with(function: Lazy, first: Lazy, second: Lazy) -> Value:
    """Return `function` over pairs, up to the end of the shorter list; lazy. (lib.lists.zipListsWith)"""
    pairs = zip(expect_list(first), expect_list(second), strict=False)
    return [Thunk(lambda a=a, b=b: call2(function, a, b)) for a, b in pairs]


@primop("zipLists")
def zip_lists(first: Lazy, second: Lazy) -> Value:
    """Return pairs as `{ fst, snd }`, up to the end of the shorter list. (lib.lists.zipLists)"""
    return [{"fst": a, "snd": b} for a, b in zip(expect_list(first), expect_list(second), strict=False)]


@primop("reverseList")
def reverse_list(elements: Lazy) -> Value:
    """Return the list from its end; elements are not looked at. (lib.lists.reverseList)"""
    return expect_list(elements)[::-1]


@primop("take")
def take(number: Lazy, elements: Lazy) -> Value:
    """Return the first `number` elements; fewer when there are no more. (lib.lists.take)"""
    return sublist(0, number, elements)


@primop("drop")
def drop(number: Lazy, elements: Lazy) -> Value:
    """Return the list without its first `number` elements. (lib.lists.drop)"""
    items = expect_list(elements)
    return sublist(number, len(items), items)


@primop("takeEnd")
def take_end(number: Lazy, elements: Lazy) -> Value:
    """Return the last `number` elements. (lib.lists.takeEnd)"""
    items = expect_list(elements)
    return items[max(0, len(items) - max(0, expect_int(number))) :]


@primop("dropEnd")
def drop_end(number: Lazy, elements: Lazy) -> Value:
    """Return the list without its last `number` elements. (lib.lists.dropEnd)"""
    items = expect_list(elements)
    # nixpkgs asks for the number only where there is something to take
    return items[: max(0, len(items) - expect_int(number))] if items else []


@primop("sublist")
def sublist(start: Lazy, number: Lazy, elements: Lazy) -> Value:
    """Return `number` elements from `start`, as many as there are. (lib.lists.sublist)"""
    items = expect_list(elements)
    first = expect_int(start)
    if first >= len(items):
        return []
    size = min(expect_int(number), len(items) - first)
    if size < 0:
        raise EvalError(f"cannot create list of size {size}")
    if first < 0 and size > 0:
        raise EvalError(f"'builtins.elemAt' called with index {first} on a list of size {len(items)}")
    return items[first : first + size]


@primop("last")
def last(elements: Lazy) -> Value:
    """Return the last element. Throws on an empty list. (lib.lists.last)"""
    items = expect_list(elements)
    if not items:
        raise Thrown("lists.last: list must not be empty!")
    return force(items[-1])


@primop("init")
def init(elements: Lazy) -> Value:
    """Return all elements except the last. Throws on an empty list. (lib.lists.init)"""
    items = expect_list(elements)
    if not items:
        raise Thrown("lists.init: list must not be empty!")
    return items[:-1]


@primop("hasPrefix")
def has_prefix(beginning: Lazy, elements: Lazy) -> Value:
    """Return whether the second list begins with the first. (lib.lists.hasPrefix)"""
    items = expect_list(elements)
    # as in `take`, the length of the beginning matters only where there are elements
    return equal(items[: len(expect_list(beginning))] if items else [], force(beginning))


@primop("removePrefix")
def remove_prefix(beginning: Lazy, elements: Lazy) -> Value:
    """Return the second list without its beginning, the first. Throws when it does not begin so. (lib.lists.removePrefix)"""
    if not has_prefix(beginning, elements):
        raise Thrown("lib.lists.removePrefix: First argument is not a list prefix of the second argument")
    return expect_list(elements)[len(expect_list(beginning)) :]


@primop("commonPrefix")
def common_prefix(first: Lazy, second: Lazy) -> Value:
    """Return the beginning that the two lists have in common. (lib.lists.commonPrefix)"""
    shared: list[Lazy] = []
    items = expect_list(first)
    for a, b in zip(items, expect_list(second) if items else [], strict=False):
        if not equal(a, b):
            break
        shared.append(a)
    return shared


@primop("compareLists")
def compare_lists(compare: Lazy, first: Lazy, second: Lazy) -> Value:
    """Return -1, 0 or 1, by the first difference that `compare` finds, then by length. (lib.lists.compareLists)"""
    a, b = expect_list(first), expect_list(second)
    for x, y in zip(a, b, strict=False):
        order = call2(compare, x, y)
        if not equal(order, 0):
            return order
    return (len(a) > len(b)) - (len(a) < len(b))


@primop("unique")
def unique(elements: Lazy) -> Value:
    """Return the list without later repeats; the first of equal elements stays. (lib.lists.unique)"""
    seen: set[tuple[type, Value]] = set()
    kept: list[Lazy] = []
    for element in expect_list(elements):
        value = force(element)
        if value.__class__ is str or value.__class__ is bool:
            # strings and Booleans equal only their own kind, so a look-up by hash finds what a comparison of all would
            key = (value.__class__, value)
            if key in seen:
                continue
            seen.add(key)
            kept.append(value)
        elif not contains(kept, value):
            kept.append(value)
    return kept


def contains(elements: list[Lazy], value: Lazy) -> bool:
    """Return whether an element equals the value."""
    for element in elements:
        if equal(element, value):
            return True
    return False


@primop("intersectLists")
def intersect_lists(first: Lazy, second: Lazy) -> Value:
    """Return the elements of the second list that are in the first. (lib.lists.intersectLists)"""
    wanted = expect_list(first)
    kept = []
    for element in expect_list(second):
        if contains(wanted, element):
            kept.append(element)
    return kept


@primop("subtractLists")
def subtract_lists(first: Lazy, second: Lazy) -> Value:
    """Return the elements of the second list that are not in the first. (lib.lists.subtractLists)"""
    unwanted = expect_list(first)
    kept = []
    for element in expect_list(second):
        if not contains(unwanted, element):
            kept.append(element)
    return kept
