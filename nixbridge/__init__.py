"""nixbridge: Nix and Nixernetes configurations, evaluated in Python, without Nix.

    import nixbridge
    nixbridge.evaluate('mkVirtualService "web" { hosts = [ "web" ]; }')    # -> dict
    nixbridge.evaluate_file("mesh.nix", args={"environment": "staging"})   # -> dict

`loads`, `load`, `dumps` and `dump` are for Nix what the functions of these names in `json` are for JSON. `Evaluator` is kept between
evaluations and takes Python functions, builders and virtual files. `render`, `lint`, `check`, `graph`, `migrate`, `build` and `to_nix`
are the commands of these names. Whatever a user's text can cause is a `NixError`; its `report()` is what the command line prints.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.api import Evaluator, dump, dumps, evaluate, evaluate_file, load, loads
    from nixbridge.errors.exceptions import (
        AssertionFailed,
        EvalError,
        LimitReached,
        MissingArgument,
        NixError,
        NixSyntaxError,
        Refused,
        Thrown,
        UndefinedVariable,
        UsageError,
    )
    from nixbridge.mesh.tables.parameter import Builder, Parameter
    from nixbridge.toolkit import build, check, graph, lint, migrate, render, to_nix
    from nixbridge.version import __version__

#: Public name -> the module that has it. Each is loaded when it is first asked for: a start does not pay for the others.
_MODULES = {
    **dict.fromkeys(
        ("Evaluator", "dump", "dumps", "evaluate", "evaluate_file", "load", "loads"),
        "nixbridge.api",
    ),
    **dict.fromkeys(("build", "check", "graph", "lint", "migrate", "render", "to_nix"), "nixbridge.toolkit"),
    **dict.fromkeys(
        (
            *(
                "AssertionFailed",
                "EvalError",
                "LimitReached",
                "MissingArgument",
                "NixError",
                "NixSyntaxError",
                "Refused",
            ),
            *("Thrown", "UndefinedVariable", "UsageError"),
        ),
        "nixbridge.errors.exceptions",
    ),
    **dict.fromkeys(("Builder", "Parameter"), "nixbridge.mesh.tables.parameter"),
    "__version__": "nixbridge.version",
}

__all__ = [
    "AssertionFailed",
    "Builder",
    "EvalError",
    "Evaluator",
    "LimitReached",
    "MissingArgument",
    "NixError",
    "NixSyntaxError",
    "Parameter",
    "Refused",
    "Thrown",
    "UndefinedVariable",
    "UsageError",
    "__version__",
    "build",
    "check",
    "dump",
    "dumps",
    "evaluate",
    "evaluate_file",
    "graph",
    "lint",
    "load",
    "loads",
    "migrate",
    "render",
    "to_nix",
]


def __getattr__(name: str) -> object:
    """Load a public name. Raises AttributeError for another one."""
    if name not in _MODULES:
        raise AttributeError(f"module 'nixbridge' has no attribute '{name}'")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return value


def __dir__() -> list[str]:
    """Return the public names, for completion and `help`."""
    return sorted(__all__)
