"""Folders walked once. Links to folders are not followed; those that lead in a circle are reported."""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Folders without configuration, whatever .gitignore says; hidden ones are left out by their names.
_OTHERS = frozenset({"node_modules", "__pycache__", "result"})


class FolderWalk:
    """The folders below `top`, except hidden ones and those that `left_out` excludes; it is asked about files as well.

    Iterating gives each folder with the names of its files. `problems` has (path, sentence) for what could not be walked; it is
    complete when the iteration is over.
    """

    def __init__(self, top: str, left_out: Callable[[str], bool] = lambda path: False) -> None:
        self._top = top
        self._left_out = left_out
        self._links: list[tuple[str, str, str]] = []
        self.problems: list[tuple[str, str]] = []

    def __iter__(self) -> Iterator[tuple[str, list[str]]]:
        pending = [self._top]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(folder) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                self.problems.append((folder, f"cannot be read: {error.strerror}"))
                continue
            yield folder, [entry.name for entry in found if self._is_file(entry)]
            # reversed, as the last one pending is walked first
            pending.extend(entry.path for entry in reversed(found) if self._is_walked(entry))
        self.problems.extend(
            (link, "it is a link to a folder that contains it") for link in links_in_circles(self._links)
        )

    def _is_walked(self, entry: os.DirEntry[str]) -> bool:
        return entry.is_dir(follow_symlinks=False) and not _is_other(entry.name) and not self._left_out(entry.path)

    def _is_file(self, entry: os.DirEntry[str]) -> bool:
        """Return whether an entry is a file that counts: anything except folders, links to folders and links to themselves."""
        if entry.is_dir(follow_symlinks=False) or self._left_out(entry.path):
            return False
        if not entry.is_symlink():
            return True
        try:
            if not entry.is_dir():
                os.stat(entry.path)
                return True
        except OSError as error:
            if error.errno != errno.ELOOP:
                return True  # it leads nowhere, which reading it reports
            self.problems.append((entry.path, "it is a symbolic link that leads back to itself"))
            return False
        if not _is_other(entry.name):
            folder = os.path.realpath(os.path.dirname(entry.path))
            self._links.append((entry.path, folder, os.path.realpath(entry.path)))
        return False


def _is_other(name: str) -> bool:
    return name.startswith(".") or name in _OTHERS


def links_in_circles(links: list[tuple[str, str, str]]) -> list[str]:
    """Return the links that lead back, directly or through other links, to a folder that they are in.

    A link is (its path, the real folder that it is in, the real folder that it leads to). From a folder one gets to those that the links
    below it lead to; a link is in a circle where one also gets back.
    """
    # only the folders that a link leads to are nodes: a circle passes through one of them
    ways: dict[str, list[str]] = {leads: [] for _, _, leads in links}
    above = [[folder for folder in _with_parents(lies) if folder in ways] for _, lies, _ in links]
    for folders, (_, _, leads) in zip(above, links, strict=True):
        for folder in folders:
            ways[folder].append(leads)
    circle = _circles(ways)
    return [
        path
        for folders, (path, _, leads) in zip(above, links, strict=True)
        if any(circle[folder] == circle[leads] for folder in folders)
    ]


def _with_parents(folder: str) -> Iterator[str]:
    yield folder
    while folder != "/":
        folder = os.path.dirname(folder)
        yield folder


def _circles(ways: dict[str, list[str]]) -> dict[str, int]:
    """Return a number for each node of a graph, the same for nodes from which one gets to one another. (Kosaraju)"""
    back: dict[str, list[str]] = {node: [] for node in ways}
    for node, following in ways.items():
        for other in following:
            back[other].append(node)
    numbers: dict[str, int] = {}
    for start in reversed(_finished(ways)):
        if start in numbers:
            continue
        number = numbers[start] = len(numbers)
        pending = [start]
        while pending:
            for other in back[pending.pop()]:
                if other not in numbers:
                    numbers[other] = number
                    pending.append(other)
    return numbers


def _finished(ways: dict[str, list[str]]) -> list[str]:
    """Return the nodes of a graph, each after those that a walk in depth gets to from it."""
    finished: list[str] = []
    seen: set[str] = set()
    for start in ways:
        stack = [] if start in seen else [(start, iter(ways[start]))]
        seen.add(start)
        while stack:
            other = next((one for one in stack[-1][1] if one not in seen), None)
            if other is None:
                finished.append(stack.pop()[0])
            else:
                seen.add(other)
                stack.append((other, iter(ways[other])))
    return finished
