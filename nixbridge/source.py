"""A piece of Nix text with a name, and places in it."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` costs 8 ms; type checkers treat this name as true
if TYPE_CHECKING:
    from typing import TypeAlias

#: line, end line (from 1), column, end column (UTF-8 bytes from 0): Python's own order in `co_positions` is
#: (line, end_line, column, end_column); this one is (line, column, end_line, end_column).
Span: TypeAlias = "tuple[int, int, int, int]"

_BLOCK = 256


def _byte_length(text: str) -> int:
    if text.isascii():
        return len(text)
    try:
        return len(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # a lone surrogate, which the lexer refuses; its error needs a place
        return len(text.encode("utf-8", "surrogatepass"))


def _one_form(text: str) -> str:
    """Return `text` with each character in the one form that it has when the bytes are decoded.

    Under an ASCII locale Python gives the command line's characters as one lone surrogate for each byte.
    """
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate, which the lexer refuses
        return text


class Source:
    """Nix text as it was read, and the name under which messages speak of it.

    `name` is a file's absolute path, `«string»` or `«stdin»`; `base` is the folder that relative paths in it start from.
    Bytes that are no UTF-8 are in `text` as lone surrogates (Python's `surrogateescape`). `first_line` is the number of its first line,
    for a text that is part of a file.
    """

    __slots__ = ("_bytes", "_last_line", "_starts", "base", "first_line", "name", "text")

    def __init__(self, text: str, name: str = "«string»", base: str = "/", first_line: int = 1) -> None:
        self.text = text if text.isascii() else _one_form(text)
        self.name = name
        self.base = base
        self.first_line = first_line
        self._starts: list[int] | None = None
        self._bytes: list[int] | None = None
        #: Where the line begins that was asked for last, where it ends, its number, and whether its columns are known to be offsets:
        #: what is asked next is mostly on it.
        self._last_line = (0, 0, 0, False)

    def line_starts(self) -> list[int]:
        """Return the offset at which each line begins (characters from 0)."""
        if self._starts is None:
            starts = [0]
            find, position = self.text.find, 0
            while (position := find("\n", position) + 1) > 0:
                starts.append(position)
            self._starts = starts
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line (from 1) and column (UTF-8 bytes from 0) of a character offset."""
        start, end, line, is_plain = self._last_line
        if not start <= offset < end:
            start, end, line, is_plain = self._last_line = self._line_of(offset)
        return line, offset - start if is_plain else self._bytes_before(offset) - self._bytes_before(start)

    def _line_of(self, offset: int) -> tuple[int, int, int, bool]:
        """Return what `_last_line` holds for the line that an offset is on."""
        from bisect import bisect_right  # a shared library: a cached file asks for no positions

        starts, text = self.line_starts(), self.text
        line = bisect_right(starts, offset)
        start, end = starts[line - 1], starts[line] if line < len(starts) else len(text) + 1
        # a long line is not looked through: another may be asked for each time
        is_plain = text.isascii() or (end - start <= _BLOCK and text[start:end].isascii())
        return start, end, line + self.first_line - 1, is_plain

    def _bytes_before(self, offset: int) -> int:
        """How many UTF-8 bytes come before an offset. Counted in blocks, once: a line may be the whole file."""
        if self._bytes is None:
            self._bytes = [0]
            for block in range(0, len(self.text), _BLOCK):
                self._bytes.append(self._bytes[-1] + _byte_length(self.text[block : block + _BLOCK]))
        block = offset // _BLOCK
        return self._bytes[block] + _byte_length(self.text[block * _BLOCK : offset])

    def offset(self, line: int, column: int) -> int:
        """Return the character offset of a line (from 1) and a column (UTF-8 bytes from 0): the reverse of `position`."""
        starts = self.line_starts()
        text = self.line(line)
        line -= self.first_line - 1
        if not 1 <= line <= len(starts):
            return len(self.text)
        if text.isascii():
            return min(starts[line - 1] + column, starts[line - 1] + len(text))
        data = text.encode("utf-8", "surrogatepass")
        return starts[line - 1] + len(data[:column].decode("utf-8", "replace"))

    def span(self, start: int, end: int) -> Span:
        """Return the place from one character offset to another."""
        begins, ends, line, is_plain = self._last_line
        if is_plain and begins <= start < ends and begins <= end < ends:
            return line, start - begins, line, end - begins  # what is asked for most, without a call
        return (*self.position(start), *self.position(end))

    def line(self, number: int) -> str:
        """Return one line's text without its line end; empty when there is no such line."""
        starts = self.line_starts()
        number -= self.first_line - 1
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r")
