"""Small inputs that came out of users' reports: a folder of files, what is run in it, and what must hold.

A case is a TOML file in fixtures/reports: `title`; `why`, with what is right and how that is known; `[files]` name -> text;
`git = true` for a work tree; `[[run]]` with `args`, and `exit`, `json` (standard output as data), `has` and `lacks` (regular
expressions in both outputs).
"""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.test_project import nixbridge, write

CASES = Path(__file__).parent.parent / "fixtures" / "reports"
NAMES = [str(path.relative_to(CASES).with_suffix("")) for path in sorted(CASES.rglob("*.toml"))]
KEYS = {"args", "exit", "json", "has", "lacks"}


@pytest.mark.parametrize("name", NAMES)
def test_bug_reports_stay_fixed(name: str, tmp_path: Path) -> None:
    case: dict[str, Any] = tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))
    folder = tmp_path / "work"
    folder.mkdir()
    write(folder, case.get("files", {}))
    if case.get("git"):
        subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
    assert case["run"]
    for run in case["run"]:
        assert run.keys() <= KEYS
        done = nixbridge(folder, *run["args"])
        text = done.stdout + done.stderr
        statuses = run.get("exit", 0)
        assert done.returncode in (statuses if isinstance(statuses, list) else [statuses]), text
        if "json" in run:
            assert json.loads(done.stdout) == json.loads(run["json"])
        for pattern in run.get("has", ()):
            assert re.search(pattern, text, re.MULTILINE), (pattern, text)
        for pattern in run.get("lacks", ()):
            assert not re.search(pattern, text, re.MULTILINE), (pattern, text)
