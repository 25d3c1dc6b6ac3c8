"""Differences between nixbridge and a real Nix: what kind they are, what differs in them, and the files that keep them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.differential.answers import Answer, comparable

#: Parts of a message that belong to one expression: quoted names and values, and numbers.
_PARTICULAR = re.compile(r"'[^']*'|\"[^\"]*\"|`[^']*'|\d+")
_WORDS = re.compile(r"(?:builtins|lib)(?:\.[A-Za-z_']+)+")
#: Characters that are shown on each side of the place where two texts begin to differ.
_AROUND = 40


class Origin(NamedTuple):
    """The origin of an expression: generator, seed, its number among those of the seed, and the format of the answer."""

    generator: str
    seed: int
    number: int
    format: str

    def __str__(self) -> str:
        return f"{self.generator}, seed {self.seed}, expression {self.number}, as {self.format}"


class Difference(NamedTuple):
    """An expression to which Nix and nixbridge give different answers."""

    expression: str
    wanted: Answer
    found: Answer
    origin: Origin

    @property
    def is_of_value(self) -> bool:
        """True if a value differs or only one side has one; otherwise the messages differ."""
        return not self.found.agrees(self.wanted)

    @property
    def kind(self) -> str:
        """The kind of difference, without details of the expression: shrinking keeps it, and differences are grouped by it."""
        return kind_of(self.wanted, self.found)

    @property
    def name(self) -> str:
        """The kind; where values differ, with what the expression uses of `builtins` and `lib`."""
        both = self.wanted.text is not None and self.found.text is not None
        used = sorted(set(_WORDS.findall(self.expression))) if both else []
        return f"{self.origin.generator}: {self.kind}" + (f" ({', '.join(used[:4])})" if used else "")

    def text(self, original: str) -> str:
        """The difference as a file that Nix and nixbridge evaluate, with both answers in its comments."""
        told = [self.name, place_of(self.wanted, self.found), str(self.origin)]
        lines = [f"# {line}" for part in told if part for line in part.splitlines()]
        lines += [f"# Nix:       {line}" for line in shown(self.wanted).splitlines()]
        lines += [f"# nixbridge: {line}" for line in shown(self.found).splitlines()]
        if original != self.expression:
            lines += ["# Before it was made smaller:", *(f"#   {line}" for line in original.splitlines())]
        return "\n".join([*lines, self.expression, ""])


def kind_of(wanted: Answer, found: Answer) -> str:
    """Name how two answers differ, in words that are the same for all expressions that differ so."""
    if wanted.text is not None and found.text is not None:
        return "the values differ"
    if wanted.text is not None:
        return f"only nixbridge fails: {general(found.error)}"
    if found.text is not None:
        return f"only Nix fails: {general(wanted.error)}"
    return f"the messages differ: {general(wanted.error)} / {general(found.error)}"


def general(message: str) -> str:
    """A message without the names, texts and numbers in it."""
    return _PARTICULAR.sub("_", comparable(message))[:120]


def shown(answer: Answer) -> str:
    """An answer as it is printed in reports."""
    return answer.text.rstrip("\n") if answer.text is not None else f"error: {answer.error}"


def place_of(wanted: Answer, found: Answer) -> str:
    """Return where two texts begin to differ, with what is on each side there; nothing for errors."""
    if wanted.text is None or found.text is None:
        return ""
    pairs = enumerate(zip(wanted.text, found.text, strict=False))
    at = next((index for index, (one, other) in pairs if one != other), min(len(wanted.text), len(found.text)))
    start = max(0, at - _AROUND)
    return f"from character {at}: Nix {wanted.text[start : at + _AROUND]!r}, nixbridge {found.text[start : at + _AROUND]!r}"


def groups(differences: Iterable[Difference]) -> dict[str, list[Difference]]:
    """The differences by name, the shortest of each first."""
    found: dict[str, list[Difference]] = {}
    for difference in sorted(differences, key=lambda difference: len(difference.expression)):
        found.setdefault(difference.name, []).append(difference)
    return found


def save(folder: Path, difference: Difference, original: str) -> Path:
    """Write a difference to a file of its own, named after its generator and its expression."""
    digest = hashlib.sha256(difference.expression.encode("utf-8", "surrogateescape")).hexdigest()[:10]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{difference.origin.generator}-{digest}.nix"
    path.write_text(difference.text(original), encoding="utf-8", errors="surrogateescape")
    return path
