"""Completion in real shells, and the manual page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nixbridge.cli.man_page import man_page
from nixbridge.cli.shell_completion import SHELLS, VARIABLE

#: Typed so far -> a word that is offered for its end.
OFFERED = {
    "command": ("nixbridge ev", "eval"),
    "option": ("nixbridge eval --argst", "--argstr"),
    "builder": ("nixbridge builders mkVirt", "mkVirtualService"),
    "rule": ("nixbridge lint --explain NB01", "NB010"),
    "lib-function": ("nixbridge lib optionalAt", "optionalAttrs"),
    "builtin": ("nixbridge builtins conv", "convertHash"),
    "attribute": ("nixbridge eval ports.nix -A web.", "web.http"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file, and `nixbridge` on the PATH."""
    (tmp_path / "ports.nix").write_text("{ web = { http = 80; }; }")
    command = tmp_path / "bin" / "nixbridge"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m nixbridge "$@"\n')
    command.chmod(0o755)
    return tmp_path


def in_shell(folder: Path, *command: str) -> str:
    """The output of a shell, in a folder where `nixbridge` is known."""
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=60, check=False)
    return done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(("typed", "offered"), OFFERED.values(), ids=OFFERED)
def test_bash_completes(typed: str, offered: str, folder: Path) -> None:
    words = typed.split(" ")
    program = (
        'eval "$(nixbridge completion bash)"\n'
        f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}\n"
        '_nixbridge_completion nixbridge; printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    assert offered in in_shell(folder, "bash", "-c", program).split("\n")


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes_builders_with_their_descriptions(folder: Path) -> None:
    # the function of click's script, with the widgets that print what they are given
    program = (
        "compdef() { : }; _describe() { print -l -- ${(P)3} }; compadd() { print -l -- $@ }\n"
        'eval "$(nixbridge completion zsh)"\n'
        "words=(nixbridge builders mkVirt); CURRENT=3; _nixbridge_completion\n"
    )
    assert "mkVirtualService:how requests to a host are routed" in in_shell(folder, "zsh", "-f", "-c", program)


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(("typed", "offered"), OFFERED.values(), ids=OFFERED)
def test_fish_completes(typed: str, offered: str, folder: Path) -> None:
    program = f"nixbridge completion fish | source; complete --do-complete '{typed}'"
    lines = in_shell(folder, "fish", "--no-config", "-c", program).splitlines()
    assert offered in [line.split("\t")[0] for line in lines]


def test_powershell_is_given_lines_of_kind_value_and_help(folder: Path) -> None:
    environment = {
        **os.environ,
        VARIABLE: "powershell_complete",
        "COMP_WORDS": "nixbridge builders mkV",
        "COMP_CWORD": "mkV",
    }
    command = [sys.executable, "-m", "nixbridge"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.stdout == "plain\tmkVirtualService\thow requests to a host are routed\n"
    assert "Register-ArgumentCompleter" in in_shell(
        folder, sys.executable, "-m", "nixbridge", "completion", "powershell"
    )


def test_a_failing_file_completes_nothing_silently(folder: Path) -> None:
    (folder / "broken.nix").write_text("{ a = ; }")
    environment = {
        **os.environ,
        VARIABLE: "bash_complete",
        "COMP_WORDS": "nixbridge eval broken.nix -A x",
        "COMP_CWORD": "4",
    }
    command = [sys.executable, "-m", "nixbridge"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_every_shell_has_a_script(folder: Path) -> None:
    for shell in SHELLS:
        assert "nixbridge" in in_shell(folder, sys.executable, "-m", "nixbridge", "completion", shell)


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_the_manual_page_has_no_warnings(tmp_path: Path) -> None:
    page = tmp_path / "nixbridge.1"
    page.write_text(man_page("2026-11-30"))
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", str(page)], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    shown = subprocess.run(["mandoc", "-Tutf8", str(page)], capture_output=True, text=True, check=True).stdout
    assert "nixbridge" in shown


def test_the_manual_page_has_every_command_and_option() -> None:
    page = man_page("2026-11-30")
    for text in ("nixbridge eval", "nixbridge check", "nixbridge completion", "\\-\\-argstr NAME TEXT", "EXIT STATUS"):
        assert text in page
