"""`nixbridge derivation`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from nixbridge.cli.evaluate import inputs_of
from nixbridge.cli.options import evaluation_options, options_from, show_trace_option
from nixbridge.cli.output import message_line, run_command, write_output
from nixbridge.language.formats.json import compact_data, pretty
from nixbridge.tools.derivation_show import described_derivations

if TYPE_CHECKING:
    from nixbridge.tools.evaluation_options import Options
    from nixbridge.tools.inputs import Input


@click.group("derivation")
def command() -> None:
    """Look at derivations: what Nix would build, computed without building anything."""


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


@command.command("show")
@click.argument("words", nargs=-1, metavar="[FILE] [ATTR]...", type=click.Path())
@click.option("-E", "--expr", "expressions", multiple=True, metavar="EXPR", help="Evaluate this text.")
@click.option("-f", "--file", metavar="FILE", type=click.Path(), help="Evaluate this file; ATTR selects from it.")
@click.option("-r", "--recursive", is_flag=True, help="Show everything that they need as well.")
@click.option("--pretty/--no-pretty", "indented", default=None, help="Indent the JSON.  [default: on a terminal]")
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write there, atomically.")
@evaluation_options
@show_trace_option
def show(
    words: tuple[str, ...],
    expressions: tuple[str, ...],
    file: str | None,
    recursive: bool,
    indented: bool | None,
    output: str | None,
    show_trace: bool,
    **keywords: object,
) -> None:
    """Show derivations as JSON, as `nix derivation show` does.

    FILE evaluates to a derivation, or to a list or set of derivations. Paths, hashes and environment are those
    that Nix would compute.

    \b
    nixbridge derivation show default.nix
    nixbridge derivation show -r -f default.nix packages.example
    nixbridge derivation show .#example
    """
    options = options_from(keywords)

    def work() -> int:
        inputs = installables(words, expressions, file, options)
        data = described_derivations(inputs, message_line, recursive=recursive)
        on_terminal = output is None and sys.stdout.isatty()
        text = pretty(data) if (on_terminal if indented is None else indented) else compact_data(data)
        write_output((text + "\n").encode("utf-8", "surrogateescape"), output, options=options)
        return 0

    run_command(work, show_trace=show_trace, options=options)
