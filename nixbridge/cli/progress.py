"""A line on the terminal that says how much of a long run is done.

It is on the standard error, where that is a terminal that can erase a line, and nowhere else. Whatever the command writes meanwhile
erases it first, and so does the end of the work.
"""

from __future__ import annotations

import os
import sys
from time import monotonic

from nixbridge.cli import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self, TypeVar

    T = TypeVar("T")

#: Seconds between two drawings: a terminal is slower than most files.
BETWEEN = 0.1
_CELLS = 30
_ERASE = "\r\x1b[K"


class Progress:
    """The line of one piece of work. `total` may become known later; a single item gets none."""

    def __init__(self, label: str, total: int = 0) -> None:
        self._label, self._total, self._done = label, total, 0
        self._drawn_at = 0.0
        self._is_drawn = False
        self._wanted = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> Self:
        output.before_writing(self.erase)
        return self

    def __exit__(self, *_: object) -> None:
        self.erase()
        output.before_writing(None)

    def advance(self, count: int = 1, total: int | None = None) -> None:
        """Count so many more as done, of `total` if that is known now."""
        self._done += count
        if total is not None:
            self._total = total
        now = monotonic()
        # the last one always: what is seen last should be the whole
        if self._wanted and self._total > 1 and (now >= self._drawn_at + BETWEEN or self._done == self._total):
            self._drawn_at, self._is_drawn = now, True
            filled = _CELLS * self._done // self._total
            bar = "#" * filled + "-" * (_CELLS - filled)
            self._write(f"{_ERASE}{self._label}  [{bar}]  {self._done}/{self._total}")

    def erase(self) -> None:
        """Leave the line empty; the next `advance` may draw it again."""
        if self._is_drawn:
            self._is_drawn = False
            self._write(_ERASE)

    def _write(self, text: str) -> None:
        try:
            os.write(sys.stderr.fileno(), text.encode())
        except OSError:
            self._wanted = False  # the terminal is gone; the work goes on


def counted(label: str, items: Sequence[T]) -> Iterator[T]:
    """Yield the items, and show how many of them are done."""
    with Progress(label, len(items)) as progress:
        progress.advance(0)
        for item in items:
            yield item
            progress.advance()
