"""The line of progress on a terminal: a true count, erased before anything else is written and at the end."""

from __future__ import annotations

import os
import pty
import threading
from pathlib import Path

import pytest

from tests.command import run

ROUTE = (
    'mkVirtualService "web{0}" {{ hosts = [ "web{0}" ]; httpRoutes = [ {{ route = [ {{ host = "web{0}"; }} ]; }} ]; }}'
)
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{0}}}\n"
BUILD = (
    '{{ pkgs }}: pkgs.linkFarm "farm" (map (n: {{ name = "f${{n}}"; path = pkgs.writeText "t" n; }}) [ "{0}" "x" "y" ])'
)
FLAKE = "{ outputs = _: { lib = { }; packages.x86_64-linux = { }; overlays.a = _: _: { }; overlays.b = _: _: { }; }; }"
#: Command line, in a folder with `nix`, `yaml` and `flake` -> what the last line of progress says.
COMMANDS = {
    "eval": (["eval", "nix"], "evaluating  [##############################]  3/3"),
    "check": (["check", "golden"], "checking  [##############################]  3/3"),
    "lint-reading": (["lint", "nix"], "reading  [##############################]  3/3"),
    "lint": (["lint", "nix"], "linting  [##############################]  3/3"),
    "render": (["render", "nix"], "evaluating  [##############################]  3/3"),
    "graph": (["graph", "nix"], "evaluating  [##############################]  3/3"),
    "migrate": (["migrate", "nix", "-o", "out"], "converting  [##############################]  3/3"),
    "to-nix": (["to-nix", "yaml"], "converting  [##############################]  3/3"),
    "build": (["build", "farm.nix"], "writing  [##############################]  3/3"),
    "flake-check": (["flake", "check", "./flake"], "checking  [##############################]  3/3"),
}
_ERASE = "\r\x1b[K"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three files of each kind."""
    for name, suffix, text in (("nix", ".nix", ROUTE), ("golden", ".nix", "{0}"), ("yaml", ".yaml", MANIFEST)):
        (tmp_path / name).mkdir()
        for number in range(3):
            (tmp_path / name / f"f{number}{suffix}").write_text(text.format(number), encoding="utf-8")
    for number in range(3):
        (tmp_path / "golden" / f"f{number}.json").write_text(str(number), encoding="utf-8")
    (tmp_path / "farm.nix").write_text(BUILD.format(1), encoding="utf-8")
    (tmp_path / "flake").mkdir()
    (tmp_path / "flake" / "flake.nix").write_text(FLAKE, encoding="utf-8")
    return tmp_path


def on_a_terminal(words: list[str], folder: Path, **environment: str) -> tuple[int, str]:
    """Run a command whose standard error is a terminal; return its status and what it wrote there."""
    terminal, other_end = pty.openpty()
    written = bytearray()

    def read() -> None:
        try:
            while data := os.read(terminal, 65536):
                written.extend(data)
        except OSError:
            return  # Linux reports the end of a terminal as an error

    variables = {name: value for name, value in os.environ.items() if name != "CI"} | {"TERM": "xterm"} | environment
    reader = threading.Thread(target=read)
    reader.start()
    done = run(*words, cwd=folder, stderr=other_end, env=variables)
    os.close(other_end)
    reader.join(10)
    os.close(terminal)
    return done.returncode, written.decode()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_over_several_files_counts_them(name: str, folder: Path) -> None:
    words, line = COMMANDS[name]
    status, written = on_a_terminal(words, folder)
    assert status in (0, 1), written
    assert f"{_ERASE}{line}{_ERASE}" in written


def test_a_message_is_on_a_line_of_its_own(folder: Path) -> None:
    (folder / "nix" / "f1.nix").write_text('builtins.trace "seen" 1', encoding="utf-8")
    _, written = on_a_terminal(["eval", "nix"], folder)
    assert f"{_ERASE}evaluating  [----------" in written
    assert f"{_ERASE}trace: seen\r\n" in written


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, None], ids=["dumb-terminal", "no-terminal"])
def test_there_is_none_elsewhere(variables: dict[str, str] | None, folder: Path) -> None:
    if variables is not None:
        assert on_a_terminal(["eval", "nix"], folder, **variables) == (0, "")
    else:
        done = run("eval", "nix", cwd=folder)
        assert (done.returncode, done.stderr) == (0, b"")


def test_a_single_file_has_none(folder: Path) -> None:
    assert on_a_terminal(["lint", "nix/f0.nix"], folder)[1] == ""
