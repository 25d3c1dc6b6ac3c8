"""The files that a folder stands for: those that Git does not ignore and the settings do not exclude."""

from __future__ import annotations

import os

from nixbridge.project.folder_walk import FolderWalk
from nixbridge.project.root import is_below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from nixbridge.project.patterns import Patterns

#: Files that Nix has by these names are not configuration, wherever they are, with the reason.
NOT_CONFIGURATION = {
    "flake.nix": "a flake is an entry point for Nix",
    "shell.nix": "a development shell is not configuration",
}
#: How long Git may take to list what it ignores, in seconds.
_GIT_TIMEOUT = 20


class Sources:
    """The files that folders of the project at `root` stand for.

    `include` and `exclude` are patterns of the settings and the command line. Git is asked only where `ask_git` says that the
    project is trusted, as a repository can make it run programs.
    """

    def __init__(
        self, root: str, *, include: Iterable[str] = (), exclude: Iterable[str] = (), ask_git: bool = True
    ) -> None:
        self.root = root
        self._roots = (root, os.path.realpath(root))
        self._include = _patterns(include)
        self._exclude = _patterns(exclude)
        self._ask_git = ask_git
        self._ignored: dict[str, frozenset[str]] = {}

    def walk(self, folder: str, without: str | None = None) -> FolderWalk:
        """Return the walk over a folder and those below it, except the folder `without`.

        A folder that was named is walked even where it is ignored.
        """
        top = os.path.abspath(folder)
        left_out = set(self._ignored_below(top))
        if without is not None:
            # links are not followed, so the walk meets the folder at most once, on the way from the top that has no links
            left_out.add(os.path.join(top, os.path.relpath(os.path.realpath(without), os.path.realpath(top))))

        def is_left_out(path: str) -> bool:
            path = os.path.abspath(path)
            return path in left_out or (self._exclude is not None and self._exclude.match(self._relative(path)))

        return FolderWalk(folder, is_left_out)

    def leaves_out(self, path: str) -> bool:
        """Return whether a walk from the root would not come to an absolute path."""
        ignored = self._ignored_below(self.root)
        folders = [path]
        while is_below(folders[-1], self.root) and folders[-1] != self.root:
            folders.append(os.path.dirname(folders[-1]))
        excluded = self._exclude is not None and self._exclude.match(self._relative(path))
        return excluded or not ignored.isdisjoint(folders)

    def includes(self, path: str) -> bool:
        """Return whether a file is among those that its folder stands for, as far as `include` decides."""
        return self._include is None or self._include.match(self._relative(os.path.abspath(path)))

    def _relative(self, path: str) -> str:
        root = next((root for root in self._roots if is_below(path, root)), None)
        return os.path.relpath(path, root) if root is not None else path.lstrip("/")

    def _ignored_below(self, folder: str) -> frozenset[str]:
        if not self._ask_git:
            return frozenset()
        if folder not in self._ignored:
            self._ignored[folder] = ignored_by_git(folder)
        return self._ignored[folder]


def ignored_by_git(folder: str) -> frozenset[str]:
    """Return the absolute paths below `folder` that Git ignores, a folder standing for what is in it.

    Nothing is ignored outside work trees, without Git, or where Git refuses to look.
    """
    if not _in_git_work_tree(folder):
        return frozenset()
    import subprocess

    # a repository may name programs that merely listing files would start: its file system monitor, and what gets an object that is
    # missing from where it was cloned
    command = ["git", "-c", "core.fsmonitor=false", "-C", folder, "ls-files", "-z"]
    command += ["--others", "--ignored", "--exclude-standard", "--directory"]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_GIT_TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    if done.returncode != 0 or "./" in names:
        return frozenset()  # the folder is ignored itself, and was named all the same
    return frozenset(os.path.join(folder, name.rstrip("/")) for name in names)


def _in_git_work_tree(folder: str) -> bool:
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent
    return True


def _patterns(patterns: Iterable[str]) -> Patterns | None:
    given = list(patterns)
    if not given:
        return None
    from nixbridge.project.patterns import Patterns  # brings `re`, which few projects need here

    return Patterns(given)
