"""`nixbridge builders`."""

from __future__ import annotations

import click

from nixbridge.cli import shell_completion
from nixbridge.cli.output import run_command, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.mesh.tables.builder_docs import OTHERS, documentation, overview
from nixbridge.mesh.tables.builder_list import BUILDERS, TABLES, table


@click.command("builders")
@click.argument("name", required=False, shell_complete=shell_completion.builders)
def command(name: str | None) -> None:
    """List the service-mesh builders, or document one: parameters, types, defaults, an example that runs."""

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
