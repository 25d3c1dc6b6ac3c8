"""`nixbridge eval`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from nixbridge.cli.evaluation import evaluate_files
from nixbridge.cli.options import evaluation_options, options_from, show_trace_option
from nixbridge.cli.output import run_command
from nixbridge.language.formats.format_table import FORMATS
from nixbridge.source import Source

if TYPE_CHECKING:
    from nixbridge.tools.inputs import Input


@click.command("eval")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path())
@click.option("-E", "--expr", "expressions", multiple=True, metavar="EXPR", help="Evaluate this text.")
@click.option("-f", "--format", "output_format", type=click.Choice(FORMATS), default="json", show_default=True)
@click.option("--compact", is_flag=True, help="JSON on one line, byte for byte as nix-instantiate --json prints it.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write there, whole or not at all.")
@click.option("--debugger", is_flag=True, help="Open Python's debugger at each builtins.break.")
@evaluation_options
@show_trace_option
def command(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    output_format: str,
    compact: bool,
    output: str | None,
    debugger: bool,
    show_trace: bool,
    **keywords: Any,
) -> None:
    """Evaluate Nix files and print what they are.

    FILE may be - for the standard input. A file that is a function is called with what it asks for out of lib,
    nixernetes, serviceMesh, --arg and --argstr.

    \b
    nixbridge eval mesh.nix
    nixbridge eval -f yaml -A production.gateway mesh.nix
    nixbridge eval -E 'mkVirtualService "web" { }'
    """
    options = options_from(keywords)
    if compact and output_format == "json":
        output_format = "json-compact"
    inputs: list[Input] = [*(Source(text, base=os.getcwd()) for text in expressions), *files]

    def work() -> int:
        return evaluate_files(inputs, options, output_format, output, debugger=debugger)

    run_command(work, show_trace=show_trace, options=options)
