"""Properties of a pattern that decide which way of matching is safe and gives the right answer."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.posix_regex.tree import Node

NOTHING: frozenset[int] = frozenset()


def may_be_empty(node: Node) -> bool:
    """Return whether it can match the empty text. (An anchor does.)"""
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


def first_codes(node: Node) -> frozenset[int]:
    """Return the bytes that a match that is not empty can begin with."""
    kind = node[0]
    if kind == "set":
        codes: frozenset[int] = node[1]
        return codes
    if kind == "seq":
        found = NOTHING
        for item in node[1]:
            found |= first_codes(item)
            if not may_be_empty(item):
                break
        return found
    if kind == "alt":
        return NOTHING.union(*(first_codes(item) for item in node[1]))
    if kind == "group":
        return first_codes(node[2])
    if kind == "repeat" and node[3] != 0:
        return first_codes(node[1])
    return NOTHING


def is_deterministic(node: Node, following: frozenset[int] = NOTHING) -> bool:
    """Return whether the next byte always decides which way to go: a backtracking matcher then never goes far back.

    `following`: what can come after the node. Loops whose round may match nothing are not deterministic.
    """
    kind = node[0]
    if kind == "seq":
        for item in reversed(node[1]):
            if not is_deterministic(item, following):
                return False
            following = first_codes(item) | following if may_be_empty(item) else first_codes(item)
        return True
    if kind == "alt":
        return _alternatives_are_deterministic(node[1], following)
    if kind == "group":
        return is_deterministic(node[2], following)
    if kind == "repeat":
        inside, least, most = node[1:]
        if may_be_empty(inside):
            return False
        first = first_codes(inside)
        return (least == most or not first & following) and is_deterministic(inside, following | first)
    return True


def _alternatives_are_deterministic(branches: list[Node], following: frozenset[int]) -> bool:
    if any(may_be_empty(branch) for branch in branches[:-1]):
        # only as the last one is it also the last that a backtracking matcher tries
        return False
    taken = following if may_be_empty(branches[-1]) else NOTHING
    for branch in branches:
        first = first_codes(branch)
        if first & taken or not is_deterministic(branch, following):
            return False
        taken |= first
    return True


def alternatives_exclude_each_other(node: Node) -> bool:
    """Return whether at most one branch of each alternative can match, judged by their first bytes; true without alternatives."""
    kind = node[0]
    if kind == "seq":
        return all(alternatives_exclude_each_other(item) for item in node[1])
    if kind == "alt":
        taken: frozenset[int] = NOTHING
        for branch in node[1]:
            first = first_codes(branch)
            if may_be_empty(branch) or first & taken or not alternatives_exclude_each_other(branch):
                return False
            taken |= first
        return True
    if kind in ("group", "repeat"):
        return alternatives_exclude_each_other(node[2] if kind == "group" else node[1])
    return True


def choices(node: Node, inside: bool = False) -> tuple[int, int, bool]:
    """Return how many ways a backtracking matcher may have to try.

    That is: the repetitions of varying number, which are so many powers of the text's length; a factor for alternatives; and whether
    there is a choice within a repetition, which is beyond all bounds.
    """
    kind = node[0]
    if kind in ("seq", "alt"):
        powers, factor, nested = 0, 0 if kind == "alt" else 1, inside and kind == "alt"
        for item in node[1]:
            more, times, deep = choices(item, inside)
            powers += more
            factor = factor + times if kind == "alt" else factor * times
            nested = nested or deep
        return powers, factor, nested
    if kind == "group":
        return choices(node[2], inside)
    if kind != "repeat":
        return 0, 1, False
    optional = node[2:] == (0, 1)
    powers, factor, nested = choices(node[1], inside or not optional)
    if optional:
        return powers, factor + 1, nested or inside
    return powers + (node[2] != node[3]), factor, nested or inside


def has_empty_rounds(node: Node) -> bool:
    """Return whether something that may match nothing is repeated."""
    kind = node[0]
    if kind in ("seq", "alt"):
        return any(has_empty_rounds(item) for item in node[1])
    if kind == "group":
        return has_empty_rounds(node[2])
    return bool(kind == "repeat") and (may_be_empty(node[1]) or has_empty_rounds(node[1]))


def is_row(node: Node) -> bool:
    """Return whether it is a row of single bytes, the last of which may be repeated: such a matcher reads nothing twice."""
    items = [node]
    while items:
        last = items[-1]
        if last[0] == "seq":
            items = [*items[:-1], *last[1]]
        elif last[0] == "group":
            items = [*items[:-1], last[2]]
        else:
            break
    return all(_is_fixed(item) for item in items[:-1]) and (
        not items or _is_fixed(items[-1]) or _repeats_byte(items[-1])
    )


def least_length(node: Node) -> int:
    """Return how many bytes the shortest match has, anchors left aside."""
    kind = node[0]
    if kind == "seq":
        return sum(least_length(item) for item in node[1])
    if kind == "alt":
        return min(least_length(branch) for branch in node[1])
    if kind == "group":
        return least_length(node[2])
    if kind == "repeat":
        least: int = node[2]
        return least * least_length(node[1])
    return int(kind == "set")


def _is_fixed(node: Node) -> bool:
    if node[0] == "group":
        return _is_fixed(node[2])
    if node[0] == "seq":
        return all(_is_fixed(item) for item in node[1])
    return node[0] in ("set", "start", "end") or (node[0] == "repeat" and node[2] == node[3] and _is_fixed(node[1]))


def _repeats_byte(node: Node) -> bool:
    return bool(node[0] == "repeat") and bool(node[1][0] == "set")
