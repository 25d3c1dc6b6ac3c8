"""`nixbridge help`, and what the exit statuses of each command mean."""

from __future__ import annotations

import click

from nixbridge.cli.output import run_command, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.suggest import did_you_mean

#: What status 1 means, by command; the default is that of `eval`.
FAILURES = {
    "check": "something differs, is missing or fails",
    "lint": "there is an error or a warning (notes do not count)",
    "migrate": "a file could not be converted, or nothing could be written",
    "render": "an error, or a warning under --strict",
    "graph": "an error; the picture is of what could be rendered",
}
#: Commands that evaluate nothing.
_WITHOUT_FILES = ("builders", "builtins", "lib", "schema", "completion", "help", "settings", "lsp")

PAGE = """\
Exit statuses of nixbridge

  0    success
  1    the input has an error, or a limit was reached; nothing was written
         check    {check}
         lint     {lint}
         migrate  {migrate}
         render   {render}
  2    wrong usage: an unknown option, a missing file name, nothing to check
  130  interrupted by Ctrl-C

A signal that ends the process (SIGTERM, SIGHUP) is reported as the system does: 128 and its number in a shell.
"""


def exit_status_of(name: str) -> str:
    """Return the line about exit statuses in the help of a command."""
    failure = FAILURES.get(name, "output cannot be written" if name in _WITHOUT_FILES else "an error in the input")
    return f"Exit status: 0 for success; 1: {failure}; 2: wrong usage; 130: Ctrl-C."


def exit_status_page() -> str:
    """Return the page of `nixbridge help exit-status`."""
    return PAGE.format(**FAILURES)


@click.command("help")
@click.argument("topic", required=False)
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> None:
    """Show the help of a command, or of a topic: exit-status."""
    group = ctx.find_root().command
    assert isinstance(group, click.Group)

    def work() -> int:
        root = ctx.find_root()
        if topic is None:
            text = group.get_help(root)
        elif topic == "exit-status":
            text = exit_status_page().rstrip("\n")
        else:
            found = group.get_command(root, topic)
            if found is None:
                names = [*group.list_commands(root), "exit-status"]
                raise UsageError(f"unknown topic '{topic}'", hint=did_you_mean(topic, names))
            text = found.get_help(click.Context(found, info_name=topic, parent=root))
        write_output(f"{text}\n".encode())
        return 0

    run_command(work)
