"""The report of a migration as Markdown and as an HTML page: failures first, then warnings, files left out, and the rest."""

from __future__ import annotations

import os
import re
from html import escape

from nixbridge.errors.excerpt import printable
from nixbridge.tools.golden.html_page import Entry, entry, page, safe
from nixbridge.tools.migrate.item import CONVERTED, FAILED, SKIPPED, WARNED, Item
from nixbridge.tools.migrate.migration_report import Report
from nixbridge.tools.migrate.plan import REMOVED

#: How many files of one source are named.
_MOST_FILES = 2


def markdown(report: Report) -> str:
    """Return the report. The user's texts are code in it, whatever they contain."""
    lines = [f"# Migration of {code(report.name)}", "", f"{report.summary()}.", ""]
    lines += _section("Failed", [line for item in report.of(FAILED) for line in _details(report, item)])
    lines += _section(
        "Needs attention", [f"- {_prose(text)}" for text in [*report.plan.problems, *report.plan.warnings]]
    )
    lines += _section("Warnings", [line for item in report.of(WARNED) for line in _details(report, item)])
    lines += _section("Not converted", _table("why", [(item, _prose(item.reason)) for item in report.of(SKIPPED)]))
    rows = [(item, _places(item)) for item in report.of(CONVERTED, WARNED)]
    lines += _section("Converted", _table("written to", rows))
    lines += _section("Removed", [f"- {_prose(text)}" for text in report.changes(REMOVED)])
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"## {title}", "", *lines, *([""] if lines[-1] else [])] if lines else []


def _details(report: Report, item: Item) -> list[str]:
    text = report.lines(item)
    # longer than any run of backquotes in the text, which would end the block
    fence = "`" * max(3, 1 + _longest_run("\n".join(text)))
    stays = report.stays(item)
    kept = (
        ["", f"The files that an earlier run wrote from it are kept: {', '.join(map(code, stays))}."] if stays else []
    )
    return [f"### {code(item.name)}", "", f"{fence}text", *text, fence, *kept, ""]


def _places(item: Item) -> str:
    paths = sorted(item.outputs)
    if len(paths) <= _MOST_FILES:
        return ", ".join(map(code, paths)) or "nothing"
    return f"{len(paths)} files in {code(os.path.commonpath(paths) or '.')}"


def _table(column: str, rows: list[tuple[Item, str]]) -> list[str]:
    cells = [f"| {code(item.name)} | {text} |".replace("\n", " ") for item, text in rows]
    return [f"| source | {column} |", "| --- | --- |", *cells] if cells else []


def code(text: str) -> str:
    """Return a text of the user's as code, also for tables: nothing in it is Markdown."""
    shown = printable(text.replace("\n", " ")).replace("|", "\\|")
    marks = "`" * (1 + _longest_run(shown))
    blank = " " if shown[:1] == "`" or shown[-1:] == "`" or not shown else ""
    return f"{marks}{blank}{shown}{blank}{marks}"


def _prose(text: str) -> str:
    """Return a sentence that contains names of the user, escaped for Markdown and HTML."""
    return re.sub(r"([\\`*_\[\]<>|#&!])", r"\\\1", printable(text.replace("\n", " ")))


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


_TONES = {FAILED: "bad", WARNED: "warn", SKIPPED: "plain", CONVERTED: "good"}


def html(report: Report) -> str:
    """Return the page, problems first. Every text of the user is escaped."""
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
        "files of an earlier run that are kept", report.stays(item)
    )
    return entry(item.name, item.status, _TONES[item.status], "".join(parts), quiet=item.status in (SKIPPED, CONVERTED))


def _files(title: str, paths: list[str]) -> list[str]:
    return [f"<p>{title}</p><ul>{''.join(f'<li>{safe(path)}</li>' for path in paths)}</ul>"] if paths else []
