"""`nixbridge eval --debugger`: Python's debugger at each `builtins.break`, driven as a user would."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from nixbridge import evaluate

MESH = """\
let
  port = 80 + builtins.length [ ];
  address = host: suffix:
    let
      full = host + suffix;
      ports = map (n: n + port) [ 1 2 ];
    in
    builtins.break {
      at = full;
      inherit ports;
    };
in
[ (address "api" ".local") (builtins.break 2) ]
"""
COMMAND = [sys.executable, "-m", "nixbridge", "eval", "--debugger", "--compact", "--no-cache"]


@pytest.fixture
def mesh(tmp_path: Path) -> Path:
    file = tmp_path / "mesh.nix"
    file.write_text(MESH, encoding="utf-8")
    return file


def debug(mesh: Path, *commands: str) -> subprocess.CompletedProcess[str]:
    """Evaluates with these commands on standard input."""
    typed = "".join(f"{command}\n" for command in commands)
    return subprocess.run([*COMMAND, str(mesh)], input=typed, capture_output=True, text=True, timeout=60, check=False)


def answers(said: str) -> list[str]:
    """Return the text between the prompts."""
    return [answer.strip() for answer in said.split("(nix) ")]


def test_it_stops_at_the_line_and_shows_variables_in_nix_syntax(mesh: Path) -> None:
    done = debug(mesh, "vars", "value ports", "value full", "value host", "value nothing", "continue", "continue")
    assert answers(done.stderr) == [
        f"> {mesh}(8)<lambda>()\n-> builtins.break {{",
        'full = «thunk»\nhost = "api"\nport = «thunk»\nports = «thunk»\nsuffix = ".local"',
        "[ 81 82 ]",
        '"api.local"',
        '"api"',
        "*** 'nothing' is not a variable that is used here: vars lists them",
        f'> {mesh}(13)<lambda>()\n-> [ (address "api" ".local") (builtins.break 2) ]',
        "",
    ]
    assert (done.returncode, done.stdout) == (0, '[{"at":"api.local","ports":[81,82]},2]\n')


def test_frames_steps_and_breakpoints_are_those_of_nix(mesh: Path) -> None:
    done = debug(mesh, "where", "step", "break 6", "continue", "continue", "value n", "clear 1", "continue", "continue")
    told = answers(done.stderr)
    assert [line for line in told[1].splitlines() if line.startswith("->")] == [
        '-> [ (address "api" ".local") (builtins.break 2) ]',
        "-> builtins.break {",
    ]
    assert told[2].startswith(f"> {mesh}("), "a step leads to Nix code, not into nixbridge"
    assert told[4].startswith(f"> {mesh}(6)") and told[5].startswith(f"> {mesh}(6)")
    assert told[6] == "1"
    assert done.stdout == '[{"at":"api.local","ports":[81,82]},2]\n'


@pytest.mark.parametrize(
    "commands", [["quit"], ["step", "step", "quit"], []], ids=["at once", "in a step", "end of input"]
)
def test_quit_ends_the_evaluation(mesh: Path, commands: list[str]) -> None:
    done = debug(mesh, *commands)
    assert (done.returncode, done.stdout) == (1, "")
    assert "error: the evaluation was ended in the debugger" in done.stderr


def test_it_reads_commands_from_the_terminal(mesh: Path) -> None:
    terminal, other_end = pty.openpty()
    with subprocess.Popen([*COMMAND, str(mesh)], stdin=other_end, stdout=other_end, stderr=other_end) as process:
        os.close(other_end)
        os.write(terminal, b"value ports\ncontinue\ncontinue\n")
        said = b""
        while b"},2]" not in said:
            said += os.read(terminal, 4096)
        assert process.wait(timeout=60) == 0
    os.close(terminal)
    assert b"(nix) " in said and b"[ 81 82 ]" in said


def test_commands_and_file_cannot_both_come_from_standard_input() -> None:
    done = subprocess.run([*COMMAND, "-"], input="1", capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "--debugger reads its commands from the standard input" in done.stderr


def test_without_a_debugger_break_is_the_identity() -> None:
    assert evaluate("builtins.break { a = builtins.break 1; }") == {"a": 1}
