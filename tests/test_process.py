"""The command as a process: what it leaves behind when it cannot write, when it is interrupted, when a link stands in its way."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nixbridge.cli import supervisor
from tests.command import run

COMMAND = [sys.executable, "-m", "nixbridge"]
#: As on a developer's machine: where CI is set, check writes less.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "CI"}
LARGE = "builtins.genList (x: x) 100000"
ENDLESS = "let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 60"


def nixbridge(folder: Path, *arguments: str, **keywords: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command in `folder` to completion."""
    return run(*arguments, cwd=folder, env=ENVIRONMENT, **keywords)


def started(folder: Path, *arguments: str, prepare: Callable[[], None]) -> subprocess.CompletedProcess[bytes]:
    """Run the command to completion, started in `folder` as a shell would after `prepare`."""
    return subprocess.run(
        [*COMMAND, *arguments], cwd=folder, capture_output=True, timeout=60, check=False, preexec_fn=prepare
    )


def test_a_file_that_cannot_be_completed_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("before")
    done = nixbridge(tmp_path, "eval", "-E", LARGE, "-o", "out.json", limits=[(resource.RLIMIT_FSIZE, 1000)])
    assert (done.returncode, done.stderr) == (1, b"error: file too large 'out.json'\n")
    assert (tmp_path / "out.json").read_text() == "before"
    assert os.listdir(tmp_path) == ["out.json"]


@pytest.mark.parametrize("arguments", [("eval", "-E", LARGE), ("builtins",), ("--help",)])
def test_a_full_disk_is_an_error(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = nixbridge(tmp_path, *arguments, stdout=full.fileno())
    assert (done.returncode, done.stderr) == (1, b"error: no space left on device\n")


@pytest.mark.parametrize("arguments", [("eval", "-E", LARGE), ("builtins",), ("schema",)])
def test_a_closed_pipe_is_no_error(arguments: tuple[str, ...], tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = nixbridge(tmp_path, *arguments, stdout=closed.fileno())
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("arguments", [("eval", "-E", "1"), ("builtins",), ("--help",)])
def test_a_closed_output_is_an_error(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = started(tmp_path, *arguments, prepare=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (1, b"error: bad file descriptor\n")


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    def close_all() -> None:
        for number in (0, 1, 2):
            os.close(number)

    done = started(tmp_path, "eval", "-E", 'builtins.trace "message" 1', "-o", "out.json", prepare=close_all)
    assert done.returncode == 1
    done = started(tmp_path, "eval", "-E", "1", "-o", "out.json", prepare=close_all)
    assert (done.returncode, (tmp_path / "out.json").read_text()) == (0, "1\n")


@pytest.mark.parametrize(
    "expression",
    [
        ENDLESS,
        'builtins.match "(a|aa)*b.*.*" (builtins.concatStringsSep "" (builtins.genList (x: "a") 5000000))',
        "builtins.sort (a: b: a > b) (builtins.genList (x: x) 5000000)",
        "builtins.genericClosure { startSet = [ { key = 0; } ]; operator = n: [ { key = n.key + 1; } ]; }",
    ],
    ids=["calls", "match", "sort", "genericClosure"],
)
def test_ctrl_c_ends_a_run_at_once_and_silently(expression: str, tmp_path: Path) -> None:
    command = [*COMMAND, "eval", "-E", expression, "-o", "out.json"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    output, messages = process.communicate(timeout=20)  # a second, on a machine that has nothing else to do
    assert (process.returncode, output, messages) == (130, b"", b"")
    assert os.listdir(tmp_path) == []


def test_the_time_limit_covers_all_files(tmp_path: Path) -> None:
    files = [f"{number}.nix" for number in range(100)]
    for name in files:
        (tmp_path / name).write_text(ENDLESS)
    start = time.monotonic()
    done = nixbridge(tmp_path, "lint", "--timeout", "1", *files)
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.count(b"the time limit of 1 s was reached (--timeout)") == 1
    assert b"files that were not looked at for it: 99" in done.stdout
    assert time.monotonic() - start < 20, "each file takes its time"


def test_ctrl_c_ends_the_processes_of_a_check(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.nix").write_text(ENDLESS)
        (tmp_path / f"{number}.json").write_text("1")
    command = [*COMMAND, "check", "-j", "2"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20) == (b"", b"")  # its children have the same output: they are gone
    assert process.returncode == 130


@pytest.mark.parametrize("command", [("render",), ("graph",), ("lint",), ("lint", "--format", "github")], ids=" ".join)
def test_a_message_about_a_large_value_is_not_large(command: tuple[str, ...], tmp_path: Path) -> None:
    double = 'let d = s: n: if n == 0 then s else d (s + s) (n - 1); name = d "é" 20; in'
    (tmp_path / "x.nix").write_text(f"{double} mkVirtualService name {{ labels.a = name; hosts = [ name ]; }}")
    done = nixbridge(tmp_path, *command, "x.nix")
    assert done.returncode == 1
    assert len(done.stdout) < 64 * 1024 and len(done.stderr) < 200 * 1024


def golden_file(folder: Path) -> None:
    (folder / "x.json").symlink_to(folder.parent.parent / "outside" / "secret")


def golden_file_inside(folder: Path) -> None:
    (folder / "kept").write_text("2")
    (folder / "x.json").symlink_to("kept")


def source(folder: Path) -> None:
    (folder / "x.json").write_text("2")
    (folder / "x.nix").unlink()
    (folder / "x.nix").symlink_to(folder.parent.parent / "outside" / "secret")


def markdown(folder: Path) -> None:
    (folder / "x.json").write_text("1")
    (folder / "x.md").symlink_to(folder.parent.parent / "outside" / "secret")


def fifo(folder: Path) -> None:
    os.mkfifo(folder / "x.json")


@pytest.mark.parametrize(
    "link", [golden_file, golden_file_inside, source, markdown, fifo], ids=lambda link: link.__name__
)
def test_check_neither_shows_nor_writes_the_target_of_a_link(link: Callable[[Path], None], tmp_path: Path) -> None:
    folder, secret = tmp_path / "project" / "configs", tmp_path / "outside" / "secret"
    for made in (folder, secret.parent):
        made.mkdir(parents=True)
    secret.write_text('"secret"')
    (folder / "x.nix").write_text("1")
    link(folder)
    before = {path.name: path.lstat().st_mode for path in folder.iterdir()}
    for more in ((), ("--diff",), ("--update",), ("--missing",)):
        done = nixbridge(folder.parent, "check", *more, "configs")
        assert done.returncode == 1
        assert b"secret" not in done.stdout + done.stderr
    assert secret.read_text() == '"secret"'
    assert {path.name: path.lstat().st_mode for path in folder.iterdir()} == before
    if (folder / "kept").exists():
        assert (folder / "kept").read_text() == "2"


def test_golden_files_are_not_made_through_a_linked_folder(tmp_path: Path) -> None:
    for made in ("configs/sub", "golden", "outside"):
        (tmp_path / made).mkdir(parents=True)
    (tmp_path / "configs" / "sub" / "x.nix").write_text("1")
    (tmp_path / "golden" / "sub").symlink_to(tmp_path / "outside")
    done = nixbridge(tmp_path, "check", "--golden", "golden", "--missing", "configs")
    assert done.returncode == 1
    assert os.listdir(tmp_path / "outside") == []


@pytest.mark.parametrize("command", ["eval", "render", "lint", "graph"])
@pytest.mark.parametrize("suffix", [".nix", ".yaml"])
def test_an_untrusted_file_that_is_a_link_out_of_its_folder_is_refused(
    command: str, suffix: str, tmp_path: Path
) -> None:
    for made in ("configs", "outside"):
        (tmp_path / made).mkdir()
    (tmp_path / "outside" / "secret").write_text("a: secret: [")
    link = tmp_path / "configs" / f"x{suffix}"
    link.symlink_to(tmp_path / "outside" / "secret")
    done = nixbridge(tmp_path, command, "--untrusted", str(link))
    assert done.returncode == 1
    assert b"leads out of its folder" in done.stdout + done.stderr
    assert b"secret" not in done.stdout + done.stderr


#: Work that no signal and no exception ends, as C code does that never comes back to the interpreter.
DEAF = """
import signal, sys, time
from nixbridge.cli import evaluate, limits
from nixbridge.cli.start import main

limits.PATIENCE = 0.5

def deaf(*_, **__):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM})
    time.sleep(60)

evaluate.evaluate_one = deaf
sys.argv[1:] = ["eval", "-E", "1", "--timeout", "0.5"]
main()
"""


def test_a_run_that_ignores_signals_ends_at_its_time_limit(tmp_path: Path) -> None:
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", DEAF], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, b"error: the time limit of 0.5 s was reached (--timeout)\n")
    assert time.monotonic() - start < 20


def test_limits_work_if_the_parent_blocks_the_timer_signal(tmp_path: Path) -> None:
    def block() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})

    done = started(tmp_path, "eval", "--timeout", "0.5", "-E", ENDLESS, prepare=block)
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: the time limit of 0.5 s was reached (--timeout)\n       at ")


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL], ids=lambda one: one.name
)
def test_the_supervisor_forwards_signals(number: signal.Signals, tmp_path: Path) -> None:
    command = [*COMMAND, "eval", "--timeout", "50", "-E", ENDLESS]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    process.send_signal(number)
    # the output has no other writer left: the process that worked is gone as well
    assert process.communicate(timeout=20) == (b"", b"")
    assert process.returncode == (130 if number == signal.SIGINT else -number)


def end_of(work: Callable[[supervisor.Supervisor], None], capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run something under a supervisor of 0.1 s; return how that ends, and what it reports."""
    child = os.fork()
    if not child:
        try:
            work(supervisor.start("late\n", 0.1))
        finally:
            os._exit(7)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), capfd.readouterr().err


def test_the_supervisor_ends_work_only_while_its_clock_runs(capfd: pytest.CaptureFixture[str]) -> None:
    def begun(clock: supervisor.Supervisor) -> None:
        clock.begin()
        time.sleep(20)

    def begun_and_ended(clock: supervisor.Supervisor) -> None:
        clock.begin()
        clock.end()
        time.sleep(0.5)

    assert end_of(begun, capfd) == (1, "late\n")
    assert end_of(begun_and_ended, capfd) == (7, "")


def test_the_supervisor_reports_a_crash(capfd: pytest.CaptureFixture[str]) -> None:
    def crash(_: supervisor.Supervisor) -> None:
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)  # pytest's handler prints where all threads are
        os.kill(os.getpid(), signal.SIGSEGV)

    status, message = end_of(crash, capfd)
    assert (status, message[:52]) == (1, "error: the evaluation made Python end (SIGSEGV); ple")


#: A command that stands still while its file is being written.
WRITING = """
import os, sys, time
from nixbridge.cli.start import main

os.fsync = lambda _: (print("writing", flush=True), time.sleep(60))
sys.argv[1:] = {arguments}
main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda one: one.name)
@pytest.mark.parametrize(
    "arguments",
    [["eval", "x.nix", "-o", "out.json"], ["check", "--update", "."], ["migrate", "x.nix", "-o", "out"]],
    ids=lambda arguments: arguments[0],
)
def test_signals_leave_no_incomplete_files(arguments: list[str], number: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "x.nix").write_text("1")
    (tmp_path / "x.json").write_text("2")
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    program = WRITING.format(arguments=arguments)
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    assert process.stdout is not None and process.stdout.readline() == b"writing\n"
    process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert sorted(os.listdir(tmp_path)) == ["x.json", "x.nix"] and (tmp_path / "x.json").read_text() == "2"


def test_a_nonterminating_file_does_not_affect_other_files(tmp_path: Path) -> None:
    program = DEAF.replace("import evaluate,", "import check,").replace(
        'evaluate.evaluate_one = deaf\nsys.argv[1:] = ["eval", "-E", "1", "--timeout", "0.5"]',
        "from nixbridge.tools.golden import check_run\n"
        "plain = check_run.check\n"
        "check_run.check = lambda case, *rest: deaf() if 'bad' in case.source else plain(case, *rest)\n"
        'sys.argv[1:] = ["check", "--timeout", "0.5", "."]',
    )
    for name in ("a", "bad", "c"):
        (tmp_path / f"{name}.nix").write_text("1")
        (tmp_path / f"{name}.json").write_text("1")
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1 and done.stderr == b""
    assert b"or more than the 0.5 s of --timeout" in done.stdout and b"1 error, 2 passed" in done.stdout, done.stdout


def test_system_memory_limits_are_named_in_the_error(tmp_path: Path) -> None:
    text = 'builtins.foldl\' (a: b: a + b) "" (builtins.genList (x: "a${toString x}") 5000000)'
    done = nixbridge(tmp_path, "eval", "-E", text, limits=[(resource.RLIMIT_AS, 300 * 1024**2)])
    assert done.returncode == 1 and b"the memory limit of 300 MiB was reached, which the system sets" in done.stderr


@pytest.mark.parametrize(
    "command", [("render", "-o", "out"), ("graph",), ("eval", "-o", "x.json")], ids=lambda one: one[0]
)
def test_the_output_limit_applies_to_files(command: tuple[str, ...], tmp_path: Path) -> None:
    text = 'builtins.concatStringsSep "" (builtins.genList (x: "0123456789") 200000)'
    (tmp_path / "x.nix").write_text(
        f'{{ apiVersion = "v1"; kind = "ConfigMap"; metadata.name = "a"; data.a = {text}; }}'
    )
    done = nixbridge(tmp_path, *command, "x.nix", "--max-output", "1")
    if command[0] == "graph":
        assert done.returncode == 0  # a picture does not show it
    else:
        assert done.returncode == 1 and b"more than the limit of 1 MiB (--max-output)" in done.stderr
        assert os.listdir(tmp_path) == ["x.nix"]


def test_the_output_limit_applies_to_golden_files_and_reports(tmp_path: Path) -> None:
    text = 'builtins.concatStringsSep "" (builtins.genList (x: "0123456789") 200000)'
    (tmp_path / "x.nix").write_text(text)
    done = nixbridge(tmp_path, "check", "--missing", "--max-output", "1", ".")
    assert done.returncode == 1 and b"not written: the output has" in done.stdout
    (tmp_path / "x.json").write_text('"' + "x" * 2_000_000 + '"')
    reports = ("--report", "html=r.html", "--report", "json=r.json", "--diff")
    done = nixbridge(tmp_path, "check", *reports, "--max-output", "1", ".")
    assert done.returncode == 1 and sorted(os.listdir(tmp_path)) == ["x.json", "x.nix"]
    assert b"not shown: the output has" in done.stdout and len(done.stdout) < 2000


def test_the_output_limit_applies_to_what_is_built_and_to_all_that_is_printed(tmp_path: Path) -> None:
    text = 'builtins.concatStringsSep "" (builtins.genList (x: "0123456789") 60000)'
    (tmp_path / "x.nix").write_text(f'{{ pkgs, ... }}: pkgs.writeText "x" ({text} + {text})')
    done = nixbridge(tmp_path, "build", "x.nix", "--max-output", "1")
    assert done.returncode == 1 and b"the output has 1200000 bytes, more than the limit" in done.stderr
    done = nixbridge(tmp_path, "eval", "-E", text, "-E", text, "--max-output", "1")
    assert done.returncode == 1 and b"the output has 1200006 bytes, more than the limit" in done.stderr


@pytest.mark.parametrize(
    "command", [("eval",), ("check",), ("lint",), ("migrate", "-o", "out")], ids=lambda command: command[0]
)
def test_messages_contain_no_github_workflow_commands(command: tuple[str, ...], tmp_path: Path) -> None:
    """A line of an error's report is indented, which does not stop the runner of GitHub."""
    text = 'builtins.trace "a\\n::error::b\\n  ::set-output::c ##[group]d" (throw "e\\n::debug::f") # ##[error]g'
    (tmp_path / "x.nix").write_text(text)
    (tmp_path / "x.json").write_text("1")
    done = nixbridge(tmp_path, *command, "x.nix")
    lines = (done.stdout + done.stderr).decode().split("\n")
    assert not [line for line in lines if line.lstrip().startswith("::") or "##[" in line]
    assert any("e" in line and "::debug::f" in line for line in lines)
