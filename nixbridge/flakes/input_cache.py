"""The private cache of fetched sources: a folder a tree, named by its NAR hash and written only after the hash was checked."""

from __future__ import annotations

import os
import shutil
import tempfile

from nixbridge.errors.exceptions import EvalError
from nixbridge.flakes.tree_reader import TreeReader
from nixbridge.language.compiler.cache import cache_folder
from nixbridge.language.machine.allowed_paths import StoreTree
from nixbridge.language.store import base32
from nixbridge.language.store.archive import archive_hash
from nixbridge.language.store.hash_text import read_hash, write_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class InputCache:
    """Trees below `folder`, each under its hash; `folder` None keeps nothing.

    The folder belongs to this user alone, so what is in it is what was put there: a tree is not hashed again when it is read.
    """

    def __init__(self, folder: str | None) -> None:
        self.folder = folder

    def find(self, nar_hash: str) -> str | None:
        """Return the folder that holds the tree with an SRI hash; None where it is not kept."""
        if self.folder is None:
            return None
        path = self._path(nar_hash)
        return path if os.path.isdir(path) else None

    def add(self, fill: Callable[[str], None], wanted: str | None = None) -> tuple[str, str]:
        """Make a tree with `fill(folder)` and keep it. Return its SRI hash and its folder.

        Raises EvalError, and keeps nothing, where the tree does not have the hash `wanted`.
        """
        if self.folder is None:
            raise EvalError("there is no cache folder that is this user's alone, so nothing can be kept")
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        work = tempfile.mkdtemp(prefix=".new-", dir=self.folder)
        try:
            tree = f"{work}/tree"
            os.mkdir(tree, 0o700)
            fill(tree)
            nar_hash = write_hash("sha256", archive_hash(TreeReader(StoreTree(tree)), ""), "sri")
            if wanted is not None and nar_hash != wanted:
                raise EvalError(f"its hash is '{nar_hash}', but '{wanted}' is expected")
            path = self._path(nar_hash)
            try:
                os.rename(tree, path)
            except OSError:
                if not os.path.isdir(path):  # somebody else has put the same tree there meanwhile
                    raise
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return nar_hash, path

    def _path(self, nar_hash: str) -> str:
        return f"{self.folder}/{base32.encode(read_hash(nar_hash, None)[1])}"


def user_cache() -> InputCache:
    """Return the cache of the user; one that keeps nothing where no folder is the user's alone."""
    folder = cache_folder()
    return InputCache(f"{folder}/inputs" if folder is not None else None)
