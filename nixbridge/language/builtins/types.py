"""The types of values, and the formals of functions. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.function import formals_of
from nixbridge.language.runtime.function import is_function as function_value
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import FUNCTIONS, LAMBDAS, TYPE_OF, Lazy, Value


@primop("typeOf")
def type_of(value: Lazy) -> Value:
    """Return the type of a value: int, bool, string, path, null, set, list, lambda or float. (builtins.typeOf)"""
    return TYPE_OF[force(value).__class__]


@primop("isNull")
def is_null(value: Lazy) -> Value:
    """Return whether a value is null. (builtins.isNull)"""
    return force(value) is None


@primop("isFunction")
def is_function(value: Lazy) -> Value:
    """Return whether a value is a function; sets with `__functor` are not. (builtins.isFunction)"""
    return function_value(force(value))


@primop("isInt")
def is_int(value: Lazy) -> Value:
    """Return whether a value is an integer. (builtins.isInt)"""
    return force(value).__class__ is int


@primop("isFloat")
def is_float(value: Lazy) -> Value:
    """Return whether a value is a float. (builtins.isFloat)"""
    return force(value).__class__ is float


@primop("isString")
def is_string(value: Lazy) -> Value:
    """Return whether a value is a string. (builtins.isString)"""
    return isinstance(force(value), str)


@primop("isBool")
def is_bool(value: Lazy) -> Value:
    """Return whether a value is true or false. (builtins.isBool)"""
    return force(value).__class__ is bool


@primop("isPath")
def is_path(value: Lazy) -> Value:
    """Return whether a value is a path. (builtins.isPath)"""
    return force(value).__class__ is NixPath


@primop("isList")
def is_list(value: Lazy) -> Value:
    """Return whether a value is a list. (builtins.isList)"""
    return force(value).__class__ is list


@primop("isAttrs")
def is_attrs(value: Lazy) -> Value:
    """Return whether a value is a set. (builtins.isAttrs)"""
    return isinstance(force(value), dict)


@primop("functionArgs")
def function_args(function: Lazy) -> Value:
    """Return the formals of a function: name to whether it has a default; empty without formals. (builtins.functionArgs)"""
    value = force(function)
    if value.__class__ in LAMBDAS:
        return formals_of(value)
    if value.__class__ in FUNCTIONS:
        return {}
    raise EvalError("'functionArgs' requires a function")
