"""Fixes of findings in the source. Each fix is verified by linting the changed text before anything is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.syntax.lexer import tokens_of
from nixbridge.regular_file import read_regular_file
from nixbridge.source import Source
from nixbridge.tools.lint.cluster_view import Cluster
from nixbridge.tools.lint.finding import NAME, Finding, Fix
from nixbridge.tools.lint.run import File, Linting, examine

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from nixbridge.language.syntax.tokens import Token

    #: start and end in the text (characters), and what is to stand there
    Edit: TypeAlias = tuple[int, int, str]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*")
_ASSIGNED = re.compile(r'\s*=\s*"')
_QUOTED = re.compile(r'"[^"\\$]*"')
OPENING, CLOSING = "_OPEN", "_CLOSE"
#: An attribute path of several parts is fixed part by part: so often at most.
MOST_ROUNDS = 20


def fix_file(linting: Linting, file: File, write: Callable[[bytes, str], None]) -> tuple[File, int]:
    """Correct a file as far as possible, with `write(data, path)`; return it linted again, and how many places were changed.

    Raises EvalError for a file that somebody else changed meanwhile.
    """
    changed = 0
    for _ in range(MOST_ROUNDS):
        source = _own_source(file)
        if source is None:
            break
        changes = [edits_of(finding, source) for finding in file.findings]
        better = _proved(linting, file, source, [change for change in changes if change])
        if better is None:
            break
        text, file, count = better
        if Source(read_regular_file(source.name).decode("utf-8", "surrogateescape")).text != source.text:
            raise EvalError(f"'{source.name}' changed while it was linted; run it again")
        write(text.encode("utf-8", "surrogateescape"), source.name)
        changed += count
    return file, changed


def _own_source(file: File) -> Source | None:
    """Return the fixed text of the file; files that it imports are not changed."""
    if file.view is None:
        return None
    return next((source for name, source in file.sources.items() if name.startswith("/")), None)


def _proved(linting: Linting, file: File, source: Source, changes: list[list[Edit]]) -> tuple[str, File, int] | None:
    """Return the text with all changes if that evaluates and leaves fewer findings, else with the first change that does so alone."""
    if not changes:
        return None
    every = sorted({edit for change in changes for edit in change})
    # all at once is the usual case; one that does not hold must not keep the others from being made
    for edits, count in [(every, len(changes)), *((change, 1) for change in changes)]:
        text = apply(source.text, edits)
        better = _linted_again(linting, file, source, text)
        if better is not None:
            return text, better, count
    return None


def _linted_again(linting: Linting, file: File, source: Source, text: str) -> File | None:
    """Return the file as it would be with another text; None where that improves nothing."""
    after = linting.read(file.name, Source(text, source.name, source.base))
    if after.view is None or file.view is None:
        return None
    own = {id(record) for record in file.view.found.resources}
    others = [record for record in file.view.cluster.records if id(record) not in own]
    after.view.cluster = Cluster([*others, *after.view.found.resources])
    examine(after)
    return after if _fixable(after) < _fixable(file) else None


def _fixable(file: File) -> int:
    return sum(can_fix(finding, file) for finding in file.findings)


def apply(text: str, edits: list[Edit]) -> str:
    """Return the text with the edits made; they do not overlap."""
    # from the end on, so that the offsets of the others stay right
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def edits_of(finding: Finding, source: Source) -> list[Edit]:
    """Return the changes that a finding's fix asks for; none where the source is not written as the fix supposes."""
    fix = finding.fix
    if fix is None or fix.position[0] != source.name:
        return []
    start = offset_of(source, fix.position[1], fix.position[2])
    return _rename(source, start, fix) if fix.kind == NAME else _retext(source.text, start, fix)


def can_fix(finding: Finding, file: File) -> bool:
    """Return whether changing the text of this file fixes the finding."""
    source = _own_source(file)
    return source is not None and edits_of(finding, source) != []


def offset_of(source: Source, line: int, column: int) -> int:
    """Return the offset in characters of a line and a column in bytes, both from 1."""
    before = source.line(line).encode("utf-8", "surrogateescape")[: column - 1].decode("utf-8", "surrogateescape")
    return source.line_starts()[line - 1] + len(before)


def _rename(source: Source, start: int, fix: Fix) -> list[Edit]:
    """Return the name wherever its set defines something by it: `a.b = 1; a.c = 2;` has two places.

    Nothing where the file uses the name in another way: as a variable, in a selection, with `inherit`.
    """
    tokens = tokens_of(source)
    named = [index for index, token in enumerate(tokens) if _name_of(token) == fix.old]
    first = next((index for index in named if tokens[index].start == start), None)
    if first is None or not all(_defines(tokens, index) or tokens[index].type == "STRING" for index in named):
        return []
    inside = _siblings(tokens, first)
    places = [tokens[index] for index in named if index in inside and _defines(tokens, index)]
    quotes = [1 if token.type == "STRING" else 0 for token in places]
    return [(token.start + quote, token.end - quote, fix.new) for token, quote in zip(places, quotes, strict=True)]


def _name_of(token: Token) -> object:
    return token.value if token.type in ("ID", "STRING") else None


def _defines(tokens: list[Token], index: int) -> bool:
    """Return whether an attribute's name begins at a token: after `{` or `;`, before `=` or `.`."""
    before, after = tokens[index - 1].type if index else "", tokens[index + 1].type
    return (before.startswith("BRACE_OPEN") or before == "SEMICOLON") and after in ("ASSIGN", "DOT")


def _siblings(tokens: list[Token], index: int) -> set[int]:
    """Return the tokens between the same braces as a token, and not within inner ones."""
    found: set[int] = set()
    for step in (-1, 1):
        depth, at = 0, index
        while 0 <= at < len(tokens) and depth >= 0:
            if depth == 0:
                found.add(at)
            at += step
            kind = tokens[at].type if 0 <= at < len(tokens) else ""
            opens, closes = OPENING in kind, CLOSING in kind
            depth += (opens - closes) * step
    return found


def _retext(text: str, start: int, fix: Fix) -> list[Edit]:
    found = _NAME.match(text, start) or _QUOTED.match(text, start)
    assigned = _ASSIGNED.match(text, found.end()) if found is not None else None
    if assigned is None or not text.startswith(f'{fix.old}"', assigned.end()):
        return []
    return [(assigned.end(), assigned.end() + len(fix.old), fix.new)]
