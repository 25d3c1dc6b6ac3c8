"""The outcomes as text for people: differences by path or as a diff, long ones cut with a count, one line at the end."""

from __future__ import annotations

from nixbridge.errors.excerpt import printable
from nixbridge.tools.golden.difference import described
from nixbridge.tools.golden.outcome import STATUSES, UNCHECKED, Outcome

#: How many differences of one case are shown.
MOST_DIFFERENCES = 20
#: How many lines of one case's diff or message are shown.
MOST_LINES = 80

#: Status -> how a line about it begins, and the terminal's colour for that.
_MARKS = {
    "passed": ("ok", "32"),
    "written": ("WRITTEN", "32"),
    "skipped": ("SKIPPED", "33"),
    UNCHECKED: ("not checked", "33"),
    "different": ("DIFFERENT", "1;31"),
    "missing": ("MISSING", "1;33"),
    "stale": ("STALE", "1;33"),
    "error": ("ERROR", "1;31"),
}
_DIFF_COLOURS = {"+": "32", "-": "31", "@": "36"}


def describe(outcome: Outcome, *, diff: bool = False, colour: bool = False) -> str:
    """Return the problems of one case in lines; for one that passed, a single line."""
    mark, paint = _MARKS[outcome.status]
    lines = [f"{_painted(mark, paint, colour)}  {printable(outcome.name)}"]
    if outcome.message:
        lines.extend(_cut([f"  {printable(line)}" for line in outcome.message.split("\n")], MOST_LINES, "lines"))
    if outcome.status == "different" and (diff or not (outcome.differences or outcome.message)):
        shown = [_painted(line, _DIFF_COLOURS.get(line[:1], ""), colour) for line in unified(outcome)]
        lines.extend(_cut(shown, MOST_LINES, "lines"))
    else:
        shown = [f"  {described(one)}" for one in outcome.differences]
        lines.extend(_cut(shown, MOST_DIFFERENCES, "differences"))
    return "\n".join(lines)


def unified(outcome: Outcome) -> list[str]:
    """Return the two documents as a unified diff."""
    old, new = outcome.golden.splitlines(), outcome.now.splitlines()
    golden = outcome.case.golden or f"{outcome.name} (golden)"
    import difflib  # 3 ms; most runs have nothing to show

    return [printable(line) for line in difflib.unified_diff(old, new, golden, f"{outcome.name} (now)", lineterm="")]


def summary(outcomes: list[Outcome], seconds: float) -> str:
    """Return the counts on one line: `3 different, 1 missing, 96 passed (90 unchanged) in 0.42 s`."""
    parts = []
    for status in STATUSES:
        if status == UNCHECKED:
            continue
        count = sum(outcome.status == status for outcome in outcomes)
        if count or status == "passed":
            parts.append(f"{count} {'errors' if status == 'error' and count > 1 else status}")
    unchanged = sum(outcome.unchanged and outcome.status == "passed" for outcome in outcomes)
    note = f" ({unchanged} unchanged)" if unchanged else ""
    return f"{', '.join(parts)}{note}{unchecked_note(outcomes)} in {seconds:.2f} s"


def unchecked_note(outcomes: list[Outcome]) -> str:
    """Return how many blocks of Markdown there is nothing to compare with; empty without any."""
    count = sum(outcome.status == UNCHECKED for outcome in outcomes)
    if not count:
        return ""
    return f", {count} block{'s' * (count > 1)} of Markdown not checked (--markdown all evaluates {'them' if count > 1 else 'it'})"


def _cut(lines: list[str], most: int, what: str) -> list[str]:
    if len(lines) <= most:
        return lines
    return [*lines[:most], f"  ... and {len(lines) - most} more {what}"]


def _painted(text: str, colour: str, wanted: bool) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if wanted and colour else text
