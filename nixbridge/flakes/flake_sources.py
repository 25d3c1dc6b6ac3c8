"""Sources: the trees that flakes are read from, with the store paths that Nix would give them. (Nix manual, builtins.fetchTree)

Only folders of this machine are read: a path, a Git repository, or what was fetched before and is kept by its hash.
"""

from __future__ import annotations

import os
import shlex
import time

from nixbridge.errors.exceptions import EvalError, Refused
from nixbridge.flakes.built_in_inputs import stand_in_for
from nixbridge.flakes.flake_reference import FlakeReference, checked_hash
from nixbridge.flakes.tree_reader import TreeReader
from nixbridge.language.machine.allowed_paths import StoreTree
from nixbridge.language.machine.files import STAND_IN_FOLDER
from nixbridge.language.runtime.strings import STAND_IN, with_context
from nixbridge.language.runtime.thunk import Thunk
from nixbridge.language.store.archive import archive_hash
from nixbridge.language.store.hash_text import read_hash, write_hash
from nixbridge.language.store.store_path import STORE, fixed_path, source_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.flakes.input_cache import InputCache
    from nixbridge.language.builtins.flake_references import Attributes
    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Lazy


class SourceTree:
    """A tree in the store: `path` is its store path, `locked` the reference that always gives it.

    `contents` says where it is on this machine; `stand_in` names the built-in input that it is, which has no files. `revision_count`
    is called where it is needed.
    """

    __slots__ = ("contents", "locked", "path", "revision_count", "stand_in")

    def __init__(
        self,
        path: str,
        contents: StoreTree,
        locked: FlakeReference,
        revision_count: Callable[[], int] | None = None,
        stand_in: str | None = None,
    ) -> None:
        self.stand_in = stand_in
        self.path = path
        self.contents = contents
        self.locked = locked
        self.revision_count = revision_count

    def info(self) -> dict[str, Lazy]:
        """Return `sourceInfo`, the metadata of the tree, as Nix values."""
        known = self.locked.source
        info: dict[str, Lazy] = {"outPath": with_context(self.path, (self.path,))}
        # only what is known: Nix leaves unknown metadata out instead of setting it to null
        for name in ("narHash", "rev", "revCount", "dirtyRev", "dirtyShortRev", "lastModified"):
            if name in known:
                info[name] = known[name]
        if self.locked.type == "git":
            info["submodules"] = known.get("submodules", False)
        if "rev" in known:
            info["shortRev"] = str(known["rev"])[:7]
        if self.revision_count is not None:
            # counting reads the whole history, which few flakes ask for
            info["revCount"] = Thunk(self.revision_count)
        if "lastModified" in known:
            info["lastModifiedDate"] = _date(int(known["lastModified"]))
        return info


class Sources:
    """Finds and mounts the trees of one evaluation; each is hashed once.

    `cache` keeps what was fetched, by its hash. Without `trusted`, everything else must be in the `project` of the command line's flake
    or in a folder that the evaluation may read. `note` shows a line to the user.
    """

    def __init__(self, host: Host, cache: InputCache, note: Callable[[str], None], *, trusted: bool = True) -> None:
        self.host = host
        self._note = note
        self.cache = cache
        self._trusted = trusted
        self.project: str | None = None
        #: Folders that were given for an input, by the hash that was locked for it.
        self.given: dict[str, str] = {}
        self._found: dict[FlakeReference, SourceTree] = {}
        self._shown: set[str] = set()

    def find(self, reference: FlakeReference) -> SourceTree:
        """Return the tree of an absolute reference. Raises Refused where it would have to be fetched, EvalError for a wrong hash."""
        if reference not in self._found:
            # the same source with another `dir` is one tree
            key = FlakeReference(reference.source)
            self._found[key] = self._find(key)
            self._found[reference] = self._found[key]
        return self._found[reference]

    def file(self, url: str, name: str, digest: bytes) -> str:
        """Return the store path of a file that was fetched. (builtins.fetchurl) Raises Refused where it was not."""
        path = self.cache.find_file("sha256", digest)
        if path is None:
            raise Refused(
                f"the file '{url}' has not been fetched, and evaluation does not use the network",
                hint=f"nixbridge flake fetch --url {shlex.quote(url)} --hash {write_hash('sha256', digest, 'sri')}",
            )
        store_path = fixed_path(name, "sha256", digest, recursive=False)
        self.host.files.mount(store_path, StoreTree(path))
        return store_path

    def archive(self, url: str, name: str, digest: bytes) -> str:
        """Return the store path of the contents of a fetched archive. (builtins.fetchTarball) Raises Refused where it was not fetched."""
        nar_hash = write_hash("sha256", digest, "sri")
        folder = self.cache.find(nar_hash)
        if folder is None:
            raise Refused(
                f"the archive '{url}' has not been fetched, and evaluation does not use the network",
                hint=f"nixbridge flake fetch --unpack --url {shlex.quote(url)} --hash {nar_hash}",
            )
        store_path = source_path(name, digest)
        self.host.files.mount(store_path, StoreTree(folder))
        return store_path

    def _find(self, reference: FlakeReference) -> SourceTree:
        # a known hash comes first: it identifies the contents wherever they come from
        if reference.nar_hash is not None:
            folder = self.given.get(reference.nar_hash) or self.cache.find(checked_hash(reference.nar_hash))
            if folder is not None:
                return self.kept(reference, folder)
        if reference.type == "path":
            return self.path(reference)
        if reference.type == "git" and str(reference.source["url"]).startswith(("file:", "/")):
            from nixbridge.flakes.git_source import git_source

            return git_source(self, reference)
        name = stand_in_for(reference)
        if name is None:
            raise not_fetched(reference)
        return self._stand_in(reference, name)

    def _stand_in(self, reference: FlakeReference, name: str) -> SourceTree:
        """Return the source of a built-in stand-in: it has the store path that is locked, and no files."""
        if reference.nar_hash is not None:
            path = source_path("source", read_hash(reference.nar_hash, None)[1])
        else:
            # not locked, so its true path is unknown: use one that no source can have
            path = f"{STORE}/{STAND_IN}{name:0>22.22}-source"
        contents = StoreTree(STAND_IN_FOLDER + name)
        self.host.files.mount(path, contents)
        self._show_once(
            f"note: the built-in stand-in is used for the flake input {name} (the real one: nixbridge flake fetch)"
        )
        return SourceTree(path, contents, reference, stand_in=name)

    def kept(
        self, reference: FlakeReference, folder: str, revision_count: Callable[[], int] | None = None
    ) -> SourceTree:
        """Mount and return a tree that is known to have the hash of its reference."""
        assert reference.nar_hash is not None
        path = source_path("source", read_hash(reference.nar_hash, None)[1])
        contents = StoreTree(folder)
        self.host.files.mount(path, contents)
        return SourceTree(path, contents, reference, revision_count)

    def warn(self, text: str) -> None:
        """Show a warning, once: evaluation that starts over finds the tree again."""
        self._show_once(f"warning: {text}")

    def _show_once(self, text: str) -> None:
        if text not in self._shown:
            self._shown.add(text)
            self._note(text)

    def path(self, reference: FlakeReference) -> SourceTree:
        """Return the tree of a `path:` reference: all that is in its folder, hashed now."""
        where = str(reference.source["path"])
        if not where.startswith("/"):
            raise EvalError(f"cannot fetch input '{reference}' because it uses a relative path")
        folder = self.readable(where)
        if not os.path.isdir(folder):
            raise EvalError(
                f"path '{where}' does not exist" if not os.path.lexists(folder) else f"'{where}' is not a folder"
            )
        return self.add(reference, StoreTree(folder))

    def readable(self, where: str) -> str:
        """Return the path on this machine. Raises Refused for a path that this evaluation must not read."""
        # what is mounted came through `find`, which has checked it; impure evaluation applies its own list of paths
        if self.host.files.is_mounted(where) or not self.host.pure:
            return self.host.files.real_path(where)
        self.refuse_outside(where)
        return os.path.realpath(where)

    def refuse_outside(self, where: str) -> None:
        """Raise Refused, under --untrusted, for a path outside the project after resolving links."""
        if self._trusted:
            return
        real = os.path.realpath(where)
        inside = self.project is not None and f"{real}/".startswith(self.project.rstrip("/") + "/")
        if not inside and not self.host.files.may_read(real):
            raise Refused(
                f"the flake source '{where}' is outside the project, which --untrusted refuses",
                hint="it can be read without --untrusted; a fetched input with a hash in flake.lock can always be read",
            )

    def add(
        self, reference: FlakeReference, tree: StoreTree, revision_count: Callable[[], int] | None = None
    ) -> SourceTree:
        """Hash a tree, mount it and return it. Raises EvalError where the reference has another hash."""
        reader = TreeReader(tree)
        # hashing reads every file, so it is done once per tree and evaluation
        digest = archive_hash(reader, "")
        nar_hash = write_hash("sha256", digest, "sri")
        wanted = reference.nar_hash
        if wanted is not None and checked_hash(wanted) != nar_hash:
            # "expected" and "got" are the way round that Nix has them
            raise EvalError(
                f"NAR hash mismatch in input '{reference}', expected '{nar_hash}' but got '{wanted}'",
                hint="the folder has changed since flake.lock was written",
            )
        path = source_path("source", digest)
        self.host.files.mount(path, tree)
        for name in reader.seen:
            self.host.files.depends_on(name)
        attributes: Attributes = {**reference.source, "narHash": nar_hash}
        # Git has set the time of the commit; a plain folder has the time of its newest file
        attributes.setdefault("lastModified", reader.newest)
        return SourceTree(path, tree, FlakeReference(attributes), revision_count)


def _date(seconds: int) -> str:
    try:
        return time.strftime("%Y%m%d%H%M%S", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        raise EvalError(f"'lastModified' is {seconds}, which is not a time") from None


def not_fetched(reference: FlakeReference) -> Refused:
    """Return the error of a source that is not on this machine."""
    if reference.nar_hash is None:
        return Refused(
            f"the flake input '{reference}' is not locked, and evaluation does not use the network",
            hint="lock it in flake.lock (`nix flake lock`), or pass a local folder with --input NAME=DIR",
        )
    return Refused(
        f"the flake input '{reference}' has not been fetched, and evaluation does not use the network",
        hint="fetch the inputs in flake.lock with `nixbridge flake fetch`, or pass a local folder with --input NAME=DIR",
    )
