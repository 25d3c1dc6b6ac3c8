"""`lib.attrsets`, the functions that configurations use most. (Nixpkgs manual, lib.attrsets) The others are in attrsets.nix."""

from __future__ import annotations

from nixbridge.errors.exceptions import Aborted, EvalError
from nixbridge.language.builtins.attrsets import like
from nixbridge.language.runtime.attrset import update
from nixbridge.language.runtime.function import call, call2
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.printer import show_name
from nixbridge.language.runtime.selection import MISSING, has_path, lookup, select
from nixbridge.language.runtime.strings import without_context
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_bool, expect_list, expect_set, expect_string
from nixbridge.language.runtime.values import Lazy, Value, sorted_names


def names_of(path: Lazy) -> tuple[str, ...]:
    """Return an attribute path, a list of strings."""
    return tuple([without_context(expect_string(name)) for name in expect_list(path)])


@primop("optionalAttrs")
def optional_attrs(condition: Lazy, attrs: Lazy) -> Value:
    """Return the set when the condition holds, else `{ }`; the set is not looked at then. (lib.attrsets.optionalAttrs)"""
    return force(attrs) if expect_bool(condition) else {}


@primop("mapAttrsToList")
def map_attrs_to_list(function: Lazy, attrs: Lazy) -> Value:
    """Return `function name value` for each attribute, in order of the names; lazy. (lib.attrsets.mapAttrsToList)"""
    given = expect_set(attrs)

    def apply(name: str) -> Value:
        return call2(function, name, given[name])

    return [Thunk(apply, name) for name in sorted_names(given)]


@primop("filterAttrs")
def filter_attrs(predicate: Lazy, attrs: Lazy) -> Value:
    """Return the attributes for which `predicate name value` holds. (lib.attrsets.filterAttrs)"""
    given = expect_set(attrs)
    kept = {}
    for name in sorted_names(given):
        if expect_bool(call2(predicate, name, given[name])):
            kept[name] = given[name]
    return like(given, kept)


@primop("nameValuePair")
def name_value_pair(name: Lazy, value: Lazy) -> Value:
    """Return `{ inherit name value; }`. (lib.attrsets.nameValuePair)"""
    return {"name": name, "value": value}


@primop("attrByPath")
def attr_by_path(path: Lazy, default: Lazy, attrs: Lazy) -> Value:
    """Return the value at the path, else the default. (lib.attrsets.attrByPath)"""
    found = lookup(attrs, names_of(path))
    return force(default) if found is MISSING else found


@primop("hasAttrByPath")
def has_attr_by_path(path: Lazy, attrs: Lazy) -> Value:
    """Return whether there is a value at the path, which is not looked at. (lib.attrsets.hasAttrByPath)"""
    return has_path(attrs, names_of(path))


@primop("getAttrFromPath")
def get_attr_from_path(path: Lazy, attrs: Lazy) -> Value:
    """Return the value at the path. Aborts, naming the path, when there is none. (lib.attrsets.getAttrFromPath)"""
    names = names_of(path)
    found = lookup(attrs, names)
    if found is MISSING:
        raise Aborted(
            "evaluation aborted with the following error message: "
            f"'cannot find attribute '{'.'.join(show_name(name) for name in names)}''"
        )
    return found


@primop("setAttrByPath")
def set_attr_by_path(path: Lazy, value: Lazy) -> Value:
    """Return nested sets with the value at the path; the value itself for `[ ]`. (lib.attrsets.setAttrByPath)"""
    result = value
    for name in reversed(names_of(path)):
        result = {name: result}
    return force(result)


@primop("recursiveUpdate")
def recursive_update(left: Lazy, right: Lazy) -> Value:
    """Return `left // right`, sets in both merged at every depth. (lib.attrsets.recursiveUpdate)"""
    a, b = expect_set(left), expect_set(right)
    merged = update(a, b)
    for name in b:
        if name in a:
            merged[name] = Thunk(_merge_pair, (a[name], b[name]))
    return merged


def _merge_pair(pair: tuple[Value, Value]) -> Value:
    a, b = force(pair[0]), force(pair[1])
    return recursive_update(a, b) if isinstance(a, dict) and isinstance(b, dict) else b


@primop("genAttrs")
def gen_attrs(names: Lazy, function: Lazy) -> Value:
    """Return `function name` for each name; lazy. (lib.attrsets.genAttrs)"""
    result: dict[str, Lazy] = {}
    for name in expect_list(names):
        key = without_context(expect_string(name))
        if key not in result:
            result[key] = Thunk(lambda name=name: call(function, name))
    return result


@primop("mapAttrs'")
def map_attrs_prime(function: Lazy, attrs: Lazy) -> Value:
    """Return a set of the `{ name, value }` that `function name value` gives; of equal names the first wins. (lib.attrsets.mapAttrs')"""
    given = expect_set(attrs)
    result: dict[str, Lazy] = {}
    for name in sorted_names(given):
        pair = expect_set(call2(function, name, given[name]))
        key = without_context(expect_string(select(pair, "name")))
        if key not in result:
            if "value" not in pair:
                raise EvalError("attribute 'value' missing")
            result[key] = pair["value"]
    return result


@primop("attrsToList")
def attrs_to_list(attrs: Lazy) -> Value:
    """Return the attributes as `{ name, value }`, in order of the names. (lib.attrsets.attrsToList)"""
    given = expect_set(attrs)
    return [{"name": name, "value": given[name]} for name in sorted_names(given)]


@primop("attrVals")
def attr_vals(names: Lazy, attrs: Lazy) -> Value:
    """Return the values of these names. (lib.attrsets.attrVals)"""
    return [Thunk(lambda name=name: select(attrs, without_context(expect_string(name)))) for name in expect_list(names)]


@primop("getAttrs")
def get_attrs(names: Lazy, attrs: Lazy) -> Value:
    """Return the attributes of these names only; a missing one is an error when it is asked for. (lib.attrsets.getAttrs)"""
    wanted = [without_context(expect_string(name)) for name in expect_list(names)]
    return {name: Thunk(lambda name=name: select(attrs, name)) for name in wanted}


@primop("isDerivation")
def is_derivation(value: Lazy) -> Value:
    """Return whether the value is a set whose `type` is "derivation". (lib.attrsets.isDerivation)"""
    value = force(value)
    if not isinstance(value, dict) or "type" not in value:
        return False
    kind = force(value["type"])
    return isinstance(kind, str) and kind == "derivation"


@primop("foldlAttrs")
def foldl_attrs(function: Lazy, start: Lazy, attrs: Lazy) -> Value:
    """Fold the attributes from the left, strictly, in order of the names: `function acc name value`. (lib.attrsets.foldlAttrs)"""
    given = expect_set(attrs)
    result = force(start)
    for name in sorted_names(given):
        result = call(call2(function, result, name), given[name])
    return result


@primop("mergeAttrsList")
def merge_attrs_list(items: Lazy) -> Value:
    """Merge all sets, later ones winning. (lib.attrsets.mergeAttrsList)"""
    sets = [expect_set(item) for item in expect_list(items)]
    if len(sets) == 1:
        return sets[0]
    merged: dict[str, Lazy] = {}
    for attrs in sets:
        merged.update(attrs)
    return merged
