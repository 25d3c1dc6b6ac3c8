"""The store of one evaluation: what Nix would have put into /nix/store, known by path and kept in memory."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.strings import without_stand_ins
from nixbridge.language.store.contexts import is_deep, output_of, path_of
from nixbridge.language.store.derivations import Derivation
from nixbridge.language.store.store_path import DERIVATION_SUFFIX, STORE, text_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from nixbridge.language.machine.host import Host
    from nixbridge.language.store.derivations import Output


def store_of(host: Host) -> MemoryStore:
    """Return the store of an evaluation, made when it is first needed."""
    if host.store is None:
        host.store = MemoryStore()
    return host.store


class MemoryStore:
    """The objects that expressions of one evaluation made. Nothing is ever written to a disk."""

    def __init__(self) -> None:
        #: Path of a `.drv` file -> the derivation.
        self.derivations: dict[str, Derivation] = {}
        #: Path of an object -> the store paths that it refers to.
        self.references: dict[str, list[str]] = {}

    def add_text(self, name: str, text: str, references: Iterable[str]) -> str:
        """Add a file with this text, which refers to these store paths, and return its path."""
        known = sorted(references)
        path = text_path(name, text, known)
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
        hashes = {path: self.derivation(path).modulo for path in inputs}
        made = Derivation(name, system, builder, args, env, inputs, sources, hashes, outputs, fixed)
        self.references[made.path] = made.references
        return self.derivations.setdefault(made.path, made)

    def derivation(self, path: str) -> Derivation:
        """Return the derivation whose `.drv` file is at `path`. Raises EvalError where this evaluation did not make it."""
        found = self.derivations.get(path)
        if found is None:
            raise EvalError(f"path '{without_stand_ins(path).removeprefix(STORE + '/')}' is not valid")
        return found

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
        path = path_of(element)
        output = output_of(element)
        if output is not None:
            inputs.setdefault(path, set()).add(output)
        elif is_deep(element):
            self.derivation(path)
            for member in self.closure(path):
                sources.add(member)
                if member.endswith(DERIVATION_SUFFIX):
                    inputs.setdefault(member, set()).update(self.derivation(member).outputs)
        else:
            sources.add(path)
