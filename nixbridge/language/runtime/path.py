"""Path values."""

from __future__ import annotations


class NixPath:
    """An absolute path as Nix has it: no `.`, `..` or doubled slash, no slash at the end (but `/` itself)."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return other.__class__ is NixPath and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"NixPath({self.text!r})"


def canonical(text: str) -> str:
    """Return an absolute path's text without `.`, `..`, doubled slashes; `..` at the root stays at the root.

    Only the text is looked at, as in Nix: links are not resolved.
    """
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            if parts:
                parts.pop()
        elif part and part != ".":
            parts.append(part)
    return "/" + "/".join(parts)
