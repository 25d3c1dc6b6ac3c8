"""The outcomes as one self-contained HTML page: differences by path and side by side, folded, with a filter."""

from __future__ import annotations

import difflib
from html import escape

from nixbridge.tools.golden.difference import Difference, shown
from nixbridge.tools.golden.html_page import Entry, entry, page, safe
from nixbridge.tools.golden.outcome import Outcome
from nixbridge.tools.golden.text_report import summary

#: Documents are shown around their differences only, with so many lines before and after.
CONTEXT_LINES = 3
#: How many differences and how many lines of one case are in the page.
MOST_DIFFERENCES, MOST_ROWS = 200, 1000
#: What has no more lines side by side is unfolded at first.
SHORT = 24
#: Longer documents are compared with difflib's shortcut for lines that are everywhere: it takes seconds without.
LONG_DOCUMENT = 2000
_SIDES = '<thead><tr><th scope="col">golden</th><th scope="col">now</th></tr></thead>'
_TONES = {
    "different": "bad",
    "error": "bad",
    "missing": "warn",
    "stale": "warn",
    "skipped": "plain",
    "unchecked": "plain",
    "written": "good",
    "passed": "good",
}


def html(outcomes: list[Outcome], seconds: float) -> str:
    """Return the page, failures first. Every text of the user is escaped."""
    failed = sum(outcome.failed for outcome in outcomes)
    title = f"nixbridge check: {failed} of {len(outcomes)} failed" if failed else "nixbridge check: all passed"
    in_order = sorted(outcomes, key=lambda outcome: not outcome.failed)
    return page(title, summary(outcomes, seconds), [_entry(outcome) for outcome in in_order])


def _entry(outcome: Outcome) -> Entry:
    parts = [f"<pre>{safe(outcome.message)}</pre>"] if outcome.message else []
    if outcome.differences:
        parts.append(by_path(outcome.differences))
    if outcome.status == "different" and outcome.golden != outcome.now:
        rows = side_by_side(outcome.golden, outcome.now)
        sides = f'<table class="sides">{_SIDES}<tbody>{"".join(rows)}</tbody></table>'
        opened = " open" if len(rows) <= SHORT or not outcome.differences else ""
        parts.append(f'<details class="fold"{opened}><summary>side by side</summary>{sides}</details>')
    notes = [f"against {outcome.case.golden}"] if outcome.case.golden else []
    if outcome.differences:
        notes.append(f"{len(outcome.differences)} difference{'s' if len(outcome.differences) > 1 else ''}")
    tone, note = _TONES[outcome.status], ", ".join(notes)
    return entry(outcome.name, outcome.status, tone, "".join(parts), note=note, quiet=not outcome.failed)


def by_path(found: list[Difference]) -> str:
    """Return the differences as a table: path, golden, now."""
    rows = []
    for one in found[:MOST_DIFFERENCES]:
        golden = f'<td class="old">{escape(shown(one.golden))}</td>' if one.kind != "added" else "<td>(not there)</td>"
        now = f'<td class="new">{escape(shown(one.now))}</td>' if one.kind != "missing" else "<td>(missing)</td>"
        rows.append(f"<tr><td>{safe(one.path) or '(the whole value)'}</td>{golden}{now}</tr>")
    if len(found) > MOST_DIFFERENCES:
        rows.append(f'<tr class="gap"><td colspan="3">and {len(found) - MOST_DIFFERENCES} more</td></tr>')
    head = '<thead><tr><th scope="col">path</th><th scope="col">golden</th><th scope="col">now</th></tr></thead>'
    return f'<table class="paths">{head}<tbody>{"".join(rows)}</tbody></table>'


def side_by_side(golden: str, now: str) -> list[str]:
    """Return the two texts as rows of a table, equal stretches cut to a few lines."""
    old, new = golden.splitlines(), now.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > LONG_DOCUMENT)
    rows: list[str] = []
    for group in matcher.get_grouped_opcodes(CONTEXT_LINES):
        if rows:
            rows.append('<tr class="gap"><td colspan="2">…</td></tr>')
        for tag, old_start, old_end, new_start, new_end in group:
            rows.extend(lines_of(tag, old[old_start:old_end], new[new_start:new_end]))
    if len(rows) > MOST_ROWS:
        rows[MOST_ROWS:] = [f'<tr class="gap"><td colspan="2">and {len(rows) - MOST_ROWS} more lines</td></tr>']
    return rows


def lines_of(tag: str, old: list[str], new: list[str]) -> list[str]:
    """Return the rows of a stretch of lines that are equal, or not."""
    if tag == "equal":
        return [f'<tr class="same"><td>{safe(line)}</td><td>{safe(line)}</td></tr>' for line in old]
    rows = []
    for number in range(max(len(old), len(new))):
        left = f'<td class="old">{safe(old[number])}</td>' if number < len(old) else "<td></td>"
        right = f'<td class="new">{safe(new[number])}</td>' if number < len(new) else "<td></td>"
        rows.append(f"<tr>{left}{right}</tr>")
    return rows
