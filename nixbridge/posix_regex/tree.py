"""POSIX extended regular expressions, parsed: text to a tree of tuples. (POSIX.1-2017, Base Definitions, 9.4)

As libstdc++ reads them, which is what Nix uses: one character is one byte; a backslash makes a special character literal, and
may stand before no other; `^` and `$` are anchors wherever they stand; no references back.
"""

from __future__ import annotations

from nixbridge.posix_regex.brackets import EVERY, Bracket, InvalidPattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    #: ("set", frozenset of codes) | ("seq", [nodes]) | ("alt", [nodes]) | ("repeat", node, least, most or None)
    #: | ("group", number, node) | ("start",) | ("end",)
    Node = tuple[Any, ...]

#: A pattern whose machine in libstdc++, repetitions written out, has more states than this is refused there.
MOST_STATES = 100_000
#: Groups within groups.
DEEPEST = 500
#: The largest number in braces.
LARGEST = 2**31 - 1

#: What may come after a backslash; POSIX leaves all else undefined, libstdc++ refuses it.
ESCAPED = ".[\\()*+?{|^$"


class Parser:
    """One pass over a pattern, whose characters are bytes (latin-1).

    Methods give a node, and how many states libstdc++ makes of it: so many are copied where it is repeated.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.groups = 0
        self.depth = 0
        self.states = 0

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def take(self) -> str:
        character = self.peek()
        self.position += 1
        return character

    def made(self, states: int) -> int:
        """Count new states. Raises InvalidPattern where they are too many."""
        self.states += states
        if self.states > MOST_STATES:
            raise InvalidPattern(too_large=True)
        return states

    def alternatives(self) -> tuple[Node, int]:
        """Return branches with `|` between them."""
        branch, states = self.sequence()
        branches = [branch]
        while self.peek() == "|":
            self.position += 1
            branch, more = self.sequence()
            branches.append(branch)
            states += more + self.made(2)
        if len(branches) == 1:
            return branch, states
        if all(branch[0] == "set" for branch in branches):
            return ("set", frozenset().union(*(branch[1] for branch in branches))), states
        return ("alt", branches), states

    def sequence(self) -> tuple[Node, int]:
        items: list[Node] = []
        states = 0
        while self.position < len(self.text) and self.peek() not in "|)":
            item, more = self.atom()
            if item[0] not in ("start", "end"):  # an anchor takes no quantifier: `^*` is refused
                while (self.peek() or "\0") in "*+?{":
                    item, more = self.quantified(item, more)
            items.append(item)
            states += more
        states += self.made(1)
        return (items[0] if len(items) == 1 else ("seq", items)), states

    def atom(self) -> tuple[Node, int]:
        character = self.take()
        if character == "(":
            return self.group()
        if character in "*+?{":
            raise InvalidPattern
        return self.single(character), self.made(1)

    def single(self, character: str) -> Node:
        """Return one byte, or an anchor."""
        if character == "[":
            bracket = Bracket(self.text, self.position)
            found = bracket.read()
            self.position = bracket.position
            return ("set", found)
        if character == ".":
            return ("set", EVERY)
        if character == "^":
            return ("start",)
        if character == "$":
            return ("end",)
        if character == "\\":
            character = self.take()
            if not character or character not in ESCAPED:
                raise InvalidPattern
        return ("set", frozenset((ord(character),)))

    def group(self) -> tuple[Node, int]:
        self.groups += 1
        number = self.groups
        self.depth += 1
        if self.depth > DEEPEST:
            raise InvalidPattern(too_large=True)
        own = self.made(2)
        inside, states = self.alternatives()
        self.depth -= 1
        if self.take() != ")":
            raise InvalidPattern
        return ("group", number, inside), states + own

    def quantified(self, item: Node, states: int) -> tuple[Node, int]:
        sign = self.take()
        if sign == "*":
            return ("repeat", item, 0, None), states + self.made(1)
        if sign == "+":
            return ("repeat", item, 1, None), states + self.made(1)
        if sign == "?":
            return ("repeat", item, 0, 1), states + self.made(2)
        return self.interval(item, states)

    def interval(self, item: Node, states: int) -> tuple[Node, int]:
        """Return `{2}`, `{2,}` or `{2,3}` after its brace. It is made only when all of it has been read."""
        least = self.number()
        if least is None:
            raise InvalidPattern
        most: int | None = least
        if self.peek() == ",":
            self.position += 1
            most = self.number()
        if self.take() != "}":
            raise InvalidPattern
        made = self.made(1 + least * states)
        if most is None:
            return ("repeat", item, least, None), made + self.made(states + 1)
        if most < least:
            raise InvalidPattern
        return ("repeat", item, least, most), made + self.made((most - least) * (states + 1) + 1)

    def number(self) -> int | None:
        start = self.position
        while (self.peek() or "x") in "0123456789":
            self.position += 1
        digits = self.text[start : self.position]
        if len(digits.lstrip("0")) > len(str(LARGEST)) or (digits and int(digits[-11:]) > LARGEST):
            raise InvalidPattern
        return int(digits[-11:]) if digits else None


def parse_pattern(text: str) -> tuple[Node, int, int]:
    """Return the tree of a pattern (latin-1), its number of groups and of states. Raises InvalidPattern."""
    parser = Parser(text)
    parser.made(1)
    tree, _ = parser.alternatives()
    if parser.position < len(text):
        raise InvalidPattern
    parser.made(2)
    return tree, parser.groups, parser.states
