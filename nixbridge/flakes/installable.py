"""Installables: `DIR#attribute` on the command line, and which outputs it may mean. (Nix manual, nix, Installables)"""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import EvalError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.flakes.flake_reference import split_installable
from nixbridge.language.evaluation.autocall import split_path
from nixbridge.language.runtime.printer import show_name
from nixbridge.language.runtime.thunk import Thunk, force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.flakes.opened_flakes import OpenedFlakes
    from nixbridge.language.runtime.values import Lazy, Value


def installable_value(flakes: OpenedFlakes, text: str) -> Value:
    """Return the value of an argument such as `.#x`. Raises EvalError where the flake has none of the outputs that it may mean."""
    reference, fragment = split_installable(text, os.getcwd())
    locked = flakes.lock(reference)
    outputs = flakes.call(locked)["outputs"]
    # as Nix: all are searched before the first is taken, so that an error on the way to any of them counts
    paths = candidates(fragment, flakes.system)
    found = [value for value in (_find(outputs, path) for path in paths) if value is not None]
    if not found:
        shown = ["'" + ".".join(show_name(name) for name in path) + "'" for path in paths]
        wanted = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
        raise EvalError(f"flake '{reference}' does not provide attribute {wanted}", hint=_suggestion(outputs, paths))
    return force(found[0])


def candidates(fragment: str, system: str) -> list[list[str]]:
    """Return the attribute paths that a fragment may mean, in the order in which they are looked for."""
    if fragment == "":
        return [["packages", system, "default"], ["defaultPackage", system]]
    if fragment.startswith("."):
        return [split_path(fragment[1:])]
    path = split_path(fragment)
    return [["packages", system, *path], ["legacyPackages", system, *path], path]


def _find(value: Lazy, path: list[str]) -> Lazy | None:
    """Return the value at a path, not forced; None where it is not there. Raises EvalError for a step through what is not a set."""
    for index, name in enumerate(path):
        attributes = force(value)
        if not isinstance(attributes, dict):
            shown = ".".join(show_name(part) for part in path[:index])
            raise EvalError(f"'{shown}' is not an attribute set")
        if name not in attributes:
            return None
        value = attributes[name]
    return value if value is not None else Thunk(lambda: None)


def _suggestion(outputs: Lazy, paths: list[list[str]]) -> str | None:
    """Return a name similar to the requested one, from the sets that were searched."""
    names: set[str] = set()
    for path in paths:
        try:
            around = _find(outputs, path[:-1])
        except EvalError:
            continue  # what is not a set has no names to suggest
        inner = force(around) if around is not None else None
        if isinstance(inner, dict):
            names.update(inner)
    return did_you_mean(paths[0][-1], sorted(names))
