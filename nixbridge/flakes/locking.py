"""From flake.nix and flake.lock to the graph that an evaluation uses, as Nix computes it. (Nix manual, nix flake lock)

An entry of the lock file is kept while it still is what flake.nix asks for; what is new is resolved where that needs no network. Nothing
is looked at that is locked already: inputs are fetched when an output needs them.
"""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import EvalError
from nixbridge.flakes.built_in_inputs import stand_in_for
from nixbridge.flakes.flake_file import FlakeFile, FlakeInput, read_flake_file
from nixbridge.flakes.flake_reference import FlakeReference, checked_hash
from nixbridge.flakes.lock_file import LockFile, LockNode, read_lock_file
from nixbridge.language.runtime.path import canonical
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from nixbridge.flakes.flake_sources import Sources, SourceTree
    from nixbridge.flakes.lock_file import InputPath


class Flake:
    """A flake that has been read: its tree, the path of its folder in the store, the reference that it was found by, its flake.nix."""

    __slots__ = ("file", "path", "reference", "tree")

    def __init__(self, reference: FlakeReference, tree: SourceTree, path: str, file: FlakeFile) -> None:
        self.reference = reference
        self.tree = tree
        self.path = path
        self.file = file

    @property
    def locked(self) -> FlakeReference:
        """The reference that always gives this flake; a relative one stays relative."""
        if self.reference.is_relative():
            return self.reference
        return FlakeReference(self.tree.locked.source, self.reference.folder)


class Place:
    """The place of a node whose source was looked at while locking: its tree, and its folder by the path in the store."""

    __slots__ = ("path", "tree")

    def __init__(self, tree: SourceTree, path: str) -> None:
        self.tree = tree
        self.path = path


class LockedFlake:
    """A flake with the graph of its inputs; `places` are the nodes (by `id`) whose sources had to be looked at."""

    __slots__ = ("flake", "lock_file", "old_lock_file", "places")

    def __init__(self, flake: Flake, lock_file: LockFile, old_lock_file: LockFile, places: dict[int, Place]) -> None:
        self.flake = flake
        self.lock_file = lock_file
        self.old_lock_file = old_lock_file
        self.places = places

    @property
    def is_up_to_date(self) -> bool:
        """Return whether the lock file describes the inputs in use; if so, Nix does not rewrite it, whatever its layout."""
        return self.lock_file.to_data() == self.old_lock_file.to_data()


def lock_flake(
    sources: Sources, reference: FlakeReference, given: Mapping[InputPath, str] | None = None
) -> LockedFlake:
    """Return the flake at an absolute reference with the graph of its inputs.

    `given` (--input) are folders for inputs by their path. Raises NixError.
    """
    # the order of Nix's lockFlake: overrides must be known before any node is kept from the old lock file
    flake = read_flake(sources, reference)
    old = _lock_file_of(sources, flake)
    overrides = _given_inputs(sources, old, given or {})
    locker = _Locker(sources, flake, overrides)
    locker.lock(_Level(locker.result.root, (), flake.path, old.root, ()), flake.file.inputs)
    locker.warn_unused()
    locker.result.check()
    return LockedFlake(flake, locker.result, old, locker.places)


def read_flake(sources: Sources, reference: FlakeReference, at: InputPath = ()) -> Flake:
    """Return the flake at an absolute reference; `at` is the input that it is."""
    flake = _found(sources, reference, reference, at)
    settings = flake.file.self_settings
    if reference.type != "git" or all(reference.source.get(name) == value for name, value in settings.items()):
        return flake
    # the flake says how its own source is to be fetched, so it is fetched once more, at the commit that was found
    commit = {name: value for name, value in flake.tree.locked.source.items() if name in ("ref", "rev")}
    wanted = FlakeReference({**reference.source, **commit, **settings}, reference.folder)
    return _found(sources, wanted, reference, at)


def _found(sources: Sources, wanted: FlakeReference, reference: FlakeReference, at: InputPath) -> Flake:
    tree = sources.find(wanted)
    return _read(sources, reference, tree, canonical(f"{tree.path}/{reference.folder}"), at)


def _read(sources: Sources, reference: FlakeReference, tree: SourceTree, path: str, at: InputPath) -> Flake:
    host = sources.host
    name = f"{path}/flake.nix"
    if not host.files.path_exists(name):
        real = host.files.real_path(name)  # raises for a file that Git does not track
        raise EvalError(
            f"source tree referenced by '{reference}' does not contain a 'flake.nix' file", hint=f"expected at '{real}'"
        )
    source = Source(host.files.read_text(name), host.files.shown(name), path)
    return Flake(reference, tree, path, read_flake_file(source, str(reference), at))


def inputs_to_fetch(sources: Sources, reference: FlakeReference) -> dict[str, FlakeReference]:
    """Return the locked inputs of a flake that are missing on this machine, by the path of the input."""
    lock_file = _lock_file_of(sources, read_flake(sources, reference))
    found: dict[str, FlakeReference] = {}
    for path, node in lock_file.walk():
        # `follows` has no source of its own, and a path is on this machine already
        if not isinstance(node, LockNode) or node.locked is None or node.locked.type == "path":
            continue
        known = node.locked.nar_hash
        if known is None or sources.cache.find(checked_hash(known)) is None:
            found["/".join(path)] = FlakeReference(node.locked.source)
    return found


def _lock_file_of(sources: Sources, flake: Flake) -> LockFile:
    name = f"{flake.path}/flake.lock"
    if not sources.host.files.path_exists(name):
        return LockFile()
    return read_lock_file(sources.host.files.read_text(name), sources.host.files.shown(name))


def _given_inputs(sources: Sources, old: LockFile, given: Mapping[InputPath, str]) -> dict[InputPath, FlakeInput]:
    """Return the inputs that --input replaces; a folder with the hash that is locked stands for every input with that hash instead."""
    overrides: dict[InputPath, FlakeInput] = {}
    for path, folder in given.items():
        reference = FlakeReference({"type": "path", "path": os.path.abspath(folder)})
        tree = sources.find(reference)
        node = old.find(path)
        wanted = node.locked.nar_hash if node is not None and node.locked is not None else None
        # The same contents: the entry of the lock file stays, with its revision and time, and only the place of the
        # files changes. Other contents replace the input, as --override-input does.
        if wanted is not None and wanted == tree.locked.nar_hash:
            sources.given[wanted] = tree.contents.folder
        else:
            overrides[path] = FlakeInput(reference)
    return overrides


class _Override:
    """An input that is set from above: by the command line, or by `inputs.a.inputs.b` of a flake around it."""

    __slots__ = ("input", "parent", "path")

    def __init__(self, given: FlakeInput, parent: InputPath, path: str) -> None:
        self.input = given
        self.parent = parent
        self.path = path


class _Level:
    """A node whose inputs are being locked.

    `at` is its input path and `path` the folder of its flake, where relative references start. `old` is its entry in a lock file whose
    own root is the input `root`. `trusted`: the inputs are those of the lock file itself, not of a flake.nix that was read.
    """

    __slots__ = ("at", "node", "old", "path", "root", "trusted")

    def __init__(
        self, node: LockNode, at: InputPath, path: str, old: LockNode | None, root: InputPath, *, trusted: bool = False
    ) -> None:
        self.node = node
        self.at = at
        self.path = path
        self.old = old
        self.root = root
        self.trusted = trusted


class _Locker:
    """Makes the new graph."""

    def __init__(self, sources: Sources, flake: Flake, given: Mapping[InputPath, FlakeInput]) -> None:
        self.sources = sources
        self.result = LockFile()
        self.places: dict[int, Place] = {id(self.result.root): Place(flake.tree, flake.path)}
        self.given = given
        self.overrides: dict[InputPath, _Override] = {
            path: _Override(item, (), flake.path) for path, item in given.items()
        }
        self.used: set[InputPath] = set()
        #: The flakes that are being locked, the outermost first, by their place and reference.
        self.open: list[FlakeReference] = [flake.reference]
        self.trees = {flake.tree.path: flake.tree}

    def lock(self, level: _Level, inputs: Mapping[str, FlakeInput]) -> None:
        """Give the node of a level its inputs."""
        for name, item in inputs.items():
            self.add_overrides(item, (*level.at, name), level)
        # Warned here and not where they are recorded: only now are all overrides from above known. A path of --input is
        # checked at the end, by `warn_unused`.
        for where in self.overrides:
            if where and where[:-1] == level.at and where[-1] not in inputs and where not in self.given:
                shown = "/".join(level.at)
                self.sources.warn(f"input '{shown}' has an override for a non-existent input '{where[-1]}'")
        for name in sorted(inputs):
            self.lock_input(level, name, inputs[name])

    def add_overrides(self, item: FlakeInput, at: InputPath, level: _Level) -> None:
        """Record the overrides that an input declares for its own inputs; outer declarations take precedence."""
        for name, inner in item.overrides.items():
            where = (*at, name)
            if inner.reference is not None or inner.follows is not None:
                self.overrides.setdefault(where, _Override(inner, level.at, level.path))
            self.add_overrides(inner, where, level)

    def lock_input(self, level: _Level, name: str, declared: FlakeInput) -> None:
        """Give a node one input: what it follows, the entry of the lock file, or a new one."""
        at = (*level.at, name)
        item, parent, path = declared, level.at, level.path
        override = self.overrides.get(at)
        if override is not None:
            self.used.add(at)
            # whatever replaces an input, it stays a flake or stays none
            item = FlakeInput(override.input.reference, is_flake=declared.is_flake, follows=override.input.follows)
            parent, path = override.parent, override.path
        if item.follows is not None:
            level.node.inputs[name] = item.follows
            return
        if item.reference is None:
            raise EvalError(f"input '{'/'.join(at)}' has neither a reference nor an input that it follows")
        relative_to = parent if item.reference.is_relative() else None
        old = level.old.inputs.get(name) if level.old is not None else None
        old = old if isinstance(old, LockNode) else None
        if old is not None and at not in self.given and old.original == item.reference and old.parent == relative_to:
            self.keep(level, name, old, path)
            return
        # what the lock file says of an input that --input replaces is what flake.nix says
        original = declared.reference if at in self.given and declared.reference is not None else item.reference
        new = LockNode(item.reference, original, is_flake=item.is_flake, parent=relative_to)
        self.resolve(level, name, new, item.reference, old, path)

    def keep(self, level: _Level, name: str, old: LockNode, path: str) -> None:
        """Take over an entry of the lock file; its flake is only read where what the entry follows has changed."""
        assert old.locked is not None
        at = (*level.at, name)
        kept = LockNode(old.locked, old.original, is_flake=old.is_flake, parent=old.parent)
        level.node.inputs[name] = kept
        inputs = self.locked_inputs(level, old, at)
        if inputs is not None:
            self.lock(_Level(kept, at, level.path, old, level.root, trusted=True), inputs)
            return
        flake = self.flake_at(old.locked, path, at)
        self.places[id(kept)] = Place(flake.tree, flake.path)
        self.lock(_Level(kept, at, flake.path, old, level.root), flake.file.inputs)

    def locked_inputs(self, level: _Level, old: LockNode, at: InputPath) -> dict[str, FlakeInput] | None:
        """Return the inputs of an entry as a flake.nix would declare them; None if one follows an input that no longer exists."""
        inputs: dict[str, FlakeInput] = {}
        for name, child in old.inputs.items():
            if isinstance(child, LockNode):
                inputs[name] = FlakeInput(child.original, is_flake=child.is_flake)
            # what it follows may have been removed from the flake.nix above; only the flake itself says what it wants now
            elif not level.trusted and (*at, name) not in self.overrides:
                return None
            else:
                inputs[name] = FlakeInput(follows=(*level.root, *child))
        return inputs

    def resolve(
        self, level: _Level, name: str, new: LockNode, reference: FlakeReference, old: LockNode | None, path: str
    ) -> None:
        """Lock a new entry and its own inputs."""
        level.node.inputs[name] = new
        at = (*level.at, name)
        if not new.is_flake:
            place = self.source_at(reference, path)
            self.places[id(new)] = place
            if not reference.is_relative():
                new.locked = place.tree.locked
            return
        # A stand-in is never read as a flake, so it has no inputs to lock.
        if reference.nar_hash is None and stand_in_for(reference) is not None:
            return
        flake = self.flake_at(reference, path, at)
        if reference in self.open:
            raise EvalError(f"found circular import of flake '{reference}'")
        new.locked = flake.locked
        self.places[id(new)] = Place(flake.tree, flake.path)
        self.open.append(reference)
        # A lock file around it knows its inputs already; else its own flake.lock gives their revisions.
        if old is not None:
            self.lock(_Level(new, at, flake.path, old, level.root), flake.file.inputs)
        else:
            own = _lock_file_of(self.sources, flake)
            self.lock(_Level(new, at, flake.path, own.root, at), flake.file.inputs)
        self.open.pop()

    def flake_at(self, reference: FlakeReference, path: str, at: InputPath) -> Flake:
        """Return the flake of a reference; a relative one starts from the flake at `path`."""
        if not reference.is_relative():
            flake = read_flake(self.sources, reference, at)
            self.trees[flake.tree.path] = flake.tree
            return flake
        place = self.source_at(reference, path)
        return _read(self.sources, reference, place.tree, canonical(f"{place.path}/{reference.folder}"), at)

    def source_at(self, reference: FlakeReference, path: str) -> Place:
        """Return the place of a reference that is not read as a flake."""
        if not reference.is_relative():
            tree = self.sources.find(reference)
            self.trees[tree.path] = tree
            return Place(tree, tree.path)
        place = canonical(f"{path}/{reference.source['path']}")
        self.sources.host.files.real_path(place)  # raises for what is outside the source
        # /nix/store/HASH-NAME: the first four parts are the tree
        return Place(self.trees["/".join(place.split("/")[:4])], place)

    def warn_unused(self) -> None:
        """Warn of each folder that was given for an input that there is not."""
        for path in self.given:
            if path not in self.used:
                self.sources.warn(f"--input {'/'.join(path)} does not match any input of the flake")
