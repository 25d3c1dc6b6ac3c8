"""Evaluating all outputs of a flake: each is made as far as its kind says that it is used. (Nix manual, nix flake check)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.flakes.output_tree import children, is_derivation, kind_of
from nixbridge.language.runtime.deep import force_deep
from nixbridge.language.runtime.function import is_function
from nixbridge.language.runtime.selection import select
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import expect_set, expect_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nixbridge.flakes.output_tree import OutputPath
    from nixbridge.language.runtime.values import Value


def outputs_to_check(outputs: Value, path: OutputPath = ()) -> Iterator[tuple[OutputPath, Value]]:
    """Yield each output with its path, sets by system and by name gone into. Raises EvalError for a set that is something else."""
    for name, child in children(outputs, path):
        here = (*path, name)
        kind = kind_of(here)
        if kind == "set" or (kind == "legacy" and len(here) == 1) or (kind == "jobs" and not is_derivation(child)):
            yield from outputs_to_check(child, here)
        else:
            yield here, child


def check_output(path: OutputPath, value: Value) -> None:
    """Evaluate one output. Raises NixError where it has no value, or is not what its name says."""
    kind = kind_of(path)
    _CHECKS.get(kind, _check_value)(value)


def _check_derivation(value: Value) -> None:
    if not is_derivation(value):
        raise EvalError("it is not a derivation")
    expect_string(select(value, "name"))
    expect_string(select(value, "drvPath"))


def _check_app(value: Value) -> None:
    app = expect_set(value)
    if expect_string(app.get("type", "")) != "app":
        raise EvalError("it is not an app", hint='an app is { type = "app"; program = "..."; }')
    expect_string(select(app, "program"))


def _check_template(value: Value) -> None:
    template = expect_set(value)
    force(select(template, "path"))
    expect_string(select(template, "description"))


def _check_overlay(value: Value) -> None:
    if not is_function(force(value)):
        raise EvalError("it is not a function", hint="an overlay is final: prev: { ... }")


def _check_set(value: Value) -> None:
    expect_set(value)


def _check_value(value: Value) -> None:
    """Force what is data; a package set or a library is a set of functions and of what few ever need."""
    forced = force(value)
    if isinstance(forced, dict):
        for item in forced.values():
            inner = force(item)
            if not isinstance(inner, dict):
                force_deep(inner)
    else:
        force_deep(forced)


_CHECKS: dict[str, Callable[[Value], None]] = {
    "derivation": _check_derivation,
    "jobs": _check_derivation,
    "app": _check_app,
    "template": _check_template,
    "nixpkgs-overlay": _check_overlay,
    "nixos-configuration": _check_set,
    "nixos-module": force,
    "legacy": _check_set,
}
