"""Writing golden files, all at once or reviewed one by one.

They are written atomically, only where they change, never through a symbolic link, and never for a case that failed.
"""

from __future__ import annotations

import os

from nixbridge.atomic import write_atomically
from nixbridge.regular_file import read_regular_file
from nixbridge.tools.golden.markdown import blocks, replace_golden
from nixbridge.tools.golden.outcome import Outcome
from nixbridge.tools.golden.text_report import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


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
    """Write the current values into golden files. Each outcome becomes `written`, or an `error` with the reason."""
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
        text = read_regular_file(path).decode("utf-8", "surrogateescape")
        found = blocks(text)[case.number : case.number + 1]
        if not found or found[0].text != case.text or found[0].golden is None:
            raise OSError(None, "the file has changed since it was checked", path)
        document = replace_golden(text, found[0], document)
    elif os.path.dirname(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    write_atomically(path, document.encode("utf-8", "surrogateescape"))
    made = outcome.status == "missing"
    outcome.become("written", f"{'made' if made else 'wrote'} {path}")


#: The keys of cargo-insta. Capital letters answer for every difference that is left.
PROMPT = "a accept, r reject, s skip, d diff, A R S the same for all that are left, q quit: "


def review(
    outcomes: list[Outcome], ask: Callable[[str], str], show: Callable[[str], None], *, colour: bool = False
) -> None:
    """Ask about each difference that can be accepted and each golden file to be created; accepted ones are written at once.

    `ask` shows a prompt and returns one key. Rejected and skipped cases are unchanged and remain failures.
    """
    waiting = [outcome for outcome in outcomes if can_update(outcome) or can_make(outcome)]
    for_all = ""
    for number, outcome in enumerate(waiting, 1):
        key = for_all
        if not key:
            show(f"\n[{number}/{len(waiting)}] {describe(outcome, colour=colour)}")
        while key not in ("a", "r", "s"):
            key = ask(PROMPT)
            if key == "d":
                show(describe(outcome, diff=True, colour=colour))
            elif key in ("A", "R", "S"):
                for_all = key = key.lower()
            elif key == "q":
                return
        if key == "a":
            write_goldens([outcome])
            if outcome.failed:
                show(describe(outcome, colour=colour))
