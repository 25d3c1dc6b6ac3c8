"""The folders that are checked, walked once. Links to folders are not followed; those that go in a circle are named."""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "result"})


class Walk:
    """The folders below `top`, but for hidden ones and `without`. Iterating gives each folder with the names of its files.

    `problems` has (path, sentence) for what could not be walked; it is complete when the iteration is over.
    """

    def __init__(self, top: str, without: str | None = None) -> None:
        self._top = top
        self._without = os.path.realpath(without) if without is not None else None
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
            files = [entry.name for entry in found if not entry.is_dir(follow_symlinks=False) and self._is_file(entry)]
            yield folder, files
            pending.extend(entry.path for entry in reversed(found) if self._is_walked(entry))
        self.problems.extend((link, "it is a link in a circle of folders") for link in links_in_circles(self._links))

    def _is_walked(self, entry: os.DirEntry[str]) -> bool:
        if not entry.is_dir(follow_symlinks=False) or _is_left_out(entry.name):
            return False
        return self._without is None or os.path.realpath(entry.path) != self._without

    def _is_file(self, entry: os.DirEntry[str]) -> bool:
        """Is it anything but a link to a folder, or to itself? Those are noted."""
        if not entry.is_symlink():
            return True
        try:
            if not entry.is_dir():
                os.stat(entry.path)
                return True
        except OSError as error:
            if error.errno != errno.ELOOP:
                return True  # it leads nowhere: who wants to read it will say so
            self.problems.append((entry.path, "it is a link in a circle of symbolic links"))
            return False
        if _is_left_out(entry.name):
            return False
        self._links.append((entry.path, os.path.realpath(os.path.dirname(entry.path)), os.path.realpath(entry.path)))
        return False


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED_FOLDERS


def links_in_circles(links: list[tuple[str, str, str]]) -> list[str]:
    """The links by which whoever followed them would come back to where he was.

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
