"""Values that are made for other files, not for a cluster: functions, and sets of them."""

from __future__ import annotations

from nixbridge.language.runtime.closure import describe
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import FUNCTIONS, Function, Value, sorted_names
from nixbridge.mesh.model.result_contents import builder_of

#: How many names a reason mentions.
_MOST_NAMES = 3


def library(value: Value) -> str | None:
    """Why a value that has no document is no mistake; None where it is one. Inside an evaluator's `run`; raises NixError.

    A function, or a set with functions, is a library. A builder that was called without its parameters is none, and where a record or
    manifest stands beside the functions one of them likely lacks an argument: a mistake must not be passed over.
    """
    value = force(value)
    if isinstance(value, FUNCTIONS):
        return "a function"
    if not isinstance(value, dict):
        return None
    values = [force(value[name]) for name in sorted_names(value)]
    functions = functions_in(value)
    if not functions or any(_is_document(item) or _is_call(item) for item in values):
        return None
    more = f" and {len(functions) - _MOST_NAMES} more" if len(functions) > _MOST_NAMES else ""
    return f"a library: {', '.join(functions[:_MOST_NAMES])}{more} {'is a function' if len(functions) == 1 else 'are functions'}"


def functions_in(value: Value) -> list[str]:
    """The attributes of a set that are functions; none of what is no set. Inside an evaluator's `run`; raises NixError."""
    value = force(value)
    names = sorted_names(value) if isinstance(value, dict) else []
    return [name for name in names if isinstance(force(value[name]), FUNCTIONS)]


def _is_document(value: Value) -> bool:
    return isinstance(value, dict) and (builder_of(value) is not None or {"apiVersion", "kind"} <= value.keys())


def _is_call(value: Value) -> bool:
    """Is this a builder, or a call of one without its last argument?"""
    return value.__class__ is Function and describe(value) is None
