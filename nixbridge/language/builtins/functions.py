"""Functions as values. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.function import formals_of
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import FUNCTIONS, LAMBDAS, Value


@primop("functionArgs")
def function_args(function: Value) -> Value:
    """Return the formals of a function: name to whether it has a default; empty without formals. (builtins.functionArgs)"""
    value = force(function)
    if value.__class__ in LAMBDAS:
        return formals_of(value)
    if value.__class__ in FUNCTIONS:
        return {}
    raise EvalError("'functionArgs' requires a function")
