"""Strings: their bytes, their context, and how they are joined.

To Nix a string is bytes. Here it is a `str` whose invalid bytes are lone surrogates (`surrogateescape`), always in the one
form that decoding gives, so that `==` on `str` is equality of bytes. `str.isascii()` takes constant time: ASCII stays fast.
"""

from __future__ import annotations

from nixbridge.errors.exceptions import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: The elements of a context: `/nix/store/...` is a store path, `!OUTPUT!/nix/store/....drv` an output of a derivation,
#: `=/nix/store/....drv` a derivation with everything it refers to ("deep").
Context = frozenset  # of str


class ContextString(str):
    """A string that remembers the store paths it was made from."""

    __slots__ = ("context",)
    context: frozenset[str]


def with_context(text: str, context: Iterable[str]) -> str:
    """Return `text` carrying `context`; an exact `str` where the context is empty."""
    elements = frozenset(context)
    if not elements:
        return without_context(text)
    result = ContextString(text)
    result.context = elements
    return result


def without_context(text: str) -> str:
    """Return `text` as an exact `str`."""
    return text if text.__class__ is str else str.__str__(text)


def context_of(text: str) -> frozenset[str]:
    """Return the context; empty for an exact `str`."""
    return text.context if text.__class__ is ContextString else frozenset()


def to_bytes(text: str) -> bytes:
    """Return the bytes that Nix sees."""
    return text.encode("utf-8", "surrogateescape")


def from_bytes(data: bytes) -> str:
    """Return the string of these bytes; every sequence of bytes has exactly one."""
    return data.decode("utf-8", "surrogateescape")


def length(text: str) -> int:
    """Length in bytes (Nix manual, builtins.stringLength)."""
    return len(text) if text.isascii() else len(to_bytes(text))


def normal(text: str) -> str:
    """Return `text` in the one form: two halves of a character that met by joining become that character."""
    if text.isascii():
        return text
    for character in text:
        if "\udc80" <= character <= "\udcff":
            return from_bytes(to_bytes(text))
    return text


def join(separator: str, parts: list[str]) -> str:
    """Return `parts` joined, with the context of all of them and of the separator."""
    text = separator.join(parts)
    if not text.isascii():
        text = normal(text)
    context: frozenset[str] = context_of(separator)
    for part in parts:
        if part.__class__ is not str:
            context |= context_of(part)
    return with_context(text, context) if context else text


def output_element(derivation: str, output: str) -> str:
    """Return the context element that stands for one output of a derivation."""
    return f"!{output}!{derivation}"


def deep_element(derivation: str) -> str:
    """Return the context element that stands for a derivation, everything it refers to and all their outputs."""
    return f"={derivation}"


def in_order(context: Iterable[str]) -> list[str]:
    """Return the elements as Nix has them in order: store paths, whole derivations, outputs; by path, then by output."""
    return sorted(context, key=lambda element: ("/=!".index(element[0]), element_path(element), element))


def shown_element(element: str) -> str:
    """Return an element as Nix's messages show it: a path, `PATH^OUTPUT`, or `PATH (deep)`."""
    output = element_output(element)
    return element_path(element) + (f"^{output}" if output is not None else " (deep)" if is_deep(element) else "")


def element_path(element: str) -> str:
    """Return the store path that a context element is about."""
    return element.rpartition("!")[2].removeprefix("=")


def element_output(element: str) -> str | None:
    """Return the output that a context element names; None for the other two kinds."""
    return element[1:].partition("!")[0] if element.startswith("!") else None


def is_deep(element: str) -> bool:
    """Return whether a context element is a derivation with everything it refers to."""
    return element.startswith("=")


# Stand-ins: the store paths of derivations of the built-in pkgs, whose real ones depend on nixpkgs' own stdenv. Text may refer to them
# while it is being made; they are never shown, since every way out (documents, hashes, files) refuses a text that contains one.

#: The first digits of a stand-in's hash. A real path has them as often as a guess of 50 bits is right.
STAND_IN = "nxbrdg0000"
#: Characters from the start of `STAND_IN` to the start of the derivation's name: the hash and a dash.
_BEFORE_NAME = 32 + 1


def without_stand_ins(text: str) -> str:
    """Return `text`. Raises Refused, naming the derivation, where it contains a stand-in's store path."""
    if STAND_IN in text:
        raise Refused(
            f"the store path of '{stand_in_name(text)}' is refused: it depends on nixpkgs' own stdenv, which the built-in pkgs "
            "does not have",
            hint="nixbridge build writes the files of a derivation whose contents are known; for its store path, use a real "
            "nixpkgs with -I nixpkgs=DIR and --system SYSTEM",
        )
    return text


def stand_in_name(text: str) -> str:
    """Return the name of the derivation in the first stand-in's store path of `text`, which has one."""
    start = end = text.index(STAND_IN) + _BEFORE_NAME
    while end < len(text) and (text[end].isalnum() or text[end] in "+-._?="):
        end += 1
    return text[start:end].removesuffix(".drv")
