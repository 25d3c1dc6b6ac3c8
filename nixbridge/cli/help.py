"""`nixbridge help`."""

from __future__ import annotations

import click

from nixbridge.cli.app import app
from nixbridge.cli.declaration import Argument, Command
from nixbridge.cli.exit_statuses import exit_status_page
from nixbridge.cli.output import run_command, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.suggest import did_you_mean


def run(topic: str | None) -> None:
    """Carry out the command and end the process."""

    def work() -> int:
        # not the current context: this command is also read without click
        root = click.Context(app, info_name="nixbridge")
        if topic is None:
            text = app.get_help(root)
        elif topic == "exit-status":
            text = exit_status_page().rstrip("\n")
        else:
            found = app.get_command(root, topic)
            if found is None:
                names = [*app.list_commands(root), "exit-status"]
                raise UsageError(f"unknown topic '{topic}'", hint=did_you_mean(topic, names))
            text = found.get_help(click.Context(found, info_name=topic, parent=root))
        write_output(f"{text}\n".encode())
        return 0

    run_command(work)


COMMAND = Command(
    "help",
    run,
    argument=Argument("topic", "[TOPIC]", complete="topics"),
    help="Show the help of a command, or of a topic: exit-status.",
)
