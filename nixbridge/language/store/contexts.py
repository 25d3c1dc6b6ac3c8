"""Elements of string contexts, as they are kept in `ContextString.context`.

| element | text |
| --- | --- |
| a store path | `/nix/store/...` |
| an output of a derivation | `!OUTPUT!/nix/store/....drv` |
| a derivation with its closure ("deep") | `=/nix/store/....drv` |
"""

from __future__ import annotations


def output_element(derivation: str, output: str) -> str:
    """Return the element that stands for one output of a derivation."""
    return f"!{output}!{derivation}"


def deep_element(derivation: str) -> str:
    """Return the element that stands for a derivation, everything it refers to and all their outputs."""
    return f"={derivation}"


def path_of(element: str) -> str:
    """Return the store path that an element is about."""
    return element.rpartition("!")[2].removeprefix("=")


def output_of(element: str) -> str | None:
    """Return the output that an element names; None for the other two kinds."""
    return element[1:].partition("!")[0] if element.startswith("!") else None


def is_deep(element: str) -> bool:
    """Return whether an element is a derivation with its closure."""
    return element.startswith("=")
