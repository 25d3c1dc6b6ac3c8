"""Making an expression smaller while it still shows the same difference.

A step proposes many smaller expressions at once, so that one process of Nix judges them all: nodes of the syntax tree replaced by one of
their own parts or by a constant, bindings, formals and elements left out, strings shortened. The shortest that still differs in the same
way is where the next step begins.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice

from nixbridge.errors.exceptions import NixError
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.lexer import tokens_of
from nixbridge.language.syntax.parser import parse
from nixbridge.source import Source

#: Says of each expression whether it shows the difference.
Judge = Callable[[list[str]], list[bool]]

#: So many candidates are judged at once, the shortest first, and so many steps are made.
AT_ONCE = 24
MOST_STEPS = 60
CONSTANTS = ("0", '""', "[ ]", "{ }", "null")
_OPENING, _CLOSING = ("{", "[", "(", "${"), ("}", "]", ")")


def shrunk(expression: str, shows: Judge, seconds: float = 60) -> str:
    """Return the smallest expression found that still `shows` the difference, within a time."""
    deadline = time.monotonic() + seconds
    seen = {expression}
    for _ in range(MOST_STEPS):
        smaller = next_smaller(expression, shows, seen, deadline)
        if smaller is None:
            break
        expression = smaller
    return expression


def next_smaller(expression: str, shows: Judge, seen: set[str], deadline: float) -> str | None:
    """Return the shortest candidate that shows the difference; None where there is none or no time left."""
    candidates = (candidate for candidate in proposals(expression) if candidate not in seen and parses(candidate))
    while time.monotonic() < deadline:
        batch = list(islice(candidates, AT_ONCE))
        if not batch:
            return None
        seen.update(batch)
        for candidate, holds in zip(batch, shows(batch), strict=True):
            if holds:
                return candidate
    return None


def proposals(expression: str) -> list[str]:
    """Smaller texts, the smallest first; some are not expressions."""
    try:
        root = parse(Source(expression))
    except NixError:
        return []  # the difference is in a syntax error: nothing to cut without a tree
    texts = {expression[:start] + text + expression[end:] for start, end, text in cuts(expression, root)}
    return sorted((text for text in texts if len(text) < len(expression)), key=lambda text: (len(text), text))


def parses(expression: str) -> bool:
    """Return whether an expression is one."""
    try:
        parse(Source(expression))
    except NixError:
        return False
    return True


def cuts(expression: str, root: tree.Node) -> Iterator[tuple[int, int, str]]:
    """Ways to make the text shorter: from where, to where, and what stands there instead."""
    for node in nodes(root):
        written = expression[node.start : node.end]
        for part in nodes(node):
            if part is not node:
                text = expression[part.start : part.end]
                yield node.start, node.end, text
                yield node.start, node.end, f"({text})"
        yield from ((node.start, node.end, constant) for constant in CONSTANTS if written not in CONSTANTS)
        if isinstance(node, tree.String):
            yield from shorter_strings(expression, node)
    yield from pieces(expression)


def nodes(node: tree.Node) -> Iterator[tree.Node]:
    """The node and everything below it that is an expression."""
    pending: list[object] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, tree.Node):
            yield item
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, tuple | list):
            pending.extend(item)
        elif type(item).__module__ == tree.__name__:
            pending.extend(getattr(item, slot) for slot in type(item).__slots__ if slot != "binding")


def shorter_strings(expression: str, node: tree.String) -> Iterator[tuple[int, int, str]]:
    """The string with parts of its text left out: halves, quarters, ... and single characters."""
    size = (node.end - node.start) // 2
    while size:
        for start in range(node.start + 1, node.end - 1, size):
            yield start, min(start + size, node.end - 1), ""
        size //= 2


def pieces(expression: str) -> Iterator[tuple[int, int, str]]:
    """Elements, bindings and formals: what ends with `;` or stands between commas, and each pair of brackets."""
    tokens = tokens_of(Source(expression))
    opened: list[int] = []
    begins = [0]
    for token in tokens:
        written = expression[token.start : token.end]
        if written in _OPENING:
            opened.append(token.start)
            begins.append(token.end)
        elif written in _CLOSING and opened:
            yield begins[-1], token.start, ""
            yield opened.pop(), token.end, ""
            begins.pop()
        elif written in (";", ","):
            yield begins[-1], token.end, ""
            begins[-1] = token.end
        else:
            yield token.start, token.end, ""
