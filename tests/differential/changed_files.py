"""Pieces of Nix files that people wrote, as they are and with a few tokens or characters changed: do both read the same tree?"""

from __future__ import annotations

import random
from pathlib import Path

from nixbridge.errors.exceptions import NixError
from nixbridge.language.syntax.lexer import tokens_of
from nixbridge.language.syntax.parser import parse
from nixbridge.source import Source
from tests.conformance.public_suites import suite_folder
from tests.differential.shrinking import nodes

#: Pieces have so many characters.
SHORTEST, LONGEST = 10, 500
#: What is written in a text by mistake.
INSERTED = (
    *("if", "then", "else", "let", "in", "rec", "inherit", "with", "assert", "or", "...", "a", "1", "1.5", ".5", "1.", "./a", "/a"),
    *("~/a", "<a/b>", "a:b", "http://a.b/c?d", '"', '"a"', "''", "''a''", "''${", "$${", "${", "}", "{", "(", ")", "[", "]", "=", ";"),
    *(".", "?", ",", "@", ":", "+", "-", "*", "/", "++", "//", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "->", "|>", "<|", "!"),
    *("#", "/*", "*/", "/**", "\\", "\n", "\r\n", "\t", " ", "$", "&", "|", "`", "é", "__curPos", "__sub", "builtins", "body", "_"),
)  # fmt: skip


def written_files() -> list[Path]:
    """The files of this repository's fixtures, and of the public suites where they are there."""
    folders = [Path(__file__).resolve().parents[2] / "fixtures", suite_folder("nix"), suite_folder("nixpkgs")]
    return sorted(path for folder in folders if folder is not None for path in folder.rglob("*.nix"))


class ChangedFiles:
    """Texts out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)
        self.files = written_files()
        self.pieces: list[str] = []

    def expression(self) -> str:
        """One piece with two mistakes at most. With `with`, no variable is undefined, which would be reported instead of a tree."""
        text = self.piece()
        for _ in range(self.picks.choice((0, 1, 1, 1, 2))):
            text = self.changed(text)
        return f"with {{ }}; {text}" if self.picks.random() < 0.8 else text

    def piece(self) -> str:
        """A part of some file; several of one file come one after another."""
        while not self.pieces:
            text = self.picks.choice(self.files).read_text(encoding="utf-8", errors="replace").replace("\0", "")
            try:
                root = parse(Source(text))
            except NixError:
                continue
            parts = {
                text[node.start : node.end] for node in nodes(root) if SHORTEST <= node.end - node.start <= LONGEST
            }
            self.pieces = self.picks.sample(sorted(parts), min(len(parts), 20))
        return self.pieces.pop()

    def changed(self, text: str) -> str:
        """The text with a token or a character left out, written twice, put elsewhere, or a new one."""
        try:
            spans = [(token.start, token.end) for token in tokens_of(Source(text))]
        except NixError:
            spans = []
        if not spans or self.picks.random() < 0.2:
            spans = [(index, index + 1) for index in range(len(text) + 1)]
        start, end = self.picks.choice(spans)
        other_start, other_end = self.picks.choice(spans)
        put = self.picks.choice(("", "", text[start:end] * 2, text[other_start:other_end], self.picks.choice(INSERTED)))
        if self.picks.random() < 0.3:
            put = f"{self.picks.choice(INSERTED)} {text[start:end]}"
        return text[:start] + put + text[end:]
