"""Differences one by one, with cargo-insta's keys: accept, reject, skip, diff; A, R, S for all that are left; q ends."""

from __future__ import annotations

from nixbridge.tools.golden.outcome import Outcome
from nixbridge.tools.golden.text_report import describe
from nixbridge.tools.golden.update import can_make, can_update, write_goldens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PROMPT = "a accept, r reject, s skip, d diff, A R S the same for all that are left, q quit: "


def review(
    outcomes: list[Outcome], ask: Callable[[str], str], show: Callable[[str], None], *, colour: bool = False
) -> None:
    """Ask about each difference that can be accepted, and about golden files to be made; what is accepted is written at once.

    `ask` shows a prompt and gives one key. What is rejected or skipped stays as it is, and stays a failure.
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
