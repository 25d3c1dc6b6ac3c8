"""Questions about a function of Nix as a value, and the check of its formals."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.function_info import info_of, trait_of
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.curried import Curried2, Curried3, Partial
from nixbridge.language.runtime.printer import show_name
from nixbridge.language.runtime.type_checks import expect_set
from nixbridge.language.runtime.values import Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.function_info import FunctionInfo


def describe(function: Any) -> FunctionInfo | None:
    """Return what is known of a compiled function; None for a Python function that no Nix text made."""
    kind = function.__class__
    run = function.run if kind in (Curried2, Curried3, Partial) else function
    return info_of(run, len(function.given) if kind is Partial else 0)


def file_of(function: Any) -> str:
    """Return the name of the file that a compiled function is in."""
    run = function if function.__class__ is Function else function.run
    return run.__code__.co_filename


def place_of(function: Any) -> tuple[str, int, int] | None:
    """Return file name, line and column (from 1) of a compiled function; None for one that no Nix text made."""
    info = describe(function)
    return None if info is None else (file_of(function), info.line, info.column)


def formals_of(function: Any) -> dict[str, bool]:
    """Return formal -> has it a default? Empty for a function of a plain parameter. (Nix manual, builtins.functionArgs)"""
    info = describe(function)
    if info is None or info.formals is None:
        return {}
    if not info.places:
        return info.formals
    file = file_of(function)
    return AttrSet(info.formals, {name: (file, *place) for name, place in info.places.items()})


def has_trait(function: Any, trait: str) -> bool:
    """Return whether the compiler has found this trait in a function."""
    kind = function.__class__
    if kind is not Function and kind is not Curried2:
        return False
    return trait_of(function if kind is Function else function.run) == trait


def check_formals(
    argument: Any, required: tuple[str, ...], allowed: frozenset[str] | None, bound_to: str
) -> dict[str, Any]:
    """`argument`, forced, when a function of these formals can take it apart; else EvalError that names the formal."""
    given = expect_set(argument)
    for name in required:
        if name not in given:
            raise EvalError(f"function '{bound_to or 'anonymous lambda'}' called without required argument '{name}'")
    if allowed is not None and not given.keys() <= allowed:
        name = min(given.keys() - allowed)
        raise EvalError(
            f"function '{bound_to or 'anonymous lambda'}' called with unexpected argument '{show_name(name)}'",
            hint=did_you_mean(name, sorted(allowed)),
        )
    return given
