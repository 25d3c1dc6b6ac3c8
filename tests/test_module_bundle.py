"""The modules of a start in one file: used while it is fresh, never otherwise, and never in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import nixbridge
from nixbridge.cli import module_bundle

PACKAGE = Path(nixbridge.__file__).parent
#: Prints which modules came out of the bundle, after running the command line that follows.
PROGRAM = """
import os, sys
from nixbridge.cli import module_bundle
leave = os._exit
def report(status):
    sys.stderr.write(f"{module_bundle._bundle.missed if module_bundle._bundle else None}\\n")
    sys.stderr.flush()
    leave(status)
os._exit = report
from nixbridge.cli.start import main
main()
"""


class Installation:
    """A copy of the package with a cache folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cache = folder, folder / "cache"
        self.sources = folder / "nixbridge"
        leave_out = shutil.ignore_patterns("__pycache__", "lsp", "migrate", "linkerd", "pkgs")
        shutil.copytree(PACKAGE, self.sources, ignore=leave_out)
        shutil.copy(PACKAGE.parent / "grammar" / "nix.lark", self.sources / "language" / "syntax" / "nix.lark")

    def run(self, *words: str, path: Path | None = None, python: tuple[str, ...] = ()) -> tuple[str, str]:
        """Run a command line; return what it printed, and how many modules were not in the bundle."""
        environment = {
            "XDG_CACHE_HOME": str(self.cache),
            "PYTHONPATH": os.pathsep.join([str(path or self.folder), *sys.path]),
            "PATH": os.environ["PATH"],
        }
        command = [sys.executable, *python, "-c", PROGRAM, *words]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
            cwd=path.parent if path else self.folder,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip(), done.stderr.splitlines()[-1]

    def bundle(self) -> Path:
        """The file."""
        (file,) = (self.cache / "nixbridge").glob("modules-*")
        return file


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    installation = Installation(tmp_path_factory.mktemp("installed"))
    assert installation.run("eval", "-E", "[ 1 ]", "--compact")[1] != "0"
    # the first run compiled the text, which the second does not import a compiler for
    installation.run("eval", "-E", "[ 1 ]", "--compact")
    return installation


def test_a_run_takes_all_modules_from_the_bundle(installed: Installation) -> None:
    before = installed.bundle().stat().st_mtime_ns
    assert installed.run("eval", "-E", "[ 1 ]", "--compact") == ("[1]", "0")
    assert installed.bundle().stat().st_mtime_ns == before


def test_a_command_that_needs_more_adds_it(installed: Installation) -> None:
    assert installed.run("eval", "-E", "[ 2 ]", "-f", "xml")[1] != "0"
    assert installed.run("eval", "-E", "[ 2 ]", "-f", "xml")[1] == "0"
    assert installed.run("eval", "-E", "[ 1 ]", "--compact") == ("[1]", "0")


def test_a_changed_source_is_read_anew(installed: Installation) -> None:
    source = installed.sources / "language" / "formats" / "json.py"
    text = source.read_text(encoding="utf-8")
    source.write_text(f"{text}\n\ndef write_compact(value, host):\n    return 'changed'\n", encoding="utf-8")
    try:
        printed, missed = installed.run("eval", "-E", "[ 1 ]", "--compact")
        assert printed == "changed" and missed != "0"
        assert installed.run("eval", "-E", "[ 1 ]", "--compact") == ("changed", "0")
    finally:
        source.write_text(text, encoding="utf-8")
    assert installed.run("eval", "-E", "[ 1 ]", "--compact")[0] == "[1]"


def test_a_group_needs_its_python_and_each_source_as_it_was(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.run("eval", "-E", "[ 1 ]", "--compact")
    monkeypatch.setattr(module_bundle, "_PACKAGE", str(installed.sources))
    monkeypatch.setattr(module_bundle, "_MADE_FOR", (*module_bundle._MADE_FOR[:-1], str(installed.sources)))
    folder = str(installed.cache / "nixbridge")
    bundle = module_bundle.ModuleBundle(folder)
    root = "nixbridge.cli.evaluate"
    members = bundle._read(root)
    assert members is not None
    source = Path(members[0][1])
    text, status = source.read_text(encoding="utf-8"), source.stat()
    for changed, time in ((text, status.st_mtime_ns + 1), (f"{text}#", status.st_mtime_ns)):
        source.write_text(changed, encoding="utf-8")
        os.utime(source, ns=(time, time))
        assert bundle._read(root) is None
    source.write_text(text, encoding="utf-8")
    os.utime(source, ns=(status.st_mtime_ns, status.st_mtime_ns))
    assert bundle._read(root) is not None
    monkeypatch.setattr(module_bundle, "_MADE_FOR", ("another Python", *module_bundle._MADE_FOR[1:]))
    assert module_bundle.ModuleBundle(folder)._read(root) is None


@pytest.mark.parametrize(
    "size", [0, 7, 5000, -1000], ids=["empty", "cut-in-the-head", "cut-in-a-group", "cut-at-the-end"]
)
def test_a_damaged_file_is_not_used(installed: Installation, size: int) -> None:
    installed.run("eval", "-E", "[ 1 ]", "--compact")
    whole = installed.bundle().read_bytes()
    installed.bundle().write_bytes(whole[:size])
    assert installed.run("eval", "-E", "[ 1 ]", "--compact")[0] == "[1]"
    installed.bundle().write_bytes(whole[:-1000] + bytes(1000))
    assert installed.run("eval", "-E", "[ 1 ]", "--compact")[0] == "[1]"
    installed.run("eval", "-E", "[ 1 ]", "--compact")
    assert installed.run("eval", "-E", "[ 1 ]", "--compact") == ("[1]", "0")


def test_a_damaged_group_is_not_made_valid_by_adding_another(installed: Installation) -> None:
    installed.run("eval", "-E", "[ 1 ]", "--compact")
    whole = installed.bundle().read_bytes()
    head = 8 + int.from_bytes(whole[:8], "little")
    installed.bundle().write_bytes(whole[:head] + bytes(len(whole) - head))
    assert installed.run("settings")[1] != "0"
    assert installed.run("eval", "-E", "[ 1 ]", "--compact")[0] == "[1]"
    assert installed.run("eval", "-E", "[ 1 ]", "--compact") == ("[1]", "0")


@pytest.mark.parametrize("option", ["--no-cache", "--untrusted"])
def test_there_is_none_for_runs_that_may_not_trust_the_cache(installed: Installation, option: str) -> None:
    assert installed.run("eval", "-E", "[ 1 ]", "--compact", option) == ("[1]", "None")


def test_a_file_that_others_may_write_is_not_used(installed: Installation) -> None:
    installed.run("eval", "-E", "[ 1 ]", "--compact")
    installed.bundle().chmod(0o666)
    assert installed.run("eval", "-E", "[ 1 ]", "--compact")[1] != "0"


def test_a_profile_of_imports_lists_each_module(installed: Installation) -> None:
    installed.run("eval", "-E", "[ 1 ]", "--compact")
    environment = {"XDG_CACHE_HOME": str(installed.cache), "PYTHONPATH": str(installed.folder)}
    command = [sys.executable, "-X", "importtime", "-m", "nixbridge", "eval", "-E", "[ 1 ]"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=True, timeout=60, cwd=installed.folder
    )
    assert "nixbridge.language.runtime.thunk" in done.stderr


def test_files_of_packages_that_are_gone_are_removed(installed: Installation, tmp_path: Path) -> None:
    other = Installation(tmp_path)
    other.cache = installed.cache
    files = installed.cache / "nixbridge"
    other.run("eval", "-E", "[ 1 ]")
    assert len(list(files.glob("modules-*"))) == 2
    shutil.rmtree(other.sources)
    installed.run("lib")
    assert len(list(files.glob("modules-*"))) == 1


def test_a_package_in_a_zip_has_none(installed: Installation, tmp_path: Path) -> None:
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(installed.sources.rglob("*")):
            packed.write(file, file.relative_to(installed.folder))
    cache, installed.cache = installed.cache, tmp_path / "cache"
    try:
        assert installed.run("eval", "-E", "[ 1 ]", "--compact", path=archive)[0] == "[1]"
        assert not list((tmp_path / "cache" / "nixbridge").glob("modules-*"))
    finally:
        installed.cache = cache
