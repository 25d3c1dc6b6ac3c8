"""Every command that writes, disturbed: killed, without space, interrupted, short of descriptors, with files that change or vanish.

Each command has written its outputs once; then its input changes, and it runs again with a fault. Whatever happens, each output is the old
or the new one; a run after that makes the new ones, and then nothing else is left.
"""

from __future__ import annotations

import errno
import itertools
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from nixbridge.cli.start import main
from tests.command import load_everything

RULE = 'mkVirtualService "web" { hosts = [ "<N>" ]; namespace = "shop"; }'
FARM = '{ pkgs, ... }: pkgs.linkFarm "x" { a = pkgs.writeText "a" "<N>"; "b/c" = pkgs.writeText "c" "<N>"; }'
FLAKE = '{ description = "d"; inputs.a.url = "path:./a<N>"; outputs = { self, a }: { }; }'
INPUT = "{ outputs = { self }: { }; }"


@dataclass(frozen=True)
class Command:
    """`files` are there at first, with `<N>` replaced by 1 for the old outputs and by 2 for the new ones."""

    arguments: str
    files: dict[str, str]
    status: int = 0


COMMANDS = {
    "eval": Command("eval x.nix -o out.json", {"x.nix": "{ a = <N>; }"}),
    "render": Command("render x.nix -o out", {"x.nix": f'[ (mkServiceEntry "a" {{ hosts = [ "b.c" ]; }}) ({RULE}) ]'}),
    "update": Command("check --update .", {"x.nix": "<N>", "y.nix": "<N>", "x.json": "0", "y.yaml": "0"}),
    "missing": Command("check --missing --update x.nix", {"x.nix": "<N>"}),
    "migrate": Command("migrate x.nix -o out", {"x.nix": "{ a = <N>; }"}),
    "to-nix": Command("to-nix x.yaml -o out.nix", {"x.yaml": "a: <N>\n"}),
    "build-folder": Command("build x.nix -o out", {"x.nix": FARM}),
    "build-file": Command("build x.nix -o out", {"x.nix": '{ pkgs, ... }: pkgs.writeText "a" "<N>"'}),
    "lock": Command("flake lock .", {"flake.nix": FLAKE, "a1/flake.nix": INPUT, "a2/flake.nix": INPUT}),
    "graph": Command("graph x.nix -o out.dot", {"x.nix": RULE}),
    "derivation": Command(
        "derivation show -f x.nix -o out.json", {"x.nix": 'derivation { name = "a<N>"; builder = "b"; system = "c"; }'}
    ),
    "lint": Command("lint --fix x.nix", {"x.nix": 'mkVirtualService "web<N>" { hots = [ "web" ]; }'}, 1),
}  # fmt: skip

#: The functions of `os` that change something; a fault happens at the nth call of any of them.
CHANGING = ("open", "replace", "rename", "mkdir", "rmdir", "unlink", "link", "fsync", "fchmod", "chmod")
NEEDING_SPACE = ("open", "mkdir", "link", "fsync")
#: At how many calls, evenly spread, a command is killed or finds no space.
MOST_STEPS = 3

Contents = dict[str, bytes]


@dataclass
class Result:
    """How a run ended: an exit status, or the negative number of a signal, and what it wrote to the standard error."""

    status: int
    messages: str


class Tree:
    """A folder in which a command runs, each time in a process of its own that has all modules already."""

    def __init__(self, command: Command, top: Path) -> None:
        self.command, self.top = command, top
        self.folder, self.log = top / "tree", top / "log"
        self.folder.mkdir()
        self.put("1")

    def put(self, number: str) -> None:
        """Write the input."""
        for name, text in self.command.files.items():
            path = self.folder / name
            if not path.exists() or "<N>" in text:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text.replace("<N>", number))

    def contents(self) -> Contents:
        """Return every file below the folder by its path."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}

    def start(self, fault: Callable[[], None] = lambda: None) -> int:
        """Start the command in a new process in which `fault` was called; return the process."""
        child = os.fork()
        if not child:
            self._run(fault)
        return child

    def end(self, child: int) -> Result:
        """Wait for a process."""
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return Result(status, self.log.read_text())

    def run(self, fault: Callable[[], None] = lambda: None) -> Result:
        """Run the command to its end."""
        return self.end(self.start(fault))

    def _run(self, fault: Callable[[], None]) -> NoReturn:
        try:
            os.chdir(self.folder)
            os.environ["XDG_CACHE_HOME"] = str(self.top / "cache")
            os.environ.pop("CI", None)
            log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            os.dup2(log, 2)
            os.closerange(3, 1024)
            sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
            sys.argv = ["nixbridge", *self.command.arguments.split()]
            fault()
            main()
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        os._exit(99)


class Case:
    """A command with its old and new contents. `steps`: some of the changes that it makes, by their numbers from 1."""

    def __init__(self, command: Command, top: Path) -> None:
        self.command, self.top = command, top / "top"
        self.top.mkdir()
        tree = Tree(command, self.top)
        done = tree.run()
        assert done.status == command.status, done
        self.old = tree.contents()
        tree.put("2")
        self.snapshot = top / "snapshot"
        shutil.copytree(self.top, self.snapshot, symlinks=True)
        counter = top / "steps"

        def count(*_: object) -> None:
            with open(counter, "a") as file:
                file.write("x")

        assert tree.run(at_each_step(count)).status == command.status
        self.new = tree.contents()
        assert self.old != self.new
        total = len(counter.read_text())
        self.steps = sorted({1 + round(at * (total - 1) / (MOST_STEPS - 1)) for at in range(MOST_STEPS)})

    def tree(self) -> Tree:
        """Return the folder as it was before the command ran again."""
        shutil.rmtree(self.top)
        self.top.mkdir()
        tree = Tree(self.command, self.top)
        shutil.rmtree(self.top)
        shutil.copytree(self.snapshot, self.top, symlinks=True)
        return tree

    def check_whole(self, tree: Tree, *, leftovers: bool = False) -> None:
        """Check that each file is the old or the new one. `leftovers`: what is not finished may lie there as well."""
        contents = tree.contents()
        given = {name: text.replace("<N>", "2").encode() for name, text in self.command.files.items()}
        for path, data in contents.items():
            if not (leftovers and ".nixbridge" in path):
                assert data in (self.old.get(path), self.new.get(path), given.get(path)), path
        assert self.old.keys() & self.new.keys() <= contents.keys(), "a file is gone"

    def check_repaired(self, tree: Tree) -> None:
        """Check that a run without a fault makes the new outputs, and clears away what a run that was killed has left."""
        for path in self.top.rglob("*.nixbridge"):
            os.utime(path, (0, 0))  # what is new is left alone: somebody might be writing it
        done = tree.run()
        assert done.status in (0, self.command.status), done
        assert tree.contents() == self.new
        assert not list(tree.folder.rglob("*.nixbridge")), "it is still there"


def at_each_step(hear: Callable[[int, str], None]) -> Callable[[], None]:
    """Return what has `hear` called with the number of each change, counted from 1, and its name, just before the command makes it."""

    def prepare() -> None:
        steps = itertools.count(1)

        def heard(real: Callable[..., Any], name: str) -> Callable[..., Any]:
            def call(*arguments: Any, **keywords: Any) -> Any:
                if name != "open" or arguments[1] & os.O_CREAT:
                    hear(next(steps), name)
                return real(*arguments, **keywords)

            return call

        for name in CHANGING:
            setattr(os, name, heard(getattr(os, name), name))

    return prepare


def at_step(number: int, fault: Callable[[], None]) -> Callable[[], None]:
    """Return what has `fault` called just before the nth change."""
    return at_each_step(lambda step, _: fault() if step == number else None)


def no_space_from(number: int) -> Callable[[], None]:
    """Return what has the nth change fail, and all later ones that need space: what was begun can still be taken back."""

    def fail(step: int, name: str) -> None:
        if (step == number and name not in ("unlink", "rmdir")) or (step > number and name in NEEDING_SPACE):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")

    return at_each_step(fail)


def send(number: signal.Signals) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


@pytest.fixture(scope="module", autouse=True)
def everything_loaded() -> None:
    """Load all modules of the commands, so that each process has them and none needs to."""
    load_everything()


@pytest.fixture(scope="module", params=COMMANDS)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(COMMANDS[request.param], tmp_path_factory.mktemp(request.param))


def test_killed_at_any_change_it_leaves_whole_files_and_the_next_run_clears_up(case: Case) -> None:
    for step in case.steps:
        tree = case.tree()
        assert tree.run(at_step(step, send(signal.SIGKILL))).status == -signal.SIGKILL
        case.check_whole(tree, leftovers=True)
        case.check_repaired(tree)


def test_terminated_it_clears_up_itself(case: Case) -> None:
    tree = case.tree()
    assert tree.run(at_step(case.steps[1], send(signal.SIGTERM))).status == -signal.SIGTERM
    case.check_whole(tree)


def test_without_space_it_is_an_error_and_whole_files_stay(case: Case) -> None:
    for step in case.steps:
        tree = case.tree()
        done = tree.run(no_space_from(step))
        assert done.status in (0, 1) and "Traceback" not in done.messages and "internal" not in done.messages, done
        case.check_whole(tree)


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
    os.dup2(1, 2)  # the log would be too large as well


def few_descriptors() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def interrupted_calls() -> None:
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)


def clock_set_back() -> None:
    times = itertools.count(1_000_000_000, -3600)
    time.time = lambda: float(next(times))
    time.time_ns = lambda: next(times) * 10**9


@pytest.mark.parametrize("fault", [few_descriptors, interrupted_calls, clock_set_back], ids=lambda one: one.__name__)
def test_it_writes_all_the_same_with(fault: Callable[[], None], case: Case) -> None:
    tree = case.tree()
    done = tree.run(fault)
    assert done.status == case.command.status, done
    assert tree.contents() == case.new


def test_files_that_may_not_be_large_enough_are_not_written(case: Case) -> None:
    tree = case.tree()
    assert tree.run(small_files).status in (1, case.command.status)
    case.check_whole(tree)
    case.check_repaired(tree)


def test_input_that_vanishes_meanwhile_is_an_error_or_too_late(case: Case) -> None:
    tree = case.tree()
    name = next(iter(case.command.files))
    done = tree.run(at_step(case.steps[0], (tree.folder / name).unlink))
    assert done.status in (0, 1, 2) and "Traceback" not in done.messages and "internal" not in done.messages, done


def test_a_folder_that_vanishes_meanwhile_is_an_error(case: Case) -> None:
    tree = case.tree()
    done = tree.run(at_step(case.steps[0], lambda: shutil.rmtree(tree.folder)))
    assert done.status in (0, 1) and "Traceback" not in done.messages and "internal" not in done.messages, done


def test_two_writers_do_not_mix(case: Case) -> None:
    tree = case.tree()
    done = [tree.end(child) for child in (tree.start(), tree.start())]
    assert all(
        one.status in (0, 1) and "Traceback" not in one.messages and "internal" not in one.messages for one in done
    ), done
    assert tree.contents() == case.new
