"""The start of the command. Command lines in which every option is spelled out are read without click, which costs more than evaluating
a cached file."""

from __future__ import annotations

import gc
import sys

from nixbridge.cli.module_bundle import use_bundle
from nixbridge.late_import import import_late

#: How many containers may be made before the cyclic collector looks for garbage. A start makes some ten thousand, all of which stay;
#: CPython's own threshold of 700 had it look through them twenty times.
BEFORE_COLLECTION = 100_000


def main() -> None:
    """Run the command line and end the process with its exit status."""
    gc.set_threshold(BEFORE_COLLECTION)
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        # before any other file is opened: it would get the number of a closed stream
        from nixbridge.cli.streams import fill_closed_streams

        fill_closed_streams()
    use_bundle(sys.argv)
    from nixbridge.cli.interrupt import end_at_once

    end_at_once()
    from nixbridge.cli.declaration import COMMANDS, read_command_line

    name, *words = sys.argv[1:] or [""]
    if name in COMMANDS:
        called = read_command_line(import_late(COMMANDS[name]).COMMAND, words)
        if called is not None:
            command, values = called
            command.run(**values)
    from nixbridge.cli.app import app
    from nixbridge.cli.output import leave, show_os_error

    try:
        app(prog_name="nixbridge")
    except OSError as error:  # --help and the like, which have no command around them
        show_os_error(error)
        leave(1)
