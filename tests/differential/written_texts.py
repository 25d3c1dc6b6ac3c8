"""Strings of both kinds, paths, URIs and comments as they may be written: escapes, indentation, odd white space, interpolation."""

from __future__ import annotations

import random

INSIDE = (
    *("a", "b c", "é", "日", "😀", "\t", "  ", "   ", "$", "$$", "$$$", "\\", "\\\\", "\\n", "\\t", "\\r", "\\$", "\\${", "\\q", "#"),
    *("//", "/* c */", "{", "}", "''", "'", "\n", "\n  ", "\n    ", "\n\t", "\r\n", "\r", " \n", "1", "<x>", "$a", "$}", "\x0b", "\x7f"),
)  # fmt: skip
#: In a string of double quotes, and in an indented one: what would end it is escaped.
QUOTED, INDENTED = (
    ('\\"', "'", "''", "\\${a}", "$${a}", "\\\n"),
    ("'''", "''${", "''\\n", "''\\t", "''$", "''\\${", "''\\''", '"', "$${a}", "''\\a"),
)
INTERPOLATED = (
    *('"x"', "s", "toString 1", "s + s", '"${s}"', "''\n  y\n ''", '"a\n  b"', "if true then s else s", "{ a = s; }.a"),
    *('builtins.toJSON { a = "}"; }', "let x = s; in x", "''${s}''", '{ outPath = "o"; }'),
)  # fmt: skip
SPACES = (
    " ",
    "  ",
    "\n",
    "\t",
    "\r\n",
    " # comment\n",
    "/* comment */",
    "/**/",
    "/* a\n * b */",
    "#\n",
    "/***/",
    "/* /* */",
)
PATHS = (
    *("/a", "/a/b.c", "/a-b_c+d", "/a/./b", "/a/../b", "/.", "/..", "./a", "./.", "../.", "a/b", "a.b/c-d", "1/a", "-/a", "_/a"),
    *("/${s}", "/a${s}", "/a/${s}/b", "./${s}", "./a-${s}.nix", "../${s}", "a/${s}${s}", "/a/${s + s}", "<nothing>", "/a/b${\"/c\"}d"),
    *("http://a.b/c?d=e&f", "a:b", "x-y+z.1:%41~!$*'()", "git+https://x", "a://", "mailto:a@b", "/a/${''b''}", "/a/${toString 1}"),
)  # fmt: skip


class WrittenTexts:
    """Expressions out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)

    def expression(self) -> str:
        """A list of texts, with white space and comments of any kind between all of them."""
        parts = [
            self.picks.choice((self.quoted, self.indented, self.indented, self.path))()
            for _ in range(self.picks.randint(1, 4))
        ]
        words = ["let", "s", "=", self.quoted() if self.picks.random() < 0.2 else '"s"', ";", "in", "[", *parts, "]"]
        return "".join(f"{word}{self.space()}" for word in words)

    def space(self) -> str:
        """White space, perhaps with a comment."""
        return (
            " " if self.picks.random() < 0.7 else "".join(self.picks.choices(SPACES, k=self.picks.randint(1, 3))) + " "
        )

    def inside(self, own: tuple[str, ...], forbidden: str) -> str:
        """The text between quotes."""
        made = ""
        for _ in range(self.picks.randrange(9)):
            pick = self.picks.random()
            if pick < 0.2:
                made += f"${{{self.space()}{self.picks.choice(INTERPOLATED)}{self.space()}}}"
            else:
                made += self.picks.choice(INSIDE if pick < 0.8 else own)
        return made if forbidden not in made.replace("'''", "") else "a"

    def quoted(self) -> str:
        """A string in double quotes."""
        return f'"{self.inside(QUOTED, chr(0))}"'

    def indented(self) -> str:
        """A string in pairs of single quotes."""
        return f"''{self.inside(INDENTED, chr(0))}{self.picks.choice(('', '', chr(10), chr(10) + '  '))}''"

    def path(self) -> str:
        """A path or a URI."""
        return f"(toString {self.picks.choice(PATHS)})"
