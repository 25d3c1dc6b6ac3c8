"""Results of earlier runs: a case that passed and has not changed need not be evaluated again.

One file for each folder that `check` is run in and each set of options, in the user's cache folder: case -> the files and
environment variables that it depends on, each with a hash of its contents, and the outcome. Like the cache of compiled
files it trusts nothing: an entry that is not exactly right counts as missing.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress

from nixbridge.language.compiler.cache import CodeCache
from nixbridge.regular_file import NotRegular, read_regular_file
from nixbridge.tools.golden.outcome import Outcome
from nixbridge.tools.golden.pairs import Case
from nixbridge.version import __version__

try:
    from _blake2 import blake2b
except ImportError:  # pragma: no cover - a Python built without it
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    #: case -> (((what it depends on, its hash), ...), ((status, message, line of the block), ...))
    Known = dict[str, tuple[tuple[tuple[str, bytes], ...], tuple[tuple[str, str, int | None], ...]]]


class ResultCache:
    """The cases that passed in earlier runs, and, for `--last-failed`, those that did not.

    Within this process, outcomes of failed cases are kept as well, so that `--watch` need not evaluate them again.
    """

    def __init__(self, cache: CodeCache, options: list[str]) -> None:
        self._cache = cache
        # relative paths in messages depend on the working folder, outcomes on the options and on nixbridge itself
        self._key = cache.key(("check 2", __version__, package_stamp(), os.getcwd(), *options))
        self.known: Known = {}
        self.failed: set[str] = set()
        self._recent: dict[str, tuple[dict[str, bytes], list[Outcome]]] = {}
        self.begin()
        entry: Any = cache.find_data(self._key)
        if isinstance(entry, tuple) and len(entry) == 2:
            self.known, self.failed = dict(entry[0]), set(entry[1])

    def begin(self) -> None:
        """Begin a run: files are read again."""
        self._started = time.time_ns()
        self._hashes: dict[str, bytes] = {}

    def outcomes(self, case: Case) -> list[Outcome] | None:
        """Return the outcomes of a case when everything that it depends on is as it was; else None."""
        hashes, outcomes = self._recent.get(case.identity, ({}, []))
        if hashes and all(self._hash(path) == digest for path, digest in hashes.items()):
            for outcome in outcomes:
                outcome.unchanged = True
            return outcomes
        depends, results = self.known.get(case.identity, ((), ()))
        if not depends or not all(self._hash(path) == digest for path, digest in depends):
            return None
        return [
            Outcome(Case(case.source, case.golden, case.format, block=line), status, message, unchanged=True)
            for status, message, line in results
        ]

    def note(self, case: Case, outcomes: list[Outcome], depends: list[str]) -> None:
        """Keep the outcomes of a case."""
        identity = case.identity
        self.known.pop(identity, None)
        failed = any(outcome.failed for outcome in outcomes)
        (self.failed.add if failed else self.failed.discard)(identity)
        # A file that changed during the run may have been read before or after the change, so neither hash is trusted.
        # ctime and not mtime: editors and git set mtime to whatever they like.
        certain = not any(changed_since(path, self._started) for path in depends)
        hashes = {path: self._hash(path) if certain else b"" for path in depends}
        self._recent[identity] = hashes, outcomes
        if certain and not failed:
            results = tuple((outcome.status, outcome.message, outcome.case.block) for outcome in outcomes)
            self.known[identity] = (tuple(hashes.items()), results)

    def depends(self, case: Case) -> list[str]:
        """Return the files that a case depends on, as far as they are known."""
        if case.identity in self._recent:
            return list(self._recent[case.identity][0])
        return [path for path, _ in self.known.get(case.identity, ((), ()))[0]]

    def has_failed(self, case: Case) -> bool:
        """Return whether this case failed when it was last checked."""
        return case.identity in self.failed

    def keep(self) -> None:
        """Write the outcomes for the next run, except those of sources that no longer exist."""
        known = {identity: entry for identity, entry in self.known.items() if _is_there(identity)}
        self._cache.keep_data(self._key, (known, sorted(filter(_is_there, self.failed))))

    def _hash(self, path: str) -> bytes:
        digest = self._hashes.get(path)
        if digest is None:
            digest = self._hashes[path] = hash_of(path)
        return digest


def package_stamp() -> str:
    """Return a text that changes when any file of nixbridge does (in a checkout, without a change of the version)."""
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    newest = [
        f"{entry.name} {entry.stat().st_size} {entry.stat().st_mtime_ns}"
        for folder, _, _ in os.walk(top)
        for entry in os.scandir(folder)
        if entry.is_file() and entry.name.endswith((".py", ".nix", ".json"))
    ]
    return "\n".join(sorted(newest))


def changed_since(path: str, started: int) -> bool:
    """Return whether a file changed while the check ran: then the old text may have been evaluated, or the new one."""
    try:
        return os.stat(path).st_ctime_ns >= started
    except OSError:
        return False


def hash_of(path: str) -> bytes:
    """Return a hash of a file's type and contents, of a folder's entries, or of a variable (`$NAME`); for a missing file, the reason."""
    if path.startswith("$"):
        return blake2b(os.environ.get(path[1:], "\0").encode("utf-8", "surrogateescape"), digest_size=16).digest()
    try:
        mode = os.lstat(path).st_mode
        # the type of the file, and whether its owner may execute it: no other permission is in a value
        digest = blake2b(b"%o" % (mode & 0o170100), digest_size=16)
        # a link counts as such: what it leads to may be anything, and is named by itself where it was read
        if stat.S_ISLNK(mode):
            digest.update(os.fsencode(os.readlink(path)))
        elif stat.S_ISDIR(mode):
            with os.scandir(path) as entries:
                names = sorted(f"{entry.name}\0{entry.is_symlink()}{entry.is_dir()}" for entry in entries)
            digest.update("\0".join(names).encode("utf-8", "surrogateescape"))
        elif stat.S_ISREG(mode):  # a device may have no end
            # what is too large for any evaluation to read was only seen to be there
            with suppress(NotRegular):
                digest.update(read_regular_file(path, follow=False))
        return digest.digest()
    except OSError as error:
        return b"error %d" % (error.errno or 0)


def _is_there(identity: str) -> bool:
    return os.path.lexists(identity.partition("\0")[0])
