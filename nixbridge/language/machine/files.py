"""The gate through which every file is read: allowed folders only, regular files only, and a record of what was read.

Everything here refuses by raising Refused; what is outside the allowed folders is refused before anything is looked at, and is not
recorded as read: nobody opens it later in order to see whether it has changed.
"""

from __future__ import annotations

import os
import stat

from nixbridge.errors.exceptions import EvalError, PathMissing, Refused
from nixbridge.language.machine.allowed_paths import (
    MOST_LINKS,
    AllowedPaths,
    LinkCircle,
    NotInTree,
    StoreText,
    StoreTree,
)
from nixbridge.regular_file import NotRegular, open_resolved, read_regular_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Where nixbridge's own nixpkgs and Nix's own <nix/...> are.
BUILT_IN_NIXPKGS = "/__nixbridge__/nixpkgs"
BUILT_IN_COREPKGS = "/__corepkgs__"
#: What the sources of built-in flake inputs stand for: `/__nixbridge__/inputs/NAME`.
STAND_IN_FOLDER = "/__nixbridge__/inputs/"

#: The folder that store paths are in.
STORE_FOLDER = "/nix/store"


class Files:
    """Files below `folders` (links resolved), and those that store paths stand for.

    `trusted`: whether the expression may learn that a path outside does not exist. `pure`: evaluate as a flake is evaluated, in
    which only what belongs to the flake and its inputs exists. `read_virtual` gives the contents of files that need not exist, by
    absolute path; None for all others.
    """

    def __init__(
        self,
        folders: Iterable[str] = (),
        *,
        pure: bool = False,
        trusted: bool = False,
        read_virtual: Callable[[str], bytes | None] | None = None,
    ) -> None:
        self._read_virtual = read_virtual
        self.pure = pure
        self._trusted = trusted
        self._allowed = AllowedPaths()
        for folder in folders:
            self.allow(folder)
        #: What the answer depends on: files, folders and links that were read or looked for, whether they are there or not.
        self.dependencies: dict[str, None] = {}

    def allow(self, folder: str) -> None:
        """Allow files below `folder` (or the file itself) to be read from now on."""
        self._allowed.allow(folder)

    # store paths

    def mount(self, store_path: str, contents: StoreTree | StoreText) -> None:
        """Let `store_path` stand for `contents`: what belongs to it may be read by that name."""
        self._allowed.trees.mount(store_path, contents)

    def mount_copy(self, store_path: str, path: str, entries: frozenset[str] | None) -> None:
        """Let `store_path` stand for a copy of what is at `path`: of a folder its `entries`, or everything."""
        place = self._locate(path, last_link=False)
        self.mount(store_path, place if isinstance(place, StoreText) else StoreTree(place, entries))

    def is_mounted(self, path: str) -> bool:
        """Return whether `path` is a store path, or below one, whose contents are known."""
        return self._allowed.trees.find(path) is not None

    def shown(self, path: str) -> str:
        """Return the name under which messages show `path`: the file of this machine, not the store path that stands for it."""
        return self._allowed.trees.shown(path)

    # from a path to its place

    def follow(self, path: str, *, last_link: bool = True) -> str:
        """Return `path` with its links resolved (`last_link` False: except one at its end).

        Raises Refused when it is not below an allowed folder, whether it is there or not; PathMissing for a trusted expression
        where nothing is there.
        """
        walked = self._walk(path, last_link)
        self._place(path, walked)
        return walked

    def may_read(self, path: str) -> bool:
        """Return whether `path` (a link at its end not followed) is below an allowed folder."""
        try:
            return self._allowed.locate(self._walk(path, False)) is not None
        except NotInTree:
            return True

    def import_target(self, path: str) -> str:
        """Return the file that `import` of `path` reads: the target of a link at its end, the default.nix of a folder.

        Relative paths in it start there. Links above are followed, but keep their names, as in Nix. Raises as `follow` does.
        """
        asked = path
        for _ in range(MOST_LINKS + 1):
            target = self._allowed.link_at(path)
            if target is None:
                return f"{path}/default.nix" if self.is_folder(path) else path
            if path == asked:
                # a refusal names what was asked for, not what a link says of a place outside
                self._refuse_outside(asked)
            self.depends_on(path)
            path = target
        raise EvalError(f"too many symbolic links encountered while traversing the path '{path}'")

    def _refuse_outside(self, path: str) -> None:
        """Raise Refused or PathMissing for a path that leads out of the allowed folders."""
        try:
            walked = self._walk(path, True)
        except LinkCircle:
            return
        self._place(path, walked)

    def real_path(self, path: str) -> str:
        """Return where `path`, its links followed, is on this machine. Raises as `follow` does, EvalError for a text of the store."""
        place = self._place(path, self._walk(path, True))
        if isinstance(place, StoreText):
            raise EvalError(f"'{path}' is not a file of this machine")
        return place

    def _walk(self, path: str, last_link: bool) -> str:
        if "\0" in path:
            raise EvalError("a path cannot contain a null character")
        return self._allowed.walk(path, last_link=last_link, followed=self.dependencies)

    def _place(self, path: str, walked: str) -> str | StoreText:
        """Return the file of this machine, or the text, that is at `path`, which leads to `walked`."""
        place = self._allowed.locate(walked)
        if place is None:
            raise self._outside(path)
        return place

    def _locate(self, path: str, *, last_link: bool = True) -> str | StoreText:
        """Return what `follow` leads to, and record that the answer depends on it."""
        if self._read_virtual is not None:
            data = self._read_virtual(path)
            if data is not None:
                return StoreText(data)
        walked = self._walk(path, last_link)
        try:
            place = self._place(path, walked)
        except (NotInTree, PathMissing):
            self.depends_on(path)
            raise
        if isinstance(place, str):
            self.dependencies[place] = None
        return place

    def depends_on(self, path: str) -> None:
        """Record that the answer depends on what is at `path`, which may be read."""
        self.dependencies[self.shown(path)] = None

    def _outside(self, path: str) -> EvalError:
        # --allow could not help: the built-in nixpkgs is imported, and has no files
        if path.startswith(BUILT_IN_NIXPKGS):
            return PathMissing(
                f"path '{path}' does not exist: the built-in nixpkgs has no files",
                hint="use a real nixpkgs with -I nixpkgs=DIR",
            )
        if self._trusted and not self.pure and not os.path.lexists(path):
            return PathMissing(f"path '{path}' does not exist")
        if self._allowed.has_name(path):
            # where the link leads is not shown: it is outside
            hint = "a symbolic link on the way leads out of them: allow the folder that it leads to if the expression is trusted"
        else:
            hint = f"allow it with --allow {_folder_to_allow(path)} if the expression is trusted"
        if self.pure:
            return Refused(
                f"access to absolute path '{path}' is forbidden in pure evaluation mode (use '--impure' to override)",
                hint=f"a flake reads its own files and those of its inputs; {hint}",
            )
        return Refused(
            f"access to path '{path}' is refused: it is outside the folders that this evaluation may read", hint=hint
        )

    # reading

    def read_bytes(self, path: str) -> bytes:
        """Return the contents of a regular file. Raises Refused for anything else, EvalError for what cannot be read."""
        place = self._locate(path)
        if isinstance(place, StoreText):
            return place.data
        try:
            # all links are resolved: one that is there now was put there by somebody else in the meantime
            return read_regular_file(place, resolved=True)
        except NotRegular as error:
            raise Refused(f"cannot read '{path}': {error.strerror}") from None
        except OSError as error:
            raise self._os_error(self._walk(path, True), error) from None

    def read_text(self, path: str) -> str:
        """Return the contents of a file as a Nix string has them (`surrogateescape`)."""
        return self.read_bytes(path).decode("utf-8", "surrogateescape")

    def path_exists(self, path: str) -> bool:
        """Return whether there is something at `path`; a link counts, wherever it leads. Raises Refused."""
        if is_built_in(path):
            return True
        if self.pure and not self.may_read(path):
            return False
        if path == STORE_FOLDER:
            return True  # there is always one, wherever what is in it comes from
        try:
            place = self._locate(path, last_link=False)
        except (NotInTree, PathMissing):
            return False
        return isinstance(place, StoreText) or os.path.lexists(place)

    def leads_to_a_file(self, path: str) -> bool:
        """Return whether `path` exists once its links are followed. Raises Refused."""
        try:
            place = self._locate(path)
        except (NotInTree, PathMissing):
            return False
        return isinstance(place, StoreText) or os.path.exists(place)

    def is_folder(self, path: str) -> bool:
        """Return whether `path`, its links followed, is a folder. Raises Refused."""
        if self._read_virtual is not None and self._read_virtual(f"{path}/default.nix") is not None:
            return True
        place = self._locate(path)
        return isinstance(place, str) and os.path.isdir(place)

    def file_type(self, path: str) -> str:
        """Return `regular`, `directory`, `symlink` or `unknown`; a link at the end is not followed."""
        status = self._status(path)
        return "regular" if status is None else _type_of(status.st_mode)

    def is_executable(self, path: str) -> bool:
        """Return whether the owner of a file may run it."""
        status = self._status(path)
        return status is not None and bool(status.st_mode & stat.S_IXUSR)

    def _status(self, path: str) -> os.stat_result | None:
        """Return the status of what is at `path`, of a link itself; None for a text of the store."""
        place = self._locate(path, last_link=False)
        if isinstance(place, StoreText):
            return None
        try:
            return os.lstat(place)
        except OSError as error:
            raise self._os_error(path, error) from None

    def read_link(self, path: str) -> str:
        """Return where a symbolic link points, as it is written."""
        place = self._locate(path, last_link=False)
        if isinstance(place, StoreText):
            raise EvalError(f"file '{path}' is not a symlink")
        try:
            return os.readlink(place)
        except OSError as error:
            raise self._os_error(path, error) from None

    def first_link(self, path: str) -> str | None:
        """Return the first folder on the way to `path` that is a link, as far as this evaluation may look."""
        folder = ""
        for name in path.split("/")[1:-1]:
            folder = f"{folder}/{name}"
            place = self._allowed.locate(self._walk(folder, False))
            if isinstance(place, str) and os.path.islink(place):
                self.dependencies[place] = None
                return folder
        return None

    def list_dir(self, path: str) -> dict[str, str]:
        """Return the entries of a folder and their types."""
        walked = self._walk(path, True)
        place = self._locate(path)
        try:
            if isinstance(place, StoreText):
                raise NotADirectoryError
            found = _entries(place)
        except NotADirectoryError as error:
            if isinstance(place, str) and not os.path.exists(place):
                raise self._os_error(walked, error) from None  # something on the way is not a folder
            raise EvalError(f'cannot read directory "{self.shown(walked)}": Not a directory') from None
        except OSError as error:
            raise self._os_error(walked, error) from None
        tree = self._allowed.trees.find(walked)
        if tree is not None and isinstance(tree[0], StoreTree) and tree[0].entries is not None:
            prefix = f"{tree[1]}/" if tree[1] else ""
            found = {name: kind for name, kind in found.items() if tree[0].has(prefix + name)}
        return found

    def _os_error(self, path: str, error: OSError) -> EvalError:
        """Return what Nix says of a file that cannot be read."""
        if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
            return EvalError(f"cannot read '{path}': {error.strerror}")
        shown = self.shown(path)
        if shown.startswith(STAND_IN_FOLDER):
            name = shown.removeprefix(STAND_IN_FOLDER).partition("/")[0]
            return EvalError(
                f"path '{path}' does not exist: the flake input is the built-in stand-in for {name}, which has no files",
                hint="fetch the real one with `nixbridge flake fetch`, or give its folder with --input NAME=DIR",
            )
        return EvalError(f"path '{path}' does not exist")


def is_built_in(path: str) -> bool:
    """Return whether `path` is nixbridge's own rather than the machine's."""
    return path.startswith((BUILT_IN_NIXPKGS, BUILT_IN_COREPKGS))


def _folder_to_allow(path: str) -> str:
    """Return the folder that makes `path` readable, told by its name alone: what is there is not looked at."""
    folder, name = os.path.split(path)
    allowed = folder if "." in name[1:] else path
    plain = allowed.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum()
    return allowed if plain else "'" + allowed.replace("'", "'\\''") + "'"


def _type_of(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "regular"
    if stat.S_ISDIR(mode):
        return "directory"
    return "symlink" if stat.S_ISLNK(mode) else "unknown"


def _entries(place: str) -> dict[str, str]:
    descriptor = open_resolved(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        with os.scandir(descriptor) as entries:
            return {entry.name: _entry_type(entry) for entry in entries}
    finally:
        os.close(descriptor)


def _entry_type(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "symlink"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    return "regular" if entry.is_file(follow_symlinks=False) else "unknown"
