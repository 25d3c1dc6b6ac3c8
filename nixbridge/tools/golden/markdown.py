"""Markdown files as tests: each fenced `nix` block is evaluated, a `json` or `yaml` block right after it is its golden.

What a comment before a block says: `<!-- nixbridge: skip -->` leaves it out; `<!-- nixbridge: arg mesh=EXPR -->` puts a
variable in its scope; `<!-- nixbridge: fails TEXT -->` says that it must fail with TEXT in the message.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_DIRECTIVE = re.compile(r"<!--\s*nixbridge:\s*(?P<verb>\S*)\s*(?P<rest>.*?)\s*-->", re.DOTALL)
_ARGUMENT = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_'-]*)\s*=\s*(?P<text>.+)", re.DOTALL)
_GOLDEN_LANGUAGES = {"json": "json", "yaml": "yaml", "yml": "yaml"}


class GoldenBlock(NamedTuple):
    """The fenced block that is the golden of the one before it. `first`, `last`: its lines, from 0, as a slice."""

    text: str
    format: str
    first: int
    last: int
    indent: str


class Block:
    """A fenced `nix` block. `line`: of its first line of text, from 1. `problem`: what is wrong with the comments before it."""

    __slots__ = ("arguments", "fails", "golden", "line", "problem", "skip", "text")

    def __init__(self, line: int, text: str) -> None:
        self.line, self.text = line, text
        self.skip = False
        self.fails: str | None = None
        self.arguments: list[tuple[str, str]] = []
        self.golden: GoldenBlock | None = None
        self.problem: str | None = None

    def apply(self, verb: str, rest: str) -> None:
        """Does what a comment says."""
        argument = _ARGUMENT.fullmatch(rest)
        if verb == "skip":
            self.skip = True
        elif verb == "fails" and rest:
            self.fails = rest
        elif verb == "arg" and argument is not None:
            self.arguments.append((argument["name"], argument["text"]))
        else:
            said = f"{verb} {rest}".strip()
            self.problem = f"the comment 'nixbridge: {said}' before it says none of: skip, arg NAME=EXPR, fails TEXT"


def blocks(text: str) -> list[Block]:
    """The `nix` blocks of a Markdown text, each with its golden and its directives."""
    found: list[Block] = []
    directives: list[tuple[str, str]] = []
    waiting: Block | None = None
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening is None:
            end = _comment_end(lines, number)
            comment = "\n".join(lines[number:end])
            directives.extend((one["verb"], one["rest"]) for one in _DIRECTIVE.finditer(comment))
            if comment.strip() and not _DIRECTIVE.search(comment):
                waiting, directives = None, []
            number = end
            continue
        end = _closing(lines, number, opening["fence"])
        language = opening["info"].split()[0].lower() if opening["info"].split() else ""
        body = _without_indent(lines[number + 1 : end], opening["indent"])
        if language == "nix":
            waiting = Block(number + 2, body)
            for verb, rest in directives:
                waiting.apply(verb, rest)
            found.append(waiting)
        else:
            if waiting is not None and language in _GOLDEN_LANGUAGES:
                golden_format = _GOLDEN_LANGUAGES[language]
                waiting.golden = GoldenBlock(body, golden_format, number + 1, end, opening["indent"])
            waiting = None
        directives = []
        number = end + 1
    return found


def _comment_end(lines: list[str], number: int) -> int:
    """The line behind this one, or behind the comment of ours that begins on it."""
    start = lines[number].rfind("<!--")
    if start < 0 or "-->" in lines[number][start:] or "nixbridge:" not in lines[number][start:]:
        return number + 1
    for end in range(number + 1, len(lines)):
        if "-->" in lines[end]:
            return end + 1
    return len(lines)


def _closing(lines: list[str], opening: int, fence: str) -> int:
    for number in range(opening + 1, len(lines)):
        stripped = lines[number].strip()
        if len(stripped) >= len(fence) and not stripped.strip(fence[0]):
            return number
    return len(lines)


def _without_indent(lines: list[str], indent: str) -> str:
    return "\n".join(line.removeprefix(indent) if line.startswith(indent) else line.lstrip() for line in lines)


def replace_golden(text: str, block: Block, document: str) -> str:
    """The Markdown text with `document` in the place of the block's golden."""
    golden = block.golden
    assert golden is not None
    lines = text.split("\n")
    ending = "\r" if lines[golden.first - 1].endswith("\r") else ""
    new = [f"{golden.indent if line else ''}{line}{ending}" for line in document.rstrip("\n").split("\n")]
    return "\n".join([*lines[: golden.first], *new, *lines[golden.last :]])
