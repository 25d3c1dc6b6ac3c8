"""`nixbridge schema`."""

from __future__ import annotations

import json

import click

from nixbridge.cli.output import run_command, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.mesh.schema.builder_schema import all_schemas, builder_schema
from nixbridge.mesh.tables.builders import TABLES, table


@click.command("schema")
@click.argument("builder", required=False)
def command(builder: str | None) -> None:
    """Print the JSON Schema (2020-12) of a builder's parameters, or of all, for editors."""

    def work() -> int:
        if builder is not None and builder not in TABLES:
            raise UsageError(f"there is no builder '{builder}'", hint=did_you_mean(builder, list(TABLES)))
        schema = all_schemas() if builder is None else builder_schema(table(builder))
        write_output((json.dumps(schema, indent=2, ensure_ascii=False) + "\n").encode())
        return 0

    run_command(work)
