"""The private cache of fetched sources: a folder a tree, named by its NAR hash and written only after the hash was checked."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager

from nixbridge.atomic import scratch_folder
from nixbridge.errors.exceptions import EvalError
from nixbridge.flakes.tree_reader import TreeReader
from nixbridge.language.machine.allowed_paths import StoreTree
from nixbridge.language.store import base32
from nixbridge.language.store.archive import archive_hash
from nixbridge.language.store.hash_text import read_hash, write_hash
from nixbridge.user_cache import cache_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class InputCache:
    """Trees below `folder`, each under its hash; `folder` None keeps nothing.

    The folder belongs to this user alone, so what is in it is what was put there: a tree is not hashed again when it is read.
    """

    def __init__(self, folder: str | None) -> None:
        self.folder = folder

    def find(self, nar_hash: str) -> str | None:
        """Return the folder, or the file, that is the tree with an SRI hash; None where it is not kept."""
        if self.folder is None:
            return None
        path = self._path(nar_hash)
        return path if os.path.lexists(path) else None

    def add(self, fill: Callable[[str], None], wanted: str | None = None) -> tuple[str, str]:
        """Make a tree with `fill(path)`, a folder or a file, and keep it. Return its SRI hash and its path.

        Raises EvalError, and keeps nothing, where the tree does not have the hash `wanted`.
        """
        with self._workshop() as work:
            tree = f"{work}/tree"
            fill(tree)
            # hashed from what was written, not from what was received: this is what evaluations will read
            nar_hash = write_hash("sha256", archive_hash(TreeReader(StoreTree(tree)), ""), "sri")
            _expect_hash(nar_hash, wanted)
            path = self._path(nar_hash)
            _put(tree, path)
        return nar_hash, path

    def find_file(self, algorithm: str, digest: bytes) -> str | None:
        """Return the path of a file by the hash of its contents; None where it is not kept."""
        path = f"{self.folder}/{algorithm}-{base32.encode(digest)}"
        return path if self.folder is not None and os.path.isfile(path) else None

    def add_file(self, fill: Callable[[str], None], algorithm: str, digest: bytes) -> str:
        """Make a file with `fill(path)` and keep it. Return its path. Raises EvalError where it does not have the hash."""
        with self._workshop() as work:
            file = f"{work}/file"
            fill(file)
            with open(file, "rb") as contents:
                found = hashlib.file_digest(contents, algorithm).digest()
            _expect_hash(write_hash(algorithm, found, "sri"), write_hash(algorithm, digest, "sri"))
            path = f"{self.folder}/{algorithm}-{base32.encode(digest)}"
            _put(file, path)
        return path

    @contextmanager
    def _workshop(self) -> Iterator[str]:
        """Yield a folder next to the stored sources, for a source that is not verified yet."""
        if self.folder is None:
            raise EvalError(
                "sources cannot be stored: the cache folder cannot be created, or other users may write to it"
            )
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        with scratch_folder(f"{self.folder}/new") as work:
            yield work

    def _path(self, nar_hash: str) -> str:
        return f"{self.folder}/{base32.encode(read_hash(nar_hash, None)[1])}"


def _expect_hash(found: str, wanted: str | None) -> None:
    if wanted is not None and found != wanted:
        raise EvalError(
            f"its hash is '{found}', but '{wanted}' is expected",
            hint="the source has changed since it was locked; the download was discarded",
        )


def _put(made: str, path: str) -> None:
    try:
        os.rename(made, path)
    except OSError:
        # a rename onto a folder that has files fails: another process was faster, with the same contents
        if not os.path.lexists(path):
            raise


def user_cache() -> InputCache:
    """Return the cache of the user; one that keeps nothing where no folder is the user's alone."""
    return input_cache(cache_folder())


def input_cache(folder: str | None) -> InputCache:
    """Return the cache of sources in a cache folder."""
    return InputCache(f"{folder}/inputs" if folder is not None else None)
