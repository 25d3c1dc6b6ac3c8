"""The files that a script sees: its outputs and a scratch folder, which it may change, and its inputs, which it may read."""

from __future__ import annotations

import posixpath

from nixbridge.errors.exceptions import LimitReached
from nixbridge.tools.build.build_errors import CommandFailed, NotCarriedOut
from nixbridge.tools.build.file_tree import File, Folder, Link, Node, size_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

STORE = "/nix/store"
SCRATCH = "/build"
NULL_DEVICE = "/dev/null"
MOST_LINKS = 40
#: Bytes that a script may write in all: it makes configuration, not images.
MOST_BYTES = 256 * 1024 * 1024
#: Files, links and folders that a script may make in all.
MOST_NODES = 200_000


class FileSystem:
    """A script's view of files, by absolute path.

    `outputs` are the paths that it makes; `read_input` gives the node at a store path, or None where the path is not one of its inputs.
    """

    def __init__(self, outputs: list[str], read_input: Callable[[str], Node | None]) -> None:
        self.made: dict[str, Node] = {SCRATCH: Folder()}
        self._outputs = frozenset(outputs)
        self._read_input = read_input
        self._bytes = 0
        self._nodes = 0

    def find(self, path: str, *, follow: bool = True) -> Node | None:
        """Return the node at an absolute path, None where there is none. `follow` False: a link at its end stays a link."""
        return self._walk(path, follow, MOST_LINKS)[1]

    def real_path(self, path: str) -> str:
        """Return the path after its links."""
        return self._walk(path, True, MOST_LINKS)[0]

    def _walk(self, path: str, follow: bool, links_left: int) -> tuple[str, Node | None]:
        path = posixpath.normpath(path)
        current, node, rest = self._top(path)
        parts = rest.split("/") if rest else []
        # one step more than there are parts: the last node may be a link as well
        for index, part in enumerate([*parts, ""]):
            if isinstance(node, Link) and (follow or index < len(parts)):
                if links_left == 0:
                    raise CommandFailed(f"'{path}': Too many levels of symbolic links")
                target = posixpath.join(posixpath.dirname(current), node.target)
                return self._walk("/".join([target, *parts[index:]]), follow, links_left - 1)
            if index == len(parts):
                break
            current = f"{current}/{part}"
            node = node.entries.get(part) if isinstance(node, Folder) else None
        return current, node

    def _top(self, path: str) -> tuple[str, Node | None, str]:
        """Return the mounted path that `path` is in or below, its node, and the rest of the path."""
        for top in (SCRATCH, *self._outputs):
            if path == top or path.startswith(f"{top}/"):
                return top, self.made.get(top), path[len(top) + 1 :]
        if path == NULL_DEVICE:
            return path, File(b"", writable=False), ""
        if path.startswith(f"{STORE}/"):
            name, _, rest = path[len(STORE) + 1 :].partition("/")
            top = f"{STORE}/{name}"
            node = self._read_input(top)
            if node is not None:
                return top, node, rest
        raise NotCarriedOut(f"'{path}' is neither an output of this derivation nor one of its inputs")

    def folder(self, path: str) -> Folder:
        """Return the folder at `path`. Raises CommandFailed where there is none."""
        node = self.find(path)
        if node is None:
            raise CommandFailed(f"'{path}': No such file or directory")
        if not isinstance(node, Folder):
            raise CommandFailed(f"'{path}': Not a directory")
        return node

    def file(self, path: str) -> File:
        """Return the file at `path`, links followed. Raises CommandFailed where there is none."""
        node = self.find(path)
        if node is None:
            raise CommandFailed(f"'{path}': No such file or directory")
        if not isinstance(node, File):
            raise CommandFailed(f"'{path}': Is a directory")
        return node

    def put(self, path: str, node: Node) -> None:
        """Set the node at `path`, whose folder must exist and be writable."""
        self._count(size_of(node))
        path = posixpath.normpath(path)
        if path in self._outputs:
            self.made[path] = node
            return
        parent = self.folder(posixpath.dirname(path))
        name = posixpath.basename(path)
        if not parent.writable or not self.is_ours(path):
            raise CommandFailed(f"cannot create '{path}': Permission denied")
        parent.entries[name] = node

    def write(self, path: str, data: bytes, *, append: bool = False) -> None:
        """Write a file as a redirection does: an existing one keeps its permissions."""
        real = self.real_path(path)
        node = self.find(real)
        if isinstance(node, Folder):
            raise CommandFailed(f"{path}: Is a directory")
        if isinstance(node, File):
            if not node.writable or not self.is_ours(real):
                raise CommandFailed(f"{path}: Permission denied")
            # an append copies the file, so it counts as much: a loop of appends must not take quadratic time
            self._count(len(data) + (len(node.data) if append else 0))
            node.data = node.data + data if append else data
        else:
            self.put(real, File(data))

    def remove(self, path: str) -> None:
        """Remove the node at `path`."""
        path = posixpath.normpath(path)
        if path in self._outputs:
            del self.made[path]
            return
        parent = self.folder(posixpath.dirname(path))
        if not parent.writable or not self.is_ours(path):
            raise CommandFailed(f"cannot remove '{path}': Permission denied")
        del parent.entries[posixpath.basename(path)]

    def is_top(self, path: str) -> bool:
        """Return whether `path` is an output or the scratch folder, above which nothing is made."""
        return (path.count("/") <= 3 and path.startswith(f"{STORE}/")) or path == SCRATCH

    def is_ours(self, path: str) -> bool:
        """Return whether the script may change the node at `path`."""
        tops = (SCRATCH, *self._outputs)
        if path in tops:
            return True
        real = self.real_path(posixpath.dirname(path))
        return any(real == top or real.startswith(f"{top}/") for top in tops)

    def _count(self, size: int) -> None:
        self._bytes += size
        self._nodes += 1
        if self._bytes > MOST_BYTES or self._nodes > MOST_NODES:
            raise LimitReached(f"a script may write at most {MOST_BYTES // 1024 // 1024} MiB in {MOST_NODES:,} files")
