"""Golden files are written when somebody asks for it, whole, and by nothing that failed."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.golden_folder import Folder, Link, start

#: What is in the folder, the arguments -> what is in it afterwards (`None`: as it was) and what is said.
WRITTEN: dict[str, tuple[dict[str, str], list[str], dict[str, str | None], int, str]] = {
    "in the format that the file has": (
        {"a.nix": "{ a = [ 1 ]; }", "a.json": "{}", "a.yaml": "{}", "a.nix-value": "{ }", "a.xml": "<expr><null/></expr>"},
        ["--update"],
        {
            "a.json": '{\n  "a": [\n    1\n  ]\n}\n',
            "a.yaml": "a:\n- 1\n",
            "a.nix-value": "{ a = [ 1 ]; }\n",
        },
        0,
        "wrote a.json\nwrote a.yaml\nwrote a.xml\nwrote a.nix-value\n4 written, 0 passed",
    ),
    "only what has changed": (
        {"a.nix": "1", "a.json": "  1", "b.nix": "1", "b.json": "2"},
        ["--update"],
        {"a.json": None, "b.json": "1\n"},
        0,
        "wrote b.json\n1 written, 1 passed",
    ),
    "the message of what must fail": (
        {"a.nix": 'throw "one\ntwo"', "a.error": "three"},
        ["--update"],
        {"a.error": "one\ntwo\n"},
        0,
        "wrote a.error\n1 written, 0 passed",
    ),
    "a golden file that is not valid": (
        {"a.nix": "1", "a.json": "<<<<<<< HEAD\n1\n"},
        ["--update"],
        {"a.json": "1\n"},
        0,
        "wrote a.json\n1 written, 0 passed",
    ),
    "nothing by what fails": (
        {"a.nix": 'throw "x"', "a.json": "1", "b.nix": "1", "b.error": "x"},
        ["--update"],
        {"a.json": None, "b.error": None},
        1,
        "ERROR  a.nix\n  x\n         at {path}/a.nix:1:1:\n              1 | throw \"x\"\n                | ^^^^^^^^^\n"
        'DIFFERENT  b.nix\n  it should fail with "x", but its value is 1\n1 different, 1 error, 0 passed',
    ),
    "never through a link": (
        {"a.nix": "1", "a.json": Link("real.json"), "real.json": "2", "b.nix": "1", "b.json": "2"},
        ["--update", "-k", ".nix"],
        {"real.json": None, "b.json": "1\n"},
        1,
        "wrote b.json\nERROR  a.nix\n  not written: it is a symbolic link, which is not written through\n1 error, 1 written, 0 passed",
    ),
    "what is missing, and nothing else": (
        {"a.nix": "1", "a.json": "2", "b.nix": "2", "c.nix": 'throw "x"'},
        ["--missing", "-k", "b.nix"],
        {"a.json": None, "b.json": "2\n"},
        0,
        "made b.json\n1 written, 0 passed",
    ),
    "the first golden files of a folder": (
        {"deep/a.nix": "{ a = 1; }", "functions.nix": "# nixbridge: skip\nx: x"},
        ["--missing", "--format", "yaml", "deep"],
        {"deep/a.yaml": "a: 1\n"},
        0,
        "made deep/a.yaml\n1 written, 0 passed",
    ),
    "into the folder that mirrors the sources": (
        {"src/deep/a.nix": "1"},
        ["--missing", "--golden", "tests/golden", "src"],
        {"tests/golden/deep/a.json": "1\n"},
        0,
        "made tests/golden/deep/a.json\n1 written, 0 passed",
    ),
    "no golden file of what fails": (
        {"a.nix": 'throw "no"', "b.nix": "1"},
        ["--missing"],
        {"b.json": "1\n"},
        1,
        "made b.json\nERROR  a.nix\n  no\n         at {path}/a.nix:1:1:\n              1 | throw \"no\"\n                | ^^^^^^^^^^\n"
        "1 error, 1 written, 0 passed",
    ),
    "no golden file of what is part of others": (
        {
            "function.nix": "x: x",
            "library.nix": "{ double = x: 2 * x; }",
            "waits.nix": "{ replicas }: replicas",
            "imported.nix": "1",
            "a.nix": "import ./imported.nix",
        },
        ["--missing"],
        {"a.json": "1\n"},
        0,
        "made a.json\n1 written, 4 skipped, 0 passed",
    ),
    "the blocks of a Markdown file": (
        {"r.md": "```nix\n{ a = 1; }\n```\n```json\n{}\n```\n- list\n\n  ```nix\n  [ 1 ]\n  ```\n  ```yaml\n  - 2\n  ```\n"
                 "<!-- nixbridge: check -->\n```nix\nx\n```\n```nix\n3\n```\n```json\n4\n```\n"},
        ["--update"],
        {"r.md": '```nix\n{ a = 1; }\n```\n```json\n{\n  "a": 1\n}\n```\n- list\n\n  ```nix\n  [ 1 ]\n  ```\n  ```yaml\n  - 1\n  ```\n'
                 "<!-- nixbridge: check -->\n```nix\nx\n```\n```nix\n3\n```\n```json\n3\n```\n"},
        1,
        "wrote r.md\nERROR  r.md:17\n  undefined variable 'x'\n         at {path}/r.md:17:1:\n              17 | x\n                 | ^\n"
        "         put <!-- nixbridge: arg NAME=EXPR --> before it, or <!-- nixbridge: skip --> to skip it\n"
        "1 error, 3 written, 0 passed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_written_golden_files(name: str, folder: Folder) -> None:
    texts, arguments, after, status, said = WRITTEN[name]
    folder.write(texts)
    inodes = {name: os.stat(name).st_ino for name in texts if name in after}
    before = set(folder.names())
    assert folder.check(*arguments) == (status, said.replace("{path}", str(folder.path)))
    for path, text in after.items():
        if text is None:
            assert (folder.read(path), os.stat(path).st_ino) == (texts[path], inodes[path])
        else:
            assert folder.read(path) == text
    assert set(folder.names()) == before | set(after)
    assert folder.check(*[one for one in arguments if one not in ("--update", "--missing")])[0] == status


#: In CI: arguments -> exit status, what is said, and whether the golden file is written.
IN_CI = [
    ([], 1, "DIFFERENT  a.nix\n  (the whole value): golden 2, now 1\nMISSING  b.nix\n  it has no golden file; --missing creates it\n"
            "1 different, 1 missing, 0 passed"),
    (["--missing"], 2, "error: --missing writes nothing where the variable CI is set\n       help: say --update as well if it is meant"),
    (["--update"], 1, "wrote a.json\nMISSING  b.nix\n  it has no golden file; --missing creates it\n1 missing, 1 written, 0 passed"),
    (["--update", "--missing"], 0, "wrote a.json\nmade b.json\n2 written, 0 passed"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "status", "said"), IN_CI)
def test_nothing_is_written_in_ci_by_default(
    arguments: list[str], status: int, said: str, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    folder.write({"a.nix": "1", "a.json": "2", "b.nix": "2"})
    assert folder.check(*arguments) == (status, said)
    assert (folder.read("a.json") == "1\n") is ("--update" in arguments)


def test_write_errors_are_reported_and_the_others_are_written(folder: Folder) -> None:
    folder.write({"a.nix": "1", "b.nix": "1", "golden": "a file where a folder should be", "b.json": "2"})
    said = "ERROR  a.nix\n  not written: File exists\nERROR  b.nix\n  not written: File exists\n2 errors, 0 passed"
    assert folder.check("--missing", "--golden", "golden", "a.nix", "b.nix") == (1, said)
    assert folder.check("--missing", "--update")[1].splitlines()[-1] == "2 written, 0 passed"


def test_a_killed_update_leaves_complete_golden_files(folder: Folder) -> None:
    old, new = '"old"', json.dumps("line " * 20_000) + "\n"
    names = [f"c{number}.json" for number in range(100)]
    folder.write({name.replace(".json", ".nix"): "builtins.readFile ./text" for name in names})
    folder.write({"text": "line " * 20_000})
    in_the_middle = 0
    for delay in (0.0, 0.001, 0.003, 0.01, 0.03):
        folder.write(dict.fromkeys(names, old))
        process = start("--update", "-j", "1")
        limit = time.monotonic() + 20
        while process.poll() is None and folder.read(names[0]) == old and time.monotonic() < limit:
            time.sleep(0.0005)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
        texts = [folder.read(name) for name in names]
        assert set(texts) <= {old, new}
        in_the_middle += len(set(texts)) == 2
    assert in_the_middle > 0, "it was never killed while it wrote"


class Terminal:
    """`nixbridge check ARGUMENTS` under a pseudo-terminal: what it shows, and keys for it."""

    def __init__(self, *arguments: str) -> None:
        self.shown = ""
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.execv(sys.executable, [sys.executable, "-m", "nixbridge", "check", *arguments])

    def wait_for(self, text: str) -> None:
        """Reads until `text` was shown since the last key."""
        limit = time.monotonic() + 20
        while text not in self.shown:
            assert time.monotonic() < limit, f"{text!r} was not shown, but {self.shown!r}"
            if select.select([self.descriptor], [], [], 0.1)[0]:
                self.shown += os.read(self.descriptor, 65536).decode()

    def press(self, key: str) -> None:
        """Presses a key, once keys are waited for: what is pressed before is thrown away."""
        limit = time.monotonic() + 20
        while termios.tcgetattr(self.descriptor)[3] & termios.ICANON:
            assert time.monotonic() < limit, "no key is waited for"
            time.sleep(0.001)
        self.shown = ""
        os.write(self.descriptor, key.encode())

    def end(self) -> tuple[int, str]:
        """The exit status, and what was shown last, without colours."""
        try:
            while data := os.read(self.descriptor, 65536):
                self.shown += data.decode()
        except OSError:  # Linux reports it when the other side is closed
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.descriptor)
        return os.waitstatus_to_exitcode(status), re.sub(r"\x1b\[[0-9;]*m", "", self.shown)


#: Keys -> which of the three golden files are the new ones then, and the last line without the time.
KEYS = [
    ("ara", "ac", "1 different, 2 written, 0 passed"),
    ("sdxA", "bc", "1 different, 2 written, 0 passed"),
    ("aR", "a", "2 different, 1 written, 0 passed"),
    ("S", "", "3 different, 0 passed"),
    ("aq", "a", "2 different, 1 written, 0 passed"),
]


@pytest.mark.parametrize(("keys", "accepted", "said"), KEYS)
def test_review_has_the_keys_of_cargo_insta(keys: str, accepted: str, said: str, folder: Folder) -> None:
    for name in "abc":
        folder.write({f"{name}.nix": "{ x = 1; }", f"{name}.json": '{"x": 2}'})
    terminal = Terminal("--review", "-j", "1")
    for key in keys:
        terminal.wait_for("q quit: ")
        terminal.press(key)
        if key == "d":
            terminal.wait_for('+  "x": 1')
    status, shown = terminal.end()
    assert status == 1
    assert shown.splitlines()[-1].startswith(said + " in ")
    assert [name for name in "abc" if json.loads(folder.read(f"{name}.json")) == {"x": 1}] == list(accepted)


def test_review_refuses_without_a_terminal(folder: Folder) -> None:
    folder.write({"a.nix": "1", "a.json": "2"})
    said = (
        "error: --review asks questions, which needs a terminal\n       help: use --diff to see, --update to accept all"
    )
    assert folder.check("--review") == (2, said)
    assert folder.read("a.json") == "2"


def test_a_file_that_changed_since_it_was_checked_is_not_written(folder: Folder) -> None:
    from nixbridge.tools.evaluation_options import Options
    from nixbridge.tools.golden.check_run import check_list
    from nixbridge.tools.golden.pairs import Finder
    from nixbridge.tools.golden.update import write_goldens

    folder.write({"r.md": "```nix\n1\n```\n```json\n2\n```\n"})
    [(_, [outcome], _)] = check_list(list(enumerate(Finder().find(["r.md"]))), Options(cache=False), None)
    Path("r.md").write_text("```nix\n7\n```\n```json\n8\n```\n")
    write_goldens([outcome])
    assert (outcome.status, outcome.message) == (
        "error",
        "not written: the file has changed since it was checked",
    )
    assert folder.read("r.md") == "```nix\n7\n```\n```json\n8\n```\n"
