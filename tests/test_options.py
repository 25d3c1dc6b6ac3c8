"""The declared options: click and the reader without click take the same words for the same values."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from nixbridge.cli.app import COMMANDS, app
from nixbridge.cli.click_commands import click_command
from nixbridge.cli.declaration import CHOICE, COUNT, FLAG, PAIR, SECONDS, TEXT, Command, Option, read_words
from nixbridge.cli.reference_page import reference_page
from nixbridge.cli.start import DECLARED

DECLARATIONS: dict[str, Command] = {name: import_module(module).COMMAND for name, module in DECLARED.items()}
OPTIONS = [
    pytest.param(command, option, spelling, id=f"{command.name} {spelling}")
    for command in DECLARATIONS.values()
    for option in command.options
    for spelling in (*option.spellings, *([option.off] if option.off else []))
]
#: Words that an option of a kind takes, right ones and wrong ones.
RIGHT = {FLAG: [], TEXT: ["-x"], PAIR: ["a", "-1"], COUNT: ["+70"], SECONDS: ["1.5e0"]}
WRONG = {TEXT: [[]], PAIR: [["a"]], COUNT: [["0"], ["1.5"], [""]], SECONDS: [["0"], ["nan"], ["x"]], CHOICE: [["none"]]}


def clicked(command: Command, words: list[str]) -> dict[str, Any]:
    """The values that click makes of a command line. Raises click's exceptions."""
    return dict(click_command(command).make_context(command.name, list(words)).params)


@pytest.mark.parametrize(("command", "option", "spelling"), OPTIONS)
def test_click_and_the_reader_agree(command: Command, option: Option, spelling: str) -> None:
    words = [spelling, *(option.choices[-1:] if option.kind == CHOICE else RIGHT[option.kind])]
    for line in (["x.nix", *words], [*words, "x.nix", *words, "-"]):
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
@pytest.mark.parametrize("name", DECLARED)
def test_click_parses_other_spellings(name: str, words: list[str]) -> None:
    assert read_words(DECLARATIONS[name], ["x.nix", *words]) is None


def test_every_command_can_be_loaded_under_its_name() -> None:
    context = click.Context(app)
    for name in COMMANDS:
        command = app.get_command(context, name)
        assert command is not None and command.name == name and command.help


def test_the_command_reference_is_up_to_date() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "cli.md").read_text(encoding="utf-8")
    assert page == reference_page(), "python -m nixbridge.cli.reference_page > docs/cli.md"


def test_every_command_documents_its_exit_statuses(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    context = click.Context(app, info_name="nixbridge")
    for name in COMMANDS:
        command = app.get_command(context, name)
        assert command is not None and "Exit status: 0 for success; 1: " in (command.epilog or "")
    for words, shown in ((["help", "exit-status"], b"130  interrupted"), (["help", "lint"], b"Usage: nixbridge lint")):
        assert subprocess.run([sys.executable, "-m", "nixbridge", *words], check=True, stdout=None).returncode == 0
        assert shown in capfdbinary.readouterr().out
