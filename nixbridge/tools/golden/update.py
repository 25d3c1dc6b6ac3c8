"""Writing golden files: atomically, only those that change, never through a symbolic link, never for a case that failed."""

from __future__ import annotations

import os

from nixbridge.atomic import write_atomically
from nixbridge.tools.golden.markdown import blocks, replace_golden
from nixbridge.tools.golden.outcome import Outcome


def in_ci() -> bool:
    """Return whether this runs in continuous integration, where nothing is written unasked (the variable CI, as every service sets it)."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def can_update(outcome: Outcome) -> bool:
    """Return whether there is a golden file, and a document that it could become."""
    return outcome.document is not None and outcome.status in ("different", "error")


def can_make(outcome: Outcome) -> bool:
    """Return whether there is a document for a golden file that is missing."""
    return outcome.document is not None and outcome.status == "missing"


def write_goldens(outcomes: list[Outcome]) -> None:
    """Write what is evaluated now into golden files. Each outcome becomes `written`, or an `error` with the reason."""
    # blocks from the last to the first: a golden block that gets longer moves those after it
    for outcome in sorted(outcomes, key=lambda outcome: -outcome.case.number):
        try:
            write_golden(outcome)
        except OSError as error:
            outcome.become("error", f"not written: {error.strerror}")


def write_golden(outcome: Outcome) -> None:
    """Write one golden file, or the golden block of a Markdown file. Raises OSError; then nothing has changed."""
    case, document = outcome.case, outcome.document
    assert document is not None
    path = case.golden if case.block is None else case.source
    assert path is not None
    if os.path.islink(path):
        raise OSError(None, "it is a symbolic link, which is not written through", path)
    if case.block is not None:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8", "surrogateescape")
        found = blocks(text)[case.number : case.number + 1]
        if not found or found[0].text != case.text or found[0].golden is None:
            raise OSError(None, "the file is not what it was when it was checked", path)
        document = replace_golden(text, found[0], document)
    elif os.path.dirname(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    write_atomically(path, document.encode("utf-8", "surrogateescape"))
    made = outcome.status == "missing"
    outcome.become("written", f"{'made' if made else 'wrote'} {path}")
