"""Seeded random regular expressions and texts for them: small, so that real Nix, which tries every way, ends soon."""

from __future__ import annotations

import random

from nixbridge.language.syntax.tree_text import literal

LETTERS = ("a", "b", "c", "a", "b", ".", "é", "ü", "-", "A", "1", " ", "]", "}")
ESCAPED = ("\\.", "\\*", "\\(", "\\)", "\\|", "\\{", "\\$", "\\^", "\\\\", "\\[", "\\+", "\\?")
QUANTIFIERS = ("*", "*", "+", "?", "?", "{0}", "{1}", "{2}", "{1,2}", "{0,2}", "{1,}", "{0,}", "{2,}", "{1,3}", "{01}")
IN_BRACKETS = (*"abcABC1.*\\|()é", "[^", "a-c", "A-Z", "0-9", " -~", "ü-é", "*-.")
CLASSES = "alpha digit lower upper space punct alnum xdigit cntrl print graph blank w d s"
OTHERS = ("[=a=]", "[=B=]", "[=hyphen=]", "[=zero=]", "[.a.]", "[.hyphen.]", "[.comma.]", "[.tilde.]")
NAMED = (*(f"[:{name}:]" for name in CLASSES.split()), *OTHERS)
ALPHABETS = ("a", "ab", "abc", "abc.-*", "aAbB1 \n", "aéü", "ab(){}|^$[]\\")
#: So many repetitions stand around or behind one another at most: with each of them the ways that Nix tries grow by a power.
MOST_REPETITIONS = 2


class Patterns:
    """A source of patterns and texts; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)
        self.left = MOST_REPETITIONS

    def case(self) -> tuple[str, str, str]:
        """`match` or `split`, a pattern and a text."""
        pattern = self.alternatives(2)
        alphabet = self.picks.choice(ALPHABETS)
        text = "".join(self.picks.choice(alphabet) for _ in range(self.picks.randrange(8)))
        return self.picks.choice(("match", "split")), pattern, text

    def expression(self) -> str:
        """A call of `match` or `split`."""
        function, pattern, text = self.case()
        return f"builtins.{function} {literal(pattern)} {literal(text)}"

    def alternatives(self, depth: int) -> str:
        count = self.picks.choices((1, 2, 3), (6, 3, 1))[0]
        return "|".join(self.sequence(depth) for _ in range(count))

    def sequence(self, depth: int) -> str:
        count = self.picks.choices((0, 1, 2, 3), (1, 5, 4, 2))[0]
        return "".join(self.item(depth) for _ in range(count))

    def item(self, depth: int) -> str:
        pick = self.picks.random()
        if pick < 0.04:
            return self.picks.choice("^$")
        repetitions = min(self.left, self.picks.choices((0, 1, 2), (12, 6, 1))[0])
        self.left -= repetitions
        item = self.single() if depth == 0 or pick < 0.5 else f"({self.alternatives(depth - 1)})"
        self.left += repetitions
        return item + "".join(self.picks.choice(QUANTIFIERS) for _ in range(repetitions))

    def single(self) -> str:
        pick = self.picks.random()
        if pick < 0.75:
            return self.picks.choice(LETTERS)
        return self.picks.choice(ESCAPED) if pick < 0.8 else self.bracket()

    def bracket(self) -> str:
        count = self.picks.randrange(1, 4)
        parts = [self.picks.choice(NAMED if self.picks.random() < 0.35 else IN_BRACKETS) for _ in range(count)]
        # these stand for themselves only here
        first, last = self.picks.choice(("", "", "", "", "^", "]", "-", "^]")), self.picks.choice(("", "", "", "-"))
        return f"[{first}{''.join(parts)}{last}]"
