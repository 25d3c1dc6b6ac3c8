"""The store of one evaluation: what Nix would have put into /nix/store, known by path and kept in memory."""

from __future__ import annotations

import hashlib

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.machine.allowed_paths import StoreText
from nixbridge.language.runtime.strings import (
    element_output,
    element_path,
    is_deep,
    to_bytes,
    with_context,
    without_stand_ins,
)
from nixbridge.language.store.archive import archive_hash
from nixbridge.language.store.derivations import Derivation
from nixbridge.language.store.store_path import (
    DERIVATION_SUFFIX,
    STORE,
    digest_of,
    fixed_path,
    object_path,
    source_path,
    text_path,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nixbridge.language.machine.files import Files
    from nixbridge.language.store.archive import Filter
    from nixbridge.language.store.derivations import Output


class MemoryStore:
    """The objects that expressions of one evaluation made, each of which `files` can read by its store path.

    Nothing is ever written to a disk.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._copies: dict[str, str] = {}
        #: Path of a `.drv` file -> the derivation.
        self.derivations: dict[str, Derivation] = {}
        #: Path of an object -> the store paths that it refers to.
        self.references: dict[str, list[str]] = {}

    def copy(self, path: str) -> str:
        """Return what `"${path}"` is: the store path, with itself as context, of the file, link or folder at `path`.

        Folders above `path` may be links, which are followed; a link at `path` itself is copied as a link.
        """
        if path not in self._copies:
            name = path.rpartition("/")[2]
            if name.endswith(DERIVATION_SUFFIX):
                raise EvalError(f"file names are not allowed to end in '{DERIVATION_SUFFIX}'")
            made = self.add_source(name, self._files.follow(path, last_link=False))
            self._copies[path] = with_context(made, (made,))
        return self._copies[path]

    def add_source(self, name: str, path: str, keep: Filter | None = None, references: Sequence[str] = ()) -> str:
        """Add a copy of the file, link or folder at `path`, of a folder what `keep` lets through; return its path."""
        restricted = keep is not None or self._files.is_mounted(path)
        kept: set[str] | None = set() if restricted else None
        made = source_path(name, archive_hash(self._files, path, keep, kept), references)
        self._files.mount_copy(made, path, None if kept is None else frozenset(kept))
        self.references[made] = list(references)
        return made

    def add_contents(self, name: str, path: str) -> str:
        """Add a file with the contents of the one at `path`, known by their hash; return its path."""
        data = self._files.read_bytes(path)
        made = fixed_path(name, "sha256", hashlib.sha256(data).digest(), recursive=False)
        self._files.mount(made, StoreText(data))
        self.references[made] = []
        return made

    def add_text(self, name: str, text: str, references: Iterable[str]) -> str:
        """Add a file with this text, which refers to these store paths, and return its path."""
        known = sorted(references)
        data = to_bytes(text)
        path = text_path(name, data, known)
        self._files.mount(path, StoreText(data))
        self.references[path] = known
        return path

    def add_derivation(
        self,
        name: str,
        system: str,
        builder: str,
        args: list[str],
        env: dict[str, str],
        context: Iterable[str],
        *,
        outputs: Iterable[str] = ("out",),
        fixed: Output | None = None,
    ) -> Derivation:
        """Add a derivation; `context` is that of all its strings. Raises EvalError for an input that is not known."""
        inputs: dict[str, set[str]] = {}
        sources: set[str] = set()
        for element in context:
            self._add_input(element, inputs, sources)
        unknown = next((path for path in sorted(inputs) if path not in self.derivations), None)
        if unknown is not None:
            raise EvalError(f"derivation '{without_stand_ins(unknown)}' is not valid")
        hashes = {path: self.derivations[path].modulo for path in inputs}
        made = Derivation(name, system, builder, args, env, inputs, sources, hashes, outputs, fixed)
        self._files.mount(made.path, StoreText(made.data))
        self.references[made.path] = made.references
        # the first one stays: an equal derivation made again is the same object of the store
        return self.derivations.setdefault(made.path, made)

    def derivation(self, path: str) -> Derivation:
        """Return the derivation whose `.drv` file is at `path`. Raises EvalError where this evaluation did not make it."""
        found = self.derivations.get(path)
        if found is None:
            raise EvalError(f"path '{without_stand_ins(path).removeprefix(STORE + '/')}' is not valid")
        return found

    def references_of(self, path: str) -> list[str]:
        """Return the references of the object that `path` is or lies below; none where it is not in the store."""
        return self.references.get(object_path(path) or path, [])

    def references_in(self, path: str, text: str) -> list[str]:
        """Return those of the same references that occur in `text`."""
        return [reference for reference in self.references_of(path) if digest_of(reference) in text]

    def closure(self, path: str) -> set[str]:
        """Return `path` and all that it refers to, directly or not."""
        seen = {path}
        pending = [path]
        while pending:
            for reference in self.references.get(pending.pop(), ()):
                if reference not in seen:
                    seen.add(reference)
                    pending.append(reference)
        return seen

    def _add_input(self, element: str, inputs: dict[str, set[str]], sources: set[str]) -> None:
        path = element_path(element)
        output = element_output(element)
        if output is not None:
            inputs.setdefault(path, set()).add(output)
        elif is_deep(element):
            if path not in self.derivations:
                raise EvalError(f"path '{without_stand_ins(path)}' is not valid")
            for member in self.closure(path):
                sources.add(member)
                if member.endswith(DERIVATION_SUFFIX):
                    inputs.setdefault(member, set()).update(self.derivation(member).outputs)
        else:
            sources.add(path)
