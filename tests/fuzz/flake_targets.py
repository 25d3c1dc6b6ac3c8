"""Fuzz targets for flakes: flake.nix as it is read literally, lock files, references, archives."""

from __future__ import annotations

import base64
import io
import os
import tarfile
import tempfile

from nixbridge.errors.exceptions import NixError
from nixbridge.flakes.flake_file import read_flake_file
from nixbridge.flakes.flake_reference import from_url
from nixbridge.flakes.lock_file import read_lock_file
from nixbridge.flakes.unpack import unpack
from nixbridge.source import Source
from tests.flake_trees import TREES
from tests.fuzz.grammars import Grammar

LOCK: Grammar = {
    "start": ('{"nodes": {"root": {"inputs": {‹inputs›}}, ‹nodes›}, "root": "root", "version": ‹version›}',),
    "inputs": ('"a": "a"', '"a": ‹target›, "b": ‹target›'),
    "target": ('"a"', '"b"', '["a"]', '["a", "b"]', "[]", "‹value›"),
    "nodes": ('"a": ‹node›', '"a": ‹node›, "b": ‹node›'),
    "node": (
        '{"locked": ‹reference›, "original": ‹reference›}',
        '{"inputs": {‹inputs›}, "locked": ‹reference›, "original": ‹reference›, "parent": ["a"]}',
        '{"flake": ‹value›, "locked": ‹reference›, "original": ‹reference›, "parent": []}',
    ),
    "reference": (
        '{"path": "./x", "type": "path"}',
        '{"lastModified": 1, "narHash": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "path": "/x", "type": "path"}',
        '{"owner": "o", "repo": "r", "rev": "0123456789abcdef0123456789abcdef01234567", "type": "github", "dir": ‹value›}',
        '{"type": "git", "url": ‹value›}',
        "‹value›",
    ),
    "version": ("7", "5", "‹value›"),
    "value": ('"x"', "1", "-1", "1.5", "true", "null", "[]", "{}", '"github:a/b"'),
}

FLAKE: Grammar = {
    "start": ("{ ‹attributes› outputs = ‹outputs›; }", "‹value›"),
    "attributes": (
        "",
        "inputs.‹name›.‹field› = ‹value›; ‹attributes›",
        "description = ‹value›; ",
        "nixConfig.a = ‹value›; ",
    ),
    "outputs": ("{ self }: { }", "{ self, a, ... }: ‹value›", "inputs: { }", "‹value›"),
    "name": ("a", "self", '"b.c"', "${‹value›}"),
    "field": ("url", "flake", "follows", "inputs.a.follows", "type", "path", "submodules"),
    "value": (
        '"path:./x"',
        '"a/b"',
        "true",
        "1",
        "./x",
        "null",
        '"${"x"}"',
        "x: x",
        "[ ‹value› ]",
        "{ a = ‹value›; }",
        '""',
    ),
}

REFERENCE: Grammar = {
    "start": ("‹scheme›‹path›‹query›",),
    "scheme": (
        "",
        "path:",
        "github:",
        "git+file://",
        "git+https://",
        "https://",
        "tarball+https://",
        "flake:",
        "‹value›:",
    ),
    "path": ("a/b", "./x", "/x/../y", "a", "a/b/c", "%2e%2e/%00", "‹value›"),
    "query": ("", "?dir=x", "?ref=a&rev=‹value›", "?narHash=‹value›", "#‹value›"),
    "value": ("x", "..", "0123456789abcdef0123456789abcdef01234567", "sha256-", "é", "%", "a b", ""),
}

#: An archive is a line for each entry: its kind, its name and what is in it or where it leads.
ARCHIVE: Grammar = {
    "start": ("‹entry›\n", "‹entry›\n‹start›"),
    "entry": ("‹kind› ‹value› ‹value›",),
    "kind": ("file", "link", "hard", "folder", "fifo", "raw"),
    "value": ("a", "a/b", "../a", "/etc/a", "a/../../b", ".", "", "a/", "//", "..", "a" * 120),
}

_KINDS = {
    "file": tarfile.REGTYPE,
    "link": tarfile.SYMTYPE,
    "hard": tarfile.LNKTYPE,
    "folder": tarfile.DIRTYPE,
    "fifo": tarfile.FIFOTYPE,
}


def flake_files() -> list[str]:
    """The flake.nix files of the fixtures."""
    return [files["flake.nix"]["text"] for files in TREES.values() if "text" in files.get("flake.nix", {})]


def lock_files() -> list[str]:
    """The lock files of the fixtures."""
    return [files["flake.lock"]["text"] for files in TREES.values() if "flake.lock" in files]


def read_flake(text: str) -> None:
    """A flake.nix gives what it declares, or a NixError."""
    read_flake_file(Source(text, "/project/flake.nix", "/project"), "path:/project")


def read_lock(text: str) -> None:
    """A lock file that is read is written so that it gives the same graph."""
    text = text.encode("utf-8", "replace").decode()
    lock_file = read_lock_file(text, "flake.lock")
    written = lock_file.to_text()
    assert read_lock_file(written, "flake.lock").to_text() == written
    try:
        lock_file.check()
    except NixError:
        return


def read_reference(text: str) -> None:
    """A reference that is read can be shown, whatever bytes it has."""
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    reference = from_url(text)
    assert isinstance(str(reference), str)
    assert isinstance(reference.is_locked(), bool)


def unpack_archive(text: str) -> None:
    """Whatever is in an archive, nothing is written outside the folder, and no link in it leads out."""
    with tempfile.TemporaryDirectory() as folder:
        archive, tree = f"{folder}/archive", f"{folder}/tree"
        with open(archive, "wb") as file:
            file.write(_archive_of(text))
        try:
            unpack(archive, tree, most_bytes=100_000, most_entries=1000)
        finally:
            assert set(os.listdir(folder)) <= {"archive", "tree", "tree.unpacking"}
        for path, folders, files in os.walk(tree):
            for name in (*folders, *files):
                real = os.path.realpath(f"{path}/{name}")
                assert real == os.path.realpath(tree) or real.startswith(os.path.realpath(tree) + "/")


def _archive_of(text: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT, errors="surrogatepass") as archive:
        for line in text.split("\n"):
            kind, _, rest = line.partition(" ")
            name, _, contents = rest.partition(" ")
            if kind == "raw":
                buffer.write(base64.b64encode(rest.encode("utf-8", "replace")).ljust(512, b"\0")[:512])
            elif kind in _KINDS:
                info = tarfile.TarInfo(name.replace("\0", ""))
                info.type, info.linkname = _KINDS[kind], contents.replace("\0", "")
                data = contents.encode("utf-8", "surrogatepass") if kind == "file" else b""
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()
