"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from nixbridge.cli import shell_completion
from nixbridge.language.evaluation.evaluator import MAX_CALL_DEPTH
from nixbridge.tools.options import Options

#: In the order of --help: flags, the keyword of `Options`, and what click needs to know.
_OPTIONS: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    (
        ("-A", "--attr", "attribute"),
        {"metavar": "PATH", "help": "Select an attribute: a.b.0.c", "shell_complete": shell_completion.attributes},
    ),
    (
        ("--arg", "arguments"),
        {
            "nargs": 2,
            "multiple": True,
            "metavar": "NAME EXPR",
            "help": "Pass an expression to the function that the file is.",
        },
    ),
    (("--argstr", "strings"), {"nargs": 2, "multiple": True, "metavar": "NAME TEXT", "help": "Pass a string."}),
    (
        ("-I", "search_path"),
        {"multiple": True, "metavar": "[NAME=]PATH", "help": "What <NAME> means; files below PATH may be read."},
    ),
    (("--allow",), {"multiple": True, "metavar": "DIR", "help": "Files below DIR may be read, too."}),
    (("--allow-env", "allow_environment"), {"is_flag": True, "help": "Let builtins.getEnv see the environment."}),
    (("--system",), {"metavar": "SYSTEM", "help": "What builtins.currentSystem is; without it there is none."}),
    (
        ("--input", "inputs"),
        {"multiple": True, "metavar": "NAME=DIR", "help": "Use DIR for an input of the flake (a/b: for b of a)."},
    ),
    (("--lib",), {"metavar": "DIR", "help": "Use the nixpkgs lib of DIR instead of the built-in one."}),
    (("--cache/--no-cache",), {"default": True, "help": "Keep compiled files in the user's cache folder."}),
    (
        ("--max-call-depth", "--max-depth"),
        {
            "type": click.IntRange(1),
            "default": MAX_CALL_DEPTH,
            "show_default": True,
            "help": "How deep calls may nest.",
        },
    ),
]

_OPTIONS += [
    (
        ("--untrusted",),
        {
            "is_flag": True,
            "help": "For files of others: 10 s, 1 GiB of memory, 64 MiB of output, no link out of the folder.",
        },
    ),
    (
        ("--timeout",),
        {"type": click.FloatRange(min=0, min_open=True), "metavar": "SECONDS", "help": "How long it may take."},
    ),
    (("--max-memory",), {"type": click.IntRange(64), "metavar": "MIB", "help": "How much memory it may take."}),
    (("--max-output",), {"type": click.IntRange(1), "metavar": "MIB", "help": "How large the result may be."}),
]


def evaluation_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say how to evaluate; the command takes them as keywords and makes `Options` of them."""
    for flags, settings in reversed(_OPTIONS):
        command = click.option(*flags, **settings)(command)
    return command


def show_trace_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --show-trace."""
    return click.option("--show-trace", is_flag=True, help="Show the whole way to an error.")(command)


def options_from(keywords: dict[str, Any], **more: Any) -> Options:
    """`Options` out of what `evaluation_options` gave the command."""
    return Options(**keywords, **more)
