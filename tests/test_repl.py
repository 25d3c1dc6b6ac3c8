"""The prompt: scripts through a pipe, and a person at a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nixbridge.repl.console import Console
from nixbridge.repl.session import Session, assignment, is_incomplete
from nixbridge.tools.evaluation_options import Options
from tests.command import run_text

COMMAND = [sys.executable, "-m", "nixbridge", "repl"]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        pytest.param("1 + 1", "2", id="expression"),
        pytest.param("x = 5\nx * 2", "10", id="variable"),
        pytest.param("x = 1\nx = x + 1\nx", "2", id="variable-bound-again-sees-the-old-one"),
        pytest.param(
            "{ a = 1; b = { c = 2; }; }", "{\n  a = 1;\n  b = { ... };\n}", id="nested-values-are-not-printed"
        ),
        pytest.param(":p { b = { c = 2; }; }", "{\n  b = { c = 2; };\n}", id="print-shows-nested-values"),
        pytest.param('{ a = throw "no"; b = 1; }', "{\n  a = «error: no»;\n  b = 1;\n}", id="one-error-hides-nothing"),
        pytest.param(":p let a = { inherit a; }; in a", "{ a = «repeated»; }", id="a-value-that-contains-itself"),
        pytest.param(":t { }", "a set", id="type"),
        pytest.param("{\n  a = 1;\n}", "{ a = 1; }", id="several-lines"),
        pytest.param(":a { y = 3; }\ny", "Added 1 variable.\n3", id="add"),
        pytest.param(":doc map", "builtins.map function items", id="documentation-of-a-builtin"),
        pytest.param(":doc lib.optional", "lib.optional, lib.lists.optional", id="documentation-of-a-lib-function"),
        pytest.param('mkVirtualService "web" { }', "{\n  exportTo = [ ];", id="builder"),
        pytest.param(':render mkPeerAuthentication "web" { }', "kind: PeerAuthentication", id="render"),
        pytest.param(":?", ":render EXPR", id="help"),
    ],
)
def test_a_script_prints(typed: str, printed: str, tmp_path: Path) -> None:
    done = run_text("repl", input=typed + "\n", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    assert printed in done.stdout


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        pytest.param("let port = 1; in prot", "did you mean 'port'?", id="undefined-name"),
        pytest.param(":prnt 1", "unknown command ':prnt'", id="unknown-command"),
        pytest.param(":l missing.nix", "'missing.nix' does not exist", id="missing-file"),
        pytest.param(":a 1", "expected a set but found an integer", id="add-of-another-value"),
        pytest.param("1 +\n\n:q", "unexpected", id="expression-that-never-ends"),
    ],
)
def test_an_error_is_reported_and_the_session_goes_on(typed: str, message: str, tmp_path: Path) -> None:
    done = run_text("repl", input=f"{typed}\n7 * 6\n", cwd=tmp_path)
    assert message in done.stderr and "Traceback" not in done.stderr
    if ":q" not in typed:
        assert done.stdout.endswith("42\n")


def test_files_are_loaded_linted_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "mesh.nix"
    file.write_text('{ port = 80; web = mkVirtualService "web" { namespce = "x"; }; }')
    session = Session(Options())
    console = Console(session, colour=False)
    assert console.result(f":l {file}") == "Added 2 variables."
    assert console.result("port") == "80"
    assert "NB001" in console.result(":lint")
    file.write_text("{ port = 81; }")
    assert console.result("port") == "80"
    assert console.result(":r") == "Reloaded 1 file."
    assert console.result("port") == "81"


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        pytest.param("mkVirt", ["mkVirtualService"], id="builder"),
        pytest.param("1 + por", ["ports"], id="variable"),
        pytest.param("ports.w", ["ports.web"], id="attribute"),
        pytest.param("lib.strings.toUpp", ["lib.strings.toUpper"], id="function-of-lib"),
        pytest.param(":ren", [":render"], id="command"),
        pytest.param("failing.", [], id="a-value-that-fails"),
    ],
)
def test_completion_at_the_prompt(line: str, offered: list[str]) -> None:
    session = Session(Options())
    session.bind("ports", "{ web = 80; api = 81; }")
    session.bind("failing", 'throw "no"')
    assert Console(session, colour=False).completions(line) == offered


def test_assignments_and_incomplete_lines_are_recognized() -> None:
    assert assignment("x = 1 + 1") == ("x", " 1 + 1")
    assert assignment("x == 1") is None
    assert assignment('"x') is None
    assert (
        is_incomplete("{ a = 1;") and is_incomplete("x = [ 1") and not is_incomplete("{ }") and not is_incomplete("1 ]")
    )


class Terminal:
    """A person's terminal: keys in, the screen's text out."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process, self.master = self._start(environment)
        self.screen = ""

    @staticmethod
    def _start(environment: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            COMMAND,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, **environment},
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        return process, master

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def see(self, text: str, seconds: float = 30) -> None:
        """Wait until a text is on the screen, colours and cursor movements left out."""
        deadline = time.monotonic() + seconds
        while text not in self.screen:
            assert time.monotonic() < deadline, f"{text!r} was not seen in {self.screen!r}"
            ready, _, _ = select.select([self.master], [], [], 0.1)
            if ready:
                self.screen += re.sub(
                    r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(self.master, 65536).decode("utf-8", "replace")
                )
        self.screen = self.screen[self.screen.index(text) + len(text) :]


def _take_terminal() -> None:
    """Make standard input the controlling terminal, so that Ctrl-C is a signal."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture(params=["prompt-toolkit", "readline"])
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal with the prompt in it, with either way of editing lines."""
    environment = {"XDG_STATE_HOME": str(tmp_path), "TERM": "xterm", "NO_COLOR": "1"}
    if request.param == "readline":
        (tmp_path / "prompt_toolkit.py").write_text("raise ModuleNotFoundError(name='prompt_toolkit')\n")
        environment["PYTHONPATH"] = str(tmp_path)
    terminal = Terminal(environment)
    yield terminal
    terminal.process.kill()
    terminal.process.wait()
    os.close(terminal.master)


def test_an_interactive_session(terminal: Terminal, tmp_path: Path) -> None:
    terminal.see("nixbridge>")
    terminal.type("x = { web = 80; }\r")
    terminal.see("nixbridge>")
    terminal.type("x.w\t")
    terminal.see("x.web")
    terminal.type("\r")
    terminal.see("80")
    terminal.see("nixbridge>")
    terminal.type(
        "builtins.trace (''be'' + ''gun'') (builtins.foldl' (a: b: a + b) 0 (builtins.genList (n: n) 100000000))\r"
    )
    terminal.see("trace: begun")
    terminal.type("\x03")
    terminal.see("interrupted")
    terminal.see("nixbridge>")
    terminal.type("x.web + 1\r")
    terminal.see("81")
    terminal.see("nixbridge>")
    terminal.type("\x04")
    assert terminal.process.wait(timeout=30) == 0
    assert "x.web + 1" in (tmp_path / "nixbridge" / "repl-history").read_text()
