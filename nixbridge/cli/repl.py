"""`nixbridge repl`."""

from __future__ import annotations

import sys

import click

from nixbridge.cli.options import evaluation_options, options_from
from nixbridge.cli.output import colour_wanted, run_command


@click.command("repl")
@click.argument("files", nargs=-1, type=click.Path(), metavar="[FILE...]")
@evaluation_options
def command(files: tuple[str, ...], **keywords: object) -> None:
    """Evaluate expressions at a prompt; FILE's attributes are in scope.

    :? lists the commands: :p prints nested values, :t types, :doc documentation, :l loads a file, :r reloads, :render and
    :lint are the mesh's. Ctrl-C interrupts an evaluation and keeps the session.

    \b
    nixbridge repl
    nixbridge repl mesh.nix
    """
    options = options_from(keywords)

    def work() -> int:
        from nixbridge.repl.console import Console
        from nixbridge.repl.session import Session

        session = Session(options)
        console = Console(session, colour=colour_wanted(sys.stderr))
        if sys.stdin.isatty():
            print("Type :? for help.")
        for file in files:
            console.answer(f":l {file}")
        console.run()
        return 0

    run_command(work, options=options)
