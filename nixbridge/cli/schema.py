"""`nixbridge schema`."""

from __future__ import annotations

import json

from nixbridge.cli.declaration import Argument, Command, Option
from nixbridge.cli.output import run_command, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.mesh.schema.builder_schema import all_schemas, builder_schema
from nixbridge.mesh.tables.builder_list import TABLES, table
from nixbridge.project.settings_table import settings_schema


def run(builder: str | None, settings: bool) -> None:
    """Carry out the command and end the process."""

    def work() -> int:
        if settings and builder is not None:
            raise UsageError("--settings is a schema of its own, without a builder")
        if builder is not None and builder not in TABLES:
            raise UsageError(f"unknown builder '{builder}'", hint=did_you_mean(builder, list(TABLES)))
        if settings:
            schema = settings_schema()
        elif builder is None:
            schema = all_schemas()
        else:
            schema = builder_schema(table(builder))
        write_output((json.dumps(schema, indent=2, ensure_ascii=False) + "\n").encode())
        return 0

    run_command(work)


COMMAND = Command(
    "schema",
    run,
    argument=Argument("builder", "[BUILDER]", complete="builders"),
    options=(Option("--settings", help="The schema of nixbridge.toml instead."),),
    help="""Print the JSON Schema of builders or of the settings.

    It is of the 2020-12 draft, for editors. Without BUILDER, it covers all builders.
    """,
)
