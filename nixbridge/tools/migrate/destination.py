"""DEST, reached only through folders that are open: a symbolic link in it is never followed, even one that appears meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress

from nixbridge.tools.migrate.written_files import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: What may be at a path.
ABSENT, FILE, LINK, FOLDER, BLOCKED = "absent", "file", "link", "folder", "blocked"

OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Destination:
    """A folder that may not be there yet. `made` are the folders that were made in it, in order."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self.made: list[str] = []
        try:
            self.top: int | None = os.open(self.path, OPEN_FOLDER)
        except FileNotFoundError:
            self.top = None

    def close(self) -> None:
        """Let go of the folder."""
        if self.top is not None:
            os.close(self.top)
            self.top = None

    @contextmanager
    def folder_of(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """Yield the open folder that `path` is in, and its name there.

        Raises OSError where a part of the way is not a folder, or is a link.
        """
        assert self.top is not None
        *parts, name = path.split("/")
        descriptor = os.dup(self.top)
        try:
            for depth, part in enumerate(parts, 1):
                if make:
                    self._make(descriptor, part, "/".join(parts[:depth]))
                below = os.open(part, OPEN_FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
            yield descriptor, name
        finally:
            os.close(descriptor)

    def _make(self, parent: int, name: str, path: str) -> None:
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=parent)
            self.made.append(path)

    def read(self, path: str) -> bytes | None:
        """Return the contents of a regular file; None where there is no such file."""
        if self.top is None:
            return None
        try:
            with self.folder_of(path) as (folder, name):
                descriptor = os.open(name, _FILE, dir_fd=folder)
                with open(descriptor, "rb") as file:
                    return file.read() if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
        except OSError as error:
            # ELOOP is what O_NOFOLLOW gives for a link, ENXIO for a socket
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO):
                return None
            raise

    def look(self, path: str) -> tuple[str, str]:
        """Return the kind of the entry at `path`, and the hash of a regular file. `blocked`: a folder on the way is a file or a link."""
        if self.top is None:
            return ABSENT, ""
        try:
            with self.folder_of(path) as (folder, name):
                mode = os.lstat(name, dir_fd=folder).st_mode
        except FileNotFoundError:
            return ABSENT, ""
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP):
                return BLOCKED, ""
            raise
        if stat.S_ISREG(mode):
            data = self.read(path)
            return (FILE, digest(data)) if data is not None else (ABSENT, "")
        if stat.S_ISDIR(mode):
            return FOLDER, ""
        return LINK if stat.S_ISLNK(mode) else BLOCKED, ""

    def remove_empty(self, path: str) -> None:
        """Remove the folder at `path` and those around it, as far as they are empty."""
        while path:
            try:
                with self.folder_of(path) as (folder, name):
                    os.rmdir(name, dir_fd=folder)
            except OSError:
                return
            path = os.path.dirname(path)
