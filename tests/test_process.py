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

COMMAND = [sys.executable, "-m", "nixbridge"]
LARGE = "builtins.genList (x: x) 100000"
ENDLESS = "let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 60"


def nixbridge(folder: Path, *arguments: str, **keywords: Any) -> subprocess.CompletedProcess[bytes]:
    """Runs the command in `folder` to its end, as on a developer's machine: where CI is set, check writes less."""
    keywords.setdefault("stdout", subprocess.PIPE)
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
        env=environment,
        **keywords,
    )


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


def test_a_file_that_cannot_be_written_whole_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("before")
    done = nixbridge(tmp_path, "eval", "-E", LARGE, "-o", "out.json", preexec_fn=small_files)
    assert (done.returncode, done.stderr) == (1, b"error: file too large 'out.json'\n")
    assert (tmp_path / "out.json").read_text() == "before"
    assert os.listdir(tmp_path) == ["out.json"]


@pytest.mark.parametrize("arguments", [("eval", "-E", LARGE), ("builtins",), ("--help",)])
def test_a_full_disk_is_an_error(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = nixbridge(tmp_path, *arguments, stdout=full)
    assert (done.returncode, done.stderr) == (1, b"error: no space left on device\n")


@pytest.mark.parametrize("arguments", [("eval", "-E", LARGE), ("builtins",), ("schema",)])
def test_a_reader_that_has_seen_enough_hears_nothing(arguments: tuple[str, ...], tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = nixbridge(tmp_path, *arguments, stdout=closed)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("arguments", [("eval", "-E", "1"), ("builtins",), ("--help",)])
def test_a_closed_output_is_an_error(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = nixbridge(tmp_path, *arguments, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (1, b"error: bad file descriptor\n")


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    def close_all() -> None:
        for number in (0, 1, 2):
            os.close(number)

    done = nixbridge(tmp_path, "eval", "-E", 'builtins.trace "message" 1', "-o", "out.json", preexec_fn=close_all)
    assert done.returncode == 1
    done = nixbridge(tmp_path, "eval", "-E", "1", "-o", "out.json", preexec_fn=close_all)
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
def test_ctrl_c_ends_it_at_once_and_without_a_word(expression: str, tmp_path: Path) -> None:
    command = [*COMMAND, "eval", "-E", expression, "-o", "out.json"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    output, messages = process.communicate(timeout=20)  # a second, on a machine that has nothing else to do
    assert (process.returncode, output, messages) == (130, b"", b"")
    assert os.listdir(tmp_path) == []


def test_many_files_have_one_limit_of_time(tmp_path: Path) -> None:
    files = [f"{number}.nix" for number in range(100)]
    for name in files:
        (tmp_path / name).write_text(ENDLESS)
    start = time.monotonic()
    done = nixbridge(tmp_path, "lint", "--timeout", "1", *files)
    assert (done.returncode, done.stderr) == (1, b"error: the time limit of 1 s was reached (--timeout)\n")
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
def test_check_neither_shows_nor_writes_what_a_link_leads_to(link: Callable[[Path], None], tmp_path: Path) -> None:
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
