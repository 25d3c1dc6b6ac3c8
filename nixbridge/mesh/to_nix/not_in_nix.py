"""Data that Nix does not have, each with its path."""

from __future__ import annotations

from nixbridge.language.formats.nix_source import wrong_number, wrong_text
from nixbridge.mesh.model.record_data import path_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nixbridge.mesh.model.record_data import Path

#: A set with one of these is that text wherever Nix, and nixbridge, print it.
PRINTED_AS_TEXT = ("outPath", "__toString")


def refusals(data: object, path: Path = ()) -> Iterator[str]:
    """Yield a line for every value that Nix cannot hold: integers beyond 64 bits, infinities, texts with a null character."""
    if isinstance(data, dict):
        for name, value in data.items():
            wrong = wrong_text(name)
            if wrong:
                yield f"{path_text(path) or 'a name'}: {wrong}"
            yield from refusals(value, (*path, name))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from refusals(item, (*path, index))
    else:
        wrong = wrong_text(data) if isinstance(data, str) else None
        if isinstance(data, (int, float)):
            wrong = wrong_number(data)
        if wrong:
            yield f"{path_text(path)}: {wrong}" if path else wrong


def printed_as_text(data: object, path: Path = ()) -> Iterator[str]:
    """Yield a line for every set that Nix prints as a text, so that it does not come back as it was."""
    if isinstance(data, dict):
        for name in PRINTED_AS_TEXT:
            if name in data:
                yield f"{path_text((*path, name))}: Nix prints a set with this attribute as a string and omits its other attributes"
        for name, value in data.items():
            yield from printed_as_text(value, (*path, name))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from printed_as_text(item, (*path, index))
