"""Attribute sets. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.function_info import DISPLAY
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.function import call2, trait_of_value
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.selection import select
from nixbridge.language.runtime.thunk import Thunk
from nixbridge.language.runtime.type_checks import expect_function, expect_list, expect_plain_string, expect_set
from nixbridge.language.runtime.values import Curried2, Lazy, Value, sorted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from nixbridge.language.evaluation.globals import Services
    from nixbridge.language.runtime.attrset import Positions


def like(attrs: dict[str, Lazy], result: dict[str, Lazy]) -> dict[str, Lazy]:
    """Return `result`, made of attributes of `attrs`, with what `attrs` knows of their places and of its builder."""
    if type(attrs) is not AttrSet:
        return result
    positions = {name: place for name, place in (attrs.positions or {}).items() if name in result}
    return AttrSet(result, positions, attrs.origin)


@primop("attrNames")
def attr_names(attrs: Lazy) -> Value:
    """Return the names of a set, in order of their bytes. (builtins.attrNames)"""
    return [*sorted_names(expect_set(attrs))]


@primop("attrValues")
def attr_values(attrs: Lazy) -> Value:
    """Return the values of a set, in order of their names. (builtins.attrValues)"""
    values = expect_set(attrs)
    return [values[name] for name in sorted_names(values)]


@primop("getAttr")
def get_attr(name: Lazy, attrs: Lazy) -> Value:
    """Return the attribute of that name. Raises EvalError when it is missing. (builtins.getAttr)"""
    return select(attrs, expect_plain_string(name))


@primop("hasAttr")
def has_attr(name: Lazy, attrs: Lazy) -> Value:
    """Return whether there is an attribute of that name. (builtins.hasAttr)"""
    return expect_plain_string(name) in expect_set(attrs)


@primop("removeAttrs")
def remove_attrs(attrs: Lazy, names: Lazy) -> Value:
    """Return the set without these names; names that it does not have do not matter. (builtins.removeAttrs)"""
    given = expect_set(attrs)
    unwanted = {expect_plain_string(name) for name in expect_list(names)}
    return like(given, {name: value for name, value in given.items() if name not in unwanted})


@primop("intersectAttrs")
def intersect_attrs(first: Lazy, second: Lazy) -> Value:
    """Return the attributes of the second set whose names the first has. (builtins.intersectAttrs)"""
    a, b = expect_set(first), expect_set(second)
    # the smaller one is walked: the other may have thousands of names
    if len(a) < len(b):
        return like(b, {name: b[name] for name in a if name in b})
    return like(b, {name: value for name, value in b.items() if name in a})


@primop("listToAttrs")
def list_to_attrs(items: Lazy) -> Value:
    """Return a set of `{ name, value }` pairs; the first of two equal names wins. (builtins.listToAttrs)

    An attribute stands where its `value` stands.
    """
    result: dict[str, Lazy] = {}
    positions: Positions = {}
    for item in expect_list(items):
        pair = item if type(item) is dict else expect_set(item)
        if "name" not in pair:
            raise EvalError("attribute 'name' missing")
        key = pair["name"]
        name = key if type(key) is str else expect_plain_string(key)
        if name not in result:
            if "value" not in pair:
                raise EvalError("attribute 'value' missing")
            result[name] = pair["value"]
            if isinstance(pair, AttrSet) and pair.positions and "value" in pair.positions:
                positions[name] = pair.positions["value"]
    return AttrSet(result, positions) if positions else result


@primop("mapAttrs")
def map_attrs(function: Lazy, attrs: Lazy) -> Value:
    """Return `function name value` for each attribute, lazily. (builtins.mapAttrs)"""
    given = expect_set(attrs)
    result = _applied(function, given.items())
    return AttrSet(result, None, given.origin) if isinstance(given, AttrSet) and given.origin else result


def _applied(function: Lazy, pairs: Iterable[tuple[str, Lazy]]) -> dict[str, Lazy]:
    """Return `function name value` for each pair, lazily; at once where that cannot fail. The function may be a thunk, and stays one."""
    known = function.value if type(function) is Thunk and function.code is None else function
    if type(known) is not Curried2:
        return {pair[0]: Thunk(lambda pair: call2(function, pair[0], pair[1]), pair) for pair in pairs}
    run = known.run
    if trait_of_value(known) == DISPLAY:
        return {name: run(name, value) for name, value in pairs}
    return {pair[0]: Thunk(lambda pair: run(pair[0], pair[1]), pair) for pair in pairs}


@primop("catAttrs")
def cat_attrs(name: Lazy, items: Lazy) -> Value:
    """Return the values of that name in the sets of a list that have it. (builtins.catAttrs)"""
    key = expect_plain_string(name)
    found: list[Lazy] = []
    for item in expect_list(items):
        attrs = expect_set(item)
        if key in attrs:
            found.append(attrs[key])
    return found


@primop("zipAttrsWith")
def zip_attrs_with(function: Lazy, items: Lazy) -> Value:
    """Return `function name values` for each name in a list of sets, lazily; values in the order of the sets. (builtins.zipAttrsWith)"""
    apply = expect_function(function)
    sets = expect_list(items)
    collected: dict[str, list[Lazy]] = {}
    for item in sets:
        for name, value in expect_set(item).items():
            collected.setdefault(name, []).append(value)
    return _applied(apply, collected.items())


@primop("unsafeGetAttrPos", services=True)
def unsafe_get_attr_pos(services: Services, name: Lazy, attrs: Lazy) -> Value:
    """Return where an attribute was defined: `{ file, line, column }`, or null where that is not known. (builtins.unsafeGetAttrPos)"""
    key = expect_plain_string(name)
    given = expect_set(attrs)
    if type(given) is not AttrSet:
        services.need_positions()
        return None
    place = (given.positions or {}).get(key)
    if place is None or not place[0].startswith("/"):
        return None
    file, line, column = place
    return {"file": file, "line": line, "column": column}
