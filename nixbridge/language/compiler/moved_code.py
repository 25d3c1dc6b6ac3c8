"""Code that is moved: to another file, in which other numbers of lines come before it and between its parts."""

from __future__ import annotations

from bisect import bisect_right
from itertools import groupby

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import CodeType
    from typing import TypeAlias

    #: Line, end line, column and end column; None for what is not known.
    Position: TypeAlias = tuple[int | None, int | None, int | None, int | None]

#: Kinds of entries of a table of positions (CPython's Objects/locations.md).
_LINE_ONLY, _WHOLE, _NOTHING = 13, 14, 15
#: Bytecode units that an entry may stand for.
_LONGEST = 8


class MovedCode:
    """Code that is copied. After each of the lines `ends`, a copy may have another number of lines less or more."""

    __slots__ = ("_code", "_ends", "_inner", "_rows")

    def __init__(self, code: CodeType, ends: Sequence[int]) -> None:
        self._code, self._ends = code, ends
        self._inner = [
            (index, MovedCode(constant, ends))
            for index, constant in enumerate(code.co_consts)
            if constant.__class__ is code.__class__
        ]
        #: Positions and how many units each stands for; empty where all lines move alike: a table is relative to the first line.
        self._rows = [(position, len([*same])) for position, same in groupby(code.co_positions())]
        lines = {line for position, _ in self._rows for line in position[:2] if line is not None}
        if len({bisect_right(ends, line) for line in (code.co_firstlineno, *lines)}) == 1:
            self._rows = []

    def copy(self, name: str, shifts: Sequence[int]) -> CodeType:
        """Return the code for the file `name`; `shifts` are the lines that are added before the first end, and after each."""
        code, ends = self._code, self._ends
        first = code.co_firstlineno + shifts[bisect_right(ends, code.co_firstlineno)]
        constants = [*code.co_consts]
        for index, inner in self._inner:
            constants[index] = inner.copy(name, shifts)
        table = code.co_linetable
        if self._rows:
            table = positions_table([(moved(position, ends, shifts), count) for position, count in self._rows], first)
        return code.replace(co_filename=name, co_firstlineno=first, co_linetable=table, co_consts=tuple(constants))


def moved(position: Position, ends: Sequence[int], shifts: Sequence[int]) -> Position:
    """Return a position with its lines moved."""
    line, end_line, column, end_column = position
    if line is None or end_line is None:
        return position
    shift, end_shift = shifts[bisect_right(ends, line)], shifts[bisect_right(ends, end_line)]
    return line + shift, end_line + end_shift, column, end_column


def positions_table(rows: Iterable[tuple[Position, int]], first: int) -> bytes:
    """Return the table of positions of code that begins at the line `first`, given how many units of it have each position."""
    table = bytearray()
    current = first
    for (line, end_line, column, end_column), count in rows:
        while count > 0:
            units = min(count, _LONGEST)
            count -= units
            kind = _NOTHING if line is None else _LINE_ONLY if column is None or end_column is None else _WHOLE
            table.append(0x80 | kind << 3 | units - 1)
            if line is None:
                continue
            step, current = line - current, line
            numbers = [step << 1 if step >= 0 else -step << 1 | 1]
            if column is not None and end_column is not None:
                numbers += [(end_line or line) - line, column + 1, end_column + 1]
            for number in numbers:
                while number >= 64:
                    table.append(0x40 | number & 63)
                    number >>= 6
                table.append(number)
    return bytes(table)
