"""The flakes of one evaluation: what commands, `builtins.getFlake` and the fetch functions ask."""

from __future__ import annotations

import os
import platform
import sys

from nixbridge.errors.exceptions import EvalError, UsageError
from nixbridge.flakes.built_in_inputs import importable, outputs_of
from nixbridge.flakes.flake_call import FlakeCall
from nixbridge.flakes.flake_reference import FlakeReference, from_attributes, split_installable
from nixbridge.flakes.flake_sources import Sources
from nixbridge.flakes.locking import LockedFlake, lock_flake
from nixbridge.language.builtins.flake_references import NotAUrl, attributes_of_text
from nixbridge.language.runtime.strings import with_context
from nixbridge.language.runtime.type_checks import expect_set
from nixbridge.language.store.hash_text import read_hash
from nixbridge.language.store.store_path import source_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nixbridge.flakes.flake_sources import SourceTree
    from nixbridge.flakes.input_cache import InputCache
    from nixbridge.flakes.lock_file import InputPath
    from nixbridge.language.builtins.flake_references import Attributes
    from nixbridge.language.evaluation.evaluator import Evaluator
    from nixbridge.language.runtime.values import Lazy, Value


class OpenedFlakes:
    """Locks and calls flakes for an evaluator. Trees are found and hashed once; values are created again in each run of the evaluator.

    `inputs` (--input) are folders for inputs of the command line's flake. `system` is where outputs are looked for. `note` shows a line
    to the user. `cache` has what was fetched. `trusted` False: other sources must be below the flake that the command line names, or
    in a folder that the evaluation may read.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        *,
        cache: InputCache,
        note: Callable[[str], None],
        inputs: Mapping[InputPath, str] | None = None,
        system: str | None = None,
        trusted: bool = True,
    ) -> None:
        self._evaluator = evaluator
        self._inputs = inputs or {}
        self.system = system if system is not None else machine_system()
        self.sources = Sources(evaluator.host, cache, note, trusted=trusted)
        self._locked: dict[FlakeReference, LockedFlake] = {}
        self._last: tuple[LockedFlake, object, dict[str, Lazy]] | None = None

    def open(self, text: str) -> LockedFlake:
        """Return the flake that a command line argument names. Raises UsageError for an argument that names an output."""
        reference, fragment = split_installable(text, os.getcwd())
        if fragment:
            raise UsageError(f"'{text}' selects an output, but a flake is expected here")
        return self.lock(reference)

    def output(self, locked: LockedFlake, path: tuple[str, ...]) -> Lazy:
        """Return the output at a path, not forced."""
        value = self._called(locked)["outputs"]
        for name in path:
            value = expect_set(value)[name]
        return value

    def _called(self, locked: LockedFlake) -> dict[str, Lazy]:
        """Return the flake as it was called in this run of the evaluator, whose globals are new in each."""
        if self._last is None or self._last[0] is not locked or self._last[1] is not self._evaluator.globals:
            self._last = (locked, self._evaluator.globals, self.call(locked))
        return self._last[2]

    def lock(self, reference: FlakeReference) -> LockedFlake:
        """Return the command line's flake with the graph of its inputs."""
        if reference not in self._locked:
            self.sources.project = local_folder(reference)
            self._locked[reference] = lock_flake(self.sources, reference, self._inputs)
        return self._locked[reference]

    def call(self, locked: LockedFlake) -> dict[str, Lazy]:
        """Return the flake as `self` is."""
        return FlakeCall(self.sources, locked, self._evaluator.import_file, self._stand_in).flake()

    def get_flake(self, text: str) -> dict[str, Lazy]:
        """Return the flake of a reference in a program. (builtins.getFlake) Raises NixError."""
        reference = _absolute(text)
        if self._evaluator.host.pure and not reference.is_locked():
            raise EvalError(
                f"cannot call 'getFlake' on unlocked flake reference '{text}' (use --impure to override)",
                hint="add a `rev` or a `narHash` to lock the reference",
            )
        # without --input: its folders are for the flake of the command line
        return self.call(lock_flake(self.sources, reference))

    def fetch_tree(self, attributes: Attributes, function: str) -> dict[str, Lazy]:
        """Return the metadata of a source, including its `outPath`. (builtins.fetchTree, fetchGit) Raises NixError."""
        name = str(attributes.pop("name", "source")) if function == "fetchGit" else "source"
        reference = from_attributes(attributes)
        if self._evaluator.host.pure and not reference.is_locked():
            raise EvalError(
                f"in pure evaluation mode, '{function}' will not fetch unlocked input '{reference}'",
                hint="lock the source with a `narHash`, or with a `rev` for Git",
            )
        tree = self.sources.find(reference)
        info = tree.info()
        if function == "fetchGit" and "rev" not in info:
            # what Nix says of a dirty work tree
            info |= {"rev": "0" * 40, "shortRev": "0" * 7, "revCount": 0}
        if name != "source":
            path = source_path(name, read_hash(str(info["narHash"]), None)[1])
            self._evaluator.host.files.mount(path, tree.contents)
            info["outPath"] = with_context(path, (path,))
        return info

    def fetch_archive(self, url: str, name: str, digest: bytes) -> str:
        """Return the store path of the contents of an archive. (builtins.fetchTarball) Raises Refused."""
        return self.sources.archive(url, name, digest)

    def fetch_file(self, url: str, name: str, digest: bytes) -> str:
        """Return the store path of a file. (builtins.fetchurl) Raises Refused."""
        return self.sources.file(url, name, digest)

    def _stand_in(self, tree: SourceTree) -> Value:
        """Return the outputs function of a built-in stand-in, whose source can be imported from now on."""
        assert tree.stand_in is not None
        for rest, value in importable(tree.stand_in, tree.locked, self._evaluator).items():
            # `import nixpkgs` finds a value by its path, as there are no files
            self._evaluator.provided.setdefault(tree.path + rest, value)
        return outputs_of(tree.stand_in, self._evaluator)


def input_folders(entries: Iterable[str]) -> dict[InputPath, str]:
    """Return the folders of --input by the path of their input. Raises UsageError unless it is `NAME=DIR`."""
    folders: dict[InputPath, str] = {}
    for entry in entries:
        name, equals, folder = entry.partition("=")
        if not equals or not name or not folder:
            raise UsageError(f"--input takes NAME=DIR, not '{entry}'")
        folders[tuple(name.split("/"))] = folder
    return folders


def local_folder(reference: FlakeReference) -> str | None:
    """Return the folder of this machine that a reference names; None where it names none."""
    if reference.type == "path":
        return os.path.realpath(str(reference.source["path"]))
    if reference.type == "git" and str(reference.source["url"]).startswith("file://"):
        return os.path.realpath(str(reference.source["url"]).removeprefix("file://"))
    return None


def _absolute(text: str) -> FlakeReference:
    try:
        attributes = dict(attributes_of_text(text))
    except NotAUrl:
        if not text.startswith("/"):
            raise EvalError(f"flake reference '{text}' is not an absolute path") from None
        attributes = {"type": "path", "path": text}
    folder = str(attributes.pop("dir", ""))
    return FlakeReference(attributes, folder)


def machine_system() -> str:
    """Return the system of this machine as Nix names it: `x86_64-linux`, `aarch64-darwin`."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
    return f"{machine}-{'darwin' if sys.platform == 'darwin' else 'linux'}"
