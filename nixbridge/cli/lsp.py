"""`nixbridge lsp`."""

from __future__ import annotations

from nixbridge.cli.declaration import Command
from nixbridge.cli.output import run_command
from nixbridge.errors.exceptions import UsageError


def run() -> None:
    """Carry out the command and end the process."""

    def work() -> int:
        try:
            from nixbridge.lsp.server import run
        except ModuleNotFoundError as error:
            if error.name is None or error.name.split(".")[0] not in ("pygls", "lsprotocol"):
                raise
            raise UsageError(
                f"the language server needs the package {error.name.split('.')[0]}",
                hint="install it with: pip install 'nixbridge[lsp]'",
            ) from None
        run()
        return 0

    run_command(work)


COMMAND = Command(
    "lsp",
    run,
    help="""Run the language server for editors, on the standard streams.

    Diagnostics, completion, hover, definitions, quick fixes and more while a file is typed. It needs the extra `lsp`:
    pip install 'nixbridge[lsp]'
    """,
)
