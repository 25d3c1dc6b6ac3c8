"""The cache of compiled files trusts nothing: whatever stands where an entry or its folder should be, the answer is that of no cache."""

from __future__ import annotations

import marshal
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path

import pytest

import nixbridge
from nixbridge import user_cache
from nixbridge.errors.exceptions import NixError
from nixbridge.errors.report import report
from nixbridge.language.compiler import cache as module
from nixbridge.language.compiler.cache import CodeCache, compiler_stamp
from nixbridge.language.formats.document import to_document
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation
from nixbridge.user_cache import cache_folder, write_own_file


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of this user's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "mesh.nix").write_text("{ a = 1 + 1; }")
    return tmp_path


def value(home: Path) -> object:
    return nixbridge.evaluate_file(home / "mesh.nix")


def entries(home: Path) -> list[Path]:
    return sorted((home / "cache" / "nixbridge").iterdir())


def garbage(entry: Path) -> None:
    entry.write_bytes(os.urandom(500))


def cut_short(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-1])


def other_payload(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:32] + b"N")


def code_without_checksum(entry: Path) -> None:
    plant(entry, "x.nix")
    entry.write_bytes(bytes(32) + entry.read_bytes()[32:])


def writable_by_others(entry: Path) -> None:
    entry.write_bytes(b"")
    entry.chmod(0o666)


def put_there(make: Callable[[Path], None]) -> Callable[[Path], None]:
    def instead(entry: Path) -> None:
        entry.unlink()
        make(entry)

    instead.__name__ = make.__name__
    return instead


def a_fifo(entry: Path) -> None:
    os.mkfifo(entry)


def a_folder(entry: Path) -> None:
    entry.mkdir()


def a_link(entry: Path) -> None:
    entry.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    "spoil",
    [
        garbage,
        cut_short,
        other_payload,
        code_without_checksum,
        writable_by_others,
        put_there(a_fifo),
        put_there(a_folder),
        put_there(a_link),
    ],
    ids=lambda spoil: spoil.__name__,
)
def test_an_invalid_entry_is_a_miss(spoil: Callable[[Path], None], home: Path) -> None:
    assert value(home) == {"a": 2}
    (entry,) = entries(home)
    spoil(entry)
    assert value(home) == {"a": 2}


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_world_writable_folder_is_not_used(mode: int, home: Path) -> None:
    folder = home / "cache" / "nixbridge"
    folder.mkdir(parents=True)
    folder.chmod(mode)
    assert cache_folder() is None
    assert value(home) == {"a": 2}
    assert entries(home) == []


def test_a_link_or_file_instead_of_the_folder_is_not_used(home: Path) -> None:
    (home / "cache").mkdir()
    folder = home / "cache" / "nixbridge"
    (home / "elsewhere").mkdir()
    folder.symlink_to(home / "elsewhere")
    assert cache_folder() is None
    folder.unlink()
    folder.write_text("")
    assert cache_folder() is None
    assert value(home) == {"a": 2}


@pytest.mark.parametrize("folder", ["/proc/none", "relative"])
def test_a_read_only_home_is_no_error(folder: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", folder)
    assert cache_folder() is None
    assert value(home) == {"a": 2}


#: A text -> what it is in a folder, whose path is `@`; an error is its report.
IN_ANY_FOLDER = {
    "toString ./a": "@/a",
    '"${toString ./a/${"b"}}"': "@/a/b",
    "__curPos.file": "@/x.nix",
    "toString (import ./y.nix)": "7",
    "builtins.toString ../.": "..",
    'let n = "a"; in { a = 1; ${n} = 2; }': "error: dynamic attribute 'a' already defined at @/x.nix:1:19\n       at @/x.nix:1:26:",
    '(builtins.unsafeGetAttrPos "a" { a = 1; }).file': "@/x.nix",
    "throw (toString ./a)": "error: @/a\n       at @/x.nix:1:1:",
    "1 + (x: x.y) { }": "error: attribute 'y' missing\n       at @/x.nix:1:11:",
}
#: What code has the folder in, so that another one is compiled for each.
IN_ONE_FOLDER = {
    "assert ./a == ./b; 1": "error: path '@/a' is not equal to path '@/b'",
    "assert (x: x) ./a == 1; 1": "error: ",
}


@pytest.mark.parametrize(
    ("text", "is_shared"), [*((text, True) for text in IN_ANY_FOLDER), *((text, False) for text in IN_ONE_FOLDER)]
)
def test_a_text_is_compiled_once_for_all_folders(text: str, is_shared: bool, home: Path) -> None:
    wanted = (IN_ANY_FOLDER | IN_ONE_FOLDER)[text]
    counts = []
    for folder in (home / "first", home / "second", home / "first"):
        folder.mkdir(exist_ok=True)
        (folder / "x.nix").write_text(text)
        (folder / "y.nix").write_text("7")
        evaluation = Evaluation(Options(), str(folder))
        try:
            found = str(evaluation.read(str(folder / "x.nix"), to_document))
        except NixError as error:
            found = report(error)
        shown = found.replace(str(folder), "@").replace(str(home), "..")
        assert shown.startswith(wanted), shown
        counts.append(len(entries(home)))
    if is_shared:
        assert counts[0] == counts[1] == counts[2]
    else:
        assert counts[0] < counts[1] == counts[2]


def test_concurrent_writers_leave_one_complete_entry(home: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(map(str, pool.map(lambda _: value(home), range(40)))) == {"{'a': 2}"}
    assert len(entries(home)) == 1


def test_an_interrupted_writer_leaves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        CodeCache(cache_folder()).keep_data("key", 1)
    assert entries(home) == []


@pytest.mark.parametrize(
    "name",
    [
        "language/syntax/lexer.py",
        "language/compiler/emit.py",
        "language/evaluation/globals.py",
        "language/builtins/registry.py",
        "mesh/tables/builder_list.py",
    ],
)
def test_code_of_another_compiler_version_is_a_miss(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "nixbridge"
    shutil.copytree(Path(nixbridge.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "__file__", str(copy / "language" / "compiler" / "cache.py"))
    before = compiler_stamp()
    assert compiler_stamp() == before
    with open(copy / name, "a", encoding="utf-8") as file:
        file.write("#")
    assert compiler_stamp() != before


def test_an_untrusted_file_gets_no_code_from_a_cache_in_its_own_project(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote the repository could have written the entry; here one that gives another value."""
    inside, outside = home / "repository", home / "outside"
    for folder in (inside / "configs", outside):
        folder.mkdir(parents=True)
    (inside / ".git").mkdir()
    (
        inside / "configs" / "nixbridge.toml"
    ).touch()  # what its author marks as the root does not make the cache a stranger's
    file = inside / "configs" / "x.nix"
    file.write_text("1")

    def value_of(cache: Path, *, untrusted: bool) -> object:
        monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
        options = Options(untrusted=untrusted)
        return Evaluation(options, str(file.parent)).read(str(file), lambda value, _: value)

    for cache in (inside / ".cache", outside):
        value_of(cache, untrusted=False)
        (entry,) = (cache / "nixbridge").iterdir()
        plant(entry, str(file))
    assert value_of(inside / ".cache", untrusted=True) == 1
    assert value_of(inside / ".cache", untrusted=False) == 666
    assert value_of(outside, untrusted=True) == 666


def plant(entry: Path, file: str) -> None:
    """Put the code of another text where an entry is, checksum and all."""
    whole, regions = marshal.loads(entry.read_bytes()[32:])
    code = compile("lambda: 666", file, "eval").co_consts[0]
    payload = marshal.dumps(((code, *whole[1:]), regions))
    entry.write_bytes(blake2b(payload, digest_size=32, key=entry.name.encode()).digest() + payload)


def test_entries_of_another_user_are_not_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert value(home) == {"a": 2}
    (entry,) = entries(home)
    plant(entry, str(home / "mesh.nix"))
    assert value(home) == 666
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert cache_folder() is None
    assert CodeCache(str(entry.parent)).find(entry.name) is None


def test_a_file_of_the_cache_is_never_written_through_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, data = tmp_path / "kept", b"new"
    kept.write_text("kept")
    temporary = tmp_path / f".name.{os.getpid()}.{id(data):x}"
    os.link(kept, temporary)
    write_own_file(str(tmp_path), "name", data)
    assert kept.read_text() == "kept" and not (tmp_path / "name").exists()


def test_key_parts_are_delimited_by_their_lengths(home: Path) -> None:
    cache = CodeCache(str(home))
    parts = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("1:a",), ("1:a1:b",), ("a", "b")]
    assert len({cache.key(one) for one in parts}) == len(parts)


def test_a_link_to_a_valid_entry_is_ignored(home: Path) -> None:
    value(home)
    (entry,) = entries(home)
    entry.rename(home / "kept")
    entry.symlink_to(home / "kept")
    assert CodeCache(str(entry.parent)).find(entry.name) is None


@pytest.mark.parametrize("mode", [0o622, 0o620, 0o602])
def test_a_world_writable_entry_is_a_miss(mode: int, tmp_path: Path) -> None:
    cache = CodeCache(str(tmp_path))
    cache.keep_data("key", [1])
    assert cache.find_data("key") == [1]
    (tmp_path / "key").chmod(mode)
    assert cache.find_data("key") is None


def test_what_has_not_been_used_for_longest_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_cache, "MOST_BYTES", 20_000)
    (tmp_path / "inputs").mkdir()
    for number in range(1, 40):
        (tmp_path / f"x{number:02}").write_bytes(bytes(1000))
        os.utime(tmp_path / f"x{number:02}", (number, number))
    CodeCache(str(tmp_path)).keep_data("0" * 40, "x" * 1000)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["0" * 40, "inputs", *(f"x{number}" for number in range(32, 40))]
