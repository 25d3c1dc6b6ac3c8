"""POSIX extended regular expressions, parsed: text to a tree of tuples.

As libstdc++ reads them, which is what Nix uses: one character is one byte; a backslash makes a special character literal, and
inside brackets stands for itself; `^` and `$` are anchors wherever they stand. (POSIX.1-2017, Base Definitions, 9.4)
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    #: ("set", frozenset of codes) | ("seq", [nodes]) | ("alt", [nodes]) | ("repeat", node, least, most or None)
    #: | ("group", number, node) | ("start",) | ("end",)
    Node = tuple[Any, ...]

#: More repetitions, counted with those around them, than this are refused, as libstdc++ refuses them.
MOST_STATES = 100_000

#: What may stand behind a backslash; POSIX leaves all else undefined, libstdc++ refuses it.
ESCAPED = ".[\\()*+?{|^$"

EVERY = frozenset(range(1, 256))
_LOWER = frozenset(range(97, 123))
_UPPER = frozenset(range(65, 91))
_DIGIT = frozenset(range(48, 58))
_PUNCT = frozenset(range(33, 127)) - _LOWER - _UPPER - _DIGIT
CLASSES = {
    "lower": _LOWER,
    "upper": _UPPER,
    "alpha": _LOWER | _UPPER,
    "digit": _DIGIT,
    "alnum": _LOWER | _UPPER | _DIGIT,
    "xdigit": _DIGIT | frozenset(b"abcdefABCDEF"),
    "space": frozenset(b" \t\n\r\x0b\x0c"),
    "blank": frozenset(b" \t"),
    "punct": _PUNCT,
    "graph": frozenset(range(33, 127)),
    "print": frozenset(range(32, 127)),
    "cntrl": frozenset([*range(1, 32), 127]),
    "d": _DIGIT,
    "w": _LOWER | _UPPER | _DIGIT | frozenset(b"_"),
    "s": frozenset(b" \t\n\r\x0b\x0c"),
}


class InvalidPattern(ValueError):
    """The text is no regular expression; `complexity` says that it is one, but too large."""

    def __init__(self, complexity: bool = False) -> None:
        super().__init__("invalid regular expression")
        self.complexity = complexity


class Parser:
    """One pass over a pattern, whose characters are bytes (latin-1)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.groups = 0
        self.depth = 0

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def take(self) -> str:
        character = self.peek()
        self.position += 1
        return character

    def alternatives(self) -> Node:
        """Branches with `|` between them."""
        branches = [self.sequence()]
        while self.peek() == "|":
            self.position += 1
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else ("alt", branches)

    def sequence(self) -> Node:
        items: list[Node] = []
        while self.position < len(self.text) and self.peek() not in "|)":
            atom = self.atom()
            while (self.peek() or "\0") in "*+?{":
                if atom[0] in ("start", "end"):
                    raise InvalidPattern
                atom = self.quantified(atom)
            items.append(atom)
        return items[0] if len(items) == 1 else ("seq", items)

    def atom(self) -> Node:
        character = self.take()
        if character == "(":
            return self.group()
        if character == "[":
            return ("set", self.bracket())
        if character == ".":
            return ("set", EVERY)
        if character == "^":
            return ("start",)
        if character == "$":
            return ("end",)
        if character == "\\":
            if (self.peek() or "a") not in ESCAPED:
                raise InvalidPattern
            return ("set", frozenset((ord(self.take()),)))
        if character in "*+?{":
            raise InvalidPattern
        return ("set", frozenset((ord(character),)))

    def group(self) -> Node:
        self.groups += 1
        number = self.groups
        self.depth += 1
        if self.depth > 500:
            raise InvalidPattern(complexity=True)
        inside = self.alternatives()
        self.depth -= 1
        if self.take() != ")":
            raise InvalidPattern
        return ("group", number, inside)

    def quantified(self, atom: Node) -> Node:
        sign = self.take()
        if sign == "*":
            return ("repeat", atom, 0, None)
        if sign == "+":
            return ("repeat", atom, 1, None)
        if sign == "?":
            return ("repeat", atom, 0, 1)
        least = self.number()
        if least is None:
            raise InvalidPattern
        most: int | None = least
        if self.peek() == ",":
            self.position += 1
            most = self.number()
        if self.take() != "}" or (most is not None and most < least):
            raise InvalidPattern
        return ("repeat", atom, least, most)

    def number(self) -> int | None:
        start = self.position
        while (self.peek() or "x") in "0123456789":
            self.position += 1
        digits = self.text[start : self.position]
        if len(digits) > 7:
            raise InvalidPattern(complexity=True)
        return int(digits) if digits else None

    def bracket(self) -> frozenset[int]:
        """What stands between `[` and `]`."""
        negated = self.peek() == "^"
        self.position += negated
        found: set[int] = set()
        first = True
        while True:
            character = self.take()
            if not character:
                raise InvalidPattern
            if character == "]" and not first:
                return EVERY - found if negated else frozenset(found)
            first = False
            if character == "[" and self.peek() in (":", "=", "."):
                named = self.named()
                if isinstance(named, frozenset):
                    found |= named
                    continue
                character = named
            self.add_range(character, found)

    def add_range(self, low: str, found: set[int]) -> None:
        """Adds a character, or a range when a dash and another one follow."""
        following = self.text[self.position : self.position + 2]
        if len(following) == 2 and following[0] == "-" and following[1] != "]":
            self.position += 1
            high = self.take()
            if high == "[" and self.peek() in ("=", "."):
                named = self.named()
                high = named if isinstance(named, str) else ""
            if not high or ord(high) < ord(low):
                raise InvalidPattern
            found.update(range(ord(low), ord(high) + 1))
        else:
            found.add(ord(low))

    def named(self) -> frozenset[int] | str:
        """`[:alpha:]`, `[=a=]` or `[.a.]`, behind its first bracket: a class, or one character."""
        kind = self.take()
        end = self.text.find(f"{kind}]", self.position)
        if end < 0:
            raise InvalidPattern
        name = self.text[self.position : end]
        self.position = end + 2
        if kind == ":":
            if name.lower() not in CLASSES:
                raise InvalidPattern
            return CLASSES[name.lower()]
        if len(name) != 1:
            raise InvalidPattern
        return frozenset((ord(name),)) if kind == "=" else name


def parse_pattern(text: str) -> tuple[Node, int]:
    """The tree of a pattern (latin-1) and its number of groups. Raises InvalidPattern."""
    parser = Parser(text)
    tree = parser.alternatives()
    if parser.position < len(text):
        raise InvalidPattern
    if states(tree) > MOST_STATES:
        raise InvalidPattern(complexity=True)
    return tree, parser.groups


def states(node: Node) -> int:
    """How large a machine the pattern makes: repetitions are written out."""
    kind = node[0]
    if kind in ("seq", "alt"):
        return sum(states(item) for item in node[1]) + 1
    if kind == "group":
        return states(node[2]) + 2
    if kind == "repeat":
        times: int = max(node[2], node[3] or 1, 1)
        return states(node[1]) * times + 2
    return 1
