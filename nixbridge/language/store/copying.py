"""Paths as the store paths that Nix would copy them to."""

from __future__ import annotations

from nixbridge.language.runtime.strings import with_context
from nixbridge.language.store.archive import archive_hash
from nixbridge.language.store.store_path import source_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host


def stored(path: str) -> str:
    """A store path's text, with itself as its context."""
    return with_context(path, (path,))


def store_path_of(host: Host, path: str) -> str:
    """What `"${./path}"` gives: the store path, with its context, of the file, link or folder at `path`."""
    return stored(source_path(path.rpartition("/")[2], archive_hash(host, path)))
