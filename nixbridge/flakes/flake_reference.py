"""Flake references as the command line, flake.nix and lock files write them. (Nix manual, nix flake, Flake references)"""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import EvalError, UsageError
from nixbridge.language.builtins.flake_references import (
    NotAUrl,
    attributes_of_text,
    path_attributes,
    query_parameters,
    text_of_attributes,
    unquote,
)
from nixbridge.language.store.hash_text import read_hash, write_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from nixbridge.language.builtins.flake_references import Attributes

#: Attributes that say what was fetched, not where from.
LOCKING = ("narHash", "lastModified", "revCount", "treeHash")


class FlakeReference:
    """A flake reference: `source`, attributes with a `type`, and `folder`, where the flake is in that source ("" for its root)."""

    __slots__ = ("folder", "source")

    def __init__(self, source: Attributes, folder: str = "") -> None:
        self.source = source
        self.folder = folder

    def __eq__(self, other: object) -> bool:
        return other.__class__ is FlakeReference and self.attributes() == other.attributes()

    def __hash__(self) -> int:
        return hash(frozenset(self.attributes().items()))

    def __str__(self) -> str:
        return text_of_attributes(self.attributes())

    @property
    def type(self) -> str:
        """`path`, `git`, `github`, ..."""
        return str(self.source["type"])

    @property
    def nar_hash(self) -> str | None:
        """The hash of the source, where the reference has it."""
        return str(self.source["narHash"]) if "narHash" in self.source else None

    def attributes(self) -> Attributes:
        """Return the reference as a lock file has it."""
        return {**self.source, "dir": self.folder} if self.folder else self.source

    def is_relative(self) -> bool:
        """Return whether it is a path below the flake that names it."""
        return self.type == "path" and not str(self.source["path"]).startswith("/")

    def is_locked(self) -> bool:
        """Return whether it always refers to the same source."""
        return self.is_relative() or "narHash" in self.source or ("rev" in self.source and self.type != "path")


def from_attributes(attributes: Mapping[str, object]) -> FlakeReference:
    """Return a reference given as a set (flake.nix, flake.lock). Raises EvalError for attributes that its type does not have."""
    source: Attributes = {}
    for name in sorted(attributes):
        value = attributes[name]
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value.__class__ not in (str, int, bool) or (value.__class__ is int and value < 0):
            raise EvalError(
                f"flake reference attribute '{name}' must be a string, a natural number or a Boolean, not {_shown(value)}"
            )
        source[name] = value
    text_of_attributes(source)  # raises for an unknown type and for attributes that do not fit it
    folder = str(source.pop("dir", ""))
    return FlakeReference(source, folder)


def _shown(value: object) -> str:
    return str(value) if isinstance(value, int | float) else f"a {value.__class__.__name__}"


def from_url(text: str) -> FlakeReference:
    """Return the reference that an input's `url` is; a relative path stays relative. Raises EvalError."""
    whole, _, fragment = text.partition("#")
    if fragment:
        raise EvalError(f"unexpected fragment '{unquote(fragment)}' in flake reference '{text}'")
    try:
        attributes = dict(attributes_of_text(whole))
    except NotAUrl:
        path, _, query = whole.partition("?")
        attributes = dict(path_attributes(f"path:{path}", unquote(path), query_parameters(query)))
    return FlakeReference(attributes, str(attributes.pop("dir", "")))


def split_installable(text: str, base: str) -> tuple[FlakeReference, str]:
    """Return the reference and the fragment of a command line argument. Raises EvalError unless it is a flake.

    A path is looked for upward until there is a flake.nix; a `.git` at or above it makes it a Git flake.
    """
    whole, _, fragment = text.partition("#")
    fragment = unquote(fragment)
    path, _, query = whole.partition("?")
    try:
        attributes = dict(attributes_of_text(whole)) if whole else None
    except NotAUrl:
        attributes = None
    if attributes is None:
        return _search(os.path.realpath(os.path.join(base, unquote(path))), query_parameters(query), text), fragment
    reference = FlakeReference(attributes, str(attributes.pop("dir", "")))
    if reference.is_relative():
        attributes["path"] = os.path.normpath(os.path.join(base, str(attributes["path"])))
    elif reference.type == "git" and str(attributes["url"]).startswith("file:"):
        location = str(attributes["url"]).removeprefix("file:").removeprefix("//")
        attributes["url"] = "file://" + os.path.normpath(os.path.join(base, location))
    elif reference.type == "indirect":
        raise UsageError(
            f"'{text}' is a name in the flake registry, which would need the network",
            hint=f"for a folder, write ./{whole}" if os.path.isdir(os.path.join(base, whole)) else None,
        )
    return reference, fragment


def _search(path: str, parameters: dict[str, str], text: str) -> FlakeReference:
    """Return the flake of a folder or of a flake.nix; `path` has no links left, so that `dirname` leads upward."""
    if not os.path.lexists(path):
        raise EvalError(f'getting status of "{path}": No such file or directory')
    if not os.path.isdir(path):
        if os.path.basename(path) != "flake.nix":
            raise EvalError(f"path '{path}' is not a flake (because it's not a directory)")
        path = os.path.dirname(path)
    path = _flake_folder(path)
    root, folder = path, ""
    while root != "/":
        if os.path.lexists(f"{root}/.git"):
            return _git_flake(root, folder, parameters, text)
        folder = os.path.basename(root) + (f"/{folder}" if folder else "")
        root = os.path.dirname(root)
    attributes = dict(path_attributes(text, path, parameters))
    return FlakeReference(attributes, str(attributes.pop("dir", "")))


def _flake_folder(path: str) -> str:
    """Return the first folder with a flake.nix from `path` upward, as far as the repository and the file system go."""
    device = os.lstat(path).st_dev
    while not os.path.lexists(f"{path}/flake.nix"):
        if os.path.lexists(f"{path}/.git"):
            raise EvalError(
                f"path '{path}' is not part of a flake (neither it nor its parent directories contain a 'flake.nix' file)"
            )
        path = os.path.dirname(path)
        if path == "/":
            raise EvalError("could not find a flake.nix file")
        if os.lstat(path).st_dev != device:
            raise EvalError(f"unable to find a flake before encountering filesystem boundary at '{path}'")
    return path


def _git_flake(root: str, folder: str, parameters: dict[str, str], text: str) -> FlakeReference:
    """Return the flake at `folder` of the repository at `root`. Raises EvalError where `?dir=` names a second folder."""
    given = parameters.pop("dir", "")
    if given and folder:
        raise EvalError(f"flake URL '{text}' has an inconsistent 'dir' parameter")
    if os.path.exists(f"{root}/.git/shallow"):
        # Nix refuses a repository with a cut history unless the reference allows it, and adds the parameter here too
        parameters["shallow"] = "1"
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    attributes = dict(attributes_of_text(f"git+file://{root}" + (f"?{query}" if query else "")))
    return FlakeReference(attributes, folder or given)


def checked_hash(text: str) -> str:
    """Return a narHash in the form that Nix writes. Raises EvalError unless it is an SRI hash."""
    if "-" not in text:
        raise EvalError(f"hash '{text}' is not SRI")
    algorithm, digest = read_hash(text, None)
    if algorithm != "sha256":
        raise EvalError(f"hash '{text}' should have type 'sha256'")
    return write_hash(algorithm, digest, "sri")
