"""flake.lock: the graph of inputs, read and written as Nix does. (Nix manual, nix flake, Lock files)"""

from __future__ import annotations

import json

from nixbridge.errors.exceptions import EvalError
from nixbridge.flakes.flake_reference import FlakeReference, checked_hash, from_attributes
from nixbridge.language.builtins.json_text import read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    #: The names of inputs from the root on.
    InputPath: TypeAlias = "tuple[str, ...]"

VERSIONS = (5, 6, 7)
VERSION = 7


class LockNode:
    """A flake or a source in the graph; `locked` and `original` are None for the root.

    `inputs` gives for each input its node, or the path from the root that it follows. `parent` is the input that a relative path
    starts from, None where the reference is absolute.
    """

    __slots__ = ("inputs", "is_flake", "locked", "original", "parent")

    def __init__(
        self,
        locked: FlakeReference | None = None,
        original: FlakeReference | None = None,
        *,
        is_flake: bool = True,
        parent: InputPath | None = None,
    ) -> None:
        self.locked = locked
        self.original = original
        self.is_flake = is_flake
        self.parent = parent
        self.inputs: dict[str, LockNode | InputPath] = {}


class LockFile:
    """A whole lock file."""

    def __init__(self, root: LockNode | None = None) -> None:
        self.root = root if root is not None else LockNode()

    def find(self, path: InputPath) -> LockNode | None:
        """Return the node at a path from the root, inputs that follow others resolved; None where there is none.

        Raises EvalError for inputs that follow each other in a circle.
        """
        return self._find(path, ())

    def _find(self, path: InputPath, visited: tuple[InputPath, ...]) -> LockNode | None:
        if path in visited:
            circle = " -> ".join("/".join(step) for step in (*visited[visited.index(path) :], path))
            raise EvalError(f"follow cycle detected: [{circle}]")
        node = self.root
        for name in path:
            child = node.inputs.get(name)
            if isinstance(child, tuple):
                child = self._find(child, (*visited, path))
            if child is None:
                return None
            node = child
        return node

    def check(self) -> None:
        """Raise EvalError for an input that follows one that does not exist."""
        for path, item in self.walk():
            if isinstance(item, tuple) and item and self.find(item) is None:
                raise EvalError(f"input '{'/'.join(path)}' follows a non-existent input '{'/'.join(item)}'")

    def walk(self) -> Iterator[tuple[InputPath, LockNode | InputPath]]:
        """Yield every input with its path, each node's inputs once."""
        seen: set[int] = set()
        pending: list[tuple[InputPath, LockNode]] = [((), self.root)]
        while pending:
            path, node = pending.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            for name in sorted(node.inputs):
                # also for a node that was reached before: it has several input paths, and a lock file names it once
                child = node.inputs[name]
                yield (*path, name), child
                if isinstance(child, LockNode):
                    pending.append(((*path, name), child))

    def _named(self) -> dict[int, tuple[str, LockNode]]:
        """Return each node, by `id`, with its name in the file: its input's, with `_2`, `_3`, ... where that is taken."""
        named: dict[int, tuple[str, LockNode]] = {}
        taken: set[str] = set()
        pending: list[tuple[str, LockNode]] = [("root", self.root)]
        while pending:
            wanted, node = pending.pop()
            if id(node) in named:
                continue
            key, count = wanted, 1
            while key in taken:
                count += 1
                key = f"{wanted}_{count}"
            taken.add(key)
            named[id(node)] = (key, node)
            # a stack, so that the first input and all below it come before the second
            pending.extend(
                (name, child)
                for name in sorted(node.inputs, reverse=True)
                if isinstance(child := node.inputs[name], LockNode)
            )
        return named

    def to_data(self) -> dict[str, Any]:
        """Return the file as JSON data."""
        named = self._named()
        nodes: dict[str, Any] = {}
        for key, node in named.values():
            entry: dict[str, Any] = {}
            if node.inputs:
                entry["inputs"] = {
                    name: list(child) if isinstance(child, tuple) else named[id(child)][0]
                    for name, child in node.inputs.items()
                }
            if node.locked is not None and node.original is not None:
                entry["locked"] = dict(node.locked.attributes())
                entry["original"] = dict(node.original.attributes())
                if not node.is_flake:
                    entry["flake"] = False
                if node.parent is not None:
                    entry["parent"] = list(node.parent)
            nodes[key] = entry
        return {"nodes": nodes, "root": named[id(self.root)][0], "version": VERSION}

    def to_text(self) -> str:
        """Return the file, byte for byte as Nix writes it."""
        return json.dumps(self.to_data(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_lock_file(text: str, name: str) -> LockFile:
    """Return the graph of a lock file; `name` is shown in messages. Raises EvalError for what Nix does not take."""
    try:
        data = read_json(text)
    except EvalError as error:
        raise EvalError(f"lock file '{name}' cannot be read: {error.message}") from None
    if not isinstance(data, dict):
        raise EvalError(f"lock file '{name}' is not a JSON object")
    version = data.get("version")
    if version.__class__ not in (int, float) or version not in VERSIONS:
        raise EvalError(
            f"lock file '{name}' has unsupported version {json.dumps(version)}",
            hint=f"the supported versions are {', '.join(map(str, VERSIONS))}",
        )
    return LockFile(_Reader(data, name).root())


class _Reader:
    """Makes nodes of a lock file's data, each key once."""

    def __init__(self, data: dict[str, Any], name: str) -> None:
        self.name = name
        self.entries = self.object(data.get("nodes", {}), "nodes")
        self.root_key = self.string(data.get("root"), "root")
        self.made: dict[str, LockNode] = {}

    def root(self) -> LockNode:
        """Return the root with all that it reaches."""
        root = self.made[self.root_key] = LockNode()
        pending = [self.root_key]
        while pending:
            key = pending.pop()
            # a root that does not exist has no inputs: Nix reads such a file as an empty one
            entry = self.entry(key) if key != self.root_key or key in self.entries else {}
            for name, given in self.object(entry.get("inputs", {}), f"nodes.{key}.inputs").items():
                if isinstance(given, list):
                    path = tuple(self.string(part, f"nodes.{key}.inputs.{name}") for part in given)
                    self.made[key].inputs[name] = path
                    continue
                child = self.string(given, f"nodes.{key}.inputs.{name}")
                if child not in self.made:
                    self.made[child] = self.node(child)
                    pending.append(child)
                self.made[key].inputs[name] = self.made[child]
        return root

    def node(self, key: str) -> LockNode:
        """Return a locked node without its inputs."""
        entry = self.entry(key)
        references: list[FlakeReference] = []
        for field in ("locked", "original"):
            if field not in entry:
                raise EvalError(f"attribute '{field}' missing in lock file", hint=f"see node '{key}' of '{self.name}'")
            attributes = dict(self.object(entry[field], f"nodes.{key}.{field}"))
            # Nix's mark that nothing has to be added to the attributes; it is not part of the reference
            attributes.pop("__final", None)
            references.append(self.reference(attributes, f"nodes.{key}.{field}"))
        locked, original = references
        if locked.nar_hash is not None:
            checked_hash(locked.nar_hash)
        if not locked.is_locked():
            raise EvalError(
                f"Lock file contains unlocked input '{json.dumps(locked.attributes(), sort_keys=True)}'. "
                "Use '--allow-dirty-locks' to accept this lock file.",
                hint=f"see node '{key}' of '{self.name}'",
            )
        is_flake = entry.get("flake", True)
        if not isinstance(is_flake, bool):
            raise self.wrong(f"nodes.{key}.flake", "a Boolean")
        parent: InputPath | None = None
        if "parent" in entry:
            given = entry["parent"]
            if not isinstance(given, list):
                raise self.wrong(f"nodes.{key}.parent", "a list of input names")
            parent = tuple(self.string(part, f"nodes.{key}.parent") for part in given)
        return LockNode(locked, original, is_flake=is_flake, parent=parent)

    def reference(self, attributes: dict[str, Any], where: str) -> FlakeReference:
        """Return a reference; `where` is the name of its field."""
        try:
            return from_attributes(attributes)
        except EvalError as error:
            raise EvalError(error.message, hint=f"see {where} of '{self.name}'") from None

    def entry(self, key: str) -> dict[str, Any]:
        """Return the object of a node."""
        if key not in self.entries:
            raise EvalError(f"lock file references missing node '{key}'", hint=f"see '{self.name}'")
        return self.object(self.entries[key], f"nodes.{key}")

    def object(self, value: object, where: str) -> dict[str, Any]:
        """Return `value`, which must be an object."""
        if not isinstance(value, dict):
            raise self.wrong(where, "an object")
        return value

    def string(self, value: Any, where: str) -> str:
        """Return `value`, which must be a string."""
        if not isinstance(value, str):
            raise self.wrong(where, "a string")
        return value

    def wrong(self, where: str, wanted: str) -> EvalError:
        """Return the error of a field that is not of the `wanted` type."""
        return EvalError(f"lock file '{self.name}': {where} must be {wanted}")
