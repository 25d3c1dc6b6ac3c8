"""Files are replaced as a whole, in an order that survives a power cut, and links into /dev are left alone."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from time import time

import pytest

from nixbridge import atomic
from nixbridge.atomic import write_atomically
from nixbridge.mesh.output.manifest_files import write_files


def test_contents_are_synced_before_the_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.json"
    target.write_text("old")
    target.chmod(0o640)
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        assert (os.fstat(descriptor).st_size, os.fstat(descriptor).st_mode & 0o777) == (3, 0o640)
        assert target.read_text() == "old"
        steps.append("fsync")
        fsync(descriptor)

    def replaced(source: str, destination: str) -> None:
        assert os.path.dirname(source) == str(tmp_path)
        steps.append("replace")
        replace(source, destination)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    write_atomically(str(target), b"new")
    assert steps == ["fsync", "replace"]
    assert (target.read_text(), target.stat().st_mode & 0o777, os.listdir(tmp_path)) == ("new", 0o640, ["a.json"])


@pytest.mark.parametrize("step", ["fsync", "replace", "fchmod"])
def test_a_failing_step_changes_nothing(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_text("old")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fails)
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(str(tmp_path / "a.json"), b"new")
    assert caught.value.filename == str(tmp_path / "a.json")
    assert os.listdir(tmp_path) == ["a.json"] and (tmp_path / "a.json").read_text() == "old"


def test_an_existing_file_with_the_temporary_name_is_never_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "urandom", lambda count: bytes(count))
    (tmp_path / "kept").write_text("kept")
    (tmp_path / f".a.json.{'00' * 6}.nixbridge").symlink_to("kept")
    with pytest.raises(FileExistsError):
        write_atomically(str(tmp_path / "a.json"), b"new")
    assert (tmp_path / "kept").read_text() == "kept"


@pytest.mark.parametrize(
    ("age", "locked", "owner", "stays"),
    [
        pytest.param(60, False, 0, False, id="abandoned"),
        pytest.param(60, True, 0, True, id="being-written"),
        pytest.param(0, False, 0, True, id="not-locked-yet"),
        pytest.param(60, False, 1, True, id="of-another-user"),
    ],
)
def test_only_abandoned_leftovers_are_removed(
    age: int, locked: bool, owner: int, stays: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leftover = tmp_path / ".a.json.0123456789ab.nixbridge"
    leftover.touch()
    os.utime(leftover, (time() - age,) * 2)
    user = os.getuid() + owner
    monkeypatch.setattr(os, "getuid", lambda: user)
    with open(leftover, "rb") as file:
        if locked:
            fcntl.flock(file, fcntl.LOCK_EX)
        write_atomically(str(tmp_path / "b.json"), b"new")
    assert leftover.exists() == stays


def test_a_link_is_replaced_and_its_target_is_kept(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "link").symlink_to("kept")
    write_atomically(str(tmp_path / "link"), b"new")
    assert not (tmp_path / "link").is_symlink() and (tmp_path / "kept").read_text() == "kept"


@pytest.mark.parametrize("link", ["out", "out/values"])
def test_manifests_are_not_written_through_a_link(link: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotADirectoryError, match="not written through"):
        write_files({"a.yaml": "a", "values/b.yaml": "b"}, str(tmp_path / "out"))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_links_into_dev_are_written_through(tmp_path: Path) -> None:
    """A way of three links, as /dev/stdout is two itself; the machine's own must never be replaced."""
    (tmp_path / "out").symlink_to("further")
    (tmp_path / "further").symlink_to("/dev/stdout")
    for path in ("out", "/dev/stdout", "/proc/self/fd/1", "/dev/fd/1"):
        done = subprocess.run(
            [sys.executable, "-m", "nixbridge", "eval", "-E", "1", "-o", path],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert (done.stdout, done.stderr, done.returncode) == (b"1\n", b"", 0), path
    assert os.path.islink("/dev/stdout") and (tmp_path / "out").is_symlink()


def test_a_link_cycle_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    write_atomically(str(tmp_path / "a"), b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert atomic._MOST_LINKS == 40


def test_standard_output_may_be_a_file_with_contents(tmp_path: Path) -> None:
    program = f"echo before; {sys.executable} -m nixbridge eval -E 1 -o /dev/stdout; echo after"
    with open(tmp_path / "out", "wb") as out:
        subprocess.run(["sh", "-c", program], cwd=tmp_path, stdout=out, check=True)
    assert (tmp_path / "out").read_text().split() == ["before", "1", "after"]
