"""`nixbridge builders`."""

from __future__ import annotations

from nixbridge.cli.declaration import Argument, Command
from nixbridge.cli.output import run_command, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.mesh.tables.builder_docs import OTHERS, documentation, overview
from nixbridge.mesh.tables.builder_list import BUILDERS, TABLES, table


def run(name: str | None) -> None:
    """Carry out the command and end the process."""

    def work() -> int:
        if name is None:
            text = overview()
        elif name in TABLES:
            text = documentation(table(name))
        elif name in OTHERS:
            text = OTHERS[name][1]
        else:
            raise UsageError(f"unknown builder '{name}'", hint=did_you_mean(name, BUILDERS))
        write_output(text.encode())
        return 0

    run_command(work)


COMMAND = Command(
    "builders",
    run,
    argument=Argument("name", "[NAME]", complete="builders"),
    help="List the service-mesh builders, or document one.\n\nThe page has its parameters, types, defaults, and an example that runs.",
)
