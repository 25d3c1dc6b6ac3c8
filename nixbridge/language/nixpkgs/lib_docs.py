"""Documentation of the built-in `lib`: where each name is found and what it does."""

from __future__ import annotations

import inspect
from importlib import import_module

from nixbridge.language.nixpkgs.library import FILES, PASSED_ON, PYTHON, REFUSED
from nixbridge.language.runtime.primop import declared_in


def paths_of() -> dict[str, list[str]]:
    """Return, for each name, the paths under which lib has it."""
    paths: dict[str, list[str]] = {}
    for sub_set, names in FILES.items():
        for entry in names.split():
            name = entry.rstrip("*")
            known = paths.setdefault(name, [])
            if not entry.endswith("*"):
                known.append(f"lib.{name}")
            known.append(f"lib.{sub_set}.{name}")
    for sub_set, names in PASSED_ON.items():
        for name in names.split():
            paths.setdefault(name, []).append(f"lib.{name}" if sub_set == "lib" else f"lib.{sub_set}.{name}")
    for sub_set, (_, names) in REFUSED.items():
        if not names:
            paths.setdefault(sub_set, []).append(f"lib.{sub_set}")
        for name in names.split():
            paths.setdefault(name, []).append(f"lib.{sub_set}.{name}" if sub_set else f"lib.{name}")
    return paths


def describe(name: str) -> str:
    """Return what a function does, from its declaration; for one that is written in Nix, where it comes from."""
    lines: list[str] = []
    for sub_set, names in PYTHON.items():
        if name in names.split():
            run, needs = declared_in(import_module(f"nixbridge.language.nixpkgs.{sub_set}"))[name]
            arguments = list(inspect.signature(run).parameters)[bool(needs) :]
            lines.append(f"\n{' '.join([name, *arguments])}\n{inspect.cleandoc(run.__doc__ or '')}")
    if any(name in names.split() for names in PASSED_ON.values()):
        lines.append(f"\nbuiltins.{name}, passed on; see nixbridge builtins {name}")
    for sub_set, (reason, names) in REFUSED.items():
        if name in names.split() or (name == sub_set and not names):
            lines.append(
                f"\nNot in the built-in lib: it needs {reason}. Use the real nixpkgs: -I nixpkgs=DIR or --lib DIR"
            )
    return "\n".join(lines or [f"\nAs in nixpkgs; see the Nixpkgs manual for lib's {name}"]) + "\n"
