"""The declared options: click and the reader without click take the same words for the same values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from nixbridge.cli.app import app
from nixbridge.cli.click_commands import click_command
from nixbridge.cli.declaration import (
    CHOICE,
    COMMANDS,
    COUNT,
    FLAG,
    PAIR,
    SECONDS,
    TEXT,
    Command,
    Group,
    Option,
    read_command_line,
    read_words,
)
from nixbridge.cli.reference_page import reference_page
from nixbridge.late_import import import_late
from tests.command import run


def declared_commands() -> dict[str, Command]:
    """The commands by the words that call them; those of a group by two."""
    commands: dict[str, Command] = {}
    for name, module in COMMANDS.items():
        declared = import_late(module).COMMAND
        inner = declared.commands.values() if isinstance(declared, Group) else [declared]
        for command in inner:
            commands[name if command is declared else f"{name} {command.name}"] = command
    return commands


DECLARATIONS = declared_commands()
#: Each option once: commands share their declarations.
OPTIONS = [
    pytest.param(command, option, spelling, id=f"{name} {spelling}")
    for option, (name, command) in {
        option: (name, command) for name, command in reversed(DECLARATIONS.items()) for option in command.options
    }.items()
    for spelling in (*option.spellings, *([option.off] if option.off else []))
]
#: Words that an option of a kind takes, right ones and wrong ones.
RIGHT = {FLAG: [], TEXT: ["-x"], PAIR: ["a", "-1"], COUNT: ["+70"], SECONDS: ["1.5e0"]}
WRONG = {TEXT: [[]], PAIR: [["a"]], COUNT: [["0"], ["1.5"], [""]], SECONDS: [["0"], ["nan"], ["x"]], CHOICE: [["none"]]}


def clicked(command: Command, words: list[str]) -> dict[str, Any]:
    """The values that click makes of a command line. Raises click's exceptions."""
    return dict(click_command(command).make_context(command.name, list(words)).params)


def needed(command: Command) -> list[str]:
    """The options that a command does not run without."""
    return [word for option in command.options if option.required for word in (option.spellings[0], "out")]


@pytest.mark.parametrize(("command", "option", "spelling"), OPTIONS)
def test_click_and_the_reader_agree(command: Command, option: Option, spelling: str) -> None:
    words = [spelling, *(option.choices[-1:] if option.kind == CHOICE else RIGHT[option.kind])]
    argument = command.argument
    several = argument is not None and argument.multiple
    for line in (
        [*needed(command), *(["x.nix"] if argument is not None and argument.name != "builder" else []), *words],
        *([[*needed(command), *words, "x.nix", *words, "-"]] if several else []),
    ):
        assert read_words(command, line) == clicked(command, line)
        assert (read_words(command, line) or {})[option.name] != option.default or spelling in ("--cache", option.off)


@pytest.mark.parametrize(("command", "option", "spelling"), OPTIONS)
def test_click_rejects_invalid_values(command: Command, option: Option, spelling: str) -> None:
    for words in WRONG.get(option.kind, []):
        assert read_words(command, ["x.nix", spelling, *words]) is None
        with pytest.raises(click.UsageError):
            clicked(command, ["x.nix", spelling, *words])


@pytest.mark.parametrize(
    "words", [["--help"], ["--form", "x"], ["-fjson"], ["--attr=a"], ["--", "-x"], ["--cach"], ["-h"]]
)
@pytest.mark.parametrize("name", DECLARATIONS)
def test_click_parses_other_spellings(name: str, words: list[str]) -> None:
    assert read_words(DECLARATIONS[name], ["x.nix", *words]) is None


ARGUMENTS = {
    "none": [],
    "one": ["x.nix"],
    "two": ["x.nix", "y.nix"],
    "standard-input": ["-"],
    "shell": ["bash"],
}


@pytest.mark.parametrize("words", ARGUMENTS)
@pytest.mark.parametrize("name", DECLARATIONS)
def test_click_and_the_reader_agree_on_arguments(name: str, words: str) -> None:
    command, line = DECLARATIONS[name], [*needed(DECLARATIONS[name]), *ARGUMENTS[words]]
    try:
        values: dict[str, Any] | None = clicked(command, line)
    except click.UsageError:
        values = None
    assert read_words(command, line) == values


def test_a_command_does_not_run_without_an_option_that_it_needs() -> None:
    assert read_words(DECLARATIONS["migrate"], ["configs"]) is None
    with pytest.raises(click.UsageError, match="destination"):
        clicked(DECLARATIONS["migrate"], ["configs"])


def test_the_commands_of_a_group_are_read_by_two_words() -> None:
    flake = import_late(COMMANDS["flake"]).COMMAND
    command, values = read_command_line(flake, ["show", "x"]) or (None, {})
    assert command is flake.commands["show"] and values["reference"] == "x"
    assert read_command_line(flake, []) is None and read_command_line(flake, ["shw"]) is None


def test_every_command_can_be_loaded_under_its_name() -> None:
    context = click.Context(app)
    for name in COMMANDS:
        command = app.get_command(context, name)
        assert command is not None and command.name == name and command.help


@pytest.mark.parametrize("group", [(), ("flake",), ("derivation",)], ids=["all", "flake", "derivation"])
def test_the_list_of_commands_cuts_no_sentence_short(group: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*group, "--help"], terminal_width=80).output
    assert "Commands:" in shown and "..." not in shown.partition("Commands:")[2]


def test_the_command_reference_is_up_to_date() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "cli.md").read_text(encoding="utf-8")
    assert page == reference_page(), "python -m nixbridge.cli.reference_page > docs/cli.md"


def test_every_command_documents_its_exit_statuses() -> None:
    context = click.Context(app, info_name="nixbridge")
    for name in COMMANDS:
        command = app.get_command(context, name)
        assert command is not None and "Exit status: 0 for success; 1: " in (command.epilog or "")
    for words, shown in ((["help", "exit-status"], b"130  interrupted"), (["help", "lint"], b"Usage: nixbridge lint")):
        done = run(*words)
        assert done.returncode == 0 and shown in done.stdout


MISSING = {
    name: [*name.split(), *needed(command), "./nosuch.nix"]
    for name, command in DECLARATIONS.items()
    if command.argument is not None
    and (command.argument.name in ("file", "files", "paths", "words", "source", "reference"))
}


@pytest.mark.parametrize("name", MISSING)
def test_a_path_that_does_not_exist_is_an_error_of_the_input(name: str, tmp_path: Path) -> None:
    done = run(*MISSING[name], cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert b"error" in done.stderr + done.stdout and b"Traceback" not in done.stderr


@pytest.mark.parametrize(("lines", "status"), [("1 + 1\n", 0), ("1 +\n1\n", 0), ("1 + x\n2\n", 1), ("", 0)])
def test_a_script_for_the_repl_fails_with_its_errors(lines: str, status: int) -> None:
    done = run("repl", input=lines.encode())
    assert done.returncode == status, done.stderr
