"""Shapes: what is known of a set that is written out, before it is made: its names, which of them are functions or values.

A name of a `with`, a selection and a call through such a set need no tests in generated code. Only the text counts: a shape is what
the set has in every evaluation, so nothing dynamic, no `__overrides` and no `//` has one.
"""

from __future__ import annotations

from nixbridge.language.compiler.binding import UNKNOWN, VALUE, Constant, Global, Known, Local, Member, meaning
from nixbridge.language.compiler.laziness import SCALARS, is_value, needs_thunk, straight_line
from nixbridge.language.compiler.resolution import row_of
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.compiler.binding import GlobalNames, Shape
    from nixbridge.language.compiler.resolution import Resolution

#: Sets within one another that have shapes: a library has its parts. Sets may be nested thousands deep.
MOST_NESTED = 4

#: Characters of a string that stands in code wherever a name for it does.
LONGEST_REPEATED = 100

#: By arity, since nearly all attributes are like one of a few.
_FUNCTIONS = [Known(is_value=True, arity=arity) for arity in range(4)]


def shape_of(node: tree.AttrSet, shapes: dict[tree.Node, Shape], depth: int = 0) -> Shape | None:
    """Return the shape of a set that was not walked yet, noted in `shapes`; None for one whose names are not all written out."""
    if depth > MOST_NESTED or needs_thunk(node):
        return None
    shape = shapes.get(node)
    if shape is None:
        shape = shapes[node] = {}
        for key, attribute in node.bindings.attributes.items():
            shape[key] = UNKNOWN if attribute.inherited is not None else _known(attribute.value, shapes, depth)
    return shape


def _known(node: tree.Node, shapes: dict[tree.Node, Shape], depth: int) -> Known:
    if isinstance(node, SCALARS):
        return Known(is_value=True, constant=constant_of(node))
    if isinstance(node, tree.Lambda):
        return _FUNCTIONS[len(row_of(node))]
    if isinstance(node, tree.AttrSet):
        inner = shape_of(node, shapes, depth + 1)
        return Known(shape=inner) if inner is not None else UNKNOWN
    return UNKNOWN


def constant_of(node: tree.Integer | tree.Float | tree.String) -> Constant | None:
    """Return what a name for this number or string stands for; None where the text is so long that code should not repeat it."""
    value = node.value
    return Constant(value) if not isinstance(value, str) or len(value) <= LONGEST_REPEATED else None


def complete(shape: Shape, node: tree.AttrSet, found: Resolution, names: GlobalNames) -> None:
    """Note what is known of the attributes now that they were walked: which are regions, hence thunks, and which functions are simple."""
    for key, attribute in node.bindings.attributes.items():
        value = attribute.value
        known = shape[key]
        builtin = bound_value(attribute, names)
        if isinstance(builtin, Global):
            shape[key] = Known(stands_for=builtin)
            continue
        if isinstance(value, tree.Lambda):
            cost, is_whole = straight_line(row_of(value), found)
            if cost:
                shape[key] = Known(is_value=True, arity=known.arity, cost=cost, is_whole=is_whole)
        if attribute.inherited is None and not known.is_value and value not in found.regions and is_value(value):
            if known.shape is not None:
                known.is_value = True
            else:
                shape[key] = VALUE


def known_value(node: tree.Node) -> Known:
    """Return what is known of the value of a resolved node: of a variable, and of what is selected from one."""
    if isinstance(node, tree.Variable):
        binding = meaning(node)
        if isinstance(binding, Member):
            return binding.known
        if isinstance(binding, Local):
            if binding.shape is not None:
                return Known(is_value=binding.is_value, shape=binding.shape)
            if isinstance(binding.stands_for, Member):
                return binding.stands_for.known
        return UNKNOWN
    # a subject that is a selection itself is not looked into: selections may be nested thousands deep
    if isinstance(node, tree.Select) and node.default is None and isinstance(node.subject, tree.Variable):
        known = known_value(node.subject)
        for element in node.path:
            known = (
                known.shape.get(element, UNKNOWN) if known.shape is not None and isinstance(element, str) else UNKNOWN
            )
        return known
    return UNKNOWN


def global_of(node: tree.Node, names: GlobalNames) -> Global | None:
    """Return the global whose value a resolved node has: of `map`, `builtins.map`, and of a variable or attribute that was bound to it."""
    if isinstance(node, tree.Variable):
        binding = meaning(node)
        if isinstance(binding, Local):
            return binding.stands_for if isinstance(binding.stands_for, Global) else None
        return binding if isinstance(binding, Global) else known_value(node).stands_for
    if isinstance(node, tree.Select) and node.default is None and isinstance(node.subject, tree.Variable):
        subject = global_of(node.subject, names)
        if subject is None:
            return known_value(node).stands_for
        held = names.members.get((subject.python, str(node.path[0]))) if len(node.path) == 1 else None
        return Global(held) if held is not None else None
    return None


def bound_value(attribute: tree.Attribute, names: GlobalNames) -> Global | Member | None:
    """Return what else holds the value of `inherit (builtins) map`, `inherit (set) f`, `f = builtins.map` or `f = set.f`."""
    value = attribute.value
    if attribute.inherited is True:
        return None
    found = global_of(value, names)
    if found is not None:
        # what fails when it is evaluated fails in its own place
        return found if found.python not in names.delayed else None
    if not isinstance(value, tree.Select) or not isinstance(value.subject, tree.Variable) or value.default is not None:
        return None
    container, key = meaning(value.subject), value.path[0]
    if len(value.path) > 1 or not isinstance(container, Local) or container.shape is None or key not in container.shape:
        return None
    return Member(container, str(key))
