"""The outcomes as one HTML page that needs nothing else: differences side by side."""

from __future__ import annotations

import difflib
from html import escape

from nixbridge.golden.html_page import entry, page, safe
from nixbridge.golden.outcome import Outcome
from nixbridge.golden.report import summary, tell

#: Longer documents are shown around their differences only.
CONTEXT_LINES = 4


def html(outcomes: list[Outcome], seconds: float) -> str:
    """The page: what failed first. Every text of the user's is escaped."""
    shown = sorted(outcomes, key=lambda outcome: not outcome.failed)
    return page(
        "nixbridge check", summary(outcomes, seconds), [_case(outcome) for outcome in shown], "show what passed"
    )


def _case(outcome: Outcome) -> str:
    parts = [f"<pre>{safe(outcome.message)}</pre>"] if outcome.message else []
    if outcome.differences:
        parts.append("<ul>" + "".join(f"<li>{escape(tell(one))}</li>" for one in outcome.differences[:200]) + "</ul>")
    if outcome.status == "different":
        parts.append(side_by_side(outcome.golden, outcome.now))
    tone = "warn" if outcome.status in ("missing", "stale") else "bad" if outcome.failed else "good"
    return entry(outcome.name, outcome.status, tone, "".join(parts), quiet=not outcome.failed)


def side_by_side(golden: str, now: str) -> str:
    """The two texts as a table, equal stretches folded to a few lines."""
    old, new = golden.splitlines(), now.splitlines()
    rows = ["<tr><th>golden</th><th>now</th></tr>"]
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT_LINES):
        if len(rows) > 1:
            rows.append('<tr class="gap"><td colspan="2">…</td></tr>')
        for tag, a, b, c, d in group:
            for index in range(max(b - a, d - c)):
                left = safe(old[a + index]) if a + index < b else ""
                right = safe(new[c + index]) if c + index < d else ""
                classes = (
                    ("", "") if tag == "equal" else (' class="old"' * (a + index < b), ' class="new"' * (c + index < d))
                )
                rows.append(f"<tr><td{classes[0]}>{left}</td><td{classes[1]}>{right}</td></tr>")
    return f"<table>{''.join(rows)}</table>"
