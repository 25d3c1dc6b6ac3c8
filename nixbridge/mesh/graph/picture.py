"""Nodes, edges and colours of a picture, in whatever format it is written."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    #: Lines of a label, the first one the title.
    Lines: TypeAlias = tuple[str, ...]

#: Kinds of nodes -> fill, border, text colour. Dark text on light fills; shapes differ as well (each writer has its own).
COLOURS = {
    "gateway": ("#e0e7ff", "#4f46e5", "#1e1b4b"),
    "route": ("#dbeafe", "#2563eb", "#172554"),
    "service": ("#dcfce7", "#16a34a", "#052e16"),
    "external": ("#ffedd5", "#ea580c", "#431407"),
    "answer": ("#f3f4f6", "#6b7280", "#111827"),
    "policy": ("#fef9c3", "#ca8a04", "#422006"),
    "mtls": ("#fae8ff", "#a21caf", "#4a044e"),
}
#: The same for a dark page.
DARK_COLOURS = {
    "gateway": ("#1e1b4b", "#818cf8", "#e0e7ff"),
    "route": ("#172554", "#60a5fa", "#dbeafe"),
    "service": ("#052e16", "#4ade80", "#dcfce7"),
    "external": ("#431407", "#fb923c", "#ffedd5"),
    "answer": ("#1f2937", "#9ca3af", "#f3f4f6"),
    "policy": ("#422006", "#facc15", "#fef9c3"),
    "mtls": ("#4a044e", "#e879f9", "#fae8ff"),
}
#: Characters of a line of a label: names in a cluster are shorter.
LONGEST_LINE = 256
#: Kinds of edges that are drawn dashed: they do not carry the request itself.
DASHED = ("mirror", "applies")


class Node:
    """A box of the graph. `group` is its namespace, or "" outside the mesh.

    `whole` is the key of the node that this one is a part of, as a subset is of its service; "" for none.
    """

    __slots__ = ("group", "key", "kind", "lines", "whole")

    def __init__(self, key: str, kind: str, group: str, lines: Lines) -> None:
        self.key, self.kind, self.group, self.lines = key, kind, group, lines
        self.whole = ""


class Edge:
    """An arrow between the nodes of two keys, of the kind `route`, `mirror` or `applies`."""

    __slots__ = ("kind", "label", "source", "target")

    def __init__(self, source: str, target: str, kind: str, label: str) -> None:
        self.source, self.target, self.kind, self.label = source, target, kind, label

    def order(self) -> tuple[str, str, str, str]:
        """Return the sort key: where the arrow begins, then where it ends."""
        return self.source, self.target, self.kind, self.label


class Picture:
    """Nodes by key, edges, a title for each namespace; `roots` are the namespaces that speak for a whole mesh.

    `heading` is the title: the files, and the environment if there are several.
    """

    def __init__(self, heading: str = "Traffic") -> None:
        self.heading = heading
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.titles: dict[str, str] = {}
        self.roots: set[str] = set()

    def add(self, key: str, kind: str, group: str, *lines: str) -> Node:
        """Return the node of that key, made if it is not there yet; further lines are added to its label."""
        lines = tuple(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…" for line in lines)
        node = self.nodes.get(key)
        if node is None:
            node = self.nodes[key] = Node(key, kind, group, lines)
        else:
            node.lines = (*node.lines, *(line for line in lines if line not in node.lines))
        return node

    def join(self, source: Node, target: Node, kind: str, label: str = "") -> None:
        """Draw an arrow from one node to the other."""
        self.edges.append(Edge(source.key, target.key, kind, label))

    def groups(self) -> list[tuple[str, list[Node]]]:
        """Return the namespaces and their nodes in order, without parts of other nodes; nodes outside the mesh come last."""
        names = sorted({node.group for node in self.nodes.values()}, key=lambda name: (name == "", name))
        nodes = [node for node in self._in_order() if not node.whole]
        return [(name, [node for node in nodes if node.group == name]) for name in names]

    def parts(self) -> dict[str, list[Node]]:
        """Return the parts, in order, of each node that has some, by its key."""
        found: dict[str, list[Node]] = {}
        for node in self._in_order():
            if node.whole:
                found.setdefault(node.whole, []).append(node)
        return found

    def named(self, key: str) -> str:
        """Return the name of a node for readers: `cart`, `cart · v2`."""
        node = self.nodes[key]
        return f"{self.named(node.whole)} · {node.lines[0]}" if node.whole else node.lines[0]

    def _in_order(self) -> list[Node]:
        return sorted(self.nodes.values(), key=lambda node: node.key)

    def names(self) -> dict[str, str]:
        """Return a short name for each key, for the writers: n1, n2, ..., in order of the keys."""
        return {key: f"n{index}" for index, key in enumerate(sorted(self.nodes), 1)}

    def title(self, group: str) -> str:
        """Return the title of a namespace's frame."""
        return self.titles.get(group, group) if group else "outside the mesh"
