"""The outcomes as text for people: differences by path or as a diff, long ones cut with a count, one line at the end."""

from __future__ import annotations

import difflib
import json

from nixbridge.errors.excerpt import printable
from nixbridge.golden.difference import Difference
from nixbridge.golden.outcome import Outcome

#: How many differences of one case are shown.
MOST_DIFFERENCES = 20
#: How many lines of one case's diff are shown.
MOST_LINES = 80
#: How much of one value is shown.
LONGEST_VALUE = 100

_MARKS = {"passed": "ok", "different": "DIFFERENT", "missing": "MISSING", "stale": "STALE", "error": "ERROR"}


def describe(outcome: Outcome, *, diff: bool = False) -> str:
    """What is wrong with one case, in lines; for one that passed, a single line."""
    lines = [f"{_MARKS[outcome.status]}  {printable(outcome.name)}"]
    if outcome.message:
        lines.extend(f"  {printable(line)}" for line in outcome.message.split("\n"))
    if diff and outcome.status == "different":
        lines.extend(_cut(unified(outcome), MOST_LINES, "lines"))
    else:
        lines.extend(
            f"  {line}" for line in _cut([tell(one) for one in outcome.differences], MOST_DIFFERENCES, "differences")
        )
        if outcome.status == "different" and not outcome.differences:
            lines.extend(_cut(unified(outcome), MOST_LINES, "lines"))
    return "\n".join(lines)


def tell(difference: Difference) -> str:
    """`path: golden 10, now 20`."""
    path = printable(difference.path) or "(the whole value)"
    if difference.kind == "added":
        return f"{path}: added, now {shown(difference.now)}"
    if difference.kind == "missing":
        return f"{path}: missing, golden {shown(difference.golden)}"
    return f"{path}: golden {shown(difference.golden)}, now {shown(difference.now)}"


def shown(value: object) -> str:
    """A value on one line, cut where it is long."""
    text = printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}... ({len(text)} characters)"


def unified(outcome: Outcome) -> list[str]:
    """The two documents as a unified diff."""
    old, new = outcome.golden.splitlines(), outcome.now.splitlines()
    golden = outcome.case.golden or outcome.name
    return [
        printable(line) for line in difflib.unified_diff(old, new, golden, f"{outcome.case.source} (now)", lineterm="")
    ]


def _cut(lines: list[str], most: int, what: str) -> list[str]:
    if len(lines) <= most:
        return lines
    return [*lines[:most], f"... and {len(lines) - most} more {what}"]


def summary(outcomes: list[Outcome], seconds: float) -> str:
    """`3 different, 1 missing, 96 passed in 0.42 s`."""
    counts = {status: sum(outcome.status == status for outcome in outcomes) for status in _MARKS}
    names = {"different": "different", "missing": "missing", "stale": "stale", "error": "errors", "passed": "passed"}
    parts = [
        f"{counts[status]} {names[status]}" for status in ("different", "missing", "stale", "error") if counts[status]
    ]
    unchanged = sum(outcome.message == "unchanged" for outcome in outcomes)
    note = f" ({unchanged} unchanged)" if unchanged else ""
    parts.append(f"{counts['passed']} passed{note}")
    return f"{', '.join(parts)} in {seconds:.2f} s"
