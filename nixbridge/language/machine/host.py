"""The machine as an expression may see it: files, the search path, the environment; and where its messages go."""

from __future__ import annotations

import os
import sys

from nixbridge.errors.exceptions import LimitReached, Refused
from nixbridge.language.machine.files import Files
from nixbridge.language.runtime.path import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nixbridge.language.pkgs.pkgs_derivation import StandIn
    from nixbridge.language.store.memory_store import MemoryStore


class Messages:
    """The messages of one evaluation, each shown once although evaluation may start over.

    `write` shows one; the default is the standard error. `most` is how many characters all of them may have.
    """

    def __init__(self, write: Callable[[str], None] | None = None, most: int | None = None) -> None:
        self._write = write
        self._left = most
        self._sent = 0
        self._seen = 0

    def begin(self) -> None:
        """Begin another evaluation, whose messages are all new."""
        self._sent = self._seen = 0

    def restart(self) -> None:
        """Begin again: as many messages as were shown already are not shown a second time."""
        self._sent = max(self._sent, self._seen)
        self._seen = 0

    def show(self, text: str) -> None:
        """Show `text`. Raises LimitReached when all messages together are longer than they may be."""
        self._seen += 1
        if self._seen <= self._sent:
            return
        if self._left is not None:
            self._left -= len(text)
            if self._left < 0:
                raise LimitReached("what trace and warn say is longer than the limit for output (--max-output)")
        if self._write is not None:
            self._write(text)
        else:
            write_stderr(text)


class Host:
    """The machine as one evaluation sees it.

    `roots`: the folders below which files may be read; `pure`, `trusted` and `read_virtual` as in Files. `search_path`: (prefix, path)
    entries, which may be read as well. `environment`: whether variables may be read. `system`: what `builtins.currentSystem` is.
    `write_message` shows what trace and warn print, `most_messages` characters at most.
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
        read_virtual: Callable[[str], bytes | None] | None = None,
    ) -> None:
        self.search_path = list(search_path)
        self.files = Files(
            [*roots, *(path for _, path in self.search_path)], pure=pure, trusted=trusted, read_virtual=read_virtual
        )
        self.messages = Messages(write_message, most_messages)
        self.system = system
        self._environment = environment
        #: The environment variables that the answer depends on.
        self.variables_read: dict[str, None] = {}
        #: output path or .drv path -> the derivation of the built-in pkgs that it belongs to
        self.stand_ins: dict[str, StandIn] = {}
        #: Gives the contents of an output of one of them where it is a file that can be made without a builder.
        self.read_output: Callable[[str], bytes | None] = lambda path: None
        self._store: MemoryStore | None = None
        #: Makes the store when it is first needed. The evaluator sets it: hashing takes a while to load, and few files need it.
        self.open_store: Callable[[Host], MemoryStore] = _no_store

    @property
    def pure(self) -> bool:
        """Return whether this is pure evaluation, that of a flake."""
        return self.files.pure

    @property
    def store(self) -> MemoryStore:
        """Return the store of this evaluation."""
        if self._store is None:
            self._store = self.open_store(self)
        return self._store

    def make_pure(self) -> None:
        """Evaluate as Nix evaluates a flake from now on: of the machine, only what belongs to the flake and its inputs exists."""
        self.files.pure = True
        self.system = None

    def environment(self, name: str) -> str:
        """Return an environment variable; an empty string unless the user allowed the environment to be read."""
        if not self._environment:
            return ""
        self.variables_read[name] = None
        return os.environ.get(name, "")

    def home_path(self, rest: str) -> str:
        """Return the path that `~/...` is. Raises Refused where it would tell of the environment, and nothing there may be read."""
        self.variables_read["HOME"] = None
        path = canonical(os.path.expanduser("~") + rest)
        if not self._environment and not self.files.may_read(path):
            raise Refused(
                f"access to path '~{rest}' is refused: it is outside the folders that this evaluation may read",
                hint="allow its folder with --allow DIR, or the environment with --allow-env, if the expression is trusted",
            )
        return path


def write_stderr(text: str) -> None:
    """Write a line to the standard error, whatever bytes are in it."""
    sys.stderr.write(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") + "\n")


def _no_store(_host: Host) -> MemoryStore:
    raise Refused("this evaluation has no store")
