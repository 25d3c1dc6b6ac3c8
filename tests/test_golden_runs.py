"""Evaluating cases, or knowing them from before: the cache of what passed, --last-failed, -k, -j, --watch, limits."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from nixbridge.tools.golden import check_run as run
from nixbridge.tools.golden.pairs import Case
from tests.golden_folder import Folder, Link, start

#: A folder in which every case passes; nothing in it may be older than the check, or it is not known what was evaluated.
BEFORE = {
    "a.nix": "{ n ? 1 }: [ (import ./b.nix) n (builtins.pathExists ./c) (builtins.attrNames (builtins.readDir ./d)) ]",
    "a.json": '[2, 1, false, ["x"]]',
    "b.nix": "2",
    "b.json": "2",
    "d/x": "",
    "r.md": "<!-- nixbridge: check -->\n```nix\nimport ./b.nix\n```\n<!-- nixbridge: check -->\n```nix\n1\n```\n"
    "<!-- nixbridge: skip -->\n```nix\n...\n```\n",
}
#: What is done between two checks -> what the second says.
CHANGES: dict[str, tuple[Callable[[Folder], object], list[str], str]] = {
    "nothing": (lambda folder: None, [], "1 skipped, 4 passed (4 unchanged)"),
    "the source is written again": (lambda folder: folder.write({"a.nix": BEFORE["a.nix"]}), [], "1 skipped, 4 passed (4 unchanged)"),
    "the source": (
        lambda folder: folder.write({"a.nix": "[ ]"}),
        [],
        "DIFFERENT  a.nix\n  [0]: missing, golden 2\n  [1]: missing, golden 1\n  [2]: missing, golden false\n"
        '  [3]: missing, golden ["x"]\n1 different, 1 skipped, 3 passed (3 unchanged)',
    ),
    "the golden file": (lambda folder: folder.write({"b.json": "2 "}), [], "1 skipped, 4 passed (3 unchanged)"),
    "an import": (
        lambda folder: folder.write({"b.nix": "1 + 1"}),
        [],
        "1 skipped, 4 passed",
    ),
    "a file that was looked for": (
        lambda folder: folder.write({"c": ""}),
        [],
        "DIFFERENT  a.nix\n  [2]: golden false, now true\n1 different, 1 skipped, 3 passed (3 unchanged)",
    ),
    "a folder that was read": (
        lambda folder: folder.write({"d/y": ""}),
        [],
        'DIFFERENT  a.nix\n  [3][1]: added, now "y"\n1 different, 1 skipped, 3 passed (3 unchanged)',
    ),
    "a file becomes a link": (
        lambda folder: (os.rename("b.nix", "z"), folder.write({"b.nix": Link("z")})),
        [],
        "1 skipped, 4 passed",
    ),
    "an argument": (
        lambda folder: None,
        ["--arg", "n", "3"],
        "DIFFERENT  a.nix\n  [1]: golden 1, now 3\n1 different, 1 skipped, 3 passed",
    ),
    "--no-cache": (lambda folder: None, ["--no-cache"], "1 skipped, 4 passed"),
    "another selection": (lambda folder: None, ["-k", "b.nix"], "1 passed (1 unchanged)"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_unchanged_passed_cases_are_not_evaluated_again(name: str, folder: Folder) -> None:
    change, arguments, said = CHANGES[name]
    folder.write(BEFORE)
    assert folder.check()[1] == "1 skipped, 4 passed"
    change(folder)
    assert folder.check(*arguments)[1] == said


def test_read_variables_and_new_modules_invalidate_results(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "test")
    folder.write({"a.nix": 'builtins.getEnv "STAGE"', "a.json": '"test"'})
    folder.write({"b.nix": "builtins.isFunction (import ./service-mesh.nix { }).mkIstioMesh", "b.json": "true"})
    assert folder.check("--allow-env") == (0, "2 passed")
    monkeypatch.setenv("OTHER", "x")
    assert folder.check("--allow-env") == (0, "2 passed (2 unchanged)")
    monkeypatch.setenv("STAGE", "production")
    folder.write({"service-mesh.nix": "# nixbridge: skip\n{ }: { mkIstioMesh = 1; }"})
    status, said = folder.check("--allow-env")
    assert (status, said.splitlines()[-1]) == (1, "2 different, 1 skipped, 0 passed")


def test_changes_during_a_check_are_not_cached(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write({"a.nix": "1", "a.json": "1"})
    checked = run.check

    def changed_behind(*arguments: object) -> object:
        result = checked(*arguments)  # type: ignore[arg-type]
        time.sleep(0.02)  # times of change are counted in ticks of the system
        folder.write({"a.nix": "2"})
        return result

    monkeypatch.setattr(run, "check", changed_behind)
    assert folder.check() == (0, "1 passed")
    monkeypatch.setattr(run, "check", checked)
    said = "DIFFERENT  a.nix\n  (the whole value): golden 1, now 2\n1 different, 0 passed"
    assert folder.check() == (1, said)


def test_last_failed(folder: Folder) -> None:
    folder.write({"a.nix": "1", "a.json": "2", "b.nix": "1", "b.json": "1", "c.nix": "1"})
    assert folder.check("--last-failed")[1].splitlines()[-1] == "1 different, 1 missing, 1 passed"
    assert folder.check("--last-failed")[1].splitlines()[-1] == "1 different, 1 missing, 0 passed"
    folder.write({"a.json": "1", "c.json": "1"})
    assert folder.check("--last-failed") == (0, "1 passed")
    assert folder.check("--last-failed") == (0, "3 passed (2 unchanged)")


def test_a_pattern_selects_by_path(folder: Folder) -> None:
    folder.write({"web/a.nix": "1", "web/a.json": "1", "api/a.nix": "1", "api/a.json": "2"})
    assert folder.check("-k", "web/") == (0, "1 passed")


def test_several_processes_give_the_same_outcomes(folder: Folder) -> None:
    for number in range(12):
        folder.write({f"c{number:02}.nix": f"{{ n = {number}; }}", f"c{number:02}.json": f'{{"n": {number % 10}}}'})
    alone = folder.check("-j", "1", "--no-cache")
    assert alone[0] == 1
    assert folder.check("-j", "3", "--no-cache") == alone


def test_a_process_that_is_killed_is_an_error_of_its_cases(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write({"a.nix": "1", "a.json": "1", "b.nix": "1", "b.json": "1"})
    checked, this = run.check, os.getpid()

    def killed(case: object, *rest: object) -> object:
        assert os.getpid() != this
        os.kill(os.getpid(), signal.SIGKILL)
        return checked(case, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "check", killed)
    status, said = folder.check("-j", "2")
    assert (status, said.splitlines()[-1]) == (1, "2 errors, 0 passed")
    assert "the process that checked it was killed" in said


def test_the_time_limit_applies_to_each_file(folder: Folder) -> None:
    endless = "builtins.genericClosure { startSet = [ { key = 0; } ]; operator = node: [ { key = node.key + 1; } ]; }"
    folder.write({"a.nix": endless, "a.json": "1", "b.nix": "1", "b.json": "1"})
    said = "ERROR  a.nix\n  the time limit of 0.3 s was reached (--timeout)"
    status, told = folder.check("--timeout", "0.3")
    assert (status, told[: len(said)], told.splitlines()[-1]) == (1, said, "1 error, 1 passed")


#: Under --watch: what is changed, and what is said then.
WATCHED: list[tuple[dict[str, str], str]] = [
    ({}, "1 different, 1 passed"),
    ({"shared/value.nix": "2"}, "2 passed (1 unchanged)"),
    ({"c.nix": "3"}, "1 missing, 2 passed (2 unchanged)"),
    ({"c.json": "3"}, "3 passed (2 unchanged)"),
    ({"b.json": "0"}, "1 different, 2 passed (2 unchanged)"),
    ({"shared/value.nix": "}"}, "1 different, 1 error, 1 passed (1 unchanged)"),
]


@pytest.mark.parametrize("option", ["--cache", "--no-cache"])
def test_watch_checks_affected_files_again(option: str, folder: Folder) -> None:
    folder.write(
        {"a.nix": "import ./shared/value.nix", "a.json": "2", "shared/value.nix": "1", "b.nix": "1", "b.json": "1"}
    )
    process = start("--watch", option)
    assert process.stdout is not None
    try:
        for change, said in WATCHED:
            folder.write(change)
            told = ""
            while "watching " not in told:
                assert select.select([process.stdout], [], [], 20)[0], f"nothing is said after {change}"
                told += os.read(process.stdout.fileno(), 65536).decode()
            lines = told.splitlines()
            assert lines[-2].startswith(said + " in ")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130


def test_an_internal_error_in_one_file_does_not_hide_the_others(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write({"a.nix": "1", "a.json": "1", "b.nix": "2", "b.json": "3"})
    check = run.check

    def broken(case: Case, *more: Any) -> Any:
        if case.source == "a.nix":
            raise KeyError("spec")
        return check(case, *more)

    monkeypatch.setattr(run, "check", broken)
    status, said = folder.check()
    assert status == 1
    assert said.startswith("ERROR  a.nix\n  internal: KeyError: 'spec'\n")
    assert "DIFFERENT  b.nix" in said


def test_a_file_that_becomes_executable_is_checked_again(folder: Folder) -> None:
    folder.write({"a.nix": 'builtins.substring 0 11 "${./b}"', "a.json": '"/nix/store/"', "b": "text"})
    assert folder.check() == (0, "1 passed")
    assert folder.check() == (0, "1 passed (1 unchanged)")
    (folder.path / "b").chmod(0o755)
    assert folder.check() == (0, "1 passed")


@pytest.mark.parametrize("kind", ["files", "blocks"])
def test_check_time_grows_linearly(kind: str, folder: Folder) -> None:
    """Count the Python functions that are called: a quadratic check would call four times as many, or more, for twice the cases."""
    counts = []
    for number in (100, 200):
        if kind == "files":
            folder.write({f"{index}.nix": str(index) for index in range(number)})
            folder.write({f"{index}.json": str(index) for index in range(number)})
        else:
            blocks = (
                f"<!-- nixbridge: arg a={index} -->\n```nix\na\n```\n```json\n{index}\n```\n" for index in range(number)
            )
            folder.write({"r.md": "".join(blocks)})
        counts.append(calls_of(lambda: folder.check("-j", "1", "--no-cache")))
    assert counts[1] < 2.5 * counts[0]


def calls_of(task: Callable[[], object]) -> int:
    """Return how many Python functions a task calls."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        task()
    finally:
        sys.setprofile(before)
    return count
