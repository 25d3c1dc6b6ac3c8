"""Reading a tree of this machine directly, for its hash: faster than through the gate that expressions pass."""

from __future__ import annotations

import os
import stat

from nixbridge.errors.exceptions import EvalError
from nixbridge.regular_file import NotRegular, read_regular_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.allowed_paths import StoreTree


class TreeReader:
    """The files of a tree by relative path. `newest` is the latest time of what was read, `seen` the paths that it depends on."""

    def __init__(self, tree: StoreTree) -> None:
        self.tree = tree
        self.newest = 0
        self.seen: list[str] = []

    def _location(self, path: str) -> str:
        return self.tree.folder + path

    def _status(self, path: str) -> os.stat_result:
        status = os.lstat(self._location(path))
        self.newest = max(self.newest, int(status.st_mtime))
        return status

    def file_type(self, path: str) -> str:
        """Return the type of what is there; links are not followed."""
        return _type_of(self._status(path).st_mode)

    def is_executable(self, path: str) -> bool:
        """Return whether the owner may run a file."""
        return bool(self._status(path).st_mode & stat.S_IXUSR)

    def read_bytes(self, path: str) -> bytes:
        """Return a file's contents."""
        location = self._location(path)
        self.seen.append(location)
        try:
            # the tree may change meanwhile: no link is followed that was a file before, and a pipe does not block
            return read_regular_file(location, follow=False)
        except PermissionError:
            raise EvalError(f"cannot read '{location}': permission denied") from None
        except NotRegular as error:
            raise EvalError(f"cannot read '{location}': {error.strerror}") from None

    def read_link(self, path: str) -> str:
        """Return a link's target."""
        self._status(path)
        self.seen.append(self._location(path))
        return os.readlink(self._location(path))

    def list_dir(self, path: str) -> dict[str, str]:
        """Return the entries of a folder that belong to the tree, and their types."""
        location = self._location(path)
        self.seen.append(location)
        self._status(path)
        # of a Git work tree only what is tracked belongs to the source
        prefix = path.removeprefix("/") + "/" if path else ""
        found: dict[str, str] = {}
        with os.scandir(location) as entries:
            for entry in entries:
                if self.tree.has(prefix + entry.name):
                    found[entry.name] = _type_of(entry.stat(follow_symlinks=False).st_mode)
        return found


def _type_of(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "regular"
    if stat.S_ISDIR(mode):
        return "directory"
    return "symlink" if stat.S_ISLNK(mode) else "unknown"
