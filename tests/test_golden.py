"""`nixbridge check`, `eval -o` and the exit statuses of the command line, as a user meets them: in a process, beside files."""

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
    ("golden", "status"),
    [('{"a": 1}', 0), ('{ "a":1 }\n', 0), ('{"a": 2}', 1), ('{"a": 1, "b": 2}', 1), ('{"a": 1', 1)],
    ids=["equal", "other layout", "other value", "too much", "half a file"],
)
def test_a_golden_file_is_compared_by_value(golden: str, status: int, tmp_path: Path) -> None:
    (tmp_path / "x.nix").write_text("{ a = 1; }")
    (tmp_path / "x.json").write_text(golden)
    assert nixbridge(tmp_path, "check").returncode == status


def test_update_writes_what_is_evaluated_now(tmp_path: Path) -> None:
    (tmp_path / "x.nix").write_text("{ a = 1; }")
    (tmp_path / "x.json").write_text('{"a": 2}')
    nixbridge(tmp_path, "check", "--update")
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": 1}
    assert nixbridge(tmp_path, "check").returncode == 0


def test_missing_makes_the_file(tmp_path: Path) -> None:
    (tmp_path / "x.nix").write_text("{ a = 1; }")
    nixbridge(tmp_path, "check", "--missing", "x.nix")
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": 1}


def test_a_changed_source_is_noticed_by_the_second_run(tmp_path: Path) -> None:
    (tmp_path / "x.nix").write_text("import ./y.nix")
    (tmp_path / "x.json").write_text("1")
    (tmp_path / "y.nix").write_text("1")
    first = nixbridge(tmp_path, "check", "x.nix")
    (tmp_path / "y.nix").write_text("2")
    second = nixbridge(tmp_path, "check", "x.nix")
    assert (first.returncode, second.returncode) == (0, 1)


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
