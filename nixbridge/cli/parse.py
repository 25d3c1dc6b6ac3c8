"""`nixbridge parse`."""

from __future__ import annotations

import json
import os

import click

from nixbridge.cli.output import run_command, write_output
from nixbridge.language.syntax.parser import parse
from nixbridge.language.syntax.printer import to_json, to_text
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation, folder_of


@click.command("parse")
@click.argument("file", required=False, type=click.Path())
@click.option("-E", "--expr", metavar="EXPR", help="Parse this text.")
@click.option("--json", "as_json", is_flag=True, help="The tree as JSON, with the place of each node, for tools.")
def command(file: str | None, expr: str | None, as_json: bool) -> None:
    """Show the syntax tree of a file, as nix-instantiate --parse does."""
    if (file is None) == (expr is None):
        raise click.UsageError("name one FILE, or give an expression with --expr")

    def work() -> int:
        if expr is not None:
            source = Source(expr, base=os.getcwd())
        else:
            assert file is not None
            source = Evaluation(Options(cache=False), folder_of(file)).source(file)
        tree = parse(source)
        text = (
            json.dumps(to_json(tree, source), indent=2, ensure_ascii=False)
            if as_json
            else to_text(tree, source, os.path.expanduser("~"))
        )
        write_output(f"{text}\n".encode("utf-8", "surrogateescape"))
        return 0

    run_command(work)
