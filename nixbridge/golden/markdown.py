"""Markdown files as tests: each fenced `nix` block is evaluated, a `json` or `yaml` block right after it is its golden.

What a comment before a block says: `<!-- nixbridge: skip -->` leaves it out; `<!-- nixbridge: arg mesh=EXPR -->` puts a
variable in its scope; `<!-- nixbridge: fails TEXT -->` says that it must fail with TEXT in the message.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_DIRECTIVE = re.compile(r"<!--\s*nixbridge:\s*(?P<verb>skip|arg|fails)\b\s*(?P<rest>.*?)\s*-->")
_ARGUMENT = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_'-]*)\s*=\s*(?P<text>.+)", re.DOTALL)


class Block:
    """A fenced `nix` block. `line`: of its first line of text, from 1. `golden`: text, format, first and last line."""

    __slots__ = ("arguments", "fails", "golden", "line", "skip", "text")

    def __init__(self, line: int, text: str) -> None:
        self.line, self.text = line, text
        self.skip = False
        self.fails: str | None = None
        self.arguments: list[tuple[str, str]] = []
        self.golden: tuple[str, str, int, int] | None = None


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
            stripped = lines[number].strip()
            directives.extend((m["verb"], m["rest"]) for m in _DIRECTIVE.finditer(lines[number]))
            if stripped and not _DIRECTIVE.search(stripped):
                waiting, directives = None, []
            number += 1
            continue
        end = _closing(lines, number, opening["fence"])
        language = opening["info"].split()[0].lower() if opening["info"].split() else ""
        indent = len(opening["indent"])
        body = "\n".join(line[indent:] if line[:indent].isspace() else line for line in lines[number + 1 : end])
        if language == "nix":
            waiting = Block(number + 2, body)
            _apply(waiting, directives)
            found.append(waiting)
        elif language in ("json", "yaml", "yml") and waiting is not None:
            waiting.golden = (body, "json" if language == "json" else "yaml", number + 2, end)
            waiting = None
        else:
            waiting = None
        directives = []
        number = end + 1
    return found


def _closing(lines: list[str], opening: int, fence: str) -> int:
    for number in range(opening + 1, len(lines)):
        stripped = lines[number].strip()
        if len(stripped) >= len(fence) and not stripped.strip(fence[0]):
            return number
    return len(lines)


def _apply(block: Block, directives: list[tuple[str, str]]) -> None:
    for verb, rest in directives:
        if verb == "skip":
            block.skip = True
        elif verb == "fails":
            block.fails = rest
        else:
            argument = _ARGUMENT.fullmatch(rest)
            if argument is not None:
                block.arguments.append((argument["name"], argument["text"]))


def replace_golden(text: str, block: Block, document: str) -> str:
    """The Markdown text with `document` in the place of the block's golden."""
    assert block.golden is not None
    _, _, first, last = block.golden
    lines = text.split("\n")
    return "\n".join([*lines[: first - 1], *document.rstrip("\n").split("\n"), *lines[last:]])
