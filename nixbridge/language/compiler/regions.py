"""Regions: the parts into which the resolve pass cuts a tree, each compiled on its own when it is first needed.

Most of what a real configuration imports never runs, so what a thunk or a function holds can wait. And Python's own compiler recurses
in C: what is nested deeply is cut for that alone, whatever it holds.
"""

from __future__ import annotations

from nixbridge.language.compiler.resolution import Region
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.compiler.binding import Local
    from nixbridge.language.compiler.resolution import Resolution

#: A node this far below the root of its region begins a region of its own: Python's compiler recurses, on whatever stack there is.
MOST_NESTED = 24
#: A region has at least so many nodes; where a tree is cut for its depth alone, so many.
LEAST_NODES = 40
LEAST_NODES_OF_DEPTH = 6
#: The same of a thunk that is made once, not in a function that may be called many times: all that it costs is a little code.
LEAST_NODES_ONCE = 10
#: Text of fewer characters is compiled at once, unless it is nested too deeply.
SMALL_TEXT = 4_000

#: Nodes that are never regions: a thunk of one costs less than a stub.
LEAVES = {tree.Integer, tree.Float, tree.String, tree.Variable, tree.Path, tree.CurrentPosition}


class OpenRegion:
    """A region that is being walked. `nodes` counts those of it; `depth` is that of the current node in it.

    `free` are the variables used so far that something around the region binds; a scope takes its own out again when it ends.
    """

    __slots__ = ("depth", "free", "nodes", "number")

    def __init__(self, number: int, nodes: int = 0) -> None:
        self.number = number
        self.free: set[Local] = set()
        self.nodes = nodes
        self.depth = 0

    def inside(self, found: Resolution) -> OpenRegion:
        """Return a new region inside this one, whose root is the current node."""
        number = len(found.outer)
        found.outer[number] = self.number
        return OpenRegion(number, 1)

    def close(self, root: tree.Node, outer: OpenRegion, found: Resolution, *, is_region: bool) -> None:
        """Record the region in `found`; where it `is_region` no longer, it becomes part of `outer` after all.

        `outer` needs what is captured either way: the stub in it passes those variables on.
        """
        if is_region:
            found.regions[root] = Region(self.number, sorted(self.free, key=_python_name))
            outer.nodes += 1
        else:
            outer.nodes += self.nodes
        outer.free |= self.free


def least_of_thunk(functions: int) -> int:
    """Return how many nodes a thunk must have to wait for its code, inside so many functions."""
    return LEAST_NODES if functions else LEAST_NODES_ONCE


def _python_name(local: Local) -> str:
    return local.python
