"""`nixbridge repl`."""

from __future__ import annotations

import sys

from nixbridge.cli.declaration import Argument, Command
from nixbridge.cli.options import COLOUR, EVALUATION_OPTIONS, options_from
from nixbridge.cli.output import colour_wanted, run_command


def run(files: tuple[str, ...], **values: object) -> None:
    """Carry out the command and end the process."""
    options = options_from(values)

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
        # at a terminal, errors are part of the conversation; a script that fails must show it
        return int(console.failed and not sys.stdin.isatty())

    run_command(work, options=options)


COMMAND = Command(
    "repl",
    run,
    argument=Argument("files", "[FILE...]", multiple=True),
    options=(
        *EVALUATION_OPTIONS,
        COLOUR,
    ),
    help="""Evaluate expressions at a prompt.

    The attributes of FILE are in scope.

    :? lists the commands: :p prints nested values, :t types, :doc documentation, :l loads a file, :r reloads, :render and
    :lint are the mesh's. Ctrl-C interrupts an evaluation and keeps the session.

    \b
    nixbridge repl
    nixbridge repl mesh.nix
    """,
)
