"""A folder of configurations, checked as a team would: the command as it is, in this process where that is enough."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nixbridge.cli import check as command_module
from nixbridge.cli.click_commands import click_command
from nixbridge.cli.output import status_of

#: What an environment may say that changes what is tested.
UNSET = ("CI", "NO_COLOR", "NIXBRIDGE_NIX")
_SECONDS = re.compile(r" in \d+\.\d\d s$", re.MULTILINE)


class Link(str):
    """The text of a file that is a symbolic link: where it leads."""


class Folder:
    """The current folder, empty at first, with a separate cache next to it."""

    def __init__(self, top: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self.path = top / "work"
        self.cache = top / "cache"
        self.capfd = capfd
        self.path.mkdir()
        for name in UNSET:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("XDG_CACHE_HOME", str(self.cache))
        monkeypatch.chdir(self.path)
        monkeypatch.setattr(command_module, "run_command", _leave)

    def write(self, texts: dict[str, str]) -> None:
        """Writes files by their names."""
        for name, text in texts.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(text, Link):
                path.symlink_to(text)
            else:
                path.write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        """The text of a file."""
        return (self.path / name).read_text(encoding="utf-8")

    def names(self) -> list[str]:
        """Every file there is."""
        return sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*") if not path.is_dir())

    def check(self, *arguments: str) -> tuple[int, str]:
        """The exit status of `nixbridge check ARGUMENTS`, and all that it says, without the time that it took."""
        self.capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            click_command(command_module.COMMAND).main(list(arguments), prog_name="nixbridge check")
        said = self.capfd.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, _SECONDS.sub("", said.out + said.err).rstrip("\n")


def _leave(task: object, *, show_trace: bool, **_: object) -> None:
    sys.exit(status_of(task, show_trace=show_trace, options=None))  # type: ignore[arg-type]


def start(*arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    """`nixbridge check ARGUMENTS` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "nixbridge", "check", *arguments],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
