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
#: The same of what is made once, not in a function that may be called many times: a function, and a thunk, for which the runtime has
#: a stub already. Most thunks of generated modules are that small, and alike (compiler/templates.py).
LEAST_NODES_ONCE = 6
LEAST_NODES_OF_THUNK = 4
#: So many names in one `inherit (e) ...` are regions in a function as well: a library that passes on those of others.
LEAST_INHERITED = 20
#: A region of no more nodes, with those of the regions in it, is compiled as a whole: the stubs would be more than the code. Fewer than
#: can be too deep. A set is left alone, whose thunks may never be forced.
MOST_NODES_AS_A_WHOLE = MOST_NESTED
#: Text of fewer characters is compiled at once, unless it is nested too deeply.
SMALL_TEXT = 4_000

#: Nodes that are never regions: a thunk of one costs less than a stub.
LEAVES = {tree.Integer, tree.Float, tree.String, tree.Variable, tree.Path, tree.CurrentPosition}


class OpenRegion:
    """A region that is being walked. `nodes` counts those of it; `depth` is that of the current node in it.

    `inner` are the roots of the regions in it, at any depth, and `inner_nodes` counts the nodes of these.
    `free` are the variables used so far that something around the region binds; a scope takes its own out again when it ends.
    """

    __slots__ = ("depth", "free", "inner", "inner_nodes", "nodes", "number")

    def __init__(self, number: int, nodes: int = 0) -> None:
        self.number = number
        self.free: set[Local] = set()
        self.nodes = nodes
        self.depth = 0
        self.inner: list[tree.Node] = []
        self.inner_nodes = 0

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
            if self.inner and self.size() <= MOST_NODES_AS_A_WHOLE and root.__class__ is not tree.AttrSet:
                for inner in self.inner:
                    del found.regions[inner]
                self.inner.clear()
                self.nodes, self.inner_nodes = self.size(), 0
            found.regions[root] = Region(self.number, sorted(self.free, key=_python_name))
            outer.nodes += 1
            outer.inner_nodes += self.size() - 1
            self.inner.append(root)
        else:
            outer.nodes += self.nodes
            outer.inner_nodes += self.inner_nodes
        if outer.number != -1:
            outer.inner += self.inner if outer.size() <= MOST_NODES_AS_A_WHOLE else ()
        outer.free |= self.free

    def cut_inherited(self, node: tree.Node, subject: Local, found: Resolution) -> None:
        """Make a region of an inherited name: its selection from the variable that holds the subject, which is bound in this region."""
        assert isinstance(node, tree.Select)
        variable = tree.Variable(node.start, node.end, "")
        variable.binding = subject
        meant = found.inherited[node] = tree.Select(node.start, node.end, variable, node.path, None, node.spans)
        region = self.inside(found)
        region.free.add(subject)
        region.close(meant, self, found, is_region=True)
        self.free.discard(subject)

    def is_worth(self, least: int) -> bool:
        """Return whether there is enough in it for a region of its own. What inner regions hold counts in the smallest ones only."""
        return (self.size() if least == LEAST_NODES_OF_THUNK else self.nodes) >= least

    def size(self) -> int:
        """Return how many nodes the region has, with those of the regions in it."""
        return self.nodes + self.inner_nodes


def least_of_thunk(functions: int) -> int:
    """Return how many nodes a thunk must have to wait for its code, inside so many functions."""
    return LEAST_NODES if functions else LEAST_NODES_OF_THUNK


def least_of_function(functions: int) -> int:
    """Return the same of a function."""
    return LEAST_NODES if functions else LEAST_NODES_ONCE


def _python_name(local: Local) -> str:
    return local.python
