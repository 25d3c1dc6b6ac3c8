"""Laziness, decided in one place: which nodes are values without a thunk, and what may be evaluated before it is asked for.

Questions about resolved trees, and nothing but questions: the resolve pass, the emitters and the attempts (compiler/attempts.py) ask
them, and make code by the answers. A wrong answer here makes a program fail, or run on, that Nix evaluates.
"""

from __future__ import annotations

from nixbridge.language.compiler.binding import Constant, Global, Local, Member, meaning
from nixbridge.language.function_info import DISPLAY, GREATER_THAN, LESS_THAN, STRAIGHT_LINE
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.compiler.binding import Known, KnownFunction
    from nixbridge.language.compiler.resolution import Resolution

#: A body of more nodes than this, with those of what it calls, is not cheap.
MOST_NODES = 40

#: The builtins that are called at once where that takes no evaluation.
TRIED = frozenset(("builtins.substring", "builtins.elemAt"))

#: Numbers and strings written out.
SCALARS = (tree.Integer, tree.Float, tree.String)


def scalar(node: tree.Node) -> float | str | None:
    """Return the number or string that a node is: written out, or a name for one that is; None for all else."""
    if isinstance(node, SCALARS):
        return node.value
    if isinstance(node, tree.Variable) and isinstance(node.binding, Constant):
        return node.binding.value
    return None


#: What an argument may be that is written out, for a builtin to look at and go on to the next one.
_PASSED_BY: dict[str, Callable[[tree.Node], bool]] = {
    "function": lambda node: isinstance(node, tree.Lambda),
    "string": lambda node: isinstance(scalar(node), str),
    "index": lambda node: isinstance(scalar(node), int),
    # a start below 0 is refused before anything else is looked at
    "start": lambda node: isinstance(start := scalar(node), int) and start >= 0,
}


def needs_thunk(node: tree.AttrSet) -> bool:
    """Return whether building this set can fail: it has names to compute, or overrides."""
    return bool(node.bindings.dynamic) or (node.recursive and "__overrides" in node.bindings.attributes)


def is_value(node: tree.Node) -> bool:
    """Return whether delaying this node gives a value, never a thunk."""
    if node.__class__ is tree.AttrSet:
        return not needs_thunk(node)
    return node.__class__ in SCALARS or node.__class__ in (tree.Lambda, tree.List, tree.Path)


def trait(node: tree.Lambda, found: Resolution) -> str:
    """Return the trait of a function, or an empty string."""
    if node.formals is not None:
        return ""
    if isinstance(node.body, tree.Lambda):
        inner = node.body
        compares = comparison_of(node, inner, found)[0]
        return compares or (DISPLAY if inner.formals is None and is_display(inner.body) else "")
    if is_display(node.body):
        return DISPLAY
    return STRAIGHT_LINE if straight_line([node], found)[0] else ""


def straight_line(row: list[tree.Lambda], found: Resolution) -> tuple[int, bool]:
    """Return how many nodes a function of these arguments evaluates at most, where it is straight-line code; else 0.

    Such code looks at nothing but its arguments: it ends soon and runs none of the user's code. A call in it is of another such
    function, which was walked before: so nothing calls itself, and the costs add up to what bounds them all.

    The second is whether the result holds nothing that is still to be evaluated. Where it does, it cannot be an operand of straight-line
    code, since `toString`, `==` and `<` look into what they are given.
    """
    parameters = {function.parameter for function in row}
    if any(function.formals is not None for function in row):
        return 0, False
    pending: list[tuple[tree.Node, bool]] = [(row[-1].body, True)]
    cost, is_whole = 0, True
    while pending:
        current, is_result = pending.pop()
        cost += 1
        if is_result and is_display(current):
            is_whole = is_whole and scalar(current) is not None
            continue
        parts = None if current in found.desugared else _parts(current, parameters)
        called = called_function(current)
        if called is not None:
            cost += called.cost
            is_whole = is_whole and called.is_whole
        if parts is None or cost > MOST_NODES or not (is_result or called is None or called.is_whole):
            return 0, False
        pending.extend(
            (part, is_result and isinstance(current, tree.If) and part is not current.condition) for part in parts
        )
    return cost, is_whole


def called_function(node: tree.Node) -> Known | KnownFunction | None:
    """Return the straight-line function that a call gives all its arguments; None for any other node."""
    function = node.function if isinstance(node, tree.Apply) else None
    if not isinstance(node, tree.Apply) or not isinstance(function, tree.Variable):
        return None
    binding = meaning(function)
    known: Known | KnownFunction | None = None
    if isinstance(binding, (Local, Member)):
        known = binding.known
    return known if known is not None and known.cost and known.arity == len(node.arguments) else None


def is_display(node: tree.Node) -> bool:
    """Return whether making the value of `node` looks at nothing."""
    if isinstance(node, tree.Binary):
        seen = 0
        while isinstance(node, tree.Binary) and node.operator == "//" and is_display(node.left):
            node, seen = node.right, seen + 1
            if seen > MOST_NODES:
                return False
    if isinstance(node, tree.AttrSet):
        return not node.bindings.dynamic and "__overrides" not in node.bindings.attributes
    return isinstance(node, (tree.List, tree.Lambda)) or scalar(node) is not None


def may_be_there(node: tree.Node) -> bool:
    """Return whether delaying a node may give its value: where that can be computed of what is there, with no more than a look at it."""
    if isinstance(node, tree.Select):
        return node.default is None and len(node.path) == 1 and isinstance(node.subject, tree.Variable)
    if isinstance(node, tree.Binary):
        return node.operator not in ("++", "//", "->")
    return isinstance(node, (tree.Interpolation, tree.HasAttr, tree.Not))


def is_small(node: tree.Node) -> bool:
    """Return whether delaying a node costs little code: it is a name, a number, a string, or a short list or set of these."""
    if isinstance(node, tree.List):
        return len(node.items) <= 2 and all(map(_is_leaf, node.items))
    if isinstance(node, tree.AttrSet):
        return not node.bindings.attributes and not node.bindings.dynamic and not node.bindings.inherit_from
    return _is_leaf(node)


def _is_leaf(node: tree.Node) -> bool:
    return isinstance(node, (tree.Variable, *SCALARS))


def comparison_of(node: tree.Lambda, inner: tree.Lambda, found: Resolution) -> tuple[str, tuple[str, ...]]:
    """Return the trait of `a: b: a.k < b.k` and the path that it compares; an empty trait for any other function."""
    body = inner.body
    if not isinstance(body, tree.Binary) or body.operator not in ("<", ">") or body in found.desugared:
        return "", ()
    first, key = _parameter_path(body.left)
    second, other = _parameter_path(body.right)
    if inner.formals is not None or key != other or node.parameter == inner.parameter:
        return "", ()
    if {first, second} != {node.parameter, inner.parameter}:
        return "", ()
    ascending = (body.operator == "<") is (first == node.parameter)
    return LESS_THAN if ascending else GREATER_THAN, key


def _parameter_path(node: tree.Node) -> tuple[str | None, tuple[str, ...]]:
    """Return the variable that a node is, or is selected from, and the path; (None, ()) for any other node."""
    if isinstance(node, tree.Variable):
        return node.name, ()
    if isinstance(node, tree.Select) and node.default is None and isinstance(node.subject, tree.Variable):
        path = tuple([element for element in node.path if isinstance(element, str)])
        if len(path) == len(node.path):
            return node.subject.name, path
    return None, ()


def _parts(node: tree.Node, parameters: set[str | None]) -> list[tree.Node] | None:
    """Return what evaluating `node`, and looking into it, evaluates besides; None for what may run the user's code."""
    if isinstance(node, tree.Lambda) or scalar(node) is not None:
        return []
    if isinstance(node, tree.List):
        return [*node.items]
    if isinstance(node, tree.Variable):
        return [] if node.name in parameters else None
    if isinstance(node, tree.Binary):
        return [node.left, node.right] if node.operator not in ("++", "//") else None
    if isinstance(node, tree.Interpolation):
        return [part for part in node.parts if not isinstance(part, str)]
    if isinstance(node, (tree.Negate, tree.Not)):
        return [node.operand]
    if isinstance(node, tree.If):
        return [node.condition, node.consequent, node.alternative]
    if isinstance(node, tree.Apply) and (calls_to_string(node) or called_function(node)):
        return [*node.arguments]
    return None


def calls_to_string(node: tree.Apply) -> bool:
    """Return whether this is a call of Nix's own `toString`."""
    function = node.function
    if not isinstance(function, tree.Variable) or function.name != "toString":
        return False
    binding = function.binding
    return isinstance(binding, Global) and binding.python == "builtins.toString"


def first_forced(order: tuple[tuple[int, str], ...], arguments: tuple[tree.Node, ...]) -> int:
    """Return the position of the argument that is evaluated before anything can fail or run; -1 where there is none.

    `order` has the positions in the order in which the builtin looks at them, each with the type that it wants. An argument that is a
    literal of that type is passed by: looking at it runs nothing.
    """
    for position, wanted in order:
        passed_by = _PASSED_BY.get(wanted)
        if passed_by is None or not passed_by(arguments[position]):
            return position
    return -1
