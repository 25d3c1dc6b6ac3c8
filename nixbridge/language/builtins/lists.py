"""Lists. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.function_info import DISPLAY, STRAIGHT_LINE
from nixbridge.language.runtime.compare import equal, less, same
from nixbridge.language.runtime.function import LONGEST_TRIED, callable2_of, callable_of, expect_size, trait_of_value
from nixbridge.language.runtime.primop import Primop, primop
from nixbridge.language.runtime.strings import ContextString
from nixbridge.language.runtime.thunk import Thunk, force, force_in, settle
from nixbridge.language.runtime.type_checks import (
    expect_bool,
    expect_function,
    expect_int,
    expect_list,
    expect_plain_string,
    expect_set,
)
from nixbridge.language.runtime.values import Function, Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


@primop("length")
def length(items: Lazy) -> Value:
    """Return the number of elements in a list. (builtins.length)"""
    return len(expect_list(items))


@primop("head")
def head(items: Lazy) -> Value:
    """Return the first element. Raises EvalError for an empty list. (builtins.head)"""
    values = expect_list(items)
    if not values:
        raise EvalError("'builtins.head' called on an empty list")
    return force(values[0])


@primop("tail")
def tail(items: Lazy) -> Value:
    """Return the list without its first element. Raises EvalError for an empty list. (builtins.tail)"""
    values = expect_list(items)
    if not values:
        raise EvalError("'builtins.tail' called on an empty list")
    return values[1:]


@primop("elemAt")
def elem_at(items: Lazy, index: Lazy) -> Value:
    """Return the element at an index, from 0. Raises EvalError outside the list. (builtins.elemAt)"""
    position = expect_int(index)
    values = items if type(items) is list else expect_list(items)
    if not 0 <= position < len(values):
        raise EvalError(f"'builtins.elemAt' called with index {position} on a list of size {len(values)}")
    item = values[position]
    return force_in(values, position) if type(item) is Thunk else item


@primop("elem")
def elem(value: Lazy, items: Lazy) -> Value:
    """Return whether some element equals the value, or is the very value, as a function can be. (builtins.elem)"""
    values = expect_list(items)
    wanted = value.value if type(value) is Thunk and value.code is None else value
    kind = type(wanted)
    if kind is int or kind is str:
        settle(values)
        # Python compares a row of one class in one step
        if set(map(type, values)) == {kind}:
            return wanted in values
    for item in values:
        if same(value, item):
            return True
    return False


@primop("map")
def map_(function: Lazy, items: Lazy) -> Value:
    """Return the function of each element, lazily. (builtins.map)"""
    values = items if type(items) is list else expect_list(items)
    if not values:
        return values
    if type(function) is not Function:
        function = expect_function(function)
    settle(values)
    return applied(function, values)


def applied(function: Value, items: Iterable[Lazy]) -> list[Lazy]:
    """Return the function of each item, lazily; at once where that cannot fail, or is straight-line code on a number or a string."""
    run = function if type(function) is Function else callable_of(function)
    trait = trait_of_value(function)
    if trait == DISPLAY:
        return [run(item) for item in items]
    if trait != STRAIGHT_LINE:
        return [Thunk(run, item) for item in items]
    result: list[Lazy] = []
    add = result.append
    for item in items:
        # a long string is not worked on before it is asked for: one that is doubled again and again would never end
        if type(item) is not int and (type(item) is not str or len(item) >= LONGEST_TRIED):
            add(Thunk(run, item))
            continue
        try:
            add(run(item))
        except EvalError:
            # it fails again, with the same error, when it is needed
            add(Thunk(run, item))
    return result


@primop("filter")
def filter_(predicate: Lazy, items: Lazy) -> Value:
    """Return the elements for which the predicate holds. (builtins.filter)"""
    values = expect_list(items)
    if not values:
        return values
    function = expect_function(predicate)
    if type(function) is Primop and function.name == "isString":
        # what lib.splitString does with the pieces that builtins.split gives: all of them are there
        return [item for item in values if type(item) is str or isinstance(force(item), str)]
    test = callable_of(function)
    kept = [
        item for item in values if (verdict := test(item)) is True or (verdict is not False and expect_bool(verdict))
    ]
    # the predicate has looked at most of them
    settle(kept)
    return kept


@primop("foldl'")
def foldl(operator: Lazy, start: Lazy, items: Lazy) -> Value:
    """Return `operator (... (operator start a) ...) z`, each result forced before the next. (builtins.foldl')"""
    function = expect_function(operator)
    values = expect_list(items)
    if not values:
        return force(start)
    run = callable2_of(function)
    settle(values)
    rest = iter(values)
    result = run(start, next(rest))
    for item in rest:
        result = run(result, item)
    return result


@primop("concatLists")
def concat_lists(lists: Lazy) -> Value:
    """Return a list of lists as one list. (builtins.concatLists)"""
    result: list[Lazy] = []
    for items in expect_list(lists):
        result += expect_list(items)
    return result


@primop("concatMap")
def concat_map(function: Lazy, items: Lazy) -> Value:
    """Return the concatenation of the function's results for each element. (builtins.concatMap)"""
    result: list[Lazy] = []
    run = callable_of(expect_function(function))
    for item in expect_list(items):
        more = run(item)
        result += more if type(more) is list else expect_list(more)
    return result


@primop("genList")
def gen_list(generator: Lazy, length: Lazy) -> Value:
    """Return the generator of each index from 0, lazily. Raises EvalError for a negative length. (builtins.genList)"""
    size = expect_size(length)
    return applied(expect_function(generator), range(size))


@primop("partition")
def partition(predicate: Lazy, items: Lazy) -> Value:
    """Return `{ right, wrong }`: the elements for which the predicate holds, and the others; forces them. (builtins.partition)"""
    test = callable_of(expect_function(predicate))
    right: list[Lazy] = []
    wrong: list[Lazy] = []
    for item in expect_list(items):
        force(item)
        (right if expect_bool(test(item)) else wrong).append(item)
    return {"right": right, "wrong": wrong}


@primop("groupBy")
def group_by(key_of: Lazy, items: Lazy) -> Value:
    """Return a set of lists: the elements grouped by the name that the function returns. (builtins.groupBy)"""
    run = callable_of(expect_function(key_of))
    groups: dict[str, list[Lazy]] = {}
    for item in expect_list(items):
        key = run(item)
        name = key if type(key) is str else expect_plain_string(key)
        group = groups.get(name)
        if group is None:
            groups[name] = [item]
        else:
            group.append(item)
    return {**groups}


@primop("all")
def all_(predicate: Lazy, items: Lazy) -> Value:
    """Return whether the predicate holds for every element; stops at the first for which it does not. (builtins.all)"""
    return not _exists(predicate, items, False)


@primop("any")
def any_(predicate: Lazy, items: Lazy) -> Value:
    """Return whether the predicate holds for some element; stops at the first for which it does. (builtins.any)"""
    return _exists(predicate, items, True)


def _exists(predicate: Lazy, items: Lazy, wanted: bool) -> bool:
    test = callable_of(expect_function(predicate))
    for item in expect_list(items):
        verdict = test(item)
        # True and False are the very objects: only a verdict that is neither needs the check of its type
        if verdict is wanted or (verdict is not (not wanted) and expect_bool(verdict) is wanted):
            return True
    return False


@primop("genericClosure")
def generic_closure(arguments: Lazy) -> Value:
    """Return all sets that `operator` reaches from `startSet`, each key once. (builtins.genericClosure)"""
    given = expect_set(arguments)
    for name in ("startSet", "operator"):
        if name not in given and (name == "startSet" or expect_list(given["startSet"])):
            raise EvalError(f"attribute '{name}' missing")
    pending = list(expect_list(given["startSet"]))
    if not pending:
        return []
    operator = callable_of(expect_function(given["operator"]))
    seen_keys = _Keys()
    result: list[Lazy] = []
    position = 0
    while position < len(pending):
        element = expect_set(pending[position])
        position += 1
        if "key" not in element:
            raise EvalError("attribute 'key' missing")
        key = element["key"]
        if type(key) is Thunk:
            # the operator nearly always looks at it
            key = force_in(element, "key")
        if not seen_keys.add(key):
            continue
        result.append(element)
        pending += expect_list(operator(element))
    return result


class _Keys:
    """Keys met so far. Plain ones are looked up by hash; ints and floats that are equal are one key, to Python as to Nix."""

    def __init__(self) -> None:
        self.plain: set[Value] = set()
        self.lists = _Lists()
        self.others: list[Lazy] = []
        self.first: Value = None
        self.kind: type | None = None

    def add(self, key: Value) -> bool:
        """Add a key; return False when it was there. Raises EvalError for keys that have no order, as Nix, which sorts them."""
        kind = type(key)
        if self.kind is None:
            self.first, self.kind = key, kind
        elif kind is not self.kind or (kind is not int and kind is not str and kind is not list):
            less(key, self.first)
        if kind in _HASHED:
            if key in self.plain:
                return False
            self.plain.add(key)
            return True
        if type(key) is list:
            return self.lists.add(key)
        for other in self.others:
            if equal(key, other):
                return False
        self.others.append(key)
        return True


#: The classes of values that are equal where Python finds them equal, by hash.
_HASHED = frozenset((int, str, float, ContextString))


class _Lists:
    """Lists met so far, as a tree by their elements. An element is looked at only where two lists are the same up to it, as in Nix."""

    __slots__ = ("empty", "ends", "hashed", "others", "rest")

    def __init__(self) -> None:
        self.empty = True
        #: The only list with this beginning so far; from the second one on, `ends` says whether one has no more elements, and the
        #: others are found by their next element.
        self.rest: list[Lazy] | None = None
        self.ends = False
        self.hashed: dict[Value, _Lists] = {}
        self.others: list[tuple[Value, _Lists]] = []

    def add(self, items: list[Lazy]) -> bool:
        """Add a list; False when it was there. Raises EvalError for elements that have no order."""
        node, depth = self, 0
        while not node.empty:
            if node.rest is not None:
                first, node.rest = node.rest, None
                node._pass_on(first, depth)
            if len(items) == depth:
                if node.ends:
                    return False
                node.ends = True
                return True
            node = node._after(force(items[depth]))
            depth += 1
        node.empty, node.rest = False, items
        return True

    def _pass_on(self, items: list[Lazy], depth: int) -> None:
        if len(items) == depth:
            self.ends = True
        else:
            after = self._after(force(items[depth]))
            after.empty, after.rest = False, items

    def _after(self, element: Value) -> _Lists:
        """Return the node of the lists that go on with this element."""
        if type(element) in _HASHED:
            if element not in self.hashed:
                self._compare_with_others(element)
                self.hashed[element] = _Lists()
            return self.hashed[element]
        for other, after in self.others:
            if equal(element, other):
                return after
        self._compare_with_others(element)
        self.others.append((element, _Lists()))
        return self.others[-1][1]

    def _compare_with_others(self, element: Value) -> None:
        """Raise EvalError where a new element has no order with those that are here."""
        if self.hashed:
            less(element, next(iter(self.hashed)))
        elif self.others:
            less(element, self.others[0][0])
