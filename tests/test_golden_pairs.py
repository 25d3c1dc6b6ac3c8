"""Pairs of sources and golden files, and the reports about sources that have none, or too many."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.golden.check_run import check_list
from nixbridge.tools.golden.pairs import Finder
from tests.golden_folder import Folder, Link

#: What is in the folder -> the exit status and what `nixbridge check` says.
TREES: dict[str, tuple[dict[str, str], int, str]] = {
    "by their suffixes": (
        {
            "a.nix": "{ a = 1; }",
            "a.json": '{"a": 1}',
            "b/b.nix": "[ 1.0 ]",
            "b/b.yml": "- 1.0",
            "c.nix": '{ a = "x"; }',
            "c.nix-value": '{ a = "x"; }',
            "d.nix": "null",
            "d.xml": "<?xml version='1.0' encoding='utf-8'?>\n<expr>\n  <null />\n</expr>\n",
            "e.nix": 'throw "no such host"',
            "e.error": "no such host",
        },
        0,
        "5 passed",
    ),
    "a value in two formats": (
        {"a.nix": "1", "a.json": "1", "a.yaml": "2"},
        1,
        "DIFFERENT  a.nix\n  (the whole value): golden 2, now 1\n1 different, 1 passed",
    ),
    "two golden files of one format": (
        {"a.nix": "1", "a.yaml": "1", "a.yml": "1", "b.nix": "2", "b.json": "2"},
        1,
        "ERROR  a.nix\n  it has more than one golden file: a.yaml, a.yml\n1 error, 1 passed",
    ),
    "a value and an error": (
        {"a.nix": "1", "a.json": "1", "a.error": "x"},
        1,
        "ERROR  a.nix\n  it has more than one golden file: a.json, a.error\n1 error, 0 passed",
    ),
    "a source whose neighbour has one": (
        {"a.nix": "1", "a.json": "1", "b.nix": "2", "other/c.nix": "3"},
        1,
        "MISSING  b.nix\n  it has no golden file; --missing creates it\n1 missing, 1 passed",
    ),
    "a source that a comment leaves out": (
        {"a.nix": "1", "a.json": "1", "functions.nix": "# nixbridge: skip\nx: x"},
        0,
        "1 skipped, 1 passed",
    ),
    "golden files without a source": (
        {"a.nix": "1", "a.json": "1", "b.yaml": "2", "other/c.error": "x", "other/package.json": "{}"},
        1,
        "STALE  b.yaml\n  its source b.nix does not exist\nSTALE  other/c.error\n  its source c.nix does not exist\n2 stale, 1 passed",
    ),
    "a golden file that is not valid": (
        {"a.nix": "1", "a.json": '{"a": 1', "b.nix": "1", "b.json": "1"},
        1,
        "ERROR  a.nix\n  the golden file a.json is not valid JSON: expecting ',' delimiter, in line 1, column 8\n1 error, 1 passed",
    ),
    "broken links": (
        {"a.nix": Link("gone.nix"), "b.nix": "1", "b.json": Link("gone.json"), "c.nix": "1", "c.json": "1", "d.md": Link("x")},
        1,
        "ERROR  a.nix\n  it is a symbolic link that leads nowhere\n"
        "ERROR  b.nix\n  the golden file b.json is a symbolic link that leads nowhere\n"
        "ERROR  d.md\n  it is a symbolic link that leads nowhere\n3 errors, 1 passed",
    ),
    "a link to itself": (
        {"a": Link("a"), "c.nix": "1", "c.json": "1"},
        1,
        "ERROR  a\n  it is a symbolic link that leads back to itself\n1 error, 1 passed",
    ),
    "folders in a circle": (
        {"a/up": Link(".."), "b/c": Link("../d"), "d/e": Link("../b"), "d/harmless": Link("../f"), "f/x.nix": "1", "f/x.json": "1"},
        1,
        "ERROR  a/up\n  it is a link to a folder that contains it\nERROR  b/c\n  it is a link to a folder that contains it\n"
        "ERROR  d/e\n  it is a link to a folder that contains it\n3 errors, 1 passed",
    ),
    "a link to a file of the same folder": ({"a.nix": Link("b.nix"), "a.json": "1", "b.nix": "1", "b.json": "1"}, 0, "2 passed"),
    "hidden folders and results": (
        {"a.nix": "1", "a.json": "1", ".git/b.nix": "1", ".git/b.json": "2", "result": Link("/"), "node_modules/c.error": ""},
        0,
        "1 passed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TREES)
def test_a_folder_is_checked(name: str, folder: Folder) -> None:
    texts, status, said = TREES[name]
    folder.write(texts)
    assert folder.check() == (status, said)


#: Arguments -> the exit status and what is said of a tree with src/, its mirror in golden/, and a source without golden file.
MIRROR = {
    "src/a.nix": "1",
    "src/deep/b.nix": "2",
    "src/deep/c.nix": "3",
    "golden/a.json": "1",
    "golden/deep/b.yaml": "2",
    "golden/deep/d.json": "4",
    "golden/gone/e.json": "5",
}
MIRRORED = [
    (
        ["src", "--golden", "golden"],
        1,
        "MISSING  src/deep/c.nix\n  it has no golden file; --missing creates it\n"
        "STALE  golden/deep/d.json\n  its source d.nix does not exist\n"
        "STALE  golden/gone/e.json\n  its source e.nix does not exist\n1 missing, 2 stale, 2 passed",
    ),
    (["src/deep/b.nix", "--golden", "golden"], 0, "1 passed"),
    (["src/deep", "--golden", "golden/deep", "-k", "b.nix"], 0, "1 passed"),
    (["src", "--golden", "none"], 2, "error: no such folder: none\n       help: --golden DIR is where the golden files are"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "status", "said"), MIRRORED)
def test_a_folder_that_mirrors_the_sources(arguments: list[str], status: int, said: str, folder: Folder) -> None:
    folder.write(MIRROR)
    assert folder.check(*arguments) == (status, said)


def test_a_mirror_inside_the_folder_is_not_a_source(folder: Folder) -> None:
    folder.write({"configs/a.nix": "1", "tests/golden/configs/a.json": "1", "tests/golden/configs/b.error": "x"})
    stale = "STALE  tests/golden/configs/b.error\n  its source b.nix does not exist\n1 stale, 1 passed"
    assert folder.check("--golden", "tests/golden") == (1, stale)


def test_files_of_a_project_import_one_another(folder: Folder) -> None:
    folder.write({"common.nix": "# nixbridge: skip\n1", "web/prod.nix": "import ../common.nix", "web/prod.json": "1"})
    assert folder.check() == (0, "1 passed")
    assert folder.check("web") == (0, "1 passed")
    assert folder.check("--untrusted", "web")[1].startswith("ERROR  web/prod.nix\n  access to path")


#: A file that is named -> the exit status and what is said.
NAMED = [
    ("a.nix", 0, "1 passed"),
    ("a.json", 0, "1 passed"),
    ("r.md", 0, "0 passed, 1 block of Markdown not checked (--markdown all evaluates it)"),
    ("b.nix", 1, "MISSING  b.nix\n  it has no golden file; --missing creates it\n1 missing, 0 passed"),
    ("c.yaml", 1, "STALE  c.yaml\n  its source c.nix does not exist\n1 stale, 0 passed"),
    ("d.txt", 1, "ERROR  d.txt\n  it is not a Nix file, a Markdown file or a golden file\n1 error, 0 passed"),
]


@pytest.mark.parametrize(("name", "status", "said"), NAMED)
def test_a_file_is_named(name: str, status: int, said: str, folder: Folder) -> None:
    folder.write({"a.nix": "1", "a.json": "1", "b.nix": "1", "c.yaml": "1", "d.txt": "", "r.md": "```nix\n1\n```\n"})
    assert folder.check(name) == (status, said)


def test_duplicate_arguments_are_checked_once(folder: Folder) -> None:
    folder.write({"a.nix": "1", "a.json": "1"})
    assert folder.check(".", "a.nix", "a.json", str(folder.path)) == (0, "1 passed")


#: Arguments that leave nothing to check -> what is said; the exit status is 2.
_HINT = "\n       help: put X.json or X.yaml next to X.nix; --missing creates them for sources that lack one"
NOTHING = [
    ([], "error: no golden files found in ." + _HINT),
    (["-k", "web", "with"], "error: no case has a name that contains 'web'\n       help: -k TEXT selects cases whose path contains TEXT"),
    (["text"], "error: no golden files found in text" + _HINT),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), NOTHING)
def test_having_nothing_to_check_is_an_error(arguments: list[str], said: str, folder: Folder) -> None:
    folder.write(
        {"with/a.nix": "1", "with/a.json": "1", "text/README.md": "no block\n"} if arguments else {"a.nix": "1"}
    )
    assert folder.check(*arguments) == (2, said)


def test_a_path_that_does_not_exist_is_an_error(folder: Folder) -> None:
    assert folder.check("gone") == (1, "error: no such file or folder: gone")


def test_an_unreadable_source_is_an_error_and_the_others_are_checked() -> None:
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        for stem in ("closed", "open"):
            (top / f"{stem}.nix").write_text("1")
            (top / f"{stem}.json").write_text("1")
        (top / "closed.nix").chmod(0)
        (top / "locked").mkdir(0)
        top.chmod(0o755)
        cases = list(enumerate(Finder().find([name])))
        # everything is loaded before: to root all files are open, so it becomes somebody else
        check_list(cases, Options(cache=False), None)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(65534)
        try:
            found = Finder().find([name])
            results = check_list(list(enumerate(found)), Options(cache=False), None)
        finally:
            if is_root:
                os.seteuid(0)
    told = {
        Path(outcome.file).name: (outcome.status, outcome.message) for _, outcomes, _ in results for outcome in outcomes
    }
    assert told == {
        "closed.nix": ("error", f"cannot read '{top}/closed.nix': Permission denied"),
        "open.nix": ("passed", ""),
        "locked": ("error", "cannot be read: Permission denied"),
    }  # fmt: skip


def test_pipes_are_not_read(folder: Folder) -> None:
    os.mkfifo(folder.path / "a.nix")
    folder.write({"a.json": "1"})
    status, said = folder.check()
    assert status == 1
    assert "only regular files are read" in said


@pytest.mark.parametrize("name", ["a.nix", "a.json"])
def test_a_link_out_of_the_folder_is_not_read(name: str, folder: Folder) -> None:
    secret = folder.path.parent / "secret.json"
    secret.write_text('{"password": 1}')
    folder.write({"a.nix": "{ }", "a.json": "{ }", "b.nix": "1", "b.json": "1"} | {name: "x"})
    (folder.path / name).unlink()
    folder.write({name: Link(secret)})
    status, said = folder.check()
    assert status == 1
    assert "is refused" in said
    assert "password" not in said
