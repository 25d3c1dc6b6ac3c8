"""Comments that switch rules off: `# nixbridge: ignore[NB012]`.

After code it is for that line; on a line of its own for the next line of code; before all code for the whole file. Without
codes it is for all rules. A finding is switched off by a comment at its own line, at that of its call, or at that of an
attribute that leads to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nixbridge.errors.exceptions import NixError
from nixbridge.language.syntax.lexer import tokens_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from nixbridge.mesh.model.record_data import Position
    from nixbridge.source import Source
    from nixbridge.tools.lint.finding import Finding

_COMMENT = re.compile(r"#[^\r\n]*|/\*.*?\*/", re.DOTALL)
#: A comment of YAML begins the line or follows a blank.
_YAML_COMMENT = re.compile(r"(?:^|[ \t])(#[^\r\n]*)", re.MULTILINE)
_IGNORE = re.compile(r"nixbridge:\s*ignore\b\s*(?:\[(?P<codes>[^\]]*)\])?")
EVERYTHING = "*"


class Comment:
    """One comment: the rules that it names, the lines that it is for (None: the whole file), and those it was needed for."""

    def __init__(self, position: Position, codes: set[str], lines: set[int] | None) -> None:
        self.position, self.codes, self.lines = position, codes, lines
        self.used: set[str] = set()


class Suppressions:
    """The findings that the comments of a file suppress."""

    def __init__(self, source: Source) -> None:
        self.file = source.name
        self.comments = [_comment(source, *found) for found in _ignoring_comments(source)]

    def covers(self, finding: Finding) -> bool:
        """Return whether the finding is suppressed. A comment that does it counts as used."""
        if not self.comments:
            return False
        lines = {line for name, line in finding.anchors if name == self.file}
        if finding.position is not None and finding.position[0] == self.file:
            lines.add(finding.position[1])
        covered = False
        for comment in self.comments:
            code = finding.code if finding.code in comment.codes else EVERYTHING
            if code in comment.codes and lines and (comment.lines is None or comment.lines & lines):
                comment.used.add(code)
                covered = True
        return covered

    def useless(self, known: Container[str]) -> Iterator[tuple[Position, str]]:
        """Yield the comments that switched nothing off, once all findings were shown to `covers`; `known` are all rules."""
        for comment in self.comments:
            for code in sorted(comment.codes - comment.used):
                if code == EVERYTHING:
                    yield comment.position, "nothing is found here that this comment switches off"
                else:
                    known_text = "finds nothing here" if code in known else "is not a rule"
                    yield comment.position, f"{code} {known_text}: the comment switches nothing off"


def _comment(source: Source, start: int, end: int, codes: set[str]) -> Comment:
    line, column = source.position(start)
    position = (source.name, line, column + 1)
    if source.text[source.line_starts()[line - 1] : start].strip():
        return Comment(position, codes, {line})
    if not _COMMENT.sub("", source.text[:start]).strip():
        return Comment(position, codes, None)
    # further comments between it and the code are passed over; blanked, they keep the lines countable
    following = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source.text[end:])
    blank = len(following) - len(following.lstrip())
    return Comment(position, codes, {source.position(min(end + blank, len(source.text)))[0]})


def _ignoring_comments(source: Source) -> list[tuple[int, int, set[str]]]:
    """Start, end and codes of the comments that switch something off. Text in a string is not a comment."""
    if "nixbridge:" not in source.text:
        return []
    if source.name.endswith((".yaml", ".yml")):
        return [
            (comment.start(1), comment.end(1), _codes(ignore["codes"]))
            for comment in _YAML_COMMENT.finditer(source.text)
            if (ignore := _IGNORE.search(comment[1])) is not None
        ]
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
