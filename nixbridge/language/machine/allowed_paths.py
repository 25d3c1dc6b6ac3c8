"""The folders below which files may be read, those that stand for store paths, and the way of a path through its links.

A link is followed only where it lies below an allowed folder. What it leads to outside is nothing but text, which may come back in at
the name of an allowed folder: so no answer, no message and no time taken tells what is outside.
"""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.path import canonical

STORE_PREFIX = "/nix/store/"

#: Links in one path, as Linux counts them; beyond it, the path stays at the link, which cannot be opened.
MOST_LINKS = 40


class NotInTree(EvalError):
    """A path that does not belong to a store path, although it may be in the folder that the store path stands for."""


class StoreTree:
    """The folder or file that a store path stands for.

    `entries` are the relative paths that belong to it (None: everything below `folder`), folders included; `repository` is the
    Git work tree that decides about them, for messages.
    """

    __slots__ = ("entries", "folder", "repository")

    def __init__(self, folder: str, entries: frozenset[str] | None = None, repository: str | None = None) -> None:
        # without links around it: the files in it are opened so
        self.folder = os.path.join(os.path.realpath(os.path.dirname(folder)), os.path.basename(folder))
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


class StoreText:
    """The contents of a store path that is a file which no file of this machine is a copy of."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class LinkCircle(EvalError):
    """Links that lead to one another, or too many of them."""


class StoreTrees:
    """The trees and texts of an evaluation, by store path."""

    def __init__(self) -> None:
        self._known: dict[str, StoreTree | StoreText] = {}

    def mount(self, store_path: str, contents: StoreTree | StoreText) -> None:
        """Let `store_path` stand for a tree or text from now on. One that is known already keeps its meaning."""
        self._known.setdefault(store_path, contents)

    def find(self, path: str) -> tuple[StoreTree | StoreText, str] | None:
        """Return the tree or text that an absolute path is in, and the rest of the path below it."""
        if not self._known or not path.startswith(STORE_PREFIX):
            return None
        end = path.find("/", len(STORE_PREFIX))
        top, rest = (path, "") if end < 0 else (path[:end], path[end + 1 :])
        found = self._known.get(top)
        return None if found is None else (found, rest)

    def locate(self, path: str) -> str | StoreText | None:
        """Return the file of this machine, or the text, that `path` stands for; None where it is in no tree.

        Raises NotInTree for a path in a tree that does not belong to it.
        """
        found = self.find(path)
        if found is None:
            return None
        contents, rest = found
        if contents.__class__ is StoreTree:
            return contents.locate(rest)
        assert isinstance(contents, StoreText)
        if rest:
            raise NotInTree(f"path '{path}' does not exist")
        return contents

    def shown(self, path: str) -> str:
        """Return the name under which messages show `path`: the file of this machine, not the store path that stands for it."""
        found = self.find(path)
        if found is None or not isinstance(found[0], StoreTree):
            return path
        return f"{found[0].folder}/{found[1]}".rstrip("/")


class AllowedPaths:
    """The allowed folders (or single files), by the name under which they were allowed and by their real one.

    `trees` are the store paths that stand for folders: they are allowed, and links in them lead where they would lead in the store.
    """

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.real: list[str] = []
        self.trees = StoreTrees()

    def allow(self, folder: str) -> None:
        """Allow `folder` from now on."""
        real = os.path.realpath(folder)
        self.names[os.path.abspath(folder)] = self.names[real] = real
        if real not in self.real:
            self.real.append(real)

    def has(self, real: str) -> bool:
        """Return whether a real path is an allowed folder or below one.

        The slash matters: `conf-secrets` is not below `conf`, although its name begins so.
        """
        return any(root == "/" or real == root or real.startswith(root + "/") for root in self.real)

    def has_name(self, path: str) -> bool:
        """Return whether a path is an allowed folder or below one before its links are followed."""
        return any(path == name or path.startswith(f"{name}/") for name in self.names)

    def locate(self, walked: str) -> str | StoreText | None:
        """Return where a path is that `walk` gave; None when it is outside.

        Raises NotInTree for a path below a store path that does not belong to it.
        """
        found = self.trees.locate(walked)
        if found is not None:
            return found
        return walked if self.has(walked) else None

    def link_at(self, path: str) -> str | None:
        """Return where the link at an allowed path leads, an absolute path; None where nothing is linked.

        An allowed folder's own name may be one as well.
        """
        if path in self.names:
            return self.names[path] if os.path.islink(path) else None
        target = self._link_at(self.walk(path, last_link=False))
        return (
            None if target is None else canonical(f"{os.path.dirname(path)}/{target}" if target[:1] != "/" else target)
        )

    def walk(self, path: str, *, last_link: bool = True, followed: dict[str, None] | None = None) -> str:
        """Return an absolute path with its links resolved, those outside the allowed folders kept as text.

        With `last_link` False a link at the end stays. A store path that stands for a folder is kept as it is. `followed` collects
        the links that were followed. Raises LinkCircle.
        """
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
            if target is None:
                current = self.names.get(step, step)
                continue
            if links == MOST_LINKS:
                raise LinkCircle(f"infinite symlink recursion in path '{self.trees.shown(path)}'")
            links += 1
            if followed is not None:
                followed[self.trees.shown(step)] = None
            pending.extend(target.split("/")[::-1])
            if target.startswith("/"):
                current = self.names.get("/", "/")
        return current

    def _link_at(self, step: str) -> str | None:
        """Return where a link below the allowed folders leads; None if it is not a link or lies outside."""
        if step in self.names:
            return None
        try:
            place = self.trees.locate(step)
            if place is None and self.has(step):
                place = step
            return os.readlink(place) if isinstance(place, str) else None
        except (OSError, NotInTree):
            return None
