"""Regular expressions as Nix has them: Python's `re` where it gives the same answer in good time, our own machine where it does not.

libstdc++ tries ways in the order of `re`; but where it searches, of an alternative's branches the longer match counts, and loops whose
round matches nothing end otherwise. What has neither, and what `re` is certain to do within a bounded number of steps, is left to it.
"""

from __future__ import annotations

import re

from nixbridge.posix_regex.machine import Machine
from nixbridge.posix_regex.pattern_traits import (
    alternatives_exclude_each_other,
    choices,
    first_codes,
    has_empty_rounds,
    is_deterministic,
    is_row,
    least_length,
    may_be_empty,
)
from nixbridge.posix_regex.program import Program
from nixbridge.posix_regex.tree import parse_pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nixbridge.posix_regex.tree import Node

    #: start and end of the match, then of each group; -1 for one that took no part
    Places = list[int]

#: How many steps `re` may at worst take: less than a second.
MOST_STEPS = 50_000_000


class Regex:
    """One pattern (latin-1: a character is a byte). Raises InvalidPattern."""

    def __init__(self, pattern: str) -> None:
        self.tree, self.groups, self.states = parse_pattern(pattern)
        #: up to which length of text `re` may match, and search
        self.longest_match, self.longest_search = self._bounds()
        self.re = re.compile(_python_pattern(self.tree), re.DOTALL) if self.longest_match > 0 else None
        self._program: Program | None = None
        first = first_codes(self.tree)
        self._begins = None
        if not may_be_empty(self.tree) and first:
            self._begins = re.compile(_python_pattern(("set", first)), re.DOTALL)

    def _bounds(self) -> tuple[int, int]:
        tree = self.tree
        if has_empty_rounds(tree):
            return -1, -1
        powers, factor, nested = choices(tree)
        deterministic = is_deterministic(tree)
        if deterministic:
            powers, factor = 1, 1
        elif nested:
            return -1, -1
        match = _longest(self.states * factor, max(powers, 1))
        if not deterministic and not alternatives_exclude_each_other(tree):
            return match, -1
        if is_row(tree):
            return match, _longest(least_length(tree) + 1, 1)
        return match, _longest(self.states * factor, powers + 1)

    @property
    def program(self) -> Program:
        """The machine's program, made when it is needed."""
        if self._program is None:
            self._program = Program(self.tree, self.groups)
        return self._program

    def match(self, text: str) -> Places | None:
        """Return the match of the whole text, by the machine."""
        return Machine(self.program, text.encode("latin-1"), whole=True).at(0)

    def find_all(self, text: str) -> Iterator[Places]:
        """Yield the matches from the left, none over another, by the machine. At the place of an empty one another may follow."""
        machine = Machine(self.program, text.encode("latin-1"), whole=False)
        found = self._search(machine, text, 0)
        while found is not None:
            yield found
            start, end = found[0], found[1]
            if start < end:
                found = self._search(machine, text, end)
            elif end == len(text):
                return
            else:
                found = machine.at(end, not_empty=True) or self._search(machine, text, end + 1)

    def _search(self, machine: Machine, text: str, position: int) -> Places | None:
        """Return the first match from a place on."""
        while position <= len(text):
            if self._begins is not None:
                begin = self._begins.search(text, position)
                if begin is None:
                    return None
                position = begin.start()
            found = machine.at(position)
            if found is not None:
                return found
            position += 1
        return None


def _longest(steps: int, power: int) -> int:
    """Return the length of text of which a power, times so many steps, is within bounds."""
    return int((MOST_STEPS / steps) ** (1 / power)) if steps <= MOST_STEPS else -1


def _python_pattern(node: Node) -> str:
    """Return the same pattern for `re`, with DOTALL, on text whose characters are bytes."""
    kind = node[0]
    if kind == "set":
        return _class(node[1])
    if kind == "seq":
        return "".join(_python_pattern(item) for item in node[1])
    if kind == "alt":
        return f"(?:{'|'.join(_python_pattern(item) for item in node[1])})"
    if kind == "group":
        return f"({_python_pattern(node[2])})"
    if kind == "start":
        return r"\A"
    if kind == "end":
        return r"\Z"
    inside, least, most = node[1:]
    text = _python_pattern(inside)
    bounds = f"{{{least},{'' if most is None else most}}}"
    return (text if inside[0] in ("set", "group") else f"(?:{text})") + bounds


def _class(codes: frozenset[int]) -> str:
    # all but the null byte, which no Nix string has
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
