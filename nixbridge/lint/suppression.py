"""Comments that switch rules off: `# nixbridge: ignore[NB012]`.

Behind code it is for that line; on a line of its own for the next line of code; before all code for the whole file. Without
codes it is for all rules. A finding is switched off by a comment at its own line, at that of its call, or at that of an
attribute that leads to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nixbridge.errors.kinds import NixError
from nixbridge.syntax.lexer import tokens_of

if TYPE_CHECKING:
    from nixbridge.lint.finding import Finding
    from nixbridge.source import Source

_COMMENT = re.compile(r"#[^\r\n]*|/\*.*?\*/", re.DOTALL)
_IGNORE = re.compile(r"nixbridge:\s*ignore\b\s*(?:\[(?P<codes>[^\]]*)\])?")
EVERYTHING = "*"


class Suppressions:
    """What the comments of a file switch off: codes by line, and codes for the whole file."""

    def __init__(self, source: Source) -> None:
        self.lines: dict[int, set[str]] = {}
        self.whole: set[str] = set()
        for start, end, codes in _ignoring_comments(source):
            self._add(source, start, end, codes)

    def _add(self, source: Source, start: int, end: int, codes: set[str]) -> None:
        line = source.position(start)[0]
        before = source.text[source.line_starts()[line - 1] : start]
        if before.strip():
            self.lines.setdefault(line, set()).update(codes)
            return
        if not _COMMENT.sub("", source.text[:start]).strip():
            self.whole |= codes
        following = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source.text[end:])
        blank = len(following) - len(following.lstrip())
        target = source.position(min(end + blank, len(source.text)))[0]
        self.lines.setdefault(target, set()).update(codes)

    def covers(self, finding: Finding, file: str) -> bool:
        """Is the finding switched off?"""
        codes = set(self.whole)
        lines = {line for name, line in finding.anchors if name == file}
        if finding.position is not None and finding.position[0] == file:
            lines.add(finding.position[1])
        for line in lines:
            codes |= self.lines.get(line, set())
        return EVERYTHING in codes or finding.code in codes


def _ignoring_comments(source: Source) -> list[tuple[int, int, set[str]]]:
    """Start, end and codes of the comments that switch something off. What stands in a string is no comment."""
    if "nixbridge:" not in source.text:
        return []
    found = []
    at = 0
    try:
        tokens = [(token.start, token.end) for token in tokens_of(source)]
    except NixError:
        return []
    for start, end in [*tokens, (len(source.text), len(source.text))]:
        for comment in _COMMENT.finditer(source.text, at, max(start, at)):
            ignore = _IGNORE.search(comment[0])
            if ignore is not None:
                found.append((comment.start(), comment.end(), _codes(ignore["codes"])))
        at = max(at, end)
    return found


def _codes(text: str | None) -> set[str]:
    if text is None:
        return {EVERYTHING}
    return {code.strip().upper() for code in text.split(",") if code.strip()}
