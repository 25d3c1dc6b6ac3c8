"""The manual page nixbridge(1), made from the commands' help when a wheel is built."""

from __future__ import annotations

import inspect
import re
import textwrap

import click

from nixbridge.cli.app import app
from nixbridge.version import __version__

_ENVIRONMENT = (
    ("XDG_CACHE_HOME", "The folder in which compiled files are kept, in nixbridge/. The default is ~/.cache."),
    ("NO_COLOR, FORCE_COLOR", "Whether reports are coloured; the default is to colour on a terminal."),
    ("CI", "Where it is set, check writes golden files only with --update."),
)
_EXIT_STATUS = (
    ("0", "Success."),
    ("1", "An error in what was evaluated, a difference, or a finding."),
    ("2", "Wrong usage."),
    ("130", "Interrupted by Ctrl-C."),
)


def man_page(date: str) -> str:
    """Return the page of a date (2026-11-30) as roff, in the macros of man(7)."""
    lines = [f'.TH NIXBRIDGE 1 "{date}" "nixbridge {__version__}" "User Commands"']
    lines += [".SH NAME", r"nixbridge \- evaluate, check, render and migrate Nix and Nixernetes configurations"]
    lines += [".SH SYNOPSIS", r".B nixbridge", r".I command", r".RI [ options ]", r".RI [ file ...]"]
    lines += [".SH DESCRIPTION", *_paragraphs(app.help or ""), ".SH COMMANDS"]
    context = click.Context(app, info_name="nixbridge")
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        if command is not None and not command.hidden:
            lines += _command(name, command, context)
    for title, rows in (("EXIT STATUS", _EXIT_STATUS), ("ENVIRONMENT", _ENVIRONMENT)):
        lines.append(f".SH {title}")
        for term, text in rows:
            lines += [".TP", f".B {_escaped(term)}", *_wrapped(text)]
    return "\n".join(lines) + "\n"


def _command(name: str, command: click.Command, parent: click.Context) -> list[str]:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f'.SS "nixbridge {_escaped(name)} {_escaped(usage)}"', *_paragraphs(command.help or "")]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[1]:
            lines += [".TP", f".B {_escaped(record[0])}", *_wrapped(record[1])]
    return lines


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a help text; those that click does not rewrap are kept line by line."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        if paragraph.startswith("\b"):
            lines += [".PP", ".nf", *(_escaped(line) for line in paragraph.splitlines()[1:]), ".fi"]
        else:
            lines += [".PP", *_wrapped(paragraph)]
    return lines[1:] if lines[:1] == [".PP"] else lines


def _wrapped(text: str) -> list[str]:
    """Return a text over lines of the length that roff's checkers want; hyphens do not break, since options have them."""
    return [_escaped(line) for line in textwrap.wrap(" ".join(text.split()), 70, break_on_hyphens=False)]


def _escaped(text: str) -> str:
    """Return a text without roff's own signs: backslashes, hyphens that would be typeset, a control character at the beginning."""
    # backslashes first: the replacements that follow put in others
    text = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return f"\\&{text}" if text[:1] in (".", "'") else text
