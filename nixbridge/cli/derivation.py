"""`nixbridge derivation`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nixbridge.cli.declaration import TEXT, Argument, Command, Group, Option
from nixbridge.cli.evaluate import inputs_of
from nixbridge.cli.options import ERROR_OPTIONS, EVALUATION_OPTIONS, EXPRESSIONS, OUTPUT, options_from
from nixbridge.cli.output import message_line, run_command, write_output
from nixbridge.language.formats.json import compact_data, pretty
from nixbridge.tools.derivation_show import described_derivations

if TYPE_CHECKING:
    from nixbridge.tools.evaluation_options import Options
    from nixbridge.tools.inputs import Input


def installables(
    words: Sequence[str], expressions: Sequence[str], file: str | None, options: Options
) -> list[tuple[Input, Options]]:
    """Return what is to be looked at, each with the options that select from it.

    Words are files and flake references, or, with --file or --expr, attributes of that. Raises UsageError.
    """
    if len(words) > 1 and (file is not None or expressions):
        return [found for word in words for found in installables((word,), expressions, file, options)]
    inputs, selecting = inputs_of(words, expressions, file, options)
    return [(what, selecting) for what in inputs]


def run_show(
    words: tuple[str, ...],
    expressions: tuple[str, ...],
    file: str | None,
    recursive: bool,
    indented: bool | None,
    output: str | None,
    **values: Any,
) -> None:
    """Carry out the command and end the process."""
    options = options_from(values)

    def work() -> int:
        inputs = installables(words, expressions, file, options)
        data = described_derivations(inputs, message_line, recursive=recursive)
        # as Nix does: indented for people, on one line for programs
        on_terminal = output is None and sys.stdout.isatty()
        text = pretty(data) if (on_terminal if indented is None else indented) else compact_data(data)
        write_output((text + "\n").encode("utf-8", "surrogateescape"), output, options=options)
        return 0

    run_command(work, options=options, **values)


SHOW = Command(
    "show",
    run_show,
    argument=Argument("words", "[FILE] [ATTR]...", multiple=True),
    options=(
        EXPRESSIONS,
        Option("-f", "--file", kind=TEXT, metavar="FILE", help="Evaluate this file; ATTR selects from it."),
        Option("-r", "--recursive", help="Show everything that they need as well."),
        Option("--pretty", name="indented", off="--no-pretty", help="Indent the JSON.  [default: on a terminal]"),
        OUTPUT,
        *EVALUATION_OPTIONS,
        *ERROR_OPTIONS,
    ),
    help="""Show derivations as JSON, as `nix derivation show` does.

    FILE evaluates to a derivation, or to a list or set of derivations. Paths, hashes and environment are those
    that Nix would compute.

    \b
    nixbridge derivation show default.nix
    nixbridge derivation show -r -f default.nix packages.example
    nixbridge derivation show .#example
    """,
)


COMMAND = Group("derivation", SHOW, help="Show derivations, without building anything.")
