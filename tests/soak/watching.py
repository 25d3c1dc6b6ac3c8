"""`nixbridge check --watch` over many changes: of sources, of what they import, of golden files; files that come and go."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from tests.soak.footprint import Footprint, footprint

FILES = 20


def soak(changes: int, seconds: float) -> tuple[list[Footprint], list[str]]:
    """Return the footprints and the problems of a run of so many changes, or as many of them as fit into `seconds`."""
    with tempfile.TemporaryDirectory() as temporary:
        project = Project(Path(temporary))
        command = [sys.executable, "-m", "nixbridge", "check", "--watch", "."]
        process = subprocess.Popen(command, cwd=project.folder, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            return _changed(process, process.stdout, project, changes, seconds)
        finally:
            process.send_signal(signal.SIGINT)
            process.stdout.close()
            process.wait()


def _changed(
    process: subprocess.Popen[str], output: IO[str], project: Project, changes: int, seconds: float
) -> tuple[list[Footprint], list[str]]:
    deadline = time.monotonic() + seconds
    taken: list[Footprint] = []
    problems: list[str] = []
    report = _until_it_waits(output)
    for number in range(changes):
        taken.append(footprint(process.pid, number))
        if time.monotonic() > deadline:
            break
        wanted = project.change(number)
        report = _until_it_waits(output)
        if wanted not in report:
            problems.append(f"change {number}: '{wanted}' is not in {report!r}")
    return taken, problems


class Project:
    """Sources that all import one file, with golden files. Each change appears atomically, by a rename from outside."""

    def __init__(self, temporary: Path) -> None:
        self.folder, self.beside = temporary / "project", temporary / "beside"
        self.folder.mkdir()
        for number in range(FILES):
            (self.folder / f"{number}.nix").write_text("import ./shared.nix")
            (self.folder / f"{number}.json").write_text("0")
        (self.folder / "shared.nix").write_text("0")

    def replace(self, name: str, text: str) -> None:
        """Replace a file."""
        self.beside.write_text(text)
        os.replace(self.beside, self.folder / name)

    def change(self, number: int) -> str:
        """Make a change, and return what the next report must contain. Each change is undone by the one that follows."""
        file = number // 2 % FILES
        match number % 6:
            case 0:
                self.replace(f"{file}.json", json.dumps({"a": number}))
                return "1 different"
            case 1:
                self.replace(f"{file}.json", "0")
            case 2:
                self.beside.mkdir()
                (self.beside / "new.nix").write_text(f"{{ a = {number}; }}")
                (self.beside / "new.json").write_text("{}")
                self.beside.rename(self.folder / "new")
                return "1 different"
            case 3:
                (self.folder / "new").rename(self.beside)
                shutil.rmtree(self.beside)
            case 4:
                self.replace("shared.nix", f"let n{number} = 1; in throw n{number}")
                return f"{FILES} errors"
            case _:
                self.replace("shared.nix", "0")
        return f"{FILES} passed"


def _until_it_waits(output: IO[str]) -> str:
    """Return the report of a check, up to the line that says that files are watched."""
    lines: list[str] = []
    for line in output:
        if line.startswith("watching "):
            break
        lines.append(line)
    return "".join(lines)
