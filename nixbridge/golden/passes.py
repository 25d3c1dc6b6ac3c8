"""What passed before and has not changed since: it need not be evaluated again.

One file for each folder that `check` is run in, in the user's cache folder: case -> the files that it depends on, each with a hash of
what it held. Like the cache of compiled files it trusts nothing: what is not just right is not there.
"""

from __future__ import annotations

import os

from nixbridge import __version__
from nixbridge.compiler.cache import CodeCache
from nixbridge.golden.pairs import Case

try:
    from _blake2 import blake2b
except ImportError:  # pragma: no cover - a Python built without it
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    #: case -> ((file, hash of its contents), ...), ordered
    Known = dict[str, tuple[tuple[str, bytes], ...]]


class Passes:
    """The cases that passed in the last run, and, for `--last-failed`, those that did not."""

    def __init__(self, cache: CodeCache, what: list[str]) -> None:
        self._cache = cache
        self._key = cache.key(("check", __version__, package_stamp(), os.getcwd(), *what))
        self._hashes: dict[str, bytes] = {}
        self.known: Known = {}
        self.failed: set[str] = set()
        entry: Any = cache.find_data(self._key)
        if isinstance(entry, tuple) and len(entry) == 2:
            self.known, self.failed = dict(entry[0]), set(entry[1])

    def unchanged(self, case: Case) -> bool:
        """Did this case pass, and is everything that it depends on as it was?"""
        depends = self.known.get(_name(case))
        return depends is not None and all(self._hash(path) == digest for path, digest in depends)

    def dependencies(self, case: Case) -> list[str]:
        """The files that a case depended on when it last passed."""
        return [path for path, _ in self.known.get(_name(case), ())]

    def note(self, case: Case, passed: bool, files: list[str]) -> None:
        """Keeps what came of a case."""
        name = _name(case)
        if passed:
            self.known[name] = tuple((path, self._hash(path)) for path in dict.fromkeys(files))
            self.failed.discard(name)
        else:
            self.known.pop(name, None)
            self.failed.add(name)

    def has_failed(self, case: Case) -> bool:
        """Did this case fail in the last run?"""
        return _name(case) in self.failed

    def keep(self) -> None:
        """Writes what is known for the next run."""
        self._cache.keep_data(self._key, (self.known, sorted(self.failed)))

    def _hash(self, path: str) -> bytes:
        digest = self._hashes.get(path)
        if digest is None:
            digest = self._hashes[path] = _hash_of(path)
        return digest


def package_stamp() -> str:
    """What changes when any file of nixbridge does (in a checkout, without a change of the version)."""
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    newest = [
        f"{entry.name} {entry.stat().st_size} {entry.stat().st_mtime_ns}"
        for folder, _, _ in os.walk(top)
        for entry in os.scandir(folder)
        if entry.is_file() and entry.name.endswith((".py", ".nix", ".json"))
    ]
    return "\n".join(sorted(newest))


def _name(case: Case) -> str:
    return f"{case.source}\0{case.golden or ''}"


def _hash_of(path: str) -> bytes:
    """A hash of a file's contents, of a folder's names; one value of its own for what is not there."""
    try:
        if os.path.isdir(path):
            return blake2b(
                "\0".join(sorted(os.listdir(path))).encode("utf-8", "surrogateescape"), digest_size=16
            ).digest()
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            return blake2b(file.read(), digest_size=16).digest()
    except OSError as error:
        return b"error %d" % (error.errno or 0)
