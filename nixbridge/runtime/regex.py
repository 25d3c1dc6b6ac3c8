"""Regular expressions as Nix has them: Python's `re` where it gives the same answer in good time, our own machine where it does not.

`builtins.match` wants the whole text: there the first match of a backtracking matcher is the right one, which `re` finds.
`builtins.split` wants the longest match at the
first place, which `re` finds where no other could be longer. What could make `re` run away (repetitions within
repetitions, many repetitions over a long text) goes to the machine, whose time is bounded.
"""

from __future__ import annotations

import re

from nixbridge.runtime.regex_machine import Program, may_be_empty
from nixbridge.runtime.regex_tree import InvalidPattern, parse_pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nixbridge.runtime.regex_tree import Node

    #: start and end of the match, then of each group; -1, -1 for one that took no part
    Spans = list[tuple[int, int]]

__all__ = ["InvalidPattern", "Regex", "compiled"]

#: How many steps `re` may at worst take, as (length of the text) to the power of (repetitions).
MOST_STEPS = 2_000_000
#: How many patterns are kept.
MOST_KEPT = 500


class Regex:
    """One pattern (latin-1: a character is a byte)."""

    def __init__(self, pattern: str) -> None:
        tree, self.groups = parse_pattern(pattern)
        self.tree = tree
        self.repetitions, nested = _repetitions(tree, False)
        self.quick = None if nested else re.compile(_translated(tree), re.DOTALL)
        self.first_is_longest = _first_is_longest(tree)
        self._program: Program | None = None

    @property
    def program(self) -> Program:
        """Our own machine, made when it is needed."""
        if self._program is None:
            self._program = Program(self.tree, self.groups)
        return self._program

    def may_use_re(self, size: int) -> bool:
        """Is Python's matcher certain to end soon on a text of this length?"""
        return self.quick is not None and (self.repetitions < 2 or size**self.repetitions <= MOST_STEPS)

    def match(self, text: str) -> Spans | None:
        """The match of the whole text."""
        if self.may_use_re(len(text)):
            assert self.quick is not None
            found = self.quick.fullmatch(text)
            return None if found is None else [found.span(number) for number in range(self.groups + 1)]
        return _spans(self.program.run(text, 0, whole=True))

    def find_all(self, text: str) -> Iterator[Spans]:
        """The longest matches from the left, none over another. An empty one is followed by a longer one at its place, or a step on."""
        if self.first_is_longest and self.may_use_re(len(text)):
            assert self.quick is not None
            for found in self.quick.finditer(text):
                yield [found.span(number) for number in range(self.groups + 1)]
            return
        position, after_empty = 0, False
        while position <= len(text):
            spans = self.at(text, position)
            if spans is None or (after_empty and spans[0][0] == spans[0][1]):
                position, after_empty = position + 1, False
                continue
            yield spans
            after_empty = spans[0][0] == spans[0][1]
            position = spans[0][1]

    def at(self, text: str, position: int) -> Spans | None:
        """The longest match that begins at a place."""
        return _spans(self.program.run(text, position, whole=False))


def _spans(places: list[int] | None) -> Spans | None:
    if places is None:
        return None
    pairs = list(zip(places[0::2], places[1::2], strict=True))
    return [(start, end) if end >= 0 and start >= 0 else (-1, -1) for start, end in pairs]


def _repetitions(node: Node, inside: bool) -> tuple[int, bool]:
    """How many repetitions of varying number there are, and whether one is within another, or an alternative within one."""
    kind = node[0]
    if kind in ("seq", "alt"):
        found = [_repetitions(item, inside) for item in node[1]]
        return sum(count for count, _ in found), (inside and kind == "alt") or any(nested for _, nested in found)
    if kind == "group":
        return _repetitions(node[2], inside)
    if kind != "repeat":
        return 0, False
    varies = node[2] != node[3]
    count, nested = _repetitions(node[1], True)
    return count + varies, nested or count > 0 or (varies and may_be_empty(node[1]))


def _first_is_longest(tree: Node) -> bool:
    """Is the first match at a place certainly the longest? So it is for a row of characters, the last of which may be repeated."""
    items = [tree]
    while True:
        last = items[-1]
        if last[0] == "seq":
            items = [*items[:-1], *last[1]] if last[1] else items[:-1]
        elif last[0] == "group":
            items = [*items[:-1], last[2]]
        else:
            break
        if not items:
            return True
    return all(_is_fixed(item) for item in items[:-1]) and (_is_fixed(items[-1]) or _is_simple_repeat(items[-1]))


def _is_fixed(node: Node) -> bool:
    """Does it match in one way only, of one length?"""
    if node[0] == "group":
        return _is_fixed(node[2])
    if node[0] == "seq":
        return all(_is_fixed(item) for item in node[1])
    return node[0] in ("set", "start", "end") or (node[0] == "repeat" and node[2] == node[3] and node[1][0] == "set")


def _is_simple_repeat(node: Node) -> bool:
    inside = node[1] if node[0] == "repeat" else node
    while inside[0] == "group":
        inside = inside[2]
    return bool(node[0] == "repeat" and inside[0] == "set")


def _translated(node: Node) -> str:
    """The same pattern in Python's syntax."""
    kind = node[0]
    if kind == "set":
        return _class(node[1])
    if kind == "seq":
        return "".join(_translated(item) for item in node[1])
    if kind == "alt":
        return f"(?:{'|'.join(_translated(item) for item in node[1])})"
    if kind == "group":
        return f"({_translated(node[2])})"
    if kind == "start":
        return r"\A"
    if kind == "end":
        return r"\Z"
    inside, least, most = node[1:]
    text = _translated(inside)
    bounds = f"{{{least},{'' if most is None else most}}}"
    return (text if inside[0] in ("set", "group") else f"(?:{text})") + bounds


def _class(codes: frozenset[int]) -> str:
    if len(codes) == 255:
        return "."
    if not codes:
        return r"(?!)"
    ordered = sorted(codes)
    if len(ordered) == 1:
        return f"\\x{ordered[0]:02x}"
    ranges: list[str] = []
    first = last = ordered[0]
    for code in [*ordered[1:], 1 << 20]:
        if code != last + 1:
            ranges.append(f"\\x{first:02x}-\\x{last:02x}")
            first = code
        last = code
    return f"[{''.join(ranges)}]"


def compiled(pattern: str, kept: dict[str, Regex]) -> Regex:
    """The regex of a pattern, kept for the next time. Raises InvalidPattern."""
    found = kept.get(pattern)
    if found is None:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        found = kept[pattern] = Regex(pattern)
    return found
