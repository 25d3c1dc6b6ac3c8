"""flake.nix, read from its syntax tree: Nix takes the description, the inputs and the form of the outputs only as literals.

Nothing is evaluated here. A value that would have to be computed is "a thunk", as in Nix's own messages.
"""

from __future__ import annotations

import os
import re

from nixbridge.errors.exceptions import EvalError
from nixbridge.flakes.flake_reference import FlakeReference, from_attributes, from_url
from nixbridge.language.runtime.path import canonical
from nixbridge.language.syntax import ast
from nixbridge.language.syntax.parser import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.source import Source

#: The name of an input, in a lock file and on the way to one.
_INPUT_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]*")
#: What `inputs.self` may say.
_SELF_SETTINGS = ("lfs", "submodules")


class FlakeInput:
    """One input as flake.nix declares it: a `reference` or the path of input names that it `follows`, and `overrides` of its own inputs."""

    __slots__ = ("follows", "is_flake", "overrides", "reference")

    def __init__(
        self,
        reference: FlakeReference | None = None,
        *,
        is_flake: bool = True,
        follows: tuple[str, ...] | None = None,
        overrides: dict[str, FlakeInput] | None = None,
    ) -> None:
        self.reference = reference
        self.is_flake = is_flake
        self.follows = follows
        self.overrides = overrides or {}


class FlakeFile:
    """The literal part of a flake.nix; `self_settings` are those of `inputs.self`."""

    __slots__ = ("description", "inputs", "self_settings")

    def __init__(
        self, description: str | None, inputs: dict[str, FlakeInput], self_settings: dict[str, bool | str | int]
    ) -> None:
        self.description = description
        self.inputs = inputs
        self.self_settings = self_settings


def read_flake_file(source: Source, flake: str, at: tuple[str, ...] = ()) -> FlakeFile:
    """Return the declarations of a flake.nix.

    `flake` is the flake's reference, for messages; `at` is the path of the input that it is, so that `follows` can be given from the
    root flake. Raises NixError for what Nix does not take.
    """
    return _Reader(source, flake, at).flake()


class _Reader:
    """Walks the tree of one flake.nix."""

    def __init__(self, source: Source, flake: str, at: tuple[str, ...]) -> None:
        self.source = source
        self.flake_name = flake
        self.at = at

    def wrong(self, message: str, node: ast.Node | ast.Attribute) -> EvalError:
        """Return the error that `message` is at a node."""
        return EvalError(message, source=self.source, span=self.source.span(node.start, node.end))

    def flake(self) -> FlakeFile:
        """Return the whole file."""
        # The checks are in Nix's order, so that of several mistakes the same one is reported.
        tree = parse(self.source)
        if not isinstance(tree, ast.AttrSet):
            raise self.wrong(f"file '{self.source.name}' must be an attribute set", tree)
        attributes = tree.bindings.attributes
        description: str | None = None
        if "description" in attributes:
            description = self.string(attributes["description"].value)
        inputs: dict[str, FlakeInput] = {}
        settings: dict[str, bool | str | int] = {}
        if "inputs" in attributes:
            inputs, settings = self.inputs(attributes["inputs"].value)
        if "outputs" not in attributes:
            raise self.wrong(f"flake '{self.flake_name}' lacks attribute 'outputs'", tree)
        self.add_formals(attributes["outputs"].value, inputs)
        if "nixConfig" in attributes:
            self.check_settings(attributes["nixConfig"].value)
        for name, attribute in attributes.items():
            if name not in ("description", "inputs", "outputs", "nixConfig"):
                raise self.wrong(f"flake '{self.flake_name}' has an unsupported attribute '{name}'", attribute)
        return FlakeFile(description, inputs, settings)

    def inputs(self, node: ast.Node) -> tuple[dict[str, FlakeInput], dict[str, bool | str | int]]:
        """Return the inputs of the flake, and the settings of `self`."""
        found: dict[str, FlakeInput] = {}
        settings: dict[str, bool | str | int] = {}
        for name, attribute in self.set(node).items():
            if name == "self":
                settings = self.self_settings(attribute.value)
            else:
                found[name] = self.input(name, attribute.value, top=True)
        return found, settings

    def self_settings(self, node: ast.Node) -> dict[str, bool | str | int]:
        """Return the settings of `inputs.self`."""
        settings: dict[str, bool | str | int] = {}
        for name, attribute in self.set(node).items():
            if name not in _SELF_SETTINGS:
                raise self.wrong(f"flake 'self' attribute '{name}' is not supported", attribute)
            settings[name] = self.scalar(name, attribute.value)
        return settings

    def input(self, name: str, node: ast.Node, *, top: bool) -> FlakeInput:
        """Return one input, or one override of an input's input (`top` False)."""
        url: str | None = None
        is_flake, follows = True, None
        overrides: dict[str, FlakeInput] = {}
        given: dict[str, bool | str | int] = {}
        for key, attribute in self.set(node).items():
            value = attribute.value
            if key == "url":
                url = self.url(value)
            elif key == "flake":
                is_flake = self.boolean(value)
            elif key == "inputs":
                overrides = {inner: self.input(inner, item.value, top=False) for inner, item in self.set(value).items()}
            elif key == "follows":
                follows = (*self.at, *self.input_path(self.string(value), value))
            else:
                given[key] = self.scalar(key, value)
        reference = self.reference(url, given, node)
        if follows is not None and reference is not None:
            raise self.wrong("flake input has both a flake reference and a follows attribute", node)
        # An override without a reference only leads to overrides of deeper inputs.
        if top and reference is None and follows is None:
            reference = FlakeReference({"type": "indirect", "id": name})
        return FlakeInput(reference, is_flake=is_flake, follows=follows, overrides=overrides)

    def reference(self, url: str | None, given: dict[str, bool | str | int], node: ast.Node) -> FlakeReference | None:
        """Return the reference given by `url`, or by `type` and its attributes."""
        try:
            if "type" in given:
                return from_attributes(given | ({"url": url} if url is not None else {}))
            if given:
                raise EvalError(f"unexpected flake input attribute '{min(given)}'")
            return from_url(url) if url is not None else None
        except EvalError as error:
            raise self.wrong(error.message, node) from None

    def url(self, node: ast.Node) -> str:
        """Return a `url`, which may be a path below the flake's source."""
        if isinstance(node, ast.Path):
            folder = self.source.base
            # relative again, so that the lock file does not depend on where the flake is on this machine
            return "path:" + os.path.relpath(canonical(f"{folder}/{node.text}"), folder)
        if not isinstance(node, ast.String):
            raise self.wrong(f"expected a string or a path but got {shown_type(node)}", node)
        return node.value

    def input_path(self, text: str, node: ast.Node) -> tuple[str, ...]:
        """Return `a/b` as names."""
        # empty parts are dropped, as by Nix: `follows = ""` is the root flake itself
        parts = tuple(part for part in text.split("/") if part)
        for part in parts:
            if not _INPUT_NAME.fullmatch(part):
                raise self.wrong(f"invalid flake input attribute path element '{part}'", node)
        return parts

    def add_formals(self, node: ast.Node, inputs: dict[str, FlakeInput]) -> None:
        """Add an input for each formal of `outputs` that has none: a name for the registry."""
        if not isinstance(node, ast.Lambda):
            raise self.wrong(f"expected a function but got {shown_type(node)}", node)
        if node.formals is None:
            return
        for formal in node.formals.formals:
            if formal.name != "self" and formal.name not in inputs:
                inputs[formal.name] = FlakeInput(FlakeReference({"type": "indirect", "id": formal.name}))

    def check_settings(self, node: ast.Node) -> None:
        """Check `nixConfig`, which has no effect here. Raises EvalError for what Nix would refuse."""
        for name, attribute in self.set(node).items():
            value = attribute.value
            if isinstance(value, ast.List):
                for item in value.items:
                    if not isinstance(item, ast.String):
                        raise self.wrong(
                            f"list element in flake configuration setting '{name}' is {shown_type(item)} "
                            "while a string is expected",
                            item,
                        )
            elif not isinstance(value, ast.String | ast.Path | ast.Integer) and not _is_boolean(value):
                raise self.wrong(f"flake configuration setting '{name}' is {shown_type(value)}", value)

    # literals

    def set(self, node: ast.Node) -> dict[str, ast.Attribute]:
        """Return the attributes of a set literal."""
        # a computed name would have to be evaluated
        if not isinstance(node, ast.AttrSet) or node.bindings.dynamic:
            raise self.wrong(f"expected a set but got {shown_type(node)}", node)
        return node.bindings.attributes

    def string(self, node: ast.Node) -> str:
        """Return a string literal."""
        if not isinstance(node, ast.String):
            raise self.wrong(f"expected a string but got {shown_type(node)}", node)
        return node.value

    def boolean(self, node: ast.Node) -> bool:
        """Return `true` or `false`."""
        if not _is_boolean(node):
            raise self.wrong(f"expected a Boolean but got {shown_type(node)}", node)
        return isinstance(node, ast.Variable) and node.name == "true"

    def scalar(self, name: str, node: ast.Node) -> str | int | bool:
        """Return a string, an integer or a Boolean."""
        if isinstance(node, ast.String | ast.Integer):
            return node.value
        if _is_boolean(node):
            return self.boolean(node)
        raise self.wrong(
            f"flake input attribute '{name}' is {shown_type(node)} while a string, Boolean, or integer is expected",
            node,
        )


def _is_boolean(node: ast.Node) -> bool:
    return isinstance(node, ast.Variable) and node.name in ("true", "false")


def shown_type(node: ast.Node) -> str:
    """Return Nix's name for the type of an unevaluated expression."""
    if isinstance(node, ast.Variable):
        return {"true": "a Boolean", "false": "a Boolean", "null": "null"}.get(node.name, "a thunk")
    literals = (
        (ast.String, "a string"),
        (ast.Integer, "an integer"),
        (ast.Float, "a float"),
        (ast.Path, "a path"),
        (ast.List, "a list"),
        (ast.AttrSet, "a set"),
        (ast.Lambda, "a function"),
    )
    return next((name for kind, name in literals if isinstance(node, kind)), "a thunk")
