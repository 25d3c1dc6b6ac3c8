"""Evaluation of all outputs of a flake, each as far as its kind requires. (Nix manual, nix flake check)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.flakes.output_tree import children, is_derivation, kind_of
from nixbridge.language.runtime.function import is_function
from nixbridge.language.runtime.selection import select
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import expect_set, expect_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nixbridge.flakes.output_tree import OutputPath
    from nixbridge.language.runtime.values import Lazy


#: Outputs by convention whose contents Nix does not check: functions, and what others make of them.
UNCHECKED = (
    *("lib", "flakeModule", "flakeModules", "herculesCI", "homeConfigurations", "homeModule", "homeModules"),
    *("darwinConfigurations", "darwinModules", "nixopsConfigurations"),
)


def outputs_to_check(outputs: Lazy, path: OutputPath = ()) -> Iterator[tuple[OutputPath, Lazy]]:
    """Yield each output with its path, sets by system and by name gone into. Raises EvalError for a set that is something else."""
    for name, child in children(outputs, path):
        here = (*path, name)
        kind = kind_of(here)
        # of legacyPackages only the systems are visited: forcing every package of a nixpkgs takes hours
        if kind == "set" or (kind == "legacy" and len(here) == 1) or (kind == "jobs" and not is_derivation(child)):
            yield from outputs_to_check(child, here)
        else:
            yield here, child


def check_output(path: OutputPath, value: Lazy) -> None:
    """Evaluate one output. Raises NixError if it fails or does not have the type that its name requires."""
    if path[0] in UNCHECKED:
        force(value)
    else:
        _CHECKS.get(kind_of(path), _check_data)(value)


def _check_derivation(value: Lazy) -> None:
    if not is_derivation(value):
        raise EvalError("it is not a derivation")
    expect_string(select(value, "name"))
    expect_string(select(value, "drvPath"))


def _check_app(value: Lazy) -> None:
    app = expect_set(value)
    if expect_string(app.get("type", "")) != "app":
        raise EvalError("it is not an app", hint='an app is { type = "app"; program = "..."; }')
    expect_string(select(app, "program"))


def _check_template(value: Lazy) -> None:
    template = expect_set(value)
    force(select(template, "path"))
    expect_string(select(template, "description"))


def _check_overlay(value: Lazy) -> None:
    if not is_function(force(value)):
        raise EvalError("it is not a function", hint="an overlay is final: prev: { ... }")


def _check_set(value: Lazy) -> None:
    expect_set(value)


def _check_data(value: Lazy) -> None:
    """Force the data in a value: derivations up to their paths, package sets not at all."""
    # by identity and with a list: values may contain themselves, and be nested deeper than Python's stack
    seen: set[int] = set()
    pending: list[Lazy] = [value]
    while pending:
        current = force(pending.pop())
        if id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, list):
            pending.extend(current)
        elif isinstance(current, dict):
            if is_derivation(current):
                _check_derivation(current)
            # `_type` marks pkgs sets, options and modules, which refer to everything else
            elif "_type" not in current:
                pending.extend(current.values())


_CHECKS: dict[str, Callable[[Lazy], object]] = {
    "derivation": _check_derivation,
    "jobs": _check_derivation,
    "app": _check_app,
    "template": _check_template,
    "nixpkgs-overlay": _check_overlay,
    "nixos-configuration": _check_set,
    "nixos-module": force,
    "legacy": _check_set,
}
