"""Markdown files as tests: fenced `nix` blocks, each with the `json` or `yaml` block right after it as its golden.

A block is checked where a golden block follows it, or where a comment before the block requests it: `<!-- nixbridge: check -->`;
`<!-- nixbridge: arg mesh=EXPR -->` puts a variable in its scope; `<!-- nixbridge: fails TEXT -->` says that it must fail with TEXT in
the message. `<!-- nixbridge: skip -->` leaves it out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from nixbridge.language.formats.format_table import TABLE

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)")
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_MARKER = "nixbridge:"
_ARGUMENT = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_'-]*)\s*=(?P<text>.+)", re.DOTALL)
#: The language of a fenced block -> the format of the golden document in it.
_GOLDEN_LANGUAGES = {suffix[1:]: row.name for row in TABLE if row.is_data for suffix in row.suffixes}


class GoldenBlock(NamedTuple):
    """The fenced block that is the golden of the one before it. `first`, `last`: its lines, from 0, as a slice."""

    text: str
    format: str
    first: int
    last: int
    indent: str


class Block:
    """A fenced `nix` block.

    `line`: of its first line of text, from 1. `asked`: a comment asks that it be checked. `problem`: what is wrong with the comments
    before it.
    """

    __slots__ = ("arguments", "asked", "fails", "golden", "line", "problem", "skip", "text")

    def __init__(self, line: int, text: str) -> None:
        self.line, self.text = line, text
        self.asked = self.skip = False
        self.fails: str | None = None
        self.arguments: list[tuple[str, str]] = []
        self.golden: GoldenBlock | None = None
        self.problem: str | None = None

    @property
    def checked(self) -> bool:
        """True where a golden block follows it, or a comment asks that it be checked."""
        return self.golden is not None or self.asked

    def apply(self, directive: str) -> None:
        """Apply the directive of a comment before the block."""
        verb, _, rest = directive.partition(" ")
        rest = rest.strip()
        argument = _ARGUMENT.fullmatch(rest)
        # an argument or an expected error is also a request to check the block
        self.asked = self.asked or verb != "skip"
        if verb == "skip" and not rest:
            self.skip = True
        elif verb == "fails" and rest:
            self.fails = rest
        elif verb == "arg" and argument is not None and argument["text"].strip():
            self.arguments.append((argument["name"], argument["text"].strip()))
        elif verb != "check" or rest:
            self.problem = f"the comment 'nixbridge: {directive}' before it should be one of: check, skip, arg NAME=EXPR, fails TEXT"


def blocks(text: str) -> list[Block]:
    """Return the `nix` blocks of a Markdown text, each with its golden and its directives."""
    found: list[Block] = []
    directives: list[str] = []
    waiting: Block | None = None
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        opening = _FENCE.fullmatch(lines[number].rstrip("\r"))
        if opening is None:
            end = _comment_end(lines, number)
            text_between = "\n".join(lines[number:end])
            between = _directives(text_between)
            directives.extend(between)
            # text ends what came before it: a golden block comes right after its block, a comment right before
            if text_between.strip() and not between:
                waiting, directives = None, []
            number = end
            continue
        end = _closing(lines, number, opening["fence"])
        language = opening["info"].split()[0].lower() if opening["info"].split() else ""
        body = _without_indent(lines[number + 1 : end], opening["indent"])
        if language == "nix":
            waiting = Block(number + 2, body)
            for directive in directives:
                waiting.apply(directive)
            found.append(waiting)
        elif waiting is not None:
            if language in _GOLDEN_LANGUAGES:
                waiting.golden = GoldenBlock(body, _GOLDEN_LANGUAGES[language], number + 1, end, opening["indent"])
            waiting = None
        directives = []
        number = end + 1
    return found


def _directives(text: str) -> list[str]:
    """Return the directives in the comments of a text, with single spaces between a directive and its argument."""
    if _MARKER not in text or "-->" not in text:
        return []
    bodies = (comment[1].strip() for comment in _COMMENT.finditer(text))
    ours = (body.removeprefix(_MARKER).strip() for body in bodies if body.startswith(_MARKER))
    return [" ".join(directive.split(None, 1)) for directive in ours]


def _comment_end(lines: list[str], number: int) -> int:
    """Return the number of the line after this one, or after the comment of ours that begins on it."""
    start = lines[number].rfind("<!--")
    if start < 0 or "-->" in lines[number][start:] or "nixbridge:" not in lines[number][start:]:
        return number + 1
    for end in range(number + 1, len(lines)):
        if "-->" in lines[end]:
            return end + 1
    return len(lines)


def _closing(lines: list[str], opening: int, fence: str) -> int:
    """Return the line that closes a fence; without one the block goes to the end of the text. (CommonMark)"""
    for number in range(opening + 1, len(lines)):
        stripped = lines[number].strip()
        if len(stripped) >= len(fence) and not stripped.strip(fence[0]):
            return number
    return len(lines)


def _without_indent(lines: list[str], indent: str) -> str:
    return "\n".join(line.removeprefix(indent) if line.startswith(indent) else line.lstrip() for line in lines)


def replace_golden(text: str, block: Block, document: str) -> str:
    """Return the Markdown text with `document` in the place of the block's golden."""
    golden = block.golden
    assert golden is not None
    lines = text.split("\n")
    ending = "\r" if lines[golden.first - 1].endswith("\r") else ""
    new = [f"{golden.indent if line else ''}{line}{ending}" for line in document.rstrip("\n").split("\n")]
    return "\n".join([*lines[: golden.first], *new, *lines[golden.last :]])
