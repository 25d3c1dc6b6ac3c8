"""`eval -o`, standard input and the exit statuses of the command line, as a user meets them: in a process, beside files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from nixbridge.cli.app import COMMANDS
from nixbridge.tools.golden.pairs import GOLDEN_SUFFIXES

ROOT = Path(__file__).resolve().parent.parent


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


def test_the_hooks_for_pre_commit_run_commands_that_exist_on_the_files_that_they_are_about() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {hook["entry"] for hook in hooks.values()} == {"nixbridge check", "nixbridge lint"}
    assert {hook["entry"].split()[1] for hook in hooks.values()} <= set(COMMANDS)
    pattern = re.compile(hooks["nixbridge-check"]["files"])
    assert all(pattern.search(f"a{suffix}") for suffix in (".nix", ".md", *GOLDEN_SUFFIXES))
