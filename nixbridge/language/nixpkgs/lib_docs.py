"""Documentation of the built-in `lib`: where each name is found and what it does."""

from __future__ import annotations

import inspect
from importlib import import_module

from nixbridge.language.nixpkgs.sub_sets import BUILTINS_IN_LIB, REFUSED, SUB_SETS
from nixbridge.language.runtime.primop import declared_in


def paths_of() -> dict[str, list[str]]:
    """Return, for each name, the paths under which lib has it."""
    paths: dict[str, list[str]] = {}
    for name, sub_set in SUB_SETS.items():
        for member in sub_set.names:
            known = paths.setdefault(member, [])
            if member in sub_set.shared:
                known.append(f"lib.{member}")
            if not sub_set.internal:
                known.append(f"lib.{name}.{member}")
        for member in sub_set.builtins:
            paths.setdefault(member, []).append(f"lib.{name}.{member}")
    for name in (*BUILTINS_IN_LIB, *REFUSED):
        paths.setdefault(name, []).append(f"lib.{name}")
    return paths


def describe(name: str) -> str:
    """Return what a function does, from its declaration; for one that is written in Nix, where it comes from."""
    lines: list[str] = []
    for sub_set in SUB_SETS.values():
        if name in sub_set.python:
            run, needs = declared_in(import_module(sub_set.module))[name]
            arguments = list(inspect.signature(run).parameters)[bool(needs) :]
            lines.append(f"\n{' '.join([name, *arguments])}\n{inspect.cleandoc(run.__doc__ or '')}")
    if name in BUILTINS_IN_LIB or any(name in sub_set.builtins for sub_set in SUB_SETS.values()):
        lines.append(f"\nbuiltins.{name}, passed on; see nixbridge builtins {name}")
    if name in REFUSED:
        lines.append(
            f"\nNot in the built-in lib: it needs {REFUSED[name]}. Use the real nixpkgs: -I nixpkgs=DIR or --lib DIR"
        )
    return "\n".join(lines or [f"\nAs in nixpkgs; see the Nixpkgs manual for lib's {name}"]) + "\n"
