"""A pattern as a program, run without backtracking twice over the same state: time grows with pattern times text, never beyond.

States are tried in the order in which a backtracking matcher would try them, so that the groups are those that libstdc++
gives: of all matches at a place the longest, and of the longest ones the first.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.runtime.regex_tree import Node

    Instruction = tuple[int, frozenset[int] | int, int]


def may_be_empty(node: Node) -> bool:
    """Can it match nothing at all?"""
    kind = node[0]
    if kind == "seq":
        return all(may_be_empty(item) for item in node[1])
    if kind == "alt":
        return any(may_be_empty(item) for item in node[1])
    if kind == "group":
        return may_be_empty(node[2])
    if kind == "repeat":
        return bool(node[2] == 0) or may_be_empty(node[1])
    return bool(kind != "set")


def groups_of_empty_match(node: Node) -> list[int]:
    """The groups that take part when it matches nothing, by the first way of doing so."""
    kind = node[0]
    if kind == "seq":
        return [group for item in node[1] for group in groups_of_empty_match(item)]
    if kind == "alt":
        return groups_of_empty_match(next(item for item in node[1] if may_be_empty(item)))
    if kind == "group":
        return [node[1], *groups_of_empty_match(node[2])]
    if kind == "repeat" and may_be_empty(node[1]):
        return groups_of_empty_match(node[1])
    return []


SET, SPLIT, JUMP, AGAIN, SAVE, START, END, MATCH = range(8)


class Program:
    """The instructions of a pattern: what to do, with what, and for SPLIT the second way."""

    def __init__(self, tree: Node, groups: int) -> None:
        self.code: list[Instruction] = []
        self.groups = groups
        self.emit(tree)
        self.add(MATCH)

    def add(self, kind: int, what: frozenset[int] | int = 0, other: int = 0) -> int:
        self.code.append((kind, what, other))
        return len(self.code) - 1

    def emit(self, node: Node) -> None:
        kind = node[0]
        if kind == "set":
            self.add(SET, node[1])
        elif kind == "seq":
            for item in node[1]:
                self.emit(item)
        elif kind == "alt":
            self.emit_alternatives(node[1])
        elif kind == "group":
            self.add(SAVE, 2 * node[1])
            self.emit(node[2])
            self.add(SAVE, 2 * node[1] + 1)
        elif kind == "repeat":
            self.emit_repeat(node[1], node[2], node[3])
        else:
            self.add(START if kind == "start" else END)

    def emit_alternatives(self, branches: list[Node]) -> None:
        ends: list[int] = []
        for branch in branches[:-1]:
            split = self.add(SPLIT)
            self.emit(branch)
            ends.append(self.add(JUMP))
            self.code[split] = (SPLIT, split + 1, len(self.code))
        self.emit(branches[-1])
        for end in ends:
            self.code[end] = (JUMP, len(self.code), 0)

    def emit_repeat(self, node: Node, least: int, most: int | None) -> None:
        for _ in range(least):
            self.emit(node)
        if most is None:
            split = self.add(SPLIT)
            self.emit(node)
            self.add(AGAIN, split)
            self.code[split] = (SPLIT, split + 1, len(self.code))
            if may_be_empty(node):
                # the last round matches nothing, and its groups are those of the way that matches nothing
                for group in groups_of_empty_match(node):
                    self.add(SAVE, 2 * group)
                    self.add(SAVE, 2 * group + 1)
            return
        splits: list[int] = []
        for _ in range(most - least):
            splits.append(self.add(SPLIT))
            self.emit(node)
        for split in splits:
            self.code[split] = (SPLIT, split + 1, len(self.code))

    def run(self, text: str, start: int, *, whole: bool) -> list[int] | None:
        """The places of the groups (0 is the match) of the longest match that begins at `start`; with `whole`, of one to the end.

        -1 stands for a group that took no part. None: no match.
        """
        code, size = self.code, len(text)
        best: list[int] | None = None
        seen: set[int] = set()
        width = len(code)
        saved = [start] + [-1] * (2 * self.groups + 1)
        #: (instruction, position) to try, or (-1 - slot, what the slot was) to undo
        pending: list[tuple[int, int]] = [(0, start)]
        while pending:
            counter, position = pending.pop()
            if counter < 0:
                saved[-1 - counter] = position
                continue
            while True:
                key = position * width + counter
                if key in seen:
                    break
                seen.add(key)
                kind, what, other = code[counter]
                if kind == SET:
                    if position >= size or ord(text[position]) not in what:  # type: ignore[operator]
                        break
                    position += 1
                    counter += 1
                elif kind == SPLIT:
                    pending.append((other, position))
                    counter = what  # type: ignore[assignment]
                elif kind == JUMP:
                    counter = what  # type: ignore[assignment]
                elif kind == AGAIN:
                    # a round that matched nothing was the last one, and counts: its groups are what they are then
                    loop: int = what  # type: ignore[assignment]
                    counter = code[loop][2] if position * width + loop in seen else loop
                elif kind == SAVE:
                    slot: int = what  # type: ignore[assignment]
                    pending.append((-1 - slot, saved[slot]))
                    saved[slot] = position
                    counter += 1
                elif kind == MATCH:
                    if (not whole or position == size) and (best is None or position > best[1]):
                        best = [saved[0], position, *saved[2:]]
                        if whole:
                            return best
                    break
                elif (kind == START and position != 0) or (kind == END and position != size):
                    break
                else:
                    counter += 1
        return best
