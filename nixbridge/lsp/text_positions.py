"""Offsets in a text as editors count them: lines from 0, columns in UTF-16 code units. (LSP 3.17, Position)"""

from __future__ import annotations

from bisect import bisect_right

from lsprotocol.types import Position, Range


class TextPositions:
    """Conversions between character offsets of one text and LSP positions."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0]
        at = 0
        while (at := text.find("\n", at) + 1) > 0:
            self._starts.append(at)

    def position(self, offset: int) -> Position:
        """Return the position of a character offset."""
        line = bisect_right(self._starts, offset) - 1
        return Position(line, _units(self.text[self._starts[line] : offset]))

    def offset(self, position: Position) -> int:
        """Return the offset of a position; one past the end of its line is the end of the line."""
        if position.line >= len(self._starts):
            return len(self.text)
        start = self._starts[position.line]
        end = self._starts[position.line + 1] - 1 if position.line + 1 < len(self._starts) else len(self.text)
        line = self.text[start:end]
        # the usual case: a character is one unit
        if line.isascii():
            return min(start + position.character, end)
        units = 0
        for index, character in enumerate(line):
            if units >= position.character:
                return start + index
            units += 2 if ord(character) > 0xFFFF else 1
        return end

    def range(self, start: int, end: int) -> Range:
        """Return the range between two offsets."""
        return Range(self.position(start), self.position(end))

    def line_offset(self, line: int) -> int:
        """Return the offset at which a line (from 0) begins."""
        return self._starts[min(line, len(self._starts) - 1)]

    def byte_offset(self, line: int, column: int) -> int:
        """Return the offset of a place as errors have it: line from 1, column in UTF-8 bytes from 0."""
        if not 1 <= line <= len(self._starts):
            return len(self.text)
        start = self._starts[line - 1]
        end = self._starts[line] - 1 if line < len(self._starts) else len(self.text)
        data = self.text[start:end].encode("utf-8", "surrogatepass")
        return start + len(data[:column].decode("utf-8", "replace"))


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text) + sum(ord(character) > 0xFFFF for character in text)
