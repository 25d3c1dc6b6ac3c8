"""Documentation of `builtins`, from the declarations of the functions."""

from __future__ import annotations

import inspect
from importlib import import_module

from nixbridge.language.builtins.registry import FUNCTIONS
from nixbridge.language.runtime.primop import declared_in


def documented() -> dict[str, tuple[str, str]]:
    """Return (call, documentation) of every builtin by name."""
    found: dict[str, tuple[str, str]] = {}
    for module in FUNCTIONS:
        for name, (run, needs) in declared_in(import_module(module)).items():
            arguments = list(inspect.signature(run).parameters)[bool(needs) :]
            found[name] = (" ".join([name, *arguments]), inspect.cleandoc(run.__doc__ or ""))
    return dict(sorted(found.items()))
