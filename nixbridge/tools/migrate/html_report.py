"""The report as one HTML page."""

from __future__ import annotations

from html import escape

from nixbridge.tools.golden.html_page import Entry, entry, page, safe
from nixbridge.tools.migrate.item import CONVERTED, FAILED, SKIPPED, WARNED, Item
from nixbridge.tools.migrate.migration_report import Report
from nixbridge.tools.migrate.plan import REMOVED

_TONES = {FAILED: "bad", WARNED: "warn", SKIPPED: "plain", CONVERTED: "good"}


def html(report: Report) -> str:
    """Return the page: what needs attention first. Every text of the user's is escaped."""
    entries = [entry(text, "attention", "bad", "") for text in report.plan.problems]
    entries += [_entry(report, item) for item in report.of(FAILED)]
    entries += [entry(text, "attention", "warn", "") for text in report.plan.warnings]
    entries += [_entry(report, item) for item in report.of(WARNED)]
    entries += [entry(text, "removed", "plain", "") for text in report.changes(REMOVED)]
    entries += [_entry(report, item) for status in (SKIPPED, CONVERTED) for item in report.of(status)]
    return page(f"Migration of {report.name}", report.summary(), entries)


def _entry(report: Report, item: Item) -> Entry:
    parts = [f"<p>{safe(item.reason)}</p>"] if item.reason else []
    lines = report.lines(item, notes=True)
    if lines:
        parts.append(f"<pre>{escape(chr(10).join(lines))}</pre>")
    parts += _files("written to", sorted(item.outputs)) + _files(
        "what an earlier run made of it stays", report.stays(item)
    )
    return entry(item.name, item.status, _TONES[item.status], "".join(parts), quiet=item.status in (SKIPPED, CONVERTED))


def _files(title: str, paths: list[str]) -> list[str]:
    return [f"<p>{title}</p><ul>{''.join(f'<li>{safe(path)}</li>' for path in paths)}</ul>"] if paths else []
