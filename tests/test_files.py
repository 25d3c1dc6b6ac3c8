"""The gate to files: what may be read, where links lead, what is recorded as read, and what a store path stands for."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import pytest

from nixbridge.errors.exceptions import NixError, Refused
from nixbridge.language.formats.document import to_document
from nixbridge.language.machine.allowed_paths import MOST_LINKS
from nixbridge.language.machine.files import Files
from nixbridge.language.runtime.thunk import force
from nixbridge.regular_file import open_regular_file
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.golden.result_cache import hash_of
from nixbridge.tools.inputs import Evaluation
from tests.cases import CACHE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def evaluated(text: str, folder: Path) -> Any:
    """The value of an expression that sees `folder`, and nothing else."""
    evaluation = Evaluation(Options(), str(folder), write_message=lambda text: None, cache=CACHE)
    return evaluation.read(Source(text, "«string»", str(folder)), to_document)


# allowed folders


@pytest.fixture
def neighbours(tmp_path: Path) -> Path:
    """A folder `conf`, and one whose name begins with its name."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf-secrets").mkdir()
    (tmp_path / "conf-secrets" / "key").write_text("secret")
    (tmp_path / "conf" / "link").symlink_to("../conf-secrets/key")
    (tmp_path / "conf" / "inside").write_text("inside")
    (tmp_path / "back").symlink_to("conf")
    return tmp_path / "conf"


@pytest.mark.parametrize(
    "text",
    [
        "builtins.readFile ../conf-secrets/key",
        "builtins.readFile ./link",
        "builtins.pathExists ../conf-secrets",
        "builtins.readDir ../conf-secrets",
        '"${../conf-secrets/key}"',
        "builtins.path { path = ./link; }",
        "import ./link",
        # a link outside, wherever it leads
        "builtins.readFile ../back/inside",
        'builtins.hashFile "sha256" ./link',
    ],
)
def test_a_folder_sharing_a_name_prefix_with_an_allowed_one_is_refused(neighbours: Path, text: str) -> None:
    with pytest.raises(Refused):
        evaluated(text, neighbours)


def test_an_untrusted_file_that_is_a_link_out_of_its_folder_is_refused(neighbours: Path) -> None:
    (neighbours.parent / "conf-secrets" / "x.nix").write_text("1")
    (neighbours / "x.nix").symlink_to("../conf-secrets/x.nix")
    evaluation = Evaluation(Options(untrusted=True, allow=(str(neighbours.parent),)), str(neighbours))
    with pytest.raises(Refused, match="leads out of its folder"):
        evaluation.read(str(neighbours / "x.nix"), lambda value, host: value)


@pytest.mark.parametrize("replaced", ["folder/key", "folder"])
def test_what_is_replaced_by_a_link_before_opening_is_refused(
    replaced: str, neighbours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (neighbours / "folder").mkdir()
    (neighbours / "folder" / "key").write_text("own")
    opened = os.open

    def swapped(path: str, flags: int, *, dir_fd: int | None = None) -> int:
        if path == replaced.rpartition("/")[2]:
            (neighbours / replaced).rename(neighbours / "aside")
            (neighbours / replaced).symlink_to(neighbours.parent / "conf-secrets" / ("key" if "/" in replaced else "."))
        return opened(path, flags, dir_fd=dir_fd)

    files = Files([str(neighbours)])
    monkeypatch.setattr(os, "open", swapped)
    with pytest.raises(NixError, match=r"cannot read|does not exist"):
        files.read_bytes(str(neighbours / "folder" / "key"))
    assert (neighbours / replaced).is_symlink()


def chain_of_links(folder: Path, count: int) -> Path:
    (folder / "0").write_text("end")
    for number in range(1, count + 1):
        (folder / str(number)).symlink_to(str(number - 1))
    return folder / str(count)


def test_the_link_limit_is_that_of_linux(tmp_path: Path) -> None:
    chain_of_links(tmp_path, MOST_LINKS + 1)
    files = Files([str(tmp_path)])
    assert MOST_LINKS == 40
    assert files.read_text(str(tmp_path / str(MOST_LINKS))) == "end"
    with pytest.raises(NixError, match="infinite symlink recursion"):
        files.read_text(str(tmp_path / str(MOST_LINKS + 1)))
    with pytest.raises(NixError, match="too many symbolic links"):
        files.import_target(str(tmp_path / str(MOST_LINKS + 1)))


def test_files_of_more_than_512_mib_are_refused_without_reading(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, 512 * 1024**2)
    open_regular_file(str(path)).close()
    os.truncate(path, 512 * 1024**2 + 1)
    with pytest.raises(Refused, match="it has 536870913 bytes, more than the 512 MiB that a file may have"):
        Files([str(tmp_path)]).read_bytes(str(path))


# what is recorded


@pytest.mark.parametrize(
    "text",
    ["pathExists /dev/zero", "readFileType /dev/zero", "readDir /dev", "readFile /dev/zero", "pathExists ./out"],
)
def test_refused_files_are_not_recorded_as_dependencies(tmp_path: Path, text: str) -> None:
    (tmp_path / "out").symlink_to("/dev/zero")
    evaluation = Evaluation(Options(), str(tmp_path), cache=CACHE)
    with contextlib.suppress(Refused):
        evaluation.read(Source(f"builtins.{text}", "«string»", str(tmp_path)), lambda value, host: value)
    assert not [path for path in evaluation.dependencies if path.startswith("/dev")]


def test_links_on_the_way_are_recorded(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("1")
    (tmp_path / "now").symlink_to("a")
    files = Files([str(tmp_path)])
    files.read_bytes(str(tmp_path / "now" / "x"))
    assert {os.path.relpath(path, tmp_path) for path in files.dependencies} == {"now", "a/x"}


@pytest.mark.parametrize("kind", ["fifo", "link-to-fifo", "device", "link-to-device"])
def test_hashing_dependencies_opens_only_regular_files(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "it"
    target = "/dev/zero" if kind.endswith("device") else str(tmp_path / "fifo")
    if kind.endswith("fifo"):
        os.mkfifo(target)
    if kind.startswith("link"):
        path.symlink_to(target)
    assert hash_of(str(path) if kind.startswith("link") else target)


def test_a_dependency_that_is_too_large_to_read_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    path.touch()
    os.truncate(path, 2**33)
    assert hash_of(str(path))


def test_a_refusal_of_a_link_names_no_folder_that_is_allowed_already(neighbours: Path) -> None:
    with pytest.raises(Refused) as caught:
        Files([str(neighbours)]).read_bytes(str(neighbours / "link"))
    assert (caught.value.hint or "").startswith("a symbolic link on the way leads out of them")


# links


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """Files and links to them, in one folder."""
    for name in ("real", "other", "only"):
        (tmp_path / name).mkdir()
    text = "{ here = baseNameOf ./.; file = baseNameOf (__curPos.file); function = x: x; }"
    (tmp_path / "real" / "default.nix").write_text(text)
    (tmp_path / "real" / "f.nix").write_text(text)
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "file.nix").symlink_to("real/f.nix")
    (tmp_path / "other" / "file.nix").symlink_to("../file.nix")
    (tmp_path / "other" / "folder").symlink_to("../real")
    (tmp_path / "only" / "default.nix").symlink_to("../real/f.nix")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "absolute").symlink_to(tmp_path / "real")
    return tmp_path


#: What real Nix says of the folder above: the folder in which relative paths begin, and the file's name.
TARGETS = {
    "./folder": ("real", "default.nix"),
    "./file.nix": ("real", "f.nix"),
    "./other/file.nix": ("real", "f.nix"),
    "./other/folder": ("real", "default.nix"),
    "./absolute": ("real", "default.nix"),
    "./absolute/f.nix": ("absolute", "f.nix"),
    "./other/folder/f.nix": ("folder", "f.nix"),
    "./folder/f.nix": ("folder", "f.nix"),
    "./only": ("only", "default.nix"),
    "./only/default.nix": ("real", "f.nix"),
}


@pytest.mark.parametrize("path", TARGETS)
@pytest.mark.parametrize("how", ["import", "scopedImport { }"])
def test_import_resolves_a_link_in_the_last_component(linked: Path, path: str, how: str) -> None:
    assert evaluated(f"let x = {how} {path}; in [ x.here x.file ]", linked) == list(TARGETS[path])


@pytest.mark.parametrize("name", ["folder", "file.nix", "other/file.nix", "only", "other/folder/f.nix"])
def test_a_linked_file_argument_resolves_to_its_target(linked: Path, name: str) -> None:
    evaluation = Evaluation(Options(), str(linked), cache=CACHE)
    found = evaluation.read(str(linked / name), lambda value, host: [force(value["here"]), force(value["file"])])
    assert found == list(TARGETS[f"./{name}"])


def test_a_file_is_evaluated_once_under_all_its_names(linked: Path) -> None:
    assert evaluated("import ./folder == import ./real", linked) is True
    assert evaluated("import ./file.nix == import ./other/file.nix", linked) is True


@pytest.mark.parametrize(
    ("path", "found"),
    [("./other", "real"), ("./.", "real"), ('"${toString ./.}/absolute"', "real")],
)
def test_the_search_path_resolves_every_link(linked: Path, path: str, found: str) -> None:
    name = "o" if "absolute" in path else "o/folder"
    text = f'toString (builtins.findFile [ {{ path = {path}; prefix = "o"; }} ] "{name}")'
    assert evaluated(text, linked) == str(linked.resolve() / found)


def test_the_search_path_skips_a_link_that_leads_nowhere(linked: Path) -> None:
    text = '(builtins.tryEval (builtins.findFile [ { path = ./.; prefix = ""; } ] "broken")).success'
    assert evaluated(text, linked) is False


# store paths


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "x.nix").write_text("{ text = builtins.readFile ./sub/a; here = ./sub; }")
    (source / "sub" / "a").write_text("a")
    (source / "sub" / "secret").write_text("secret")
    (source / "up").symlink_to("sub/a")
    (source / "out").symlink_to("../outside")
    (tmp_path / "outside").write_text("outside")
    return tmp_path


#: `s` is a copy of the folder, `f` one without `secret`, `t` a text.
SCOPE = """let
  s = "${./source}";
  f = builtins.path { path = ./source; name = "f"; filter = path: type: baseNameOf path != "secret"; };
  t = builtins.toFile "t.nix" "{ here = ./.; n = 1; }";
in """


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('(import "${s}/x.nix").text', "a", id="import"),
        pytest.param('builtins.readFile (s + "/sub/a")', "a", id="file"),
        pytest.param('builtins.readFile (s + "/up")', "a", id="link-inside"),
        pytest.param('builtins.readDir "${f}/sub"', {"a": "regular"}, id="filtered-folder"),
        pytest.param('builtins.pathExists "${f}/sub/secret"', False, id="filtered-file"),
        pytest.param('builtins.pathExists "${s}/sub/secret"', True, id="unfiltered-file"),
        pytest.param('builtins.readFileType "${s}/up"', "symlink", id="type-of-a-link"),
        pytest.param("(import t).n", 1, id="text"),
        pytest.param("builtins.readFileType t", "regular", id="type-of-a-text"),
        pytest.param('builtins.pathExists (t + "/x")', False, id="below-a-text"),
        pytest.param("toString (import t).here", "/nix/store", id="folder-of-a-text"),
        pytest.param('toString (import "${s}/x.nix").here == s + "/sub"', True, id="relative-path"),
        pytest.param(
            '"${builtins.path { path = f; name = "g"; }}" == builtins.replaceStrings [ "-f" ] [ "-g" ] f',
            False,
            id="another-name-is-another-path",
        ),
        pytest.param('builtins.path { path = f; name = "f"; } == f', True, id="copy-of-a-copy"),
        pytest.param('builtins.path { path = s; name = "f"; } == f', False, id="copy-of-another"),
    ],
)
def test_computed_store_paths_can_be_read(copied: Path, text: str, value: object) -> None:
    assert evaluated(SCOPE + text, copied) == value


@pytest.mark.parametrize(
    "text",
    [
        'builtins.readFile "${s}/out"',
        'builtins.readFile "${f}/sub/secret"',
        'builtins.readFile "${s}/../outside"',
        "builtins.readDir t",
        "builtins.readFile /nix/store/00000000000000000000000000000000-x",
    ],
)
def test_store_paths_do_not_expose_other_files(copied: Path, text: str) -> None:
    with pytest.raises(NixError):
        evaluated(SCOPE + text, copied)


@pytest.mark.parametrize("other", [os.mkfifo, os.mkdir], ids=["fifo", "folder"])
def test_what_is_opened_may_be_another_file_than_what_was_looked_at(
    other: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("1")
    opened = os.open

    def exchanged(path: str, flags: int, *, dir_fd: int | None = None) -> int:
        if path == "file":
            file.unlink()
            other(file)
        return opened(path, flags, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", exchanged)
    with pytest.raises(NixError, match="cannot read"):
        Files([str(tmp_path)]).read_bytes(str(file))
