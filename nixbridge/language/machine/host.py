"""The one way from an expression to the machine: files below the allowed folders, the search path, messages.

Everything here refuses by raising Refused; what is outside the allowed folders is refused before anything is looked at.
"""

from __future__ import annotations

import os
import stat
import sys

from nixbridge.errors.exceptions import EvalError, LimitReached, PathMissing, Refused, Thrown
from nixbridge.language.machine.allowed_paths import NotInTree, Roots
from nixbridge.language.runtime.path import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from nixbridge.language.machine.allowed_paths import StoreTree
    from nixbridge.language.store.memory_store import MemoryStore

#: Where paths live that are nobody's files: nixbridge's own nixpkgs and Nix's own <nix/...>.
BUILT_IN_NIXPKGS = "/__nixbridge__/nixpkgs"
BUILT_IN_COREPKGS = "/__corepkgs__"
#: What the sources of built-in flake inputs stand for: `/__nixbridge__/inputs/NAME`.
STAND_IN_FOLDER = "/__nixbridge__/inputs/"

#: A file larger than this is no configuration.
LARGEST_FILE = 512 * 1024 * 1024
_BLOCK = 64 * 1024


class Host:
    """What an expression may touch.

    `roots`: the folders below which files may be read (links resolved). `trusted`: whether the expression may learn that a path
    outside them does not exist. `most_messages`: how many characters trace and warn may say.
    `pure`: evaluate as a flake is evaluated, in which only what belongs to the flake and its inputs exists.
    """

    def __init__(
        self,
        *,
        roots: Iterable[str] = (),
        search_path: Iterable[tuple[str, str]] = (),
        environment: bool = False,
        system: str | None = None,
        write_message: Callable[[str], None] | None = None,
        most_messages: int | None = None,
        pure: bool = False,
        trusted: bool = False,
    ) -> None:
        self.pure = pure
        self._trusted = trusted
        self._roots = Roots()
        for root in roots:
            self.allow(root)
        self.search_path = list(search_path)
        for _, path in self.search_path:
            self.allow(path)
        self.system = system
        self._environment = environment
        self._write_message = write_message
        self._room_for_messages = most_messages
        self._messages_sent = 0
        self._messages_seen = 0
        #: What the answer depends on: files that were read or looked for, there or not, and environment variables.
        self.files_read: dict[str, None] = {}
        self.variables_read: dict[str, None] = {}
        self._store_paths: dict[str, str] = {}
        #: output path or .drv path -> the derivation of the built-in pkgs that it belongs to
        self.stand_ins: dict[str, Any] = {}
        self.store: MemoryStore | None = None

    def make_pure(self) -> None:
        """Evaluate as Nix evaluates a flake from now on: of the machine, only what belongs to the flake and its inputs exists."""
        self.pure = True
        self.system = None

    def allow(self, folder: str) -> None:
        """From now on files below `folder` (or the file itself) may be read."""
        self._roots.allow(folder)

    def mount(self, store_path: str, tree: StoreTree) -> None:
        """Let `store_path` stand for `tree`: what belongs to it may be read by that name."""
        self._roots.trees.mount(store_path, tree)

    def is_mounted(self, path: str) -> bool:
        """Return whether `path` is a store path, or below one, that stands for a folder."""
        return self._roots.trees.find(path) is not None

    def shown(self, path: str) -> str:
        """Return the name under which messages show `path`: the file of this machine, not the store path that it stands for."""
        found = self._roots.trees.find(path)
        return path if found is None else f"{found[0].folder}/{found[1]}".rstrip("/")

    # messages

    def restart(self) -> None:
        """Evaluation starts again: messages that were shown already are not shown twice."""
        self._messages_sent = max(self._messages_sent, self._messages_seen)
        self._messages_seen = 0

    def message(self, text: str) -> None:
        """Shows `text` (of trace, warn) on the standard error. Raises LimitReached when all messages are longer than they may be."""
        self._messages_seen += 1
        if self._messages_seen <= self._messages_sent:
            return
        if self._room_for_messages is not None:
            self._room_for_messages -= len(text)
            if self._room_for_messages < 0:
                raise LimitReached("what trace and warn say is longer than the limit for output (--max-output)")
        if self._write_message is not None:
            self._write_message(text)
        else:
            write_stderr(text)

    # files

    def resolve(self, path: str, *, last_link: bool = True) -> str:
        """The real path of `path`, links resolved (`last_link` False: but for one at its end).

        Raises Refused when it is not below an allowed folder, whether it is there or not; PathMissing for a trusted expression
        where nothing is there.
        """
        if "\0" in path:
            raise EvalError("a path cannot contain a null character")
        real = self._roots.resolve(path, last_link=last_link)
        if real is None:
            raise self._outside(path)
        return real

    def followed(self, path: str) -> str:
        """Return `path` with its links followed, by the name that a program has for it. Raises as `resolve` does."""
        self.resolve(path)
        return self._roots.walk(path)

    def _outside(self, path: str) -> EvalError:
        if self._trusted and not self.pure and not os.path.lexists(path):
            return PathMissing(f"path '{path}' does not exist")
        hint = f"allow it with --allow {_folder_to_allow(path)} if the expression is trusted"
        if self.pure:
            return Refused(
                f"access to absolute path '{path}' is forbidden in pure evaluation mode (use '--impure' to override)",
                hint=f"a flake reads its own files and those of its inputs; {hint}",
            )
        return Refused(
            f"access to path '{path}' is refused: it is outside the folders that this evaluation may read", hint=hint
        )

    def read_bytes(self, path: str) -> bytes:
        """The contents of a regular file. Raises Refused for what is no regular file, EvalError for what cannot be read."""
        real = self.resolve(path)
        self.files_read[real] = None
        try:
            # to open a FIFO or a device does something to whoever is at its other end
            _expect_regular(path, os.lstat(real))
            descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            raise self.os_error(path, error) from None
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)  # of what was opened: it may be another one by now
            _expect_regular(path, status)
            # room for what is asked for is made at once: no more than the file has (some say that they have nothing)
            return file.read(max(status.st_size, _BLOCK) + 1)

    def read_text(self, path: str) -> str:
        """The contents of a file as a Nix string has them (`surrogateescape`)."""
        return self.read_bytes(path).decode("utf-8", "surrogateescape")

    def os_error(self, path: str, error: OSError) -> EvalError:
        """What Nix says of a file that cannot be read."""
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            shown = self.shown(path)
            if shown.startswith(STAND_IN_FOLDER):
                name = shown.removeprefix(STAND_IN_FOLDER).partition("/")[0]
                return EvalError(
                    f"path '{path}' does not exist: the flake input is the built-in stand-in for {name}, which has no files",
                    hint="fetch the real one with `nixbridge flake fetch`, or give its folder with --input NAME=DIR",
                )
            return EvalError(f"path '{path}' does not exist")
        return EvalError(f"cannot read '{path}': {error.strerror}")

    def link_on_the_way(self, path: str) -> str | None:
        """The first folder on the way to `path` that is a link, as far as this evaluation may look."""
        folder = ""
        for name in path.split("/")[1:-1]:
            folder = f"{folder}/{name}"
            real = self._roots.resolve(folder, last_link=False)
            if real is not None and os.path.islink(real):
                return folder
        return None

    def _lstat(self, path: str) -> os.stat_result:
        # the link itself is asked about
        return os.lstat(self.resolve(path, last_link=False))

    def path_exists(self, path: str) -> bool:
        """Is there something at `path` (a link counts, wherever it leads)?"""
        if self.is_built_in(path):
            return True
        try:
            if self.pure and self._roots.resolve(path, last_link=False) is None:
                return False
            self._lstat(path)
        except (OSError, NotInTree, PathMissing):
            return False
        finally:
            self.depends_on(path)
        return True

    def depends_on(self, path: str) -> None:
        """Record that the answer depends on what is at `path`."""
        self.files_read[self.shown(path)] = None

    def leads_to_a_file(self, path: str) -> bool:
        """Return whether `path` exists once its links are followed. Raises Refused."""
        try:
            return os.path.exists(self.resolve(path))
        except PathMissing:
            return False

    def file_type(self, path: str) -> str:
        """`regular`, `directory`, `symlink` or `unknown`; links are not followed."""
        self.depends_on(path)
        try:
            mode = self._lstat(path).st_mode
        except OSError as error:
            raise self.os_error(path, error) from None
        return _type_of(mode)

    def list_dir(self, path: str) -> dict[str, str]:
        """The entries of a folder and their types."""
        real = self.resolve(path)
        self.files_read[real] = None
        try:
            with os.scandir(real) as entries:
                found = {entry.name: _entry_type(entry) for entry in entries}
        except NotADirectoryError:
            raise EvalError(f'cannot read directory "{path}": Not a directory') from None
        except OSError as error:
            raise self.os_error(path, error) from None
        tree = self._roots.trees.find(self._roots.walk(path))
        if tree is not None and tree[0].entries is not None:
            prefix = f"{tree[1]}/" if tree[1] else ""
            found = {name: kind for name, kind in found.items() if tree[0].has(prefix + name)}
        return found

    def store_path(self, path: str) -> str:
        """What `"${path}"` gives: the store path, with its context, that the contents would have. Nothing is written."""
        if path not in self._store_paths:
            # loaded when it is needed: hashing is seldom, and takes a while to load
            from nixbridge.language.store.copying import store_path_of

            self._store_paths[path] = store_path_of(self, path)
        return self._store_paths[path]

    def read_link(self, path: str) -> str:
        """Where a symbolic link points, as it is written."""
        self.depends_on(path)
        try:
            return os.readlink(self.resolve(path, last_link=False))
        except OSError as error:
            raise self.os_error(path, error) from None

    def is_executable(self, path: str) -> bool:
        """May its owner run this file?"""
        return bool(self._lstat(path).st_mode & stat.S_IXUSR)

    def is_built_in(self, path: str) -> bool:
        """Is this a path of nixbridge's own, not of the machine?"""
        return path.startswith((BUILT_IN_NIXPKGS, BUILT_IN_COREPKGS))

    # search path, environment

    def find(self, entries: Iterable[tuple[str, str]], name: str) -> str:
        """The path that `<name>` means, given (prefix, path) entries. (Nix manual, builtins.findFile)

        `nix/...` and, where no entry has it, `nixpkgs/...` are nixbridge's own. Raises a catchable error when nothing is found.
        """
        for prefix, path in entries:
            if prefix == "":
                rest = name
            elif name == prefix or name.startswith(prefix + "/"):
                rest = name[len(prefix) :]
            else:
                continue
            folder = path if path.startswith("/") else f"{os.getcwd()}/{path}"
            candidate = canonical(folder + canonical("/" + rest))  # `..` does not lead out of the entry
            if self.path_exists(candidate):
                return candidate
        if name.startswith("nix/"):
            return BUILT_IN_COREPKGS + name[3:]
        if self.pure:
            raise Thrown(f"cannot look up '<{name}>' in pure evaluation mode (use '--impure' to override)")
        if name == "nixpkgs" or name.startswith("nixpkgs/"):
            return BUILT_IN_NIXPKGS + name[7:]
        raise Thrown(
            f"file '{name}' was not found in the Nix search path (add it using $NIX_PATH or -I)",
        )

    def environment(self, name: str) -> str:
        """An environment variable; empty unless the user allowed the environment to be read."""
        if not self._environment:
            return ""
        self.variables_read[name] = None
        return os.environ.get(name, "")

    def home_path(self, rest: str) -> str:
        """The path that `~/...` is. Raises Refused where it would tell of the environment, and nothing there may be read."""
        self.variables_read["HOME"] = None
        path = canonical(os.path.expanduser("~") + rest)
        if not self._environment and self._roots.resolve(path, last_link=False) is None:
            raise Refused(
                f"access to path '~{rest}' is refused: it is outside the folders that this evaluation may read",
                hint="allow its folder with --allow DIR, or the environment with --allow-env, if the expression is trusted",
            )
        return path


def _folder_to_allow(path: str) -> str:
    """Return the folder that makes `path` readable, told by its name alone: what is there is not looked at."""
    folder, name = os.path.split(path)
    allowed = folder if "." in name[1:] else path
    plain = allowed.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum()
    return allowed if plain else "'" + allowed.replace("'", "'\\''") + "'"


def write_stderr(text: str) -> None:
    """Write a line to the standard error, whatever bytes are in it."""
    sys.stderr.write(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") + "\n")


def _expect_regular(path: str, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise EvalError(f"cannot read '{path}': it is a folder")
    if stat.S_ISLNK(status.st_mode):
        raise EvalError(f"cannot read '{path}': too many symbolic links")
    if not stat.S_ISREG(status.st_mode):
        raise Refused(f"cannot read '{path}': only regular files are read, no devices, pipes or sockets")
    if status.st_size > LARGEST_FILE:
        raise Refused(f"cannot read '{path}': it has {status.st_size} bytes, more than {LARGEST_FILE}")


def _type_of(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "regular"
    if stat.S_ISDIR(mode):
        return "directory"
    return "symlink" if stat.S_ISLNK(mode) else "unknown"


def _entry_type(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "symlink"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    return "regular" if entry.is_file(follow_symlinks=False) else "unknown"
