"""`--watch` does a command again after a change, and ends with Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        pytest.param(["eval", "--compact"], "1\n", "2\n", id="eval"),
        pytest.param(["lint"], "", "", id="lint"),
    ],
)
def test_changes_are_detected(command: list[str], before: str, after: str, tmp_path: Path) -> None:
    imported, file = tmp_path / "value.nix", tmp_path / "main.nix"
    imported.write_text("1")
    file.write_text("import ./value.nix")
    log = tmp_path / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "nixbridge", *command, "--watch", str(file)],
            stdout=output,
            stderr=output,
            cwd=tmp_path,
        )
        wait_for(lambda: log.stat().st_size > 0)
        first = log.read_text()
        assert before in first
        imported.write_text("2")
        wait_for(lambda: len(log.read_text()) > len(first))
        assert after in log.read_text()[len(first) :]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    assert "Traceback" not in log.read_text()


def wait_for(condition: object, seconds: float = 30) -> None:
    """Wait until a condition holds."""
    import time

    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
