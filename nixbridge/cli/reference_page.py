"""docs/cli.md, made of the commands: `python -m nixbridge.cli.reference_page > docs/cli.md`. A test compares the two."""

from __future__ import annotations

import re

import click

from nixbridge.cli.app import app
from nixbridge.cli.exit_statuses import exit_status_page

_HEAD = """\
# Command line

Made by `python -m nixbridge.cli.reference_page`; every command prints its own part with `--help`.
"""


def reference_page() -> str:
    """Return the page: a section for each command, with its usage, its text and its options."""
    root = click.Context(app, info_name="nixbridge")
    parts = [_HEAD]
    for name in app.list_commands(root):
        command = app.get_command(root, name)
        assert command is not None
        parts.append(_section(name, command, click.Context(command, info_name=name, parent=root)))
    parts.append(f"## Exit status\n\n```text\n{exit_status_page()}```\n")
    return "\n".join(parts)


def _section(name: str, command: click.Command, context: click.Context) -> str:
    if isinstance(command, click.Group):
        rows = [
            f"| `{one}` | {command.commands[one].get_short_help_str(200)} |" for one in command.list_commands(context)
        ]
        body = ["| command | |", "| --- | --- |", *rows]
    else:
        rows = [_row(*record) for record in _records(command, context)]
        body = ["| option | |", "| --- | --- |", *rows]
    usage = command.get_usage(context).removeprefix("Usage: ")
    # click wraps it to the width of a terminal
    usage = re.sub(r"\s+", " ", usage)
    return "\n".join([f"## {name}", "", f"    {usage}", "", *_text(command.help or ""), "", *body, ""])


def _records(command: click.Command, context: click.Context) -> list[tuple[str, str]]:
    found = [parameter.get_help_record(context) for parameter in command.get_params(context)]
    return [record for record in found if record is not None]


def _row(option: str, text: str) -> str:
    # a bar would end the cell
    return f"| `{option.replace('|', ', ')}` | {text.replace('|', '&#124;')} |"


def _text(text: str) -> list[str]:
    """Return a help text as Markdown: paragraphs on lines of their own, what click leaves as it is as code."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph.lstrip().startswith("\b"):
            code = [line.strip() for line in paragraph.replace("\b", "").strip().split("\n")]
            lines += ["```sh", *code, "```", ""]
        else:
            lines += [" ".join(paragraph.split()), ""]
    return lines[:-1]


if __name__ == "__main__":
    print(reference_page(), end="")
