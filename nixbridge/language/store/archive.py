"""Nix archives (NAR): a file tree as one byte string, hashed while it is written. (Nix manual, Nix Archive format)"""

from __future__ import annotations

import hashlib

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.strings import to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    class FileReader(Protocol):
        """Reader of files: those of an evaluation, or a tree that is read directly."""

        def file_type(self, path: str, /) -> str:
            """Return `regular`, `directory`, `symlink` or `unknown`."""
            ...

        def is_executable(self, path: str, /) -> bool:
            """Return whether the owner may run a file."""
            ...

        def read_bytes(self, path: str, /) -> bytes:
            """Return a file's contents."""
            ...

        def read_link(self, path: str, /) -> str:
            """Return a link's target."""
            ...

        def list_dir(self, path: str, /) -> Mapping[str, str]:
            """Return the entries of a folder and their types."""
            ...

    #: Whether an entry, given by its path and its type, belongs to the archive.
    Filter = Callable[[str, str], bool]


def archive_hash(files: FileReader, path: str, keep: Filter | None = None, kept: set[str] | None = None) -> bytes:
    """Return the SHA-256 of the archive of what is at `path`, links as links.

    `keep` is asked about each entry below `path`, never about `path` itself; `kept` collects the relative paths of the entries
    that belong to the archive. Raises EvalError for anything but a file, folder or link, and Refused for what is outside the allowed
    folders.
    """
    digest = hashlib.sha256()
    writer = _ArchiveWriter(files, path, keep, kept, digest.update)
    writer.write_texts("nix-archive-1")
    writer.write_node(path, files.file_type(path))
    return digest.digest()


class _ArchiveWriter:
    def __init__(
        self, files: FileReader, root: str, keep: Filter | None, kept: set[str] | None, write: Callable[[bytes], None]
    ) -> None:
        self.files = files
        self.below = len(root.rstrip("/")) + 1
        self.keep = keep
        self.kept = kept
        self.write = write

    def write_texts(self, *texts: str) -> None:
        """Write texts one after the other."""
        self.write(b"".join([_framed(to_bytes(text)) for text in texts]))

    def write_node(self, path: str, kind: str) -> None:
        """Write a file, link or folder with everything in it."""
        if kind == "regular":
            mode = ("executable", "") if self.files.is_executable(path) else ()
            self.write_texts("(", "type", "regular", *mode, "contents")
            self.write(_framed(self.files.read_bytes(path)))
        elif kind == "symlink":
            self.write_texts("(", "type", "symlink", "target", self.files.read_link(path))
        elif kind == "directory":
            self.write_texts("(", "type", "directory")
            self.write_entries(path)
        else:
            raise EvalError(f"file '{path}' has an unsupported type")
        self.write_texts(")")

    def write_entries(self, folder: str) -> None:
        """Write the entries of a folder that belong to the archive, in the order of their names' bytes."""
        entries = self.files.list_dir(folder)
        paths = [(name, f"{folder.rstrip('/')}/{name}") for name in sorted(entries, key=to_bytes)]
        if self.keep is not None:
            # all are asked about before any of them is read
            paths = [(name, path) for name, path in paths if self.keep(path, entries[name])]
        for name, path in paths:
            if self.kept is not None:
                self.kept.add(path[self.below :])
            self.write_texts("entry", "(", "name", name, "node")
            self.write_node(path, entries[name])
            self.write_texts(")")


def _framed(data: bytes) -> bytes:
    """Return the length as 64 bits, then the bytes, filled up with zeros to a multiple of eight."""
    return len(data).to_bytes(8, "little") + data + bytes(-len(data) % 8)
