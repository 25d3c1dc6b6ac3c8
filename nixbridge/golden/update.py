"""Golden files written: whole or not at all, only those that change, never through a symbolic link, never by what failed."""

from __future__ import annotations

import os

from nixbridge.atomic import write_atomically
from nixbridge.golden.markdown import blocks, replace_golden
from nixbridge.golden.outcome import Outcome
from nixbridge.golden.pairs import Case

#: The suffix of a golden file that is made where there was none.
NEW_SUFFIX = {"json": ".json", "yaml": ".yaml", "xml": ".xml", "nix": ".nix-value"}


class LinkedGolden(OSError):
    """A golden file that is a symbolic link: it is not written through."""


def can_update(outcome: Outcome) -> bool:
    """Is there a document that the golden file could become?"""
    return outcome.status == "different" and outcome.document is not None


def update(outcome: Outcome) -> str:
    """Writes what the source evaluates to now into its golden file; gives the file's path. Raises OSError."""
    assert outcome.document is not None
    if outcome.case.block is not None:
        return _update_markdown(outcome)
    golden = outcome.case.golden
    assert golden is not None
    _refuse_link(golden)
    write_atomically(golden, outcome.document.encode("utf-8", "surrogateescape"))
    return golden


def _update_markdown(outcome: Outcome) -> str:
    path = outcome.case.source
    _refuse_link(path)
    with open(path, "rb") as file:
        text = file.read().decode("utf-8", "surrogateescape")
    block = next(block for block in blocks(text) if block.line == outcome.case.block)
    assert outcome.document is not None
    write_atomically(path, replace_golden(text, block, outcome.document).encode("utf-8", "surrogateescape"))
    return path


def new_golden(case: Case, golden_folder: str | None, format: str) -> str:
    """The path of the golden file that a source without one would get."""
    folder, name = os.path.split(case.source)
    stem = os.path.splitext(name)[0]
    return os.path.join(golden_folder or folder, stem + NEW_SUFFIX[format])


def write_new(path: str, document: str) -> None:
    """Makes a golden file that is not there yet. Raises OSError."""
    _refuse_link(path)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    write_atomically(path, document.encode("utf-8", "surrogateescape"))


def _refuse_link(path: str) -> None:
    if os.path.islink(path):
        raise LinkedGolden(40, "it is a symbolic link, which is not written through", path)
