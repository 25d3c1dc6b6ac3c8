"""The tree of a flake's outputs with the kind of each, as in `nix flake show`. (Nix manual, nix flake show)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.selection import MISSING, lookup, select
from nixbridge.language.runtime.strings import without_context
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import expect_string
from nixbridge.language.runtime.values import Lazy, sorted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    OutputPath: TypeAlias = "tuple[str, ...]"

#: Outputs whose attributes are shown, and those whose attributes are sets by system.
ONE_LEVEL = (
    *("defaultPackage", "devShell", "formatter", "nixosConfigurations", "nixosModules", "defaultApp", "templates"),
    "overlays",
)
TWO_LEVELS = ("checks", "packages", "devShells", "apps")
#: Outputs that are left out where there is nothing in them.
_HIDDEN_WHEN_EMPTY = ("formatter", "nixosConfigurations", "nixosModules", "overlays")

#: Type of an output in JSON -> how it is shown to people.
SHOWN = {
    "app": "app",
    "template": "template",
    "nixpkgs-overlay": "Nixpkgs overlay",
    "nixos-configuration": "NixOS configuration",
    "nixos-module": "NixOS module",
    "unknown": "unknown",
}


class OutputTree:
    """Reads the outputs of a flake for one system; `legacy` goes into `legacyPackages`, `all_systems` into the other systems."""

    def __init__(self, system: str, *, legacy: bool = False, all_systems: bool = False) -> None:
        self.system = system
        self.legacy = legacy
        self.all_systems = all_systems

    def read(self, outputs: Lazy) -> dict[str, object]:
        """Return the tree as `nix flake show --json` prints it. Raises NixError for an output without the type that its name requires."""
        return self._read(outputs, ())

    def _read(self, value: Lazy, path: OutputPath) -> dict[str, object]:
        kind = kind_of(path)
        if kind == "set":
            return self._children(value, path)
        if kind == "derivation":
            if (not self.all_systems and path[1] != self.system) or not is_derivation(value):
                return {}
            return _derivation(value)
        if kind == "jobs":
            return _derivation(value) if is_derivation(value) else self._children(value, path)
        if kind == "legacy":
            return self._legacy(value, path)
        if kind == "app":
            return _app(value)
        if kind == "template":
            return {"type": "template", "description": without_context(expect_string(select(value, "description")))}
        return {"type": kind}

    def _children(self, value: Lazy, path: OutputPath) -> dict[str, object]:
        return {
            name: self._read(child, (*path, name))
            for name, child in children(value, path)
            if _has_content(child, (*path, name))
        }

    def _legacy(self, value: Lazy, path: OutputPath) -> dict[str, object]:
        if (len(path) > 1 and not self.legacy) or (len(path) > 1 and not self.all_systems and path[1] != self.system):
            return {}
        try:
            if is_derivation(value):
                return _derivation(value)
            return self._children(value, path) if len(path) <= 2 else {}
        except EvalError:
            # as `nix flake show`: of nixpkgs, every evaluation has packages that only throw
            return {}


def kind_of(path: OutputPath) -> str:
    """Return the kind of an output, given its path: `set`, `derivation`, `jobs`, `legacy`, or a type of `SHOWN`."""
    if not path:
        return "set"
    top, depth = path[0], len(path)
    if (depth == 1 and top in ONE_LEVEL) or (depth <= 2 and top in TWO_LEVELS):
        return "set"
    if (depth == 2 and top in ("defaultPackage", "devShell", "formatter")) or (
        depth == 3 and top in ("checks", "packages", "devShells")
    ):
        return "derivation"
    if top == "hydraJobs":
        return "jobs"
    if top == "legacyPackages":
        return "legacy"
    if (depth == 2 and top == "defaultApp") or (depth == 3 and top == "apps"):
        return "app"
    if (depth == 1 and top == "defaultTemplate") or (depth == 2 and top == "templates"):
        return "template"
    if (depth == 1 and top == "overlay") or (depth == 2 and top == "overlays"):
        return "nixpkgs-overlay"
    if (depth == 1 and top == "nixosModule") or (depth == 2 and top == "nixosModules"):
        return "nixos-module"
    return "nixos-configuration" if depth == 2 and top == "nixosConfigurations" else "unknown"


def children(value: Lazy, path: OutputPath) -> Iterator[tuple[str, Lazy]]:
    """Yield the attributes of an output in order. Raises EvalError unless it is a set."""
    attributes = force(value)
    if not isinstance(attributes, dict):
        raise EvalError(f"'{'.'.join(path)}' is not an attribute set")
    for name in sorted_names(attributes):
        yield name, attributes[name]


def is_derivation(value: Lazy) -> bool:
    """Return whether a value is a derivation, as far as its `type` says."""
    kind = lookup(value, ("type",))
    return kind is not MISSING and without_context(expect_string(kind)) == "derivation"


def _has_content(value: Lazy, path: OutputPath) -> bool:
    """Return whether an output is shown: sets by system that hold nothing are not."""
    try:
        if len(path) <= 2 and path[0] in (*TWO_LEVELS, "legacyPackages"):
            for name, child in children(value, path):
                if _has_content(child, (*path, name)):
                    return True
            return False
        if len(path) == 1 and path[0] in _HIDDEN_WHEN_EMPTY:
            return bool(list(children(value, path)))
    except EvalError:
        return True  # shown, so that the error is
    return True


def _derivation(value: Lazy) -> dict[str, object]:
    description = lookup(value, ("meta", "description"))
    return {
        "type": "derivation",
        "name": without_context(expect_string(select(value, "name"))),
        "description": "" if description is MISSING else without_context(expect_string(description)),
    }


def _app(value: Lazy) -> dict[str, object]:
    kind = lookup(value, ("type",))
    if kind is MISSING or without_context(expect_string(kind)) != "app":
        raise EvalError("not an app definition", hint='an app is { type = "app"; program = "..."; }')
    description = lookup(value, ("meta", "description"))
    if description is MISSING:
        return {"type": "app"}
    return {"type": "app", "description": without_context(expect_string(description))}


def drawn(tree: dict[str, Any], title: str, system: str) -> str:
    """Return the tree as text, with a line for each output."""
    return "\n".join([title, *_lines(tree, (), "", system)]) + "\n"


def _lines(tree: dict[str, Any], path: OutputPath, indent: str, system: str) -> Iterator[str]:
    names = list(tree)
    for name in names:
        last = name == names[-1]
        here = (*path, name)
        shown = _shown(tree[name], here, system)
        yield f"{indent}{'└───' if last else '├───'}{name}" + (f"{shown}" if shown else "")
        if not shown:
            yield from _lines(tree[name], here, indent + ("    " if last else "│   "), system)


def _shown(node: dict[str, object], path: OutputPath, system: str) -> str:
    """Return the text after the name of an output; empty for a set."""
    kind = kind_of(path)
    if not node and kind == "derivation":
        return ": not a derivation" if path[1] == system else " omitted (use '--all-systems' to show)"
    if not node and kind == "legacy" and len(path) == 2:
        return " omitted (use '--legacy' to show)" if path[1] == system else " omitted (use '--all-systems' to show)"
    given = node.get("type")
    if not isinstance(given, str):
        return ""
    if given == "derivation":
        noun = {"devShell": "development environment", "devShells": "development environment"}.get(
            path[0], "derivation" if path[0] in ("checks", "hydraJobs") else "package"
        )
        return f": {noun} '{node['name']}'" + (f" - '{node['description']}'" if node["description"] else "")
    description = node.get("description", "no description" if given == "app" else "")
    return f": {SHOWN[given]}" + (f": {description}" if description else "")
