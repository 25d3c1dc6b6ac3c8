"""Partial parsing: a small part of a large file is parsed again after an edit, so that answers do not wait for the whole file.

The part is a window of whole bindings around the change. All other text is blanked, which keeps every offset, and the names that
are in scope around the window are those of the last whole version.
"""

from __future__ import annotations

from collections.abc import Callable

from nixbridge.language.syntax import ast
from nixbridge.lsp.symbols import Scope, children
from nixbridge.lsp.workspace import Document

#: Characters of a window at most: it is parsed within some milliseconds.
LARGEST_WINDOW = 20_000

#: A file up to this size is parsed as a whole.
SMALL_FILE = 20_000


def changed_range(old: str, new: str) -> tuple[int, int, int]:
    """Return from where to where in `old` two texts differ, and where that ends in `new`."""
    shorter = min(len(old), len(new))
    start = _common(shorter, lambda size: old.startswith(new[:size]))
    tail = _common(shorter - start, lambda size: size == 0 or old.endswith(new[-size:]))
    return start, len(old) - tail, len(new) - tail


def _common(most: int, same: Callable[[int], bool]) -> int:
    """Return the largest size up to `most` for which `same` holds, by bisection: slices are compared at the speed of memory."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if same(middle):
            low = middle
        else:
            high = middle - 1
    return low


def part_of(whole: Document, text: str, offset: int) -> Document | None:
    """Return the part of a file's new text around an offset; None where only the whole text will do.

    What changed since `whole` is in it, unless the offset is far away from that.
    """
    start, old_end, new_end = changed_range(whole.text, text)
    found = _window(whole, start, old_end)
    if found is None:
        return None
    grown = new_end - old_end
    first, last, scope = found[0], found[1] + grown, found[2]
    if not first <= offset <= last:
        # nothing changed around the offset, but what follows the change has moved
        moved = grown if offset > last else 0
        found = _window(whole, offset - moved, offset - moved)
        if found is None:
            return None
        first, last, scope = found[0] + moved, found[1] + moved, found[2]
    if first == 0:  # no character before the window that the opening brace could take the place of
        return None
    # Blanks instead of the rest, so that offsets and line numbers are those of the whole file. The braces turn the bindings
    # into a set, whatever they are part of.
    padded = f"{_blank(text[: first - 1])}{{{text[first:last]}}}{_blank(text[last + 1 :])}"
    return Document(whole.path, padded, outer=(whole, scope))


def _blank(text: str) -> str:
    return "\n".join([" " * len(line) for line in text.split("\n")])


def _window(whole: Document, start: int, end: int) -> tuple[int, int, Scope] | None:
    """Return the largest window of whole bindings around a range that is small enough, and the scope that it is in."""
    node = whole.parsed.tree
    while node is not None:
        if isinstance(node, ast.AttrSet | ast.Let):
            first, last = _bindings_around(whole.text, node, start, end)
            if last - first <= LARGEST_WINDOW and first <= start and end <= last:
                scope = whole.symbols.scope_of[node]
                return first, last, _scope_inside(whole, node) or scope
        inside = [child for child in children(node) if child.start <= start and end <= child.end]
        node = inside[-1] if inside else None
    return None


def _bindings_around(text: str, node: ast.AttrSet | ast.Let, start: int, end: int) -> tuple[int, int]:
    """Return the end of the last binding before a range, and the beginning of the first one after it."""
    if isinstance(node, ast.Let):
        first, last = node.start + len("let"), text.rfind("in", node.start, node.body.start)
    else:
        first, last = text.find("{", node.start) + 1, node.end - 1
    for attribute in node.bindings.attributes.values():
        closed = text.find(";", max(attribute.end, attribute.value.end)) + 1
        if closed <= start:
            first = max(first, closed)
        elif attribute.start >= end:
            last = min(last, attribute.start)
    return first, last


def _scope_inside(whole: Document, node: ast.AttrSet | ast.Let) -> Scope | None:
    """Return the scope of a set's own values: its own where it is recursive or a `let`."""
    for attribute in node.bindings.attributes.values():
        if attribute.inherited is None and attribute.value in whole.symbols.scope_of:
            return whole.symbols.scope_of[attribute.value]
    return None
