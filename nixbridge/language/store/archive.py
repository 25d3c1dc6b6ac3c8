"""The Nix archive of a file or folder, hashed as it is made. (Nix manual, Nix Archive (NAR) format)"""

from __future__ import annotations

import hashlib

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.strings import to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    class Files(Protocol):
        """Reads files: the host, or a tree that is read directly."""

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

    #: Shall this entry (its path and its type) be in the archive?
    Filter = Callable[[str, str], bool]


def archive_hash(files: Files, path: str, keep: Filter | None = None) -> bytes:
    """SHA-256 of the archive of what is at `path`, links as links.

    `keep` is asked for each entry of a folder, never for `path` itself. Raises EvalError for what is no file, folder or
    link, and Refused for what is outside the allowed folders.
    """
    digest = hashlib.sha256()
    digest.update(_text("nix-archive-1"))
    _add(files, path, files.file_type(path), keep, digest.update)
    return digest.digest()


def _text(*texts: str) -> bytes:
    return b"".join([_framed(to_bytes(text)) for text in texts])


def _framed(data: bytes) -> bytes:
    """Length as 64 bits, then the bytes, filled up with zeros to a multiple of eight."""
    return len(data).to_bytes(8, "little") + data + bytes(-len(data) % 8)


def _add(files: Files, path: str, kind: str, keep: Filter | None, write: Callable[[bytes], None]) -> None:
    if kind == "regular":
        mode = ("executable", "") if files.is_executable(path) else ()
        write(_text("(", "type", "regular", *mode, "contents"))
        write(_framed(files.read_bytes(path)))
    elif kind == "symlink":
        write(_text("(", "type", "symlink", "target", files.read_link(path)))
    elif kind == "directory":
        write(_text("(", "type", "directory"))
        _add_entries(files, path, keep, write)
    else:
        raise EvalError(f"file '{path}' has an unsupported type")
    write(_text(")"))


def _add_entries(files: Files, path: str, keep: Filter | None, write: Callable[[bytes], None]) -> None:
    entries = files.list_dir(path)
    kept: list[str] = []
    for name in sorted(entries, key=to_bytes):
        if keep is None or keep(f"{path}/{name}", entries[name]):
            kept.append(name)
    for name in kept:
        write(_text("entry", "(", "name", name, "node"))
        _add(files, f"{path}/{name}", entries[name], keep, write)
        write(_text(")"))
