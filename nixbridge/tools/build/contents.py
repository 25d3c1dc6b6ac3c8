"""The contents of derivations' outputs, as far as they are known without running a builder."""

from __future__ import annotations

import re

from nixbridge.errors.exceptions import EvalError, InfiniteRecursion, Refused
from nixbridge.language.runtime.strings import STAND_IN, stand_in_name
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import expect_list
from nixbridge.tools.build.build_errors import REAL_NIX, CommandFailed, NotCarriedOut
from nixbridge.tools.build.file_tree import File, Folder, Link, Node
from nixbridge.tools.build.serialize import serialize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.machine.host import Host
    from nixbridge.language.pkgs.pkgs_derivation import StandIn

STORE = "/nix/store/"
_STORE_PATH = re.compile(r"/nix/store/[a-z0-9]{32}-[A-Za-z0-9+\-._?=]+")
#: A first line that names a program of a package: without a store, the program that the reader's PATH has.
_PROGRAM_LINE = re.compile(
    rb"\A#! ?/nix/store/" + STAND_IN.encode() + rb"[a-z0-9]{22}-[A-Za-z0-9+\-._?=]+/bin/([^/\s]+)"
)


class Contents:
    """The outputs that belong to one evaluation, each made once. `host` knows its derivations and the files that it may read."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._made: dict[str, Node | None] = {}
        self._open: list[str] = []

    def output(self, path: str) -> Node:
        """Return the node at the store path of an output or a copied source. Raises Refused if it is unknown."""
        if path not in self._made:
            if path in self._open:
                raise InfiniteRecursion(f"the output '{shown_path(path)}' needs itself")
            self._open.append(path)
            try:
                self._make(path)
            finally:
                self._open.pop()
        # None: a builder made other outputs of this derivation, but not this one
        node = self._made.get(path)
        if node is None:
            raise EvalError(f"the derivation has no output '{shown_path(path)}'")
        return node

    def inside(self, path: str) -> Node:
        """Return the node at a path in or below a store path."""
        # the hash and name end at the first slash; what follows is a path inside the output
        match = _STORE_PATH.match(path)
        if match is None:
            raise EvalError(f"'{path}' is not in the Nix store")
        node = self.output(match[0])
        for part in path[match.end() :].strip("/").split("/"):
            if not part:
                continue
            if not isinstance(node, Folder) or part not in node.entries:
                raise CommandFailed(f"'{shown_path(path)}' does not exist")
            node = node.entries[part]
        return node

    def find(self, path: str) -> Node | None:
        """Return the node at a store path; None for a path that is neither an output nor a source of this evaluation."""
        if path in self.host.stand_ins or self.host.files.is_mounted(path):
            return self.output(path)
        return None

    def _make(self, path: str) -> None:
        derivation: StandIn | None = self.host.stand_ins.get(path)
        if derivation is None:
            self._made[path] = self._source(path)
            return
        builder = _BUILDERS.get(derivation.builder)
        if builder is None:
            raise NotCarriedOut(
                f"'{derivation.name}' has its own builder, which would have to run: {derivation.builder}"
            )
        made = builder(self, derivation)
        outputs = made if isinstance(made, dict) else {derivation.outputs["out"]: made}
        # one run makes all outputs, as a real builder does
        self._made.update(outputs)
        # a fixed output is also known by the path that its hash gives
        for known, record in self.host.stand_ins.items():
            if record is derivation and known not in outputs and known != derivation.drv_path:
                self._made.setdefault(known, outputs.get(derivation.outputs.get("out", "")))

    def _source(self, path: str) -> Node:
        """Return the local file or folder of a store path, with the permissions of a copy in the store."""
        if not self.host.files.is_mounted(path):
            raise Refused(f"'{path}' is not a file of this evaluation, and nixbridge has no store", hint=REAL_NIX)
        kind = self.host.files.file_type(path)
        if kind == "directory":
            entries = {name: self._source(f"{path}/{name}") for name in sorted(self.host.files.list_dir(path))}
            return Folder(entries, writable=False)
        if kind == "symlink":
            return Link(self.host.files.read_link(path))
        return File(self.host.files.read_bytes(path), executable=self.host.files.is_executable(path), writable=False)


def shown_path(path: str) -> str:
    """Return a store path for a message: without the hash of a stand-in, which means nothing to a reader."""
    if STAND_IN not in path:
        return path
    name = stand_in_name(path)
    return name + path[path.index(name) + len(name) :]


# One function for each builder of pkgs: a node, or a node for each output.


def _text(_contents: Contents, derivation: StandIn) -> Node:
    data = derivation.environment["text"].encode("utf-8", "surrogateescape")
    # a stand-in's interpreter is in no store, so the first line of a script has to find it elsewhere
    return _placed(_with_program(data), derivation)


def _serialized(_contents: Contents, derivation: StandIn) -> Node:
    environment = derivation.environment
    text = serialize(environment["format"], environment["value"], environment.get("comment", ""))
    return File(text.encode("utf-8", "surrogateescape"), writable=False)


def _concatenated(contents: Contents, derivation: StandIn) -> Node:
    parts = []
    for path in derivation.environment["files"].split():
        node = contents.inside(path)
        if not isinstance(node, File):
            raise CommandFailed(f"cat: {shown_path(path)}: Is a directory")
        parts.append(node.data)
    return _placed(b"".join(parts), derivation)


def _placed(data: bytes, derivation: StandIn) -> Node:
    """Return a file, in the folders that `destination` names."""
    file: Node = File(data, executable=derivation.environment.get("executable") == "1", writable=False)
    for part in reversed(derivation.environment.get("destination", "").strip("/").split("/")):
        if part:
            file = Folder({part: file}, writable=False)
    return file


def _with_program(data: bytes) -> bytes:
    return _PROGRAM_LINE.sub(rb"#!/usr/bin/env \1", data, count=1)


def _links(contents: Contents, derivation: StandIn) -> Node:
    """Return a folder of links as a folder of their targets, because nixbridge has no store."""
    farm = Folder()
    names = [str(force(name)) for name in expect_list(derivation.attributes["linkNames"])]
    targets = [str(force(target)) for target in expect_list(derivation.attributes["linkTargets"])]
    for name, target in zip(names, targets, strict=True):
        # other targets lead to the machine of the user, so they stay links
        node = contents.inside(target) if target.startswith(STORE) else Link(target)
        folder = farm
        *parents, last = [part for part in name.split("/") if part not in ("", ".")]
        for part in parents:
            step = folder.entries.setdefault(part, Folder())
            if not isinstance(step, Folder):
                raise CommandFailed(f"linkFarm: '{part}' in '{name}' is a file")
            folder = step
        folder.entries[last] = node.copy(writable=False)
    return farm


def _joined(contents: Contents, derivation: StandIn) -> Node:
    environment = derivation.environment
    joined = Folder()
    prefix = environment.get("stripPrefix", "")
    wanted = [part for part in environment.get("pathsToLink", "/").split() if part != "/"]
    ignore = environment.get("ignoreCollisions") == "1"
    for path in environment["paths"].split():
        node = contents.inside(path)
        if prefix:
            found = _below(node, prefix)
            if found is None and environment.get("failOnMissing") == "1":
                raise CommandFailed(f"symlinkJoin: '{shown_path(path)}' has no '{prefix}'")
            node = found if found is not None else Folder()
        if not isinstance(node, Folder):
            raise CommandFailed(f"'{shown_path(path)}' is a file; only folders can be joined")
        _merge(joined, node, "", ignore or "pathsToLink" not in environment)
    if wanted:
        joined = _only(joined, wanted)
    extra = [part for part in environment.get("extraPrefix", "").split("/") if part]
    # from the inside out: the innermost folder holds the joined files
    for part in reversed(extra):
        joined = Folder({part: joined})
    if environment.get("postBuild", "").strip():
        from nixbridge.tools.build.script_run import run_script

        return run_script(contents, derivation, [("postBuild", environment["postBuild"])], start=joined)[
            derivation.outputs["out"]
        ]
    return joined


def _below(node: Node, path: str) -> Node | None:
    found: Node | None = node
    for part in path.strip("/").split("/"):
        found = found.entries.get(part) if isinstance(found, Folder) else None
    return found


def _merge(target: Folder, source: Folder, where: str, first_wins: bool) -> None:
    for name, node in source.entries.items():
        present = target.entries.get(name)
        if isinstance(node, Folder) and (present is None or isinstance(present, Folder)):
            folder = present if present is not None else target.entries.setdefault(name, Folder())
            assert isinstance(folder, Folder)
            _merge(folder, node, f"{where}/{name}", first_wins)
        elif present is None:
            target.entries[name] = node.copy(writable=False)
        # equal files are no conflict: buildEnv compares contents as well
        elif not first_wins and not (
            isinstance(node, File) and isinstance(present, File) and node.data == present.data
        ):
            raise CommandFailed(f"buildEnv: two of the paths have different files at '{where}/{name}'")


def _only(folder: Folder, wanted: list[str]) -> Folder:
    """Return what is at the wanted paths of a folder (`pathsToLink`); a path that it does not have is left out, as buildEnv does."""
    kept = Folder()
    for path in wanted:
        node = _below(folder, path)
        if node is None:
            continue
        *parents, last = path.strip("/").split("/")
        place = kept
        for part in parents:
            step = place.entries.setdefault(part, Folder())
            assert isinstance(step, Folder)
            place = step
        place.entries[last] = node
    return kept


def _copied(contents: Contents, derivation: StandIn) -> Node:
    return contents.inside(derivation.environment["src"])


def _substituted(contents: Contents, derivation: StandIn) -> Node:
    path = derivation.environment["src"]
    node = contents.inside(path)
    if not isinstance(node, File):
        raise CommandFailed(f"'{shown_path(path)}' is a folder; text is replaced in a file")
    text = node.data.decode("utf-8", "surrogateescape")
    attributes = derivation.attributes
    strict = force(attributes["strict"]) is True
    names, values = ([str(force(item)) for item in expect_list(attributes[key])] for key in ("from", "to"))
    # one after the other and not at once: a value may contain a later name, which stdenv's substitute replaces too
    for name, value in zip(names, values, strict=True):
        if strict and name not in text:
            raise CommandFailed(f"pattern {name} doesn't match anything in file '{shown_path(path)}'")
        text = text.replace(name, value)
    # substituteAll's form of a name; replaceVars fails on names that are left, unless null was given for them
    left = re.search(r"@[a-zA-Z_][0-9A-Za-z_'-]*@", text) if "kept" in attributes and strict else None
    if left is not None and left[0] not in [str(force(item)) for item in expect_list(attributes["kept"])]:
        raise CommandFailed(f"'{shown_path(path)}' still has {left[0]}, for which no value is given (null leaves it)")
    made = _placed(_with_program(text.encode("utf-8", "surrogateescape")), derivation)
    if isinstance(made, File):
        made.executable = made.executable or node.executable
    return made


def _script(contents: Contents, derivation: StandIn) -> dict[str, Node]:
    from nixbridge.tools.build.script_run import run_script

    return run_script(contents, derivation, [("buildCommand", derivation.environment["buildCommand"])])


def _phases(contents: Contents, derivation: StandIn) -> dict[str, Node]:
    from nixbridge.tools.build.phases import run_phases

    return run_phases(contents, derivation)


def _missing(_contents: Contents, derivation: StandIn) -> Node:
    attribute = derivation.environment["attribute"]
    raise Refused(
        f"pkgs.{attribute} is not part of the built-in pkgs",
        hint="use a real nixpkgs with -I nixpkgs=DIR and --system SYSTEM to evaluate with it; to build packages, use Nix",
    )


def _refused(reason: str) -> Callable[[Contents, StandIn], Node]:
    def refuse(_contents: Contents, derivation: StandIn) -> Node:
        raise NotCarriedOut(f"'{derivation.name}' {reason}")

    return refuse


_BUILDERS: dict[str, Callable[[Contents, StandIn], Node | dict[str, Node]]] = {
    "nixbridge:text": _text,
    "nixbridge:serialize": _serialized,
    "nixbridge:concat": _concatenated,
    "nixbridge:links": _links,
    "nixbridge:join": _joined,
    "nixbridge:copy": _copied,
    "nixbridge:substitute": _substituted,
    "nixbridge:script": _script,
    "nixbridge:phases": _phases,
    "nixbridge:missing": _missing,
    "nixbridge:fetch": _refused("would have to be downloaded, but nixbridge build does not use the network"),
    "nixbridge:patch": _refused("would have to be patched by a program"),
    "nixbridge:closure": _refused("lists the contents of a store, but nixbridge has none"),
    "nixbridge:shell": _refused("is a development shell, which has no files"),
}
