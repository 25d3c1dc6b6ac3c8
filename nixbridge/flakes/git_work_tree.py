"""Git work trees: the tracked files, and whether they differ from the last commit. (gitformat-index)"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct

from nixbridge.errors.exceptions import EvalError, Refused
from nixbridge.flakes.git_repository import EXECUTABLE, FOLDER, LINK, REGULAR, SUBMODULE, GitRepository
from nixbridge.regular_file import open_regular_file, read_regular_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_HEADER = struct.Struct(">4sII")
#: Times, device, inode, mode, owner, size, object, flags.
_ENTRY = struct.Struct(">10I20sH")
_EXTENDED, _STAGE, _NAME_LENGTH = 0x4000, 0x3000, 0x0FFF
_INTENDED = 0x2000


class IndexEntry:
    """A tracked path as the index has it."""

    __slots__ = ("changed", "identity", "intended", "mode", "path", "size")

    def __init__(self, path: str, fields: tuple[int, ...], identity: str, more: int) -> None:
        self.path = path
        # The positions are those of `_ENTRY`. Device, inode and owner are not compared: they differ on a copied disk.
        self.changed = (fields[2], fields[3])
        self.mode = fields[6]
        self.size = fields[9]
        self.identity = identity
        self.intended = bool(more & _INTENDED)


class GitWorkTree:
    """The work tree at `folder`.

    `files` are the tracked paths that are there, `entries` these and the folders around them; `head` is the commit (None before the
    first one), `is_dirty` says whether a tracked file differs from it. With `submodules` their files count as well. `refuse` is called
    with the path of each file of the repository before it is read.
    """

    def __init__(
        self, folder: str, refuse: Callable[[str], None] = lambda path: None, *, submodules: bool = False
    ) -> None:
        self.folder = folder
        self._refuse = refuse
        self._links: dict[str, bool] = {"": False}
        self.repository = GitRepository(git_folder(folder), refuse)
        self.head = self.repository.head()
        self._executable_counts = not re.search(r"^\s*filemode\s*=\s*false", self.repository.settings, re.I | re.M)
        index, self._index_time, self._index_tree = _read_index(self.repository)
        self.files: dict[str, int] = {}
        self.is_dirty = not self._index_is_head(index)
        for entry in index:
            if entry.mode != SUBMODULE:
                self._look_at(entry)
        if submodules:
            self._add_submodules([entry for entry in index if entry.mode == SUBMODULE])
        self.entries = frozenset(self._with_folders())

    def _look_at(self, entry: IndexEntry) -> None:
        """Record a tracked file, and whether it equals the entry of the index."""
        path = f"{self.folder}/{entry.path}"
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            self.is_dirty = True
            return
        # for Git as well, what has become a folder or a FIFO, or lies beyond a link, is a file that is gone
        is_there = stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)
        if not is_there or self._is_beyond_link(os.path.dirname(entry.path)):
            self.is_dirty = True
            return
        self.files[entry.path] = _mode_of(status)
        # one difference is enough: files are no longer compared after it
        if not self.is_dirty and not self._is_unchanged(entry, path, status):
            self.is_dirty = True

    def _is_beyond_link(self, folder: str) -> bool:
        """Return whether a folder, told by its path in the work tree, or one around it is a link."""
        if folder not in self._links:
            self._links[folder] = self._is_beyond_link(os.path.dirname(folder)) or os.path.islink(
                f"{self.folder}/{folder}"
            )
        return self._links[folder]

    def _is_unchanged(self, entry: IndexEntry, path: str, status: os.stat_result) -> bool:
        mode = _mode_of(status)
        if mode != entry.mode and not (not self._executable_counts and {mode, entry.mode} == {REGULAR, EXECUTABLE}):
            return False
        changed = divmod(status.st_mtime_ns, 1_000_000_000)
        # a file that was changed in the moment in which the index was written may have the same time and size
        if (
            changed == entry.changed
            and status.st_size & 0xFFFFFFFF == entry.size
            and status.st_mtime_ns < self._index_time
        ):
            return True
        is_link = stat.S_ISLNK(status.st_mode)
        data = os.fsencode(os.readlink(path)) if is_link else read_regular_file(path, follow=False)
        # Git's own name for the contents, not a protection
        return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == entry.identity

    def _index_is_head(self, index: list[IndexEntry]) -> bool:
        """Return whether the index equals the last commit."""
        if self.head is None:
            return not index
        # `git add --intent-to-add`: an entry without contents, which no commit has
        if any(entry.intended for entry in index):
            return False
        tree = self.repository.commit(self.head).tree
        # Git keeps the tree that the index was read from, which saves a comparison of every path
        if self._index_tree == tree:
            return True
        committed = {path: (mode, identity) for path, mode, identity in self.repository.tree(tree)}
        return committed == {entry.path: (entry.mode, entry.identity) for entry in index}

    def _add_submodules(self, entries: list[IndexEntry]) -> None:
        for entry in entries:
            if os.path.lexists(f"{self.folder}/{entry.path}/.git"):
                inner = GitWorkTree(f"{self.folder}/{entry.path}", self._refuse, submodules=True)
                self.is_dirty |= inner.is_dirty or inner.head != entry.identity
                self.files |= {f"{entry.path}/{name}": mode for name, mode in inner.files.items()}

    def _with_folders(self) -> set[str]:
        entries = set(self.files)
        for path in self.files:
            while "/" in path:
                path = path.rpartition("/")[0]
                if path in entries:
                    break
                entries.add(path)
        return entries


def git_folder(work_tree: str) -> str:
    """Return the Git folder of a work tree: its `.git`, or where a `.git` file points."""
    path = f"{work_tree}/.git"
    if not os.path.isfile(path):
        return path
    with open_regular_file(path) as file:
        text = os.fsdecode(file.read(8192))
    if not text.startswith("gitdir:"):
        raise EvalError(f"'{path}' is not a Git folder and does not point to one")
    return os.path.normpath(os.path.join(work_tree, text.removeprefix("gitdir:").strip()))


def _mode_of(status: os.stat_result) -> int:
    if stat.S_ISLNK(status.st_mode):
        return LINK
    return EXECUTABLE if status.st_mode & stat.S_IXUSR else REGULAR


def _read_index(repository: GitRepository) -> tuple[list[IndexEntry], int, str | None]:
    """Return the entries, the time of the index in nanoseconds, and the tree that it was written as (None where that is not known)."""
    path = f"{repository.folder}/index"
    # the time first: of an index that is written meanwhile an older time has more files read, never fewer
    time = os.stat(path).st_mtime_ns if os.path.exists(path) else 0
    data = repository.bytes_of(path)
    if data is None:
        return [], 0, None
    try:
        signature, version, count = _HEADER.unpack_from(data)
        if signature != b"DIRC" or version not in (2, 3, 4):
            raise ValueError(f"unknown version {version}")
        entries, at = _read_entries(data, version, count)
        tree = _read_extensions(data, at)
    except (struct.error, ValueError, IndexError) as error:
        raise EvalError(f"the Git index '{path}' cannot be read: {error}") from None
    return entries, time, tree


def _read_entries(data: bytes, version: int, count: int) -> tuple[list[IndexEntry], int]:
    entries: list[IndexEntry] = []
    at, name = _HEADER.size, b""
    for _ in range(count):
        start = at
        *fields, identity, flags = _ENTRY.unpack_from(data, at)
        at += _ENTRY.size
        more = 0
        if flags & _EXTENDED and version >= 3:
            more = struct.unpack_from(">H", data, at)[0]
            at += 2
        if version == 4:
            # the name is given as how much of the name before is dropped, and what is added
            dropped, at = _variable_number(data, at)
            end = data.index(b"\0", at)
            name = name[: len(name) - dropped] + data[at:end]
            at = end + 1
        else:
            end = data.index(b"\0", at)
            name = data[at:end]
            at = start + (end - start + 8) // 8 * 8  # padded to 8 bytes, with at least one NUL
        mode = fields[6]
        if mode == FOLDER:
            raise Refused("sparse Git indexes are not supported: run git sparse-checkout reapply --no-sparse-index")
        if flags & _STAGE and entries and entries[-1].path == _checked_path(name):
            continue  # a conflict: one path, up to three times
        entries.append(IndexEntry(_checked_path(name), tuple(fields), identity.hex(), more))
    return entries, at


def _checked_path(name: bytes) -> str:
    path = name.decode("utf-8", "surrogateescape")
    if any(part in ("", ".", "..", ".git") for part in path.split("/")):
        raise ValueError(f"it has the forbidden path '{path}'")
    return path


def _variable_number(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    number = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        number = (number + 1) << 7 | byte & 0x7F
    return number, at + 1


def _read_extensions(data: bytes, at: int) -> str | None:
    """Return the tree of the whole index, where the extension for trees says that it is still that."""
    # the last 20 bytes are the checksum of the file
    while at + 8 <= len(data) - 20:
        name, size = struct.unpack_from(">4sI", data, at)
        at += 8
        if name == b"TREE":
            count = re.match(rb"\0(-?\d+) \d+\n", data[at : at + size])
            # a count of -1 marks a tree that has changed since
            if count is not None and int(count[1]) >= 0:
                start = at + count.end()
                return data[start : start + 20].hex()
            return None
        if name == b"link":
            raise Refused("split Git indexes are not supported: run git update-index --no-split-index")
        at += size
    return None
