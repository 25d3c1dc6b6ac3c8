"""Where the command starts. A bare `nixbridge eval FILE` takes the short way: click costs more than evaluating a cached file."""

from __future__ import annotations

import sys

from nixbridge.cli.interrupt import end_at_once


def main() -> None:
    """Runs the command line and ends the process with its exit status."""
    end_at_once()
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        from nixbridge.cli.streams import fill_closed_streams

        fill_closed_streams()
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "eval" and not arguments[1].startswith("-"):
        from nixbridge.cli.evaluation import evaluate_files
        from nixbridge.cli.output import run_command
        from nixbridge.tools.options import Options

        options = Options()
        run_command(lambda: evaluate_files([arguments[1]], options), options=options)
    else:
        from nixbridge.cli.app import app
        from nixbridge.cli.output import leave, show_os_error

        try:
            app(prog_name="nixbridge")
        except OSError as error:  # --help and the like, which have no command around them
            show_os_error(error)
            leave(1)
