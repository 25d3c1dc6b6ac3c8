"""The machine: runs a program over bytes as libstdc++ would, but nothing twice, so that time grows with program times text only.

Ways are tried in the order of a backtracking matcher. A loop keeps the first way that leads to a match; of an alternative's
branches the one with the longer match counts, the first of equal ones. What is known of (instruction, place) is kept: dead
ones, from which nothing matches, for the whole text, live ones until a match is found.
"""

from __future__ import annotations

from nixbridge.posix_regex.brackets import InvalidPattern
from nixbridge.posix_regex.program import ALTERNATIVE, END, MATCH, RUN, SAVE, SET, START, Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Frame = tuple[Any, ...]

#: What is known of a place.
DEAD, LIVE = 1, 2
#: Bytes of memory for what is known.
MOST_KNOWN = 1 << 28

#: What a frame of the stack waits for.
RESTORE, OTHER_BRANCH, BOTH_BRANCHES, AFTER_ROUND, AFTER_LOOP, SHORTER_RUN = range(6)


class Machine:
    """A program and a text."""

    def __init__(self, program: Program, data: bytes, *, whole: bool) -> None:
        self.program, self.code = program, program.code
        self.data, self.size, self.whole = data, len(data), whole
        self.width = self.size + 1
        if program.numbers * self.width > MOST_KNOWN:
            raise InvalidPattern(too_large=True)
        #: by number of the choice and place
        self.known = bytearray(program.numbers * self.width)
        #: the same where loops have counted rounds at this place
        self.known_counted: dict[tuple[int, int], int] = {}
        self.stack: list[Frame] = []
        self.places: list[int] = []
        self.start = 0
        self.not_empty = False
        self.best: list[int] | None = None

    def at(self, start: int, *, not_empty: bool = False) -> list[int] | None:
        """Return the places of the groups (0 is the match) of the match that begins at `start`; -1 for a group that took no part."""
        self.start, self.not_empty, self.best = start, not_empty, None
        self.places = [start] + [-1] * (self.program.slots - 1)
        self.stack.clear()
        self.known_counted.clear()
        way: tuple[int, int, int] | None = (self.program.start, start, 0)
        while way is not None:
            found = self.follow(*way)
            if found and self.whole:
                break
            way = self.go_back(found)
        if self.best is not None:
            self.forget_live(self.best[1])
        return self.best

    def forget_live(self, end: int) -> None:
        """Forget the live places for the next match, which begins at `end` or after it: what was live led to this match."""
        known, width = self.known, self.width
        for key in range(end, len(known), width):
            if known[key] == LIVE:
                known[key] = 0

    def follow(self, counter: int, position: int, counts: int) -> bool:
        """Go on until it is clear whether there is a match this way; choices are left on the stack."""
        code, data, size, stack = self.code, self.data, self.size, self.stack
        while True:
            instruction = code[counter]
            kind = instruction[0]
            if kind == SET:
                if position >= size or data[position] not in instruction[1]:
                    return False
                position, counter, counts = position + 1, instruction[2], 0
            elif kind == SAVE:
                slot = instruction[1]
                stack.append((RESTORE, slot, self.places[slot]))
                self.places[slot] = position
                counter = instruction[2]
            elif kind == MATCH:
                return self.accept(position)
            elif kind in (START, END):
                if position != (0 if kind == START else size):
                    return False
                counter = instruction[1]
            else:
                key = instruction[3] * self.width + position
                state = self.known_counted.get((key, counts), 0) if counts else self.known[key]
                if state:
                    return state == LIVE
                if kind == RUN:
                    end = self.longest_run(instruction, key, position)
                    if self.run_goes_on(instruction, key, position, end):
                        self.mark_run(key, counts, end - position)
                        return True
                    after = 0 if instruction[4] else counts
                    stack.append((SHORTER_RUN, key, counts, instruction[2], position, end, after))
                    counter, position, counts = instruction[2], end, (after if end == position else 0)
                elif kind == ALTERNATIVE:
                    stack.append((OTHER_BRANCH, key, counts, instruction[2], position))
                    counter = instruction[1]
                else:
                    counter, counts = self.begin_round(instruction, key, position, counts)

    def accept(self, position: int) -> bool:
        """Note a match that ends here, when it is a longer one."""
        # taken for no match at all, so that the next way is tried
        if (self.whole and position != self.size) or (self.not_empty and position == self.start):
            return False
        if self.best is None or position > self.best[1]:
            self.best = self.places.copy()
            self.best[1] = position
        return True

    def begin_round(self, loop: Frame, key: int, position: int, counts: int) -> tuple[int, int]:
        """Return the way into a loop; past it after two rounds at one place."""
        _, inside, following, _, shift, leaves = loop
        after = 0 if leaves else counts
        if shift < 0:
            self.stack.append((AFTER_ROUND, key, counts, following, position, after))
            return inside, counts
        if counts >> shift & 3 == 2:
            return following, after
        self.stack.append((AFTER_ROUND, key, counts, following, position, after))
        return inside, counts + (1 << shift)

    def longest_run(self, run: Frame, key: int, position: int) -> int:
        """Return where the run ends that takes as many bytes as there are, except those from which nothing matches."""
        codes, data, size, known = run[1], self.data, self.size, self.known
        ahead = key - position + 1
        while position < size and data[position] in codes and known[ahead + position] == 0:
            position += 1
        return position

    def run_goes_on(self, run: Frame, key: int, position: int, end: int) -> bool:
        """Return whether a match is known from the place after a run's longest end."""
        return end < self.size and self.data[end] in run[1] and self.known[key - position + end + 1] == LIVE

    def mark_run(self, key: int, counts: int, length: int) -> None:
        """Record a match from a run's start and from that many places after it."""
        self.mark(key, counts, True)
        if length:
            self.known[key + 1 : key + length + 1] = bytes((LIVE,)) * length

    def mark(self, key: int, counts: int, found: bool) -> None:
        if counts:
            self.known_counted[key, counts] = LIVE if found else DEAD
        else:
            self.known[key] = LIVE if found else DEAD

    def go_back(self, found: bool) -> tuple[int, int, int] | None:
        """Return the next way to try, given how the last one ended; None when there is none."""
        stack = self.stack
        while stack:
            frame = stack.pop()
            kind = frame[0]
            if kind == RESTORE:
                self.places[frame[1]] = frame[2]
                continue
            key, counts = frame[1], frame[2]
            if kind == OTHER_BRANCH:
                stack.append((BOTH_BRANCHES, key, counts, found))
                return frame[3], frame[4], counts
            if kind == AFTER_ROUND and not found:
                stack.append((AFTER_LOOP, key, counts))
                return frame[3], frame[4], frame[5]
            if kind == SHORTER_RUN:
                way = self.shorten(frame, found)
                if way is not None:
                    return way
                continue
            if kind == BOTH_BRANCHES:
                found = found or frame[3]
            self.mark(key, counts, found)
        return None

    def shorten(self, frame: Frame, found: bool) -> tuple[int, int, int] | None:
        """Return a run of one byte less, when the one before came to nothing; None when there is a match, or nothing left to try."""
        _, key, counts, following, position, last, after = frame
        if found:
            self.mark_run(key, counts, last - position)
            return None
        if last == position:
            self.mark(key, counts, False)
            return None
        self.known[key + last - position] = DEAD
        self.stack.append((SHORTER_RUN, key, counts, following, position, last - 1, after))
        return following, last - 1, after if last - 1 == position else 0
