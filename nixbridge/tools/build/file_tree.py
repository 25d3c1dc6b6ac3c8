"""Files, links and folders in memory, the nodes of an output."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

Node: TypeAlias = "File | Link | Folder"


class File:
    """A regular file. `writable` is false for a file of the store and its copies, as in a real build."""

    __slots__ = ("data", "executable", "writable")

    def __init__(self, data: bytes, *, executable: bool = False, writable: bool = True) -> None:
        self.data, self.executable, self.writable = data, executable, writable

    def copy(self, *, writable: bool) -> File:
        """Return a copy that can, or cannot, be written to."""
        return File(self.data, executable=self.executable, writable=writable)


class Link:
    """A symbolic link to `target`, as it is written in the link."""

    __slots__ = ("target",)

    def __init__(self, target: str) -> None:
        self.target = target

    def copy(self, *, writable: bool) -> Link:
        """Return the same link; a link has no permissions of its own."""
        return Link(self.target)


class Folder:
    """A folder: names to nodes."""

    __slots__ = ("entries", "writable")

    def __init__(self, entries: dict[str, Node] | None = None, *, writable: bool = True) -> None:
        self.entries: dict[str, Node] = {} if entries is None else entries
        self.writable = writable

    def copy(self, *, writable: bool) -> Folder:
        """Return a deep copy that can, or cannot, be written to."""
        entries = {name: node.copy(writable=writable) for name, node in self.entries.items()}
        return Folder(entries, writable=writable)

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Node]]:
        """Yield the relative path and node of everything below the folder, in the order of names."""
        for name in sorted(self.entries):
            node = self.entries[name]
            yield f"{prefix}{name}", node
            if isinstance(node, Folder):
                yield from node.walk(f"{prefix}{name}/")


def size_of(node: Node) -> int:
    """Return the bytes in a file, or in all files of a folder."""
    if isinstance(node, Folder):
        return sum(size_of(child) for child in node.entries.values())
    return len(node.data) if isinstance(node, File) else len(node.target)
