"""Folders that stand for store paths: what is read there, what is not there, and where links lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nixbridge.errors.exceptions import NixError
from nixbridge.language.evaluation.evaluator import Evaluator
from nixbridge.language.formats.document import to_document
from nixbridge.language.machine.allowed_paths import StoreTree
from nixbridge.language.machine.host import Host
from nixbridge.source import Source

if TYPE_CHECKING:
    from pathlib import Path

STORE = "/nix/store/00000000000000000000000000000000-source"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "project"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "x.nix").write_text("{ here = ./.; text = builtins.readFile ./x.txt; }")
    (source / "sub" / "x.txt").write_text("text\n")
    (source / "untracked").write_text("u\n")
    (source / "link").symlink_to("sub/x.txt")
    (source / "out").symlink_to("../secret")
    (tmp_path / "secret").write_text("secret\n")
    return source


def evaluated(text: str, folder: Path, entries: frozenset[str] | None = None) -> Any:
    host = Host(pure=True)
    host.files.mount(STORE, StoreTree(str(folder), entries, str(folder) if entries is not None else None))
    evaluator = Evaluator(host)
    source = Source(text, f"{STORE}/flake.nix", STORE)
    return evaluator.run(lambda: to_document(evaluator.evaluate(source), host))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("toString ./.", STORE, id="path-is-the-store-path"),
        pytest.param("builtins.readFile ./sub/x.txt", "text\n", id="file-is-read"),
        pytest.param("(import ./sub/x.nix).text", "text\n", id="import-reads-beside-itself"),
        pytest.param("(import ./sub/x.nix).here", f"{STORE}/sub", id="path-is-printed-uncopied"),
        pytest.param("builtins.readFile ./link", "text\n", id="link-inside-is-followed"),
        pytest.param('builtins.readFile "${./.}/sub/x.txt" or "no"', None, id="copy-is-not-mounted"),
        pytest.param("builtins.pathExists ./nothing", False, id="missing"),
        pytest.param("builtins.pathExists ../other", False, id="beside-the-tree"),
        pytest.param("builtins.pathExists /etc", False, id="outside"),
        pytest.param("builtins.readDir ./sub", {"x.nix": "regular", "x.txt": "regular"}, id="folder"),
    ],
)
def test_a_mounted_folder_is_read_by_its_store_path(folder: Path, text: str, value: object) -> None:
    if value is None:
        with pytest.raises(NixError):
            evaluated(text, folder)
    else:
        assert evaluated(text, folder) == value


@pytest.mark.parametrize("text", ["./out", "/etc/hostname", "../secret"])
def test_nothing_outside_the_tree_is_read(folder: Path, text: str) -> None:
    with pytest.raises(NixError, match="forbidden in pure evaluation mode"):
        evaluated(f"builtins.readFile {text}", folder)


def test_untracked_files_do_not_exist(folder: Path) -> None:
    entries = frozenset(("sub", "sub/x.nix", "link"))
    assert evaluated("builtins.readDir ./.", folder, entries) == {"sub": "directory", "link": "symlink"}
    assert evaluated("builtins.pathExists ./untracked", folder, entries) is False
    with pytest.raises(NixError, match="not tracked by Git"):
        evaluated("builtins.readFile ./untracked", folder, entries)
    with pytest.raises(NixError, match=r"does not exist|not tracked"):
        evaluated("builtins.readFile ./link", folder, entries)


def test_errors_show_the_local_path(folder: Path) -> None:
    (folder / "bad.nix").write_text("{ }.missing\n")
    with pytest.raises(NixError) as caught:
        evaluated("import ./bad.nix", folder)
    assert caught.value.source is not None
    assert caught.value.source.name == str(folder / "bad.nix")
