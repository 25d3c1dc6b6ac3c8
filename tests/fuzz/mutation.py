"""A text made worse: pieces lost, doubled, moved, swapped with those of another."""

from __future__ import annotations

import random
import re

from tests.fuzz.grammars import ODD

_PIECES = (
    *("{", "}", "[", "]", "(", ")", '"', "''", "${", "\\", ";", ":", "=", ",", ".", "@", "?", "#", "/*", "*/", "\n", "  ", "$"),
    *("let", "in", "rec", "inherit", "with", "or", "...", "0", "-1", "9" * 25, "1e999", "<a>", "./.", "~/", "null", "true"),
    *("---", "- ", "&a", "*a", "|", ">", "%", "!!int", "{2,1}", "[:", ":]", "\\u0000", "\\ud800", "'''", '"""', "```", "<!--", "-->"),
)  # fmt: skip


#: What stands for a value in most languages.
_LITERAL = re.compile(r'"[^"\n]*"|\b[0-9]+\b|\b(?:true|false|null)\b|\[[^\]\n]*\]')


def with_other_value(text: str, value: str, picks: random.Random) -> str:
    """`text` with `value` where one of its literals was: it stays well formed, and means something else."""
    found = list(_LITERAL.finditer(text))
    if not found:
        return text
    place = picks.choice(found)
    return text[: place.start()] + value + text[place.end() :]


def mutated(text: str, other: str, picks: random.Random) -> str:
    """`text` after a few changes of its characters; `other` is another text of the same language."""
    for _ in range(picks.choice((1, 1, 2, 3, 8))):
        text = _changed(text, other, picks)
    return text


def _changed(text: str, other: str, picks: random.Random) -> str:
    start = picks.randrange(len(text) + 1)
    end = min(len(text), start + picks.choice((0, 1, 1, 2, 5, 20)))
    before, piece, after = text[:start], text[start:end], text[end:]
    kind = picks.randrange(9)
    if kind == 0:
        return before + after
    if kind == 1:
        return before + piece * picks.choice((2, 2, 3, 50)) + after
    if kind == 2:
        return before + picks.choice(ODD) + after
    if kind == 3:
        return before + after[: len(after) // 2] + piece + after[len(after) // 2 :]
    if kind == 4:
        at = picks.randrange(len(other) + 1)
        return before + other[at : at + picks.randrange(30)] + after
    if kind == 5:
        return before + other[picks.randrange(len(other) + 1) :]
    if kind == 6:
        return before or text
    return before + picks.choice(_PIECES) + (after if kind == 7 else piece + after)
