"""`eval -o`, standard input and the exit statuses of the command line, as a user meets them: in a process, beside files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def nixbridge(folder: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command in `folder`."""
    command = [sys.executable, "-m", "nixbridge", *arguments]
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["eval", "-E", "1"], 0), (["eval", "-E", 'throw "x"'], 1), (["eval", "none.nix"], 1), (["eval", "--what"], 2)],
)
def test_exit_statuses(arguments: list[str], status: int, tmp_path: Path) -> None:
    done = nixbridge(tmp_path, *arguments)
    assert done.returncode == status
    assert "Traceback" not in done.stderr


def test_what_failed_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("old")
    assert nixbridge(tmp_path, "eval", "-E", '[ 1 (throw "x") ]', "-o", "out.json").returncode == 1
    assert (tmp_path / "out.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_standard_input(tmp_path: Path) -> None:
    assert json.loads(nixbridge(tmp_path, "eval", "-", text="{ a = 1; }").stdout) == {"a": 1}
