"""Sequences of any length: displays, and chains that are computed step by step.

Python's compiler recurses into what is nested, and takes time that grows with the square of the branches in one function. So a long
chain is a row of steps, and many items are made in several functions.
"""

from __future__ import annotations

from nixbridge.language.compiler.python_ast import assign, call, dict_of, function, in_order, list_of, name, starred

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from nixbridge.language.compiler.frame import Frame
    from nixbridge.source import Span

    T = TypeVar("T")

#: So many items or steps are in one Python function.
MOST_ITEMS = 200


def long_list(items: Sequence[T], span: Span, frame: Frame, make: Callable[[T, Frame], ast.expr]) -> ast.expr:
    """Return a list of what `make` makes of the items, in several functions where there are many."""
    if len(items) <= MOST_ITEMS:
        return list_of(span, [make(item, frame) for item in items])
    lists: list[ast.expr] = []
    for group in groups(items):
        inner = frame.group()
        made = list_of(span, [make(item, inner) for item in group])
        lists.append(starred(span, call(span, function(span, [], made))))
    return list_of(span, lists)


def long_dict(
    entries: Sequence[T], span: Span, frame: Frame, make: Callable[[T, Frame], tuple[ast.expr | None, ast.expr]]
) -> ast.expr:
    """Return a dict of what `make` makes of the entries: key and value, or None and a dict. Many are made in several functions."""
    if len(entries) <= MOST_ITEMS:
        pairs = [make(entry, frame) for entry in entries]
        return dict_of(span, [key for key, _ in pairs], [value for _, value in pairs])
    dicts: list[ast.expr] = []
    for group in groups(entries):
        inner = frame.group()
        pairs = [make(entry, inner) for entry in group]
        made = dict_of(span, [key for key, _ in pairs], [value for _, value in pairs])
        dicts.append(call(span, function(span, [], made)))
    return dict_of(span, [None] * len(dicts), dicts)


def groups(items: Sequence[T]) -> list[Sequence[T]]:
    """Return the items in groups of at most MOST_ITEMS."""
    return [items[start : start + MOST_ITEMS] for start in range(0, len(items), MOST_ITEMS)]


def in_steps(
    first: ast.expr, links: Sequence[T], step: Callable[[T, str, Frame], ast.expr], span: Span, frame: Frame
) -> ast.expr:
    """Return the value of a chain: `first`, then `step(link, held, frame)` for each link. `held` is the variable of the value so far."""
    with frame.scratch():
        held = frame.temporary()
        steps: list[ast.expr] = [assign(span, held, first)]
        if len(links) <= MOST_ITEMS:
            steps.extend(assign(span, held, step(link, held, frame)) for link in links)
            return in_order(span, steps, name(span, held))
        for group in groups(links):
            inner = frame.group()
            own = inner.temporary()
            row: list[ast.expr] = [assign(span, own, step(link, own, inner)) for link in group]
            run = function(span, [own], in_order(span, row, name(span, own)))
            steps.append(assign(span, held, call(span, run, name(span, held))))
        return in_order(span, steps, name(span, held))
