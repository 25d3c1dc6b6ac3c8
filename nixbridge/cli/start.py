"""The start of the command. Command lines in which every option is spelled out are read without click, which costs more than evaluating
a cached file."""

from __future__ import annotations

import sys

from nixbridge.cli.interrupt import end_at_once

#: Commands whose declaration can be read without click -> their module.
DECLARED = {
    "eval": "nixbridge.cli.evaluate",
    "check": "nixbridge.cli.check",
    "lint": "nixbridge.cli.lint",
    "render": "nixbridge.cli.render",
}


def main() -> None:
    """Run the command line and end the process with its exit status."""
    end_at_once()
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        from nixbridge.cli.streams import fill_closed_streams

        fill_closed_streams()
    name, *words = sys.argv[1:] or [""]
    if name in DECLARED:
        from importlib import import_module

        from nixbridge.cli.declaration import read_words

        command = import_module(DECLARED[name]).COMMAND
        values = read_words(command, words)
        if values is not None:
            command.run(**values)
    from nixbridge.cli.app import app
    from nixbridge.cli.output import leave, show_os_error

    try:
        app(prog_name="nixbridge")
    except OSError as error:  # --help and the like, which have no command around them
        show_os_error(error)
        leave(1)
