"""A Git repository read without Git: references, loose objects and packs. (gitformat-pack, gitrepository-layout)

No program is run, so the settings of an untrusted repository cannot run one either. Objects are checked by nobody here: a
flake's hash covers what is read. A repository may refer to files elsewhere (`commondir`, alternates, links), which is asked about first.
"""

from __future__ import annotations

import mmap
import os
import re
import struct
import sys
import zlib

from nixbridge.errors.exceptions import EvalError, Refused
from nixbridge.regular_file import open_regular_file, read_regular_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OBJECT_ID = re.compile(r"[0-9a-f]{40}")
_TYPES = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_OFFSET_DELTA, _REFERENCE_DELTA = 6, 7
#: An object larger than this does not belong into a configuration.
LARGEST_OBJECT = 512 * 1024 * 1024
#: References that name references, and tags of tags.
_DEEPEST_NAME = 10
#: Deltas on deltas: Git writes 50, and accepts 4095.
_DEEPEST_DELTA = 4096

REGULAR, EXECUTABLE, LINK, FOLDER, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o040000, 0o160000


class Commit:
    """A commit: its tree, its parents, the committer's time."""

    __slots__ = ("parents", "time", "tree")

    def __init__(self, data: bytes) -> None:
        header = data.partition(b"\n\n")[0].decode("utf-8", "replace")
        self.parents = re.findall(r"^parent ([0-9a-f]{40})$", header, re.MULTILINE)
        tree = re.search(r"^tree ([0-9a-f]{40})$", header, re.MULTILINE)
        time = re.search(r"^committer .* (\d+) [+-]\d{4}$", header, re.MULTILINE)
        if tree is None or time is None:
            raise EvalError("a Git commit lacks its tree or its committer")
        self.tree = tree[1]
        self.time = int(time[1])


class GitRepository:
    """The repository whose Git folder is `folder` (`.git`, a bare repository, or that of a linked work tree).

    `refuse` is called with the path of each file before it is read, and raises Refused for one that must not be.
    """

    def __init__(self, folder: str, refuse: Callable[[str], None] = lambda path: None) -> None:
        self.folder = folder
        self._refuse = refuse
        common = self._text_of(f"{folder}/commondir")
        self.common = os.path.normpath(os.path.join(folder, common.strip())) if common is not None else folder
        self.settings = self._text_of(f"{self.common}/config") or ""
        if re.search(r"^\s*(objectformat\s*=\s*sha256|refstorage\s*=\s*reftable)", self.settings, re.I | re.M):
            raise Refused(f"the Git repository '{folder}' has an unsupported format (SHA-256 objects or reftables)")
        self._stores = self._object_folders(f"{self.common}/objects")
        self._packs: list[_Pack] | None = None

    @property
    def is_shallow(self) -> bool:
        """Return whether the history is cut off."""
        return os.path.exists(f"{self.common}/shallow")

    def head(self) -> str | None:
        """Return the commit of HEAD, None before the first commit."""
        return self.resolve("HEAD")

    def head_name(self) -> str | None:
        """Return the branch that HEAD points to (`refs/heads/main`); None where it is a commit."""
        text = (self._text_of(f"{self.folder}/HEAD") or "").strip()
        return text.removeprefix("ref: ") if text.startswith("ref: ") else None

    def resolve(self, name: str) -> str | None:
        """Return the object that a reference (`HEAD`, `refs/heads/main`) stands for; None where there is none."""
        for _ in range(_DEEPEST_NAME):
            # the name may come from a file of the repository, and must not lead out of it
            if ".." in name or name.startswith("/"):
                return None
            # a linked work tree has a HEAD of its own and shares the branches
            text = self._text_of(f"{self.folder}/{name}") or self._text_of(f"{self.common}/{name}")
            if text is None:
                return self._packed_references().get(name)
            text = text.strip()
            if not text.startswith("ref: "):
                return text if _OBJECT_ID.fullmatch(text) else None
            name = text.removeprefix("ref: ").strip()
        return None

    def _packed_references(self) -> dict[str, str]:
        text = self._text_of(f"{self.common}/packed-refs") or ""
        return {name: commit for commit, name in re.findall(r"^([0-9a-f]{40}) (\S+)$", text, re.MULTILINE)}

    def commit(self, identity: str) -> Commit:
        """Return a commit, or that of an annotated tag. Raises EvalError if it is missing or not a commit."""
        return self.commit_of(identity)[1]

    def commit_of(self, identity: str) -> tuple[str, Commit]:
        """Return a commit with its own name, which for an annotated tag is another one. Raises EvalError as `commit`."""
        for _ in range(_DEEPEST_NAME):
            kind, data = self.object(identity)
            if kind == "commit":
                return identity, Commit(data)
            tagged = re.match(rb"object ([0-9a-f]{40})\n", data)
            if kind != "tag" or tagged is None:
                break
            identity = tagged[1].decode()
        raise EvalError(f"Git object '{identity}' is not a commit")

    def count_commits(self, start: str) -> int:
        """Return how many commits are reachable from `start`."""
        # parents are followed with a list, not recursively: histories are longer than Python's stack
        seen, pending = {start}, [start]
        while pending:
            for parent in self.commit(pending.pop()).parents:
                if parent not in seen:
                    seen.add(parent)
                    pending.append(parent)
        return len(seen)

    def tree(self, identity: str, prefix: str = "") -> Iterator[tuple[str, int, str]]:
        """Yield (path, mode, object) of all files, links and submodules of a tree, folders gone into."""
        pending = [(identity, prefix)]
        while pending:
            current, folder = pending.pop()
            kind, data = self.object(current)
            if kind != "tree":
                raise EvalError(f"Git object '{current}' is not a tree")
            for mode, name, child in _tree_entries(data):
                if mode == FOLDER:
                    pending.append((child, f"{folder}{name}/"))
                else:
                    yield folder + name, mode, child

    def has(self, identity: str) -> bool:
        """Return whether the repository has a commit."""
        try:
            self.commit(identity)
        except EvalError:
            return False
        return True

    def object(self, identity: str) -> tuple[str, bytes]:
        """Return the type and the contents of an object. Raises EvalError where it is missing or damaged."""
        try:
            # loose objects first, as Git does: a repack may remove them only after the pack is complete
            found = self._loose(identity) or self._packed(identity)
        except (zlib.error, struct.error, ValueError, IndexError, OSError) as error:
            raise EvalError(f"Git object '{identity}' in '{self.folder}' cannot be read: {error}") from None
        if found is None:
            raise EvalError(f"Git object '{identity}' is not in the repository '{self.folder}'")
        return found

    def _loose(self, identity: str) -> tuple[str, bytes] | None:
        for store in self._stores:
            data = self.bytes_of(f"{store}/{identity[:2]}/{identity[2:]}")
            if data is not None:
                header, _, contents = _inflate(data).partition(b"\0")
                return header.split(b" ")[0].decode(), contents
        return None

    def _open_packs(self) -> list[_Pack]:
        if self._packs is None:
            names = [
                f"{store}/pack/{name}"
                for store in self._stores
                for name in (sorted(os.listdir(f"{store}/pack")) if os.path.isdir(f"{store}/pack") else [])
                if name.endswith(".idx")
            ]
            self._packs = [_Pack(name, self._refuse) for name in names]
        return self._packs

    def _object_folders(self, folder: str) -> list[str]:
        """Return the object folder of a repository and those that it borrows from, each once."""
        folders = [folder]
        for current in folders:  # grows meanwhile: what is borrowed from may borrow in turn
            for line in (self._text_of(f"{current}/info/alternates") or "").splitlines():
                borrowed = os.path.normpath(os.path.join(current, line))
                if line and not line.startswith("#") and borrowed not in folders:
                    folders.append(borrowed)
        return folders

    def bytes_of(self, path: str) -> bytes | None:
        """Return the contents of a file of the repository; None where it is not there. Raises EvalError."""
        self._refuse(path)
        try:
            return read_regular_file(path)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise EvalError(f"'{path}' cannot be read: {error.strerror}") from None

    def _text_of(self, path: str) -> str | None:
        data = self.bytes_of(path)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def _place(self, identity: bytes) -> tuple[_Pack, int] | None:
        """Return the pack that has an object, and where it begins in the pack."""
        for pack in self._open_packs():
            offset = pack.find(identity)
            if offset is not None:
                return pack, offset
        return None

    def _packed(self, identity: str) -> tuple[str, bytes] | None:
        """Return an object from the packs; None where none has it."""
        place = self._place(bytes.fromhex(identity))
        if place is None:
            return None
        # A chain of deltas can be longer than Python's stack, and can be a circle, also through several packs: the
        # deltas are collected on the way to the base, up to a limit, and applied from the base on.
        deltas: list[bytes] = []
        while True:
            pack, offset = place
            kind, base, data = pack.entry(offset)
            if kind not in (_OFFSET_DELTA, _REFERENCE_DELTA):
                if kind not in _TYPES:
                    raise ValueError(f"its type {kind} is unknown")
                name = _TYPES[kind]
                break
            deltas.append(data)
            if len(deltas) > _DEEPEST_DELTA:
                raise ValueError("its chain of deltas does not end")
            place = (pack, base) if isinstance(base, int) else self._place(base)
            if place is None:
                assert isinstance(base, bytes)
                loose = self._loose(base.hex())
                if loose is None:
                    raise ValueError(f"the base '{base.hex()}' of a delta is missing")
                name, data = loose
                break
        for delta in reversed(deltas):
            data = _apply_delta(data, delta)
        return name, data


class _Pack:
    """A pack and its index (version 2)."""

    def __init__(self, index: str, refuse: Callable[[str], None]) -> None:
        self.path = index.removesuffix(".idx") + ".pack"
        refuse(index)
        refuse(self.path)
        self.index = read_regular_file(index)
        if self.index[:8] != b"\xfftOc\0\0\0\x02":
            raise ValueError("its pack index has an unknown version")
        self.count = struct.unpack_from(">I", self.index, 8 + 255 * 4)[0]
        self.names = 8 + 256 * 4
        self.data: mmap.mmap | None = None

    def find(self, identity: bytes) -> int | None:
        """Return where an object begins; None where the pack does not have it."""
        # fanout table: entry N counts the objects whose first byte is at most N
        first = identity[0]
        low = struct.unpack_from(">I", self.index, 8 + (first - 1) * 4)[0] if first else 0
        high = struct.unpack_from(">I", self.index, 8 + first * 4)[0]
        while low < high:
            middle = (low + high) // 2
            start = self.names + middle * 20
            here = self.index[start : start + 20]
            if here == identity:
                return self._offset(middle)
            low, high = (middle + 1, high) if here < identity else (low, middle)
        return None

    def _offset(self, position: int) -> int:
        table = self.names + self.count * 24
        offset: int = struct.unpack_from(">I", self.index, table + position * 4)[0]
        # packs of 2 GiB and more keep such offsets in a second table of 8 bytes each
        if offset & 0x80000000:
            large = table + self.count * 4 + (offset & 0x7FFFFFFF) * 8
            offset = struct.unpack_from(">Q", self.index, large)[0]
        return offset

    def entry(self, offset: int) -> tuple[int, int | bytes, bytes]:
        """Return the type, the base (an offset or an object, for deltas) and the contents of an entry."""
        if self.data is None:
            with open_regular_file(self.path, largest=sys.maxsize) as file:
                self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        data, at = self.data, offset
        byte = data[at]
        kind = byte >> 4 & 7
        while byte & 0x80:  # the size, which inflating finds out again
            at += 1
            byte = data[at]
        at += 1
        base: int | bytes = 0
        if kind == _REFERENCE_DELTA:
            base = data[at : at + 20]
            at += 20
        elif kind == _OFFSET_DELTA:
            byte = data[at]
            distance = byte & 0x7F
            while byte & 0x80:
                at += 1
                byte = data[at]
                # the + 1 makes each length of the encoding start where the shorter one ends (gitformat-pack)
                distance = (distance + 1) << 7 | byte & 0x7F
            at += 1
            base = offset - distance
            if not 0 < distance <= offset:
                raise ValueError("a delta's base is outside its pack")
        return kind, base, _inflate(memoryview(data)[at:])


def _inflate(data: bytes | memoryview) -> bytes:
    stream = zlib.decompressobj()
    # bounded: a few bytes of zlib can expand to gigabytes
    contents = stream.decompress(data, LARGEST_OBJECT)
    if not stream.eof:
        raise ValueError("it is truncated, or larger than a file of a configuration may be")
    return contents


def _apply_delta(base: bytes, delta: bytes) -> bytes:
    """Return what a delta makes of its base: runs copied from the base, and runs that the delta has itself."""
    # the size of the base comes first and is not needed: a copy from beyond its end makes the result too short
    _, at = _delta_size(delta, 0)
    size, at = _delta_size(delta, at)
    if size > LARGEST_OBJECT:
        raise ValueError("it is larger than a file of a configuration may be")
    parts: list[bytes] = []
    while at < len(delta):
        command = delta[at]
        at += 1
        if not command & 0x80:
            parts.append(delta[at : at + command])
            at += command
            continue
        # copy from the base: the low bits say which bytes of offset (4) and length (3) follow
        numbers = [0, 0]
        for place in range(7):
            if command & 1 << place:
                numbers[place > 3] |= delta[at] << 8 * (place if place < 4 else place - 4)
                at += 1
        # a length of 0 means 64 KiB (gitformat-pack)
        start, length = numbers[0], numbers[1] or 0x10000
        parts.append(base[start : start + length])
    result = b"".join(parts)
    if len(result) != size:
        raise ValueError("a delta does not fit its base")
    return result


def _delta_size(delta: bytes, at: int) -> tuple[int, int]:
    size = shift = 0
    while True:
        byte = delta[at]
        at += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return size, at


def _tree_entries(data: bytes) -> Iterator[tuple[int, str, str]]:
    at = 0
    while at < len(data):
        space, end = data.index(b" ", at), data.index(b"\0", at)
        name = data[space + 1 : end].decode("utf-8", "surrogateescape")
        # names become paths on this machine; Git itself never writes these
        if name in ("", ".", "..", ".git") or "/" in name:
            raise EvalError(f"a Git tree has an entry with the forbidden name '{name}'")
        yield int(data[at:space], 8), name, data[end + 1 : end + 21].hex()
        at = end + 21
