"""`nixbridge builders`."""

from __future__ import annotations

import click

from nixbridge.builders.catalogue import BUILDERS, TABLES, table
from nixbridge.builders.describe import OTHERS, documentation, overview
from nixbridge.cli.output import run_command, write_output
from nixbridge.errors.kinds import UsageError
from nixbridge.errors.suggest import did_you_mean


@click.command("builders")
@click.argument("name", required=False)
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
            raise UsageError(f"there is no builder '{name}'", hint=did_you_mean(name, BUILDERS))
        write_output(text.encode())
        return 0

    run_command(work)
