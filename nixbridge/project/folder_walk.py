"""Folders walked once. Links to folders are not followed; those that lead in a circle are reported."""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Folders that no configuration is in, whatever .gitignore says; hidden ones are left out by their names.
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

    A link is (its path, the real folder that it lies in, the real folder that it leads to).
    """
    beyond = [[one for one, (_, lies, _) in enumerate(links) if _is_below(lies, leads)] for _, _, leads in links]
    circling: list[str] = []
    for number, (path, _, _) in enumerate(links):
        reached: set[int] = set()
        pending = list(beyond[number])
        while pending:
            link = pending.pop()
            if link not in reached:
                reached.add(link)
                pending.extend(beyond[link])
        if number in reached:
            circling.append(path)
    return circling


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
