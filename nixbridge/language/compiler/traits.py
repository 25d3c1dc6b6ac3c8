"""The traits of a function: what the runtime may know of its body before it calls it. (language/function_info.py says what they mean.)"""

from __future__ import annotations

from nixbridge.language.compiler.binding import Global
from nixbridge.language.compiler.resolver import Resolution
from nixbridge.language.function_info import DISPLAY, LESS_THAN, STRAIGHT_LINE
from nixbridge.language.syntax import ast as tree

#: A body of more nodes than this is not cheap.
MOST_NODES = 40


def trait(node: tree.Lambda, found: Resolution) -> str:
    """Return the trait of a function, or an empty string."""
    if node.formals is not None:
        return ""
    if isinstance(node.body, tree.Lambda):
        return LESS_THAN if _is_less_than(node, node.body, found) else ""
    if is_display(node.body):
        return DISPLAY
    pending: list[tree.Node] = [node.body]
    seen = 0
    while pending:
        current = pending.pop()
        seen += 1
        parts = None if current in found.desugared else _parts(current, node)
        if parts is None or seen > MOST_NODES:
            return ""
        pending.extend(parts)
    return STRAIGHT_LINE


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
    return isinstance(node, (tree.List, tree.Lambda, tree.Integer, tree.Float, tree.String))


def _is_less_than(node: tree.Lambda, inner: tree.Lambda, found: Resolution) -> bool:
    body = inner.body
    return (
        isinstance(body, tree.Binary)
        and body.operator == "<"
        and body not in found.desugared
        and isinstance(body.left, tree.Variable)
        and isinstance(body.right, tree.Variable)
        and inner.formals is None
        and node.parameter != inner.parameter
        and (body.left.name, body.right.name) == (node.parameter, inner.parameter)
    )


def _parts(node: tree.Node, function: tree.Lambda) -> list[tree.Node] | None:
    """Return what evaluating `node` evaluates besides; None for what may run the user's code."""
    if is_display(node):
        return []
    if isinstance(node, tree.Variable):
        return [] if node.name == function.parameter else None
    if isinstance(node, tree.Binary):
        return [node.left, node.right] if node.operator not in ("++", "//") else None
    if isinstance(node, tree.Interpolation):
        return [part for part in node.parts if not isinstance(part, str)]
    if isinstance(node, (tree.Negate, tree.Not)):
        return [node.operand]
    if isinstance(node, tree.If):
        return [node.condition, node.consequent, node.alternative]
    if isinstance(node, tree.Apply) and calls_to_string(node):
        return [*node.arguments]
    return None


def calls_to_string(node: tree.Apply) -> bool:
    """Return whether this is a call of Nix's own `toString`."""
    function = node.function
    if not isinstance(function, tree.Variable) or function.name != "toString":
        return False
    return isinstance(function.binding, Global) and function.binding.python == "builtins.toString"
