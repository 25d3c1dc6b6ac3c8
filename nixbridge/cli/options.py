"""The options that several commands share."""

from __future__ import annotations

from nixbridge.cli.declaration import CHOICE, COUNT, PAIR, SECONDS, TEXT, Option
from nixbridge.language.evaluation.evaluator import MAX_CALL_DEPTH
from nixbridge.tools.evaluation_options import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: How to evaluate: the values are the fields of `Options`.
EVALUATION_OPTIONS = (
    Option(
        "-A",
        "--attr",
        name="attribute",
        kind=TEXT,
        metavar="PATH",
        help="Select an attribute: a.b.0.c",
        complete="attributes",
    ),
    Option(
        "--arg",
        name="arguments",
        kind=PAIR,
        multiple=True,
        metavar="NAME EXPR",
        help="Pass EXPR as argument NAME (the file must be a function).",
    ),
    Option(
        "--argstr",
        name="strings",
        kind=PAIR,
        multiple=True,
        metavar="NAME TEXT",
        help="Pass TEXT as argument NAME, a string.",
    ),
    Option(
        "-I",
        "--include",
        name="search_path",
        kind=TEXT,
        multiple=True,
        metavar="[NAME=]PATH",
        help="Look up <NAME> in PATH; files below PATH may be read.",
    ),
    Option("--allow", kind=TEXT, multiple=True, metavar="DIR", help="Let files below DIR be read as well."),
    Option("--allow-env", name="allow_environment", help="Let builtins.getEnv see the environment."),
    Option("--system", kind=TEXT, metavar="SYSTEM", help="The value of builtins.currentSystem (default: none)."),
    Option(
        "--input",
        name="inputs",
        kind=TEXT,
        multiple=True,
        metavar="NAME=DIR",
        help="Use DIR for an input of the flake (a/b: for b of a).",
    ),
    Option("--lib", kind=TEXT, metavar="DIR", help="Use the nixpkgs lib of DIR instead of the built-in one."),
    Option("--cache", off="--no-cache", default=True, help="Keep compiled files in the user's cache folder."),
    Option(
        "--max-call-depth",
        "--max-depth",
        name="max_call_depth",
        kind=COUNT,
        default=MAX_CALL_DEPTH,
        help="The greatest depth of nested calls.",
    ),
    Option(
        "--untrusted",
        help="For untrusted files: limits of 10 s, 1 GiB of memory and 64 MiB of output; only the input's folder is readable.",
    ),
    Option("--timeout", kind=SECONDS, metavar="SECONDS", help="Limit on the time."),
    Option("--max-memory", kind=COUNT, least=64, metavar="MIB", help="Limit on the memory."),
    Option("--max-output", kind=COUNT, metavar="MIB", help="Limit on the size of the output."),
    Option(
        "--extra-experimental-features",
        name="features",
        kind=TEXT,
        multiple=True,
        metavar="NAMES",
        help="Accepted as by Nix; pipe-operators are always on.",
    ),
)

#: Which files of a project are looked at.
EXCLUDE = Option(
    "--exclude",
    kind=TEXT,
    multiple=True,
    metavar="PATTERN",
    help="Skip files and folders in a given folder.",
)
ENVIRONMENT = Option(
    "--environment",
    kind=TEXT,
    metavar="NAME",
    help="Use only this environment, of the settings or of several alternatives.",
)
PROJECT_OPTIONS = (EXCLUDE, ENVIRONMENT)

WATCH = Option("--watch", help="Repeat the command whenever a file of the project changes.")
#: How errors are shown.
SHOW_TRACE = Option("--show-trace", help="Print the full evaluation trace of an error.")
COLOUR = Option(
    "--color",
    name="colour",
    kind=CHOICE,
    choices=("auto", "always", "never"),
    default="auto",
    help="Use colors in errors.",
)
ERROR_OPTIONS = (SHOW_TRACE, COLOUR)
#: The releases that are rendered for.
ISTIO_VERSION = Option("--istio-version", kind=TEXT, metavar="X.Y[.Z]", help="The release of Istio to render for.")
LINKERD_VERSION = Option("--linkerd-version", kind=TEXT, metavar="X.Y[.Z]", help="The release of Linkerd.")
EXPRESSIONS = Option(
    "-E", "--expr", name="expressions", kind=TEXT, multiple=True, metavar="EXPR", help="Evaluate this text."
)
OUTPUT = Option("-o", "--output", kind=TEXT, metavar="FILE", help="Write FILE, atomically (- is standard output).")


def options_from(values: dict[str, Any], **more: Any) -> Options:
    """Take the values of EVALUATION_OPTIONS out of `values` and return `Options` of them."""
    given = {option.name: values.pop(option.name) for option in EVALUATION_OPTIONS}
    del given["features"]  # accepted for the sake of scripts that were written for Nix
    return Options(**given, **more)
