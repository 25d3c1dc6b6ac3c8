"""`lib.trivial`, the functions that configurations use most. (Nixpkgs manual, lib.trivial) The others are in trivial.nix."""

from __future__ import annotations

from nixbridge.language.runtime.compare import less
from nixbridge.language.runtime.function import call, call2, is_function
from nixbridge.language.runtime.operators import concat_many, update
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_bool, expect_list
from nixbridge.language.runtime.values import Lazy, Value


@primop("id")
def id_(value: Lazy) -> Value:
    """Return the value. (lib.trivial.id)"""
    return force(value)


@primop("const")
def const(value: Lazy, _ignored: Lazy) -> Value:
    """Return the first argument; the second is not looked at. (lib.trivial.const)"""
    return force(value)


@primop("pipe")
def pipe(value: Lazy, functions: Lazy) -> Value:
    """Return the value through each function in turn. (lib.trivial.pipe)"""
    for function in expect_list(functions):
        value = call(function, value)
    return force(value)


@primop("flip")
def flip(function: Lazy, first: Lazy, second: Lazy) -> Value:
    """Return `function second first`. (lib.trivial.flip)"""
    return call2(function, second, first)


@primop("concat")
def concat(first: Lazy, second: Lazy) -> Value:
    """Return `first ++ second`. (lib.trivial.concat)"""
    return concat_many([first, second])


@primop("mergeAttrs")
def merge_attrs(first: Lazy, second: Lazy) -> Value:
    """Return `first // second`. (lib.trivial.mergeAttrs)"""
    return update(second, first)


@primop("or")
def or_(first: Lazy, second: Lazy) -> Value:
    """Return `first || second`. (lib.trivial.or)"""
    return expect_bool(first) or expect_bool(second)


@primop("and")
def and_(first: Lazy, second: Lazy) -> Value:
    """Return `first && second`. (lib.trivial.and)"""
    return expect_bool(first) and expect_bool(second)


@primop("xor")
def xor(first: Lazy, second: Lazy) -> Value:
    """Return whether exactly one of the two is true. (lib.trivial.xor)"""
    return expect_bool(first) is not expect_bool(second)


@primop("min")
def min_(first: Lazy, second: Lazy) -> Value:
    """Return the smaller of two values that can be compared. (lib.trivial.min)"""
    return force(first if less(first, second) else second)


@primop("max")
def max_(first: Lazy, second: Lazy) -> Value:
    """Return the larger of two values that can be compared. (lib.trivial.max)"""
    return force(first if less(second, first) else second)


@primop("compare")
def compare(first: Lazy, second: Lazy) -> Value:
    """Return -1, 0 or 1. (lib.trivial.compare)"""
    if less(first, second):
        return -1
    return 1 if less(second, first) else 0


@primop("boolToString")
def bool_to_string(value: Lazy) -> Value:
    """Return `"true"` or `"false"`. (lib.trivial.boolToString)"""
    return "true" if expect_bool(value) else "false"


@primop("boolToYesNo")
def bool_to_yes_no(value: Lazy) -> Value:
    """Return `"yes"` or `"no"`. (lib.trivial.boolToYesNo)"""
    return "yes" if expect_bool(value) else "no"


@primop("defaultTo")
def default_to(default: Lazy, value: Lazy) -> Value:
    """Return the value, or the default when it is null. (lib.trivial.defaultTo)"""
    value = force(value)
    return force(default) if value is None else value


@primop("mapNullable")
def map_nullable(function: Lazy, value: Lazy) -> Value:
    """Return the function of the value, or null when it is null. (lib.trivial.mapNullable)"""
    value = force(value)
    return None if value is None else call(function, value)


@primop("isFunction")
def is_function_(value: Lazy) -> Value:
    """Return whether the value is a function, or a set whose `__functor` gives one. (lib.trivial.isFunction)"""
    value = force(value)
    if is_function(value):
        return True
    if isinstance(value, dict) and "__functor" in value:
        return is_function_(Thunk(lambda: call(value["__functor"], value)))
    return False
