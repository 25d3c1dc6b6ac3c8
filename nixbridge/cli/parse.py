"""`nixbridge parse`."""

from __future__ import annotations

import json
import os

from nixbridge.cli.declaration import TEXT, Argument, Command, Option
from nixbridge.cli.output import run_command, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.language.syntax.parser import parse
from nixbridge.language.syntax.tree_text import to_json, to_text
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation, folder_of


def run(file: str | None, expr: str | None, as_json: bool) -> None:
    """Carry out the command and end the process."""

    def work() -> int:
        if (file is None) == (expr is None):
            raise UsageError("name one FILE, or give an expression with --expr")
        if expr is not None:
            source = Source(expr, base=os.getcwd())
        else:
            assert file is not None
            # read as eval reads it, with the same rules about what may be read
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


COMMAND = Command(
    "parse",
    run,
    argument=Argument("file", "[FILE]"),
    options=(
        Option("-E", "--expr", kind=TEXT, metavar="EXPR", help="Parse this text."),
        Option("--json", name="as_json", help="Print the tree as JSON, with positions, for tools."),
    ),
    help="Show a syntax tree as nix-instantiate --parse does.",
)
