"""A pattern as a program for the machine: instructions that name those that follow them.

| instruction | does |
| --- | --- |
| (SET, codes, next) | takes one byte of these |
| (SAVE, slot, next) | remembers the place |
| (START, next), (END, next) | go on at the text's start, its end |
| (ALTERNATIVE, left, right, number) | tries both |
| (LOOP, inside, next, number, shift, leaves) | tries a round, and if that comes to nothing goes on |
| (RUN, codes, next, number, leaves) | the loop over one byte, in one |
| (MATCH,) | the end |

`number` counts the places where there is a choice. A loop whose round may match nothing, or that is within such a loop, counts
its rounds at one place of the text, as two bits at `shift`; no `shift` is -1. `leaves`: after it those counts do not matter.
"""

from __future__ import annotations

from nixbridge.posix_regex.pattern_traits import may_be_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.posix_regex.tree import Node

    Instruction = tuple[Any, ...]

SET, SAVE, START, END, ALTERNATIVE, LOOP, RUN, MATCH = range(8)


class Program:
    """The instructions of a pattern, made from its end to its start; `start` is the first to run."""

    def __init__(self, tree: Node, groups: int) -> None:
        self.code: list[Instruction] = [(MATCH,)]
        self.slots = 2 * (groups + 1)
        #: how many instructions have a choice
        self.numbers = 0
        self.counters = 0
        #: how many loops around have rounds that may match nothing
        self.loose = 0
        self.start = self.emit(tree, 0)

    def add(self, *instruction: object) -> int:
        self.code.append(instruction)
        return len(self.code) - 1

    def number(self) -> int:
        self.numbers += 1
        return self.numbers - 1

    def emit(self, node: Node, following: int) -> int:
        """Return where the node begins, when `following` comes after it."""
        kind = node[0]
        if kind == "set":
            return self.add(SET, node[1], following)
        if kind == "seq":
            for item in reversed(node[1]):
                following = self.emit(item, following)
            return following
        if kind == "alt":
            return self.emit_alternatives(node[1], following)
        if kind == "group":
            end = self.add(SAVE, 2 * node[1] + 1, following)
            return self.add(SAVE, 2 * node[1], self.emit(node[2], end))
        if kind == "repeat":
            return self.emit_repeat(node[1], node[2], node[3], following)
        return self.add(START if kind == "start" else END, following)

    def emit_alternatives(self, branches: list[Node], following: int) -> int:
        right = self.emit(branches[-1], following)
        for branch in reversed(branches[:-1]):
            right = self.add(ALTERNATIVE, self.emit(branch, following), right, self.number())
        return right

    def emit_repeat(self, node: Node, least: int, most: int | None, following: int) -> int:
        if most is None and least < 2:
            return self.emit_loop(node, following, at_least_once=least == 1)
        if most is None:
            following = self.emit_loop(node, following, at_least_once=False)
        else:
            following = self.emit_optional(node, most - least, following)
        for _ in range(least):
            following = self.emit(node, following)
        return following

    def emit_loop(self, node: Node, following: int, *, at_least_once: bool) -> int:
        if node[0] == "set":
            run = self.add(RUN, node[1], following, self.number(), self.loose == 0)
            return self.add(SET, node[1], run) if at_least_once else run
        counts = may_be_empty(node)
        shift = self.counter() if counts else -1
        loop = self.add()
        self.loose += counts
        inside = self.emit(node, loop)
        self.loose -= counts
        self.code[loop] = (LOOP, inside, following, self.number(), shift, self.loose == 0)
        return inside if at_least_once else loop

    def emit_optional(self, node: Node, times: int, following: int) -> int:
        """Emit up to so many rounds, each within the one before it, and return where they begin."""
        counts = self.loose > 0 and may_be_empty(node)
        next_round = following
        for _ in range(times):
            shift = self.counter() if counts else -1
            inside = self.emit(node, next_round)
            next_round = self.add(LOOP, inside, following, self.number(), shift, self.loose == 0)
        return next_round

    def counter(self) -> int:
        self.counters += 2
        return self.counters - 2
