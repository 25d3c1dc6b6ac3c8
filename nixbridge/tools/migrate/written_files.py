"""The record of an earlier run in DEST: each file with a hash, so that what somebody changed since is known, and what is left over.

It is kept in DEST, as a file to be committed with the others. It is not trusted: a file that does not hold what is written here is nobody's
but the user's, and paths that lead out of DEST are not looked at.
"""

from __future__ import annotations

import hashlib
import json
import posixpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: The form of the file; another one is not read.
FORM = 1


class Entry:
    """A file that was written: its source (None: it belongs to the whole tree), its Kubernetes objects, and hashes of what it may hold.

    There is more than one hash while a run puts new files in: were it killed, both the old and the new file would be its own.
    """

    __slots__ = ("hashes", "objects", "source")

    def __init__(self, source: str | None, hashes: tuple[str, ...], objects: tuple[str, ...] = ()) -> None:
        self.source, self.hashes, self.objects = source, hashes, objects


class Written:
    """`root` is the tree that was migrated, seen from DEST; `files` are the entries by path. `valid`: what was read is such a file."""

    def __init__(
        self, root: str | None = None, files: Mapping[str, Entry] | None = None, *, valid: bool = True
    ) -> None:
        self.root = root
        self.files = dict(files or {})
        self.valid = valid


def digest(data: bytes) -> str:
    """Return the hash by which a file is known again."""
    return hashlib.sha256(data).hexdigest()


def read(data: bytes | None) -> Written:
    """Return the record in DEST; an empty one where there is none, or another thing of that name."""
    if data is None:
        return Written()
    try:
        document = json.loads(data)
        if document["form"] != FORM:
            return Written(valid=False)
        files = {path: _entry(entry) for path, entry in document["files"].items() if is_inside(path)}
        return Written(str(document["root"]), files)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Written(valid=False)


def _entry(entry: dict[str, object]) -> Entry:
    source, hashes, objects = entry["source"], entry["sha256"], entry.get("objects", [])
    if not isinstance(hashes, list) or not isinstance(objects, list):
        raise TypeError
    return Entry(None if source is None else str(source), tuple(map(str, hashes)), tuple(map(str, objects)))


def is_inside(path: str) -> bool:
    """Return whether a text is the plain relative path of something below DEST."""
    return (
        bool(path)
        and not path.startswith("/")
        and "\0" not in path
        and posixpath.normpath(path) == path
        and path.split("/")[0] != ".."
    )


def write(written: Written) -> bytes:
    """Return the file, in the order of the paths: the same every time."""
    files = {
        path: {"source": entry.source, "sha256": list(entry.hashes)}
        | ({"objects": list(entry.objects)} if entry.objects else {})
        for path, entry in sorted(written.files.items())
    }
    document = {"form": FORM, "root": written.root, "files": files}
    return (json.dumps(document, indent=1) + "\n").encode()
