"""Strings of Nix: which can be written, and which as an indented block between `''`."""

from __future__ import annotations

import re

#: What ends a block or begins an interpolation. A quote before `${` would make `'''` of the escape's own two.
_SPECIAL_IN_BLOCK = re.compile(r"''|'(?=\$\{)|\$\{")
_ESCAPES_IN_BLOCK = {"''": "'''", "'": r"''\'", "${": "''${"}


def as_block(text: str, indent: str) -> str | None:
    """Return the text between `''`, indented below a line indented by `indent`; None where it would not read back the same.

    So it is for text of one line, or that people would not read as lines.
    """
    lines = text.split("\n")
    if len(lines) < 3 or not _survives(lines):
        return None
    inner = indent + "  "
    escaped = [_SPECIAL_IN_BLOCK.sub(lambda found: _ESCAPES_IN_BLOCK[found[0]], line) for line in lines]
    block = "''\n" + "".join(f"{inner}{line}\n" if line else "\n" for line in escaped[:-1])
    return f"{block}{inner}{escaped[-1]}''" if lines[-1] else f"{block}{indent}''"


def _survives(lines: list[str]) -> bool:
    """Return whether lines survive as a block: not without one that begins at the margin, nor with blank or unseen characters."""
    if lines[-1][-1:] in ("'", "$"):
        return False  # would run into the closing quotes
    return any(line and line[0] not in " \t" for line in lines) and all(
        not line or (line.replace("\t", "").isprintable() and line.strip(" \t")) for line in lines
    )


def wrong_text(text: str) -> str | None:
    """Why Nix cannot hold the text: a null character, half of a character; None where it can."""
    if "\0" in text:
        return "a Nix string holds no null character"
    if not text.isascii():
        try:
            text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return f"{text[:50]!a} holds half of a character"
    return None
