"""Regions that are written alike share their code: generated modules have thousands of options that differ in their texts alone.

Two regions are alike when the text between their string literals is the same, begins in the same column and captures the same variables,
and every name in it means the same. Then their code differs in nothing but these strings and the line it begins at: both can be put into
code that is there, which takes a hundredth of the time of compiling it.
"""

from __future__ import annotations

from nixbridge.language.compiler.binding import Constant, Dynamic, Member, WithMember
from nixbridge.language.compiler.cache import GAP
from nixbridge.language.compiler.resolution import is_inherited
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

    from nixbridge.language.compiler.binding import Binding
    from nixbridge.language.compiler.frame import Stub
    from nixbridge.language.compiler.resolution import Resolution
    from nixbridge.source import Source

#: Text that may follow a string without having a place in the code: the columns of what else is on the line depend on its length.
_ENDS = (";\n", ";\r")
_SAME_BY_TEXT = (tree.Integer, tree.Float, tree.Path)


class Shape:
    """A region except for its strings. `key` is equal for regions that are alike; `line` is where this one begins."""

    __slots__ = ("key", "line", "strings")

    def __init__(self, key: Hashable, strings: list[tree.String], line: int) -> None:
        self.key, self.strings, self.line = key, strings, line

    def values(self) -> tuple[str, ...]:
        """Return the strings, which make a copy of the template of this shape."""
        return tuple([string.value for string in self.strings])

    def leave_gaps(self) -> None:
        """Replace the strings in the tree, which is this region's alone, by what `Template` finds in its code."""
        for number, string in enumerate(self.strings):
            string.value = gap(number)


class InheritedName(Shape):
    """An inherited name: alike are those that have as many letters, stand in the same column and find their subject in the same place."""

    __slots__ = ("_node",)

    def __init__(self, node: tree.Select, captured: list[str], source: Source) -> None:
        line, column = source.position(node.start)
        width = len(source.text[node.start : node.end].encode("utf-8", "surrogatepass"))
        assert isinstance(node.subject, tree.Variable)
        place = captured.index(node.subject.binding.python)
        super().__init__((InheritedName, place, column, width), [], line)
        self._node = node

    def values(self) -> tuple[str, ...]:
        """Return the name."""
        (name,) = self._node.path
        assert isinstance(name, str)
        return (name,)

    def leave_gaps(self) -> None:
        """Replace the name in the tree."""
        self._node.path = (gap(0),)


def gap(number: int) -> str:
    """Return the constant that stands for one of each copy."""
    return f"{GAP}{number}"


def row_of_regions(node: tree.Node, found: Resolution) -> list[tuple[str, tree.Node]] | None:
    """Return the attributes of a set of nothing but thunks that are compiled when they are forced; None for any other node."""
    if not isinstance(node, tree.AttrSet) or node.recursive or node.bindings.dynamic or node.bindings.inherit_from:
        return None
    row = [(key, attribute.value) for key, attribute in node.bindings.attributes.items()]
    waits = all(value in found.regions and value.__class__ is not tree.Lambda for _, value in row)
    return row if row and waits else None


def shape_of(stub: Stub, found: Resolution, source: Source) -> Shape | None:
    """Return the shape of a region; None where its code is of no use to another one."""
    root = stub.node
    if isinstance(root, tree.Select) and is_inherited(root):
        return InheritedName(root, stub.captured, source)
    line, column = source.position(root.start)
    key: list[Hashable] = [column, stub.once, *stub.captured]
    strings = open_strings(root, found, key)
    if strings is None:
        return None
    text, position = source.text, root.start
    for string in strings:
        key.append(text[position : string.start])
        position = string.end
        key += room_of(text[string.start : position], text[position : position + 2])
    key.append(text[position : root.end])
    return Shape(tuple(key), strings, line)


def room_of(written: str, after: str) -> tuple[int, int]:
    """Return how many lines a string takes as it is written, and columns if the places of what comes `after` it depend on them."""
    lines = written.count("\n")
    return lines, 0 if after.startswith(_ENDS) else len(
        written[written.rfind("\n") + 1 :].encode("utf-8", "surrogatepass")
    )


def open_strings(root: tree.Node, found: Resolution, key: list[Hashable]) -> list[tree.String] | None:
    """Return the strings that a template leaves open, in the order of the text, and add to `key` what the names in it mean.

    None where code depends on more than that: functions, scopes and inner regions have names of their own.
    """
    strings: list[tree.String] = []
    pending: list[tree.Node] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Variable):
            key.append(_meaning(node.binding))
        elif isinstance(node, tree.String):
            strings.append(node)
        elif node in found.data:
            # names of constants may be part of it
            key.append(repr(found.data[node]))
        elif not isinstance(node, _SAME_BY_TEXT):
            parts = None if node in found.regions else parts_of(node)
            if parts is None:
                return None
            pending += parts
    strings.sort(key=lambda string: string.start)
    return strings


def _meaning(binding: Binding | None) -> Hashable:
    """Return what is equal for names that emitters make the same code of."""
    if isinstance(binding, Constant):
        return type(binding.value), binding.value
    if isinstance(binding, Member):
        return binding.container, binding.key
    if isinstance(binding, WithMember):
        return WithMember, _meaning(binding.binding)
    if isinstance(binding, Dynamic):
        return Dynamic, *binding.scopes, _meaning(binding.otherwise), binding.hints
    return binding  # a variable or a global, of which there is one object each


def parts_of(node: tree.Node) -> list[tree.Node] | None:
    """Return the parts of a call, a selection, a list or a set; None where more than their texts and names decides on the code."""
    if isinstance(node, tree.Apply):
        return [node.function, *node.arguments]
    if isinstance(node, tree.Select):
        computed = [element for element in node.path if not isinstance(element, str)]
        return None if computed or node.default is not None else [node.subject]
    if isinstance(node, tree.List):
        return [*node.items]
    if isinstance(node, tree.AttrSet):
        bindings = node.bindings
        if node.recursive or bindings.dynamic or bindings.inherit_from:
            return None
        return [attribute.value for attribute in bindings.attributes.values()]
    return None
