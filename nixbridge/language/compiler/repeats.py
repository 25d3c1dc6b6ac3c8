"""The findings that all values of a scope share that are written alike (syntax/repeats.py).

They differ in nothing but strings, and every name in them means the same. So the resolve pass reads the first of them; each of the
others is a region like it, whose code is a copy of the first one's, and no nodes are made of it.
"""

from __future__ import annotations

from nixbridge.language.compiler.resolution import Region
from nixbridge.language.compiler.templates import open_strings, parts_of, room_of
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.parser import parse_part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

    from nixbridge.language.compiler.binding import Local
    from nixbridge.language.compiler.frame import Stub
    from nixbridge.language.compiler.regions import OpenRegion
    from nixbridge.language.compiler.resolution import Resolution
    from nixbridge.source import Source


class Alike:
    """The values of one wording in one scope. `meant` is the resolved tree of the first, `size` counts its nodes."""

    __slots__ = ("captured", "meant", "size")

    def __init__(self, meant: tree.Node, captured: list[Local], size: int) -> None:
        self.meant, self.captured, self.size = meant, captured, size

    def note(self, node: tree.Node, here: OpenRegion, found: Resolution) -> None:
        """Record another one, which stands in the region `here`."""
        number = len(found.outer)
        found.outer[number] = here.number
        found.regions[node] = Region(number, self.captured)
        found.alike[node] = self
        here.nodes += 1
        here.inner_nodes += self.size - 1
        here.free.update(self.captured)

    def tree(self, node: tree.Node, source: Source, found: Resolution) -> tree.Node:
        """Return the resolved tree of one of them, with its own places and strings."""
        made = parse_part(source, node.start, node.end)
        pending = [(self.meant, made)]
        while pending:
            meant, new = pending.pop()
            if meant in found.data:
                found.data[new] = found.data[meant]
            elif isinstance(meant, tree.Variable) and isinstance(new, tree.Variable):
                new.binding = meant.binding
            else:
                pending += zip(parts_of(meant) or (), parts_of(new) or (), strict=True)
        return made


def alike(node: tree.Repeated, meant: tree.Node, size: int, source: Source, found: Resolution) -> Alike | None:
    """Return what a region, whose tree is `meant`, has in common with those written alike; None where they could not share its code."""
    strings = open_strings(meant, found, [])
    if strings is None or len(strings) != len(node.wording.strings_of(source.text[node.start : node.end])):
        return None
    return Alike(meant, found.regions[node].captured, size)


class Repetition:
    """A region that is written like others. `key` is equal for those that can share code; `line` is where it begins."""

    __slots__ = ("key", "line", "values")

    def __init__(self, node: tree.Repeated, stub: Stub, known: Alike, source: Source) -> None:
        wording = node.wording
        strings = wording.strings_of(source.text[node.start : node.end])
        self.line, column = source.position(node.start)
        rooms = [room_of(string, after) for string, after in zip(strings, wording.between[1:], strict=False)]
        self.key: Hashable = (known, column, stub.once, *stub.captured, *rooms)
        self.values = tuple(map(wording.value_of, strings))
