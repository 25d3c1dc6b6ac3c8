"""A project: its root, what its files may read, and what is said about files outside it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from nixbridge.errors.exceptions import UsageError
from nixbridge.project.project_settings import read_settings
from nixbridge.project.root import project_root
from tests.command import run_text


def nixbridge(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in `folder`, away from the user's cache."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / ".cache"), "NO_COLOR": "1", "CI": ""}
    return run_text(*arguments, cwd=folder, env=environment)


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files; a name that ends in `/` is an empty folder."""
    for name, text in files.items():
        path = folder / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text(text, encoding="utf-8")


#: What is in the folder `top`, and the root of the files in `top/a/b`, relative to `top`.
ROOTS = {
    "settings": ({"a/nixbridge.toml": ""}, "a"),
    "the-nearest-settings": ({"nixbridge.toml": "", "a/nixbridge.toml": ""}, "a"),
    "pyproject-with-our-table": ({"pyproject.toml": "[tool.nixbridge]\n"}, "."),
    "pyproject-with-our-table-inline": ({"pyproject.toml": "[tool]\nnixbridge = {}\n"}, "."),
    "pyproject-with-a-table-in-our-table": ({"pyproject.toml": "[tool.nixbridge.lint]\n"}, "."),
    "pyproject-of-another-tool": ({".git/": "", "a/pyproject.toml": "[project]\ndependencies = ['nixbridge']\n"}, "."),
    "pyproject-that-has-the-plug-in": (
        {".git/": "", "a/pyproject.toml": "[tool.pytest.ini_options]\nnixbridge_golden = 'envs'\n"},
        ".",
    ),
    "git-work-tree": ({".git/": ""}, "."),
    "linked-git-work-tree": ({".git": "gitdir: /elsewhere\n"}, "."),
    "jujutsu": ({".jj/": ""}, "."),
    "mercurial": ({".hg/": ""}, "."),
    "flake": ({"a/flake.nix": "{ }"}, "a"),
    "the-nearest-flake": ({"flake.nix": "{ }", "a/flake.nix": "{ }"}, "a"),
    "flake-in-a-work-tree": ({".git/": "", "a/flake.nix": "{ }"}, "."),
    "flake-and-settings-in-a-work-tree": ({".git/": "", "a/nixbridge.toml": "", "a/b/flake.nix": "{ }"}, "a"),
    "flake-below-settings": ({"nixbridge.toml": "", "a/flake.nix": "{ }"}, "a"),
    "work-tree-in-a-work-tree": ({".git/": "", "a/.git": "gitdir: ../.git/modules/a\n"}, "a"),
}


@pytest.mark.parametrize("name", ROOTS)
def test_a_root_is_found_by_its_marker(name: str, tmp_path: Path) -> None:
    files, root = ROOTS[name]
    write(tmp_path, {"a/b/": "", **files})
    assert project_root(str(tmp_path / "a" / "b")) == os.path.normpath(tmp_path / root)


def test_without_a_marker_the_working_folder_is_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"home/work/a/": "", "elsewhere/": ""})
    inner, work, home = (str(tmp_path / name) for name in ("home/work/a", "home/work", "home"))
    monkeypatch.setenv("HOME", home)
    for working_folder, root in ((work, work), (home, inner), ("/", inner), (str(tmp_path / "elsewhere"), inner)):
        monkeypatch.chdir(working_folder)
        assert project_root(inner) == root


def test_a_link_to_a_folder_of_a_project_leads_to_its_root(tmp_path: Path) -> None:
    write(tmp_path, {"project/.git/": "", "project/envs/": ""})
    (tmp_path / "link").symlink_to(tmp_path / "project" / "envs")
    assert project_root(str(tmp_path / "link")) == str(tmp_path / "project")


def test_markers_in_world_writable_folders_are_ignored(tmp_path: Path) -> None:
    write(tmp_path, {"shared/a/": "", "shared/nixbridge.toml": "", "shared/.git/": ""})
    (tmp_path / "shared").chmod(0o1777)
    assert project_root(str(tmp_path / "shared" / "a")) == str(tmp_path / "shared" / "a")


PROJECT = {
    "repo/.git/": "",
    "repo/lib/common.nix": '{ hosts = [ "web" ]; }',
    "repo/data/x.json": '{"a": 1}',
    "repo/envs/prod.nix": 'mkVirtualService "web" { inherit (import ../lib/common.nix) hosts; timeout = "5s"; }',
    "repo/envs/data.nix": "builtins.fromJSON (builtins.readFile ../data/x.json)",
    "outside/secret.nix": "42",
    "outside/key": "secret",
}


@pytest.mark.parametrize("working_folder", [".", "repo", "repo/envs", "outside"])
@pytest.mark.parametrize("command", ["eval", "render", "lint", "graph"])
def test_a_file_reads_its_project(command: str, working_folder: str, tmp_path: Path) -> None:
    write(tmp_path, PROJECT)
    done = nixbridge(tmp_path / working_folder, command, str(tmp_path / "repo" / "envs" / "prod.nix"))
    assert "refused" not in done.stdout + done.stderr
    assert done.returncode == 0 or command == "lint"
    done = nixbridge(tmp_path / working_folder, command, "--untrusted", str(tmp_path / "repo" / "envs" / "prod.nix"))
    assert "lib/common.nix' is refused" in done.stdout + done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("import ../../outside/secret.nix", "outside"),
        ("builtins.readFile ../../outside/key", "outside/key"),
        ("import ../../outside", "outside"),
        ("builtins.readDir ../../outside", "outside"),
    ],
    ids=["import", "read", "import-of-a-folder", "list"],
)
def test_a_refusal_names_the_option_that_allows_the_file(expression: str, allowed: str, tmp_path: Path) -> None:
    write(tmp_path, PROJECT | {"repo/envs/x.nix": expression, "outside/default.nix": "1"})
    refused = nixbridge(tmp_path, "eval", "repo/envs/x.nix")
    assert refused.returncode == 1
    assert "outside the folders that this evaluation may read" in refused.stderr
    assert f"allow it with --allow {tmp_path / allowed} if" in refused.stderr
    assert nixbridge(tmp_path, "eval", "--allow", str(tmp_path / allowed), "repo/envs/x.nix").returncode == 0


@pytest.mark.parametrize("untrusted", [False, True], ids=["trusted", "untrusted"])
def test_trusted_files_learn_that_an_outside_path_is_missing(untrusted: bool, tmp_path: Path) -> None:
    write(tmp_path, PROJECT | {"repo/x.nix": "import ../outside/none.nix", "repo/y.nix": "builtins.pathExists ../none"})
    more = ["--untrusted"] if untrusted else []
    done = nixbridge(tmp_path, "eval", *more, "repo/x.nix")
    assert ("does not exist" in done.stderr, "is refused" in done.stderr) == (not untrusted, untrusted)
    assert nixbridge(tmp_path, "eval", *more, "repo/y.nix").stdout == ("" if untrusted else "false\n")


IGNORING = {
    ".gitignore": "build/\n*.gen.nix\n",
    "envs/prod.nix": "{ a = 1; }",
    "envs/x.gen.nix": 'throw "generated"',
    "build/out.nix": 'throw "built"',
    "node_modules/x.nix": 'throw "installed"',
    ".hidden/x.nix": 'throw "hidden"',
    "old/x.nix": 'throw "old"',
    "new/x.nix": "{ b = 1; }",
    "nixbridge.toml": 'exclude = ["old"]\n',
}


@pytest.mark.parametrize("arguments", [["."], []], ids=["folder", "project"])
def test_ignored_and_excluded_files_are_skipped(arguments: list[str], tmp_path: Path) -> None:
    write(tmp_path, IGNORING)
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    assert nixbridge(tmp_path, "eval", "--compact", *(arguments or ["."])).stdout.split() == ['{"a":1}', '{"b":1}']
    assert nixbridge(tmp_path, "lint", *arguments).stdout == "2 files checked, no findings\n"
    done = nixbridge(tmp_path, "migrate", *arguments, "-o", "out")
    assert done.returncode == 0
    assert {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.yaml")} == {
        "envs/prod.yaml",
        "new/x.yaml",
    }
    made = nixbridge(tmp_path, "check", "--missing", "--exclude", "new", *arguments)
    assert made.stdout.startswith("made envs/prod.json\n1 written")


def test_an_ignored_folder_can_be_given_explicitly(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "build/\n", "build/a.nix": "1"})
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    assert nixbridge(tmp_path, "eval", "build").stdout == "1\n"


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)


def test_listing_files_starts_no_program_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {"a.nix": "1", "monitor": f"#!/bin/sh\ntouch {tmp_path}/started\n"})
    (tmp_path / "monitor").chmod(0o755)
    git(tmp_path, "init", "-q", ".")
    # a file of which only the index is left, to be fetched from a remote by way of a program
    write(tmp_path, {".gitignore": "x"})
    git(tmp_path, "add", ".gitignore")
    git(tmp_path, "update-index", "--skip-worktree", ".gitignore")
    for path in (tmp_path / ".gitignore", *(tmp_path / ".git" / "objects").glob("*/*")):
        path.unlink()
    for name, setting in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": "ssh://example.invalid/x",
        "core.sshCommand": str(tmp_path / "monitor"),
        "core.fsmonitor": str(tmp_path / "monitor"),
    }.items():
        git(tmp_path, "config", name, setting)
    assert nixbridge(tmp_path, "lint").returncode == 0
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("name", ["nixbridge.toml", "pyproject.toml"])
@pytest.mark.parametrize("kind", ["fifo", "endless"])
def test_settings_are_read_from_regular_files_only(name: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / name
    os.mkfifo(path) if kind == "fifo" else path.symlink_to("/dev/zero")
    root = project_root(str(tmp_path))
    if name == "pyproject.toml":
        # it belongs to other programs as well, and says nothing about nixbridge
        assert read_settings(root).given == {}
    else:
        with pytest.raises(UsageError, match="cannot be read: only regular files are read"):
            read_settings(root)
