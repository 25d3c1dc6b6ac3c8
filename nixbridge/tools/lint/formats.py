"""Findings as text for people, and as JSON and GitHub annotations for machines."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from nixbridge.errors.excerpt import excerpt, printable
from nixbridge.tools.lint.finding import LEVELS, Finding
from nixbridge.tools.lint.fixing import can_fix
from nixbridge.tools.lint.rule_table import name_of
from nixbridge.tools.lint.run import File, place_of
from nixbridge.tools.workflow_commands import annotation

_COLOURS = {"error": "1;31", "warning": "1;33", "note": "1;36"}
_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}


def shown_name(name: str) -> str:
    """Return a file as the user would name it: relative to the current folder."""
    return os.path.relpath(name) if name.startswith("/") else name


def summary(files: Sequence[File]) -> str:
    """Return `2 errors, 1 note in 3 files`, or `3 files checked, no findings`."""
    levels = [finding.level for file in files for finding in file.findings]
    counts = [f"{levels.count(level)} {level}{'s' * (levels.count(level) != 1)}" for level in LEVELS if level in levels]
    of_files = f"{len(files)} file{'s' * (len(files) != 1)}"
    return f"{', '.join(counts)} in {of_files}" if counts else f"{of_files} checked, no findings"


def as_text(files: Sequence[File], *, colour: bool = False) -> str:
    """Return a finding: place, level, code and message on one line, then the line of the source, then a suggestion."""
    lines = []
    for file in files:
        for finding in file.findings:
            lines.extend(_lines(finding, file, colour))
    return "".join(f"{line}\n" for line in [*lines, summary(files)])


def _lines(finding: Finding, file: File, colour: bool) -> list[str]:
    name, line, column, end = place_of(finding, file)
    level = f"{finding.level}[{finding.code}]"
    if colour:
        level = f"\x1b[{_COLOURS[finding.level]}m{level}\x1b[0m"
    lines = [f"{printable(shown_name(name))}:{line}:{column}: {level}: {printable(finding.line)}"]
    source = file.sources.get(name)
    if source is not None and finding.position is not None:
        start = finding.position[2] - 1
        width = len(source.line(line)[column - 1 : end - 1].encode("utf-8", "surrogateescape"))
        lines.extend(f"    {text}" for text in excerpt(source, (line, start, line, start + width)))
    if finding.hint:
        lines.append(f"    help: {printable(finding.hint)}{' (--fix corrects it)' if can_fix(finding, file) else ''}")
    return lines


def as_json(files: Sequence[File]) -> str:
    """Return one object: `findings` in order, `summary` with a count a level."""
    found = [_object(finding, file) for file in files for finding in file.findings]
    counts = {level: sum(one["level"] == level for one in found) for level in LEVELS}
    return json.dumps({"findings": found, "summary": {"files": len(files), **counts}}, indent=2) + "\n"


def _object(finding: Finding, file: File) -> dict[str, object]:
    name, line, column, end = place_of(finding, file)
    return {
        "code": finding.code,
        "name": name_of(finding.code),
        "level": finding.level,
        "message": finding.message,
        "hint": finding.hint,
        "record": finding.subject or None,
        "path": finding.path or None,
        "file": shown_name(name),
        "line": line,
        "column": column,
        "endColumn": end,
        "fixable": can_fix(finding, file),
    }


def as_github(files: Sequence[File]) -> str:
    """Return a workflow command a line, which GitHub shows at the file and line."""
    lines = []
    for file in files:
        for finding in file.findings:
            name, line, column, end = place_of(finding, file)
            title = f"{finding.code} {name_of(finding.code)}"
            place = {"file": shown_name(name), "line": line, "col": column, "endColumn": end, "title": title}
            text = finding.line + (f" ({finding.hint})" if finding.hint else "")
            lines.append(annotation(_GITHUB[finding.level], place, printable(text)))
    return "".join(f"{line}\n" for line in lines)
