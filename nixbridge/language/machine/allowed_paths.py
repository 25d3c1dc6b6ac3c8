"""The folders below which files may be read, those that stand for store paths, and the way of a path through its links.

A link is followed only where it lies below an allowed folder. What it leads to outside is nothing but text, which may come back in at
the name of an allowed folder: so no answer, no message and no time taken tells what is outside.
"""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import EvalError

STORE_PREFIX = "/nix/store/"

#: Links in one path, as Linux counts them; beyond it, the path stays at the link, which cannot be opened.
MOST_LINKS = 40


class NotInTree(EvalError):
    """A path that is in the folder, or is missing there, but does not belong to the store path."""


class StoreTree:
    """The folder or file behind a store path.

    `entries` are the relative paths that belong to it (None: everything below `folder`), folders included; `repository` is the
    Git work tree that decides about them, for messages.
    """

    __slots__ = ("entries", "folder", "repository")

    def __init__(self, folder: str, entries: frozenset[str] | None = None, repository: str | None = None) -> None:
        self.folder = folder
        self.entries = entries
        self.repository = repository

    def has(self, rest: str) -> bool:
        """Return whether the relative path `rest` belongs to the tree, as far as names tell."""
        return self.entries is None or not rest or rest in self.entries

    def locate(self, rest: str) -> str:
        """Return where the relative path `rest` is on this machine. Raises NotInTree for what does not belong to the tree."""
        location = f"{self.folder}/{rest}" if rest else self.folder
        if self.has(rest):
            return location
        if self.repository is not None and os.path.lexists(location):
            raise NotInTree(
                f"Path '{rest}' in the repository \"{self.repository}\" is not tracked by Git.",
                hint=f'to make it visible: git -C "{self.repository}" add "{rest}"',
            )
        raise NotInTree(f"path '{location}' does not exist")


class StoreTrees:
    """The trees of an evaluation, by store path."""

    def __init__(self) -> None:
        self._trees: dict[str, StoreTree] = {}

    def mount(self, store_path: str, tree: StoreTree) -> None:
        """Let `store_path` stand for `tree` from now on."""
        self._trees[store_path] = tree

    def find(self, path: str) -> tuple[StoreTree, str] | None:
        """Return the tree that an absolute path is in, and the rest of the path below it."""
        if not self._trees or not path.startswith(STORE_PREFIX):
            return None
        end = path.find("/", len(STORE_PREFIX))
        top, rest = (path, "") if end < 0 else (path[:end], path[end + 1 :])
        tree = self._trees.get(top)
        return None if tree is None else (tree, rest)


class Roots:
    """The allowed folders (or single files), by the name under which they were allowed and by their real one."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.real: list[str] = []
        #: Store paths that stand for folders: they are allowed, and links in them are followed as if they were in the store.
        self.trees = StoreTrees()

    def allow(self, folder: str) -> None:
        """From now on `folder` is one of them."""
        real = os.path.realpath(folder)
        self.names[os.path.abspath(folder)] = self.names[real] = real
        if real not in self.real:
            self.real.append(real)

    def has(self, real: str) -> bool:
        """Is a real path below an allowed folder, or one itself?"""
        return any(root == "/" or real == root or real.startswith(root + "/") for root in self.real)

    def resolve(self, path: str, *, last_link: bool = True) -> str | None:
        """The real path of an absolute one; None when it leads outside. `last_link` False: a link at its end stays.

        Raises NotInTree for a path below a store path that does not belong to it.
        """
        current = self.walk(path, last_link=last_link)
        found = self.trees.find(current)
        if found is not None:
            tree, rest = found
            return tree.locate(rest)
        return current if self.has(current) else None

    def walk(self, path: str, *, last_link: bool = True) -> str:
        """The path after its links, a store path that stands for a folder kept as it is."""
        current = self.names.get("/", "/")
        pending = path.split("/")[::-1]
        links = 0
        while pending:
            part = pending.pop()
            if part in ("", "."):
                continue
            if part == "..":
                current = os.path.dirname(current)
                continue
            step = f"{current.rstrip('/')}/{part}"
            target = self._link_at(step) if pending or last_link else None
            if target is None or links == MOST_LINKS:
                current = self.names.get(step, step)
                continue
            links += 1
            pending.extend(target.split("/")[::-1])
            if target.startswith("/"):
                current = self.names.get("/", "/")
        return current

    def _link_at(self, step: str) -> str | None:
        """Where a link below the allowed folders leads; None for what is none, and for all that is outside."""
        if step in self.names:
            return None
        found = self.trees.find(step)
        if found is None and not self.has(step):
            return None
        try:
            return os.readlink(step if found is None else found[0].locate(found[1]))
        except (OSError, NotInTree):
            return None
