"""The traits of a function: what the runtime may know of its body before it calls it. (language/function_info.py says what they mean.)"""

from __future__ import annotations

from nixbridge.language.compiler.scope import Scope
from nixbridge.language.function_info import DISPLAY, LESS_THAN, STRAIGHT_LINE
from nixbridge.language.syntax import ast as tree

#: A body of more nodes than this is not cheap.
MOST_NODES = 40


def trait(node: tree.Lambda, scope: Scope) -> str:
    """Return the trait of a function, or an empty string. `scope` is the one around it."""
    if node.formals is not None:
        return ""
    if isinstance(node.body, tree.Lambda):
        return LESS_THAN if _is_less_than(node, node.body, scope) else ""
    if _is_display(node.body):
        return DISPLAY
    pending: list[tree.Node] = [node.body]
    seen = 0
    while pending:
        current = pending.pop()
        seen += 1
        parts = _parts(current, node, scope)
        if parts is None or seen > MOST_NODES:
            return ""
        pending.extend(parts)
    return STRAIGHT_LINE


def _is_display(node: tree.Node) -> bool:
    """Does making the value of `node` look at nothing?"""
    if isinstance(node, tree.Binary):
        return node.operator == "//" and _is_display(node.left) and _is_display(node.right)
    if isinstance(node, tree.AttrSet):
        return not node.bindings.dynamic and "__overrides" not in node.bindings.attributes
    return isinstance(node, (tree.List, tree.Lambda, tree.Integer, tree.Float, tree.String))


def _is_less_than(node: tree.Lambda, inner: tree.Lambda, scope: Scope) -> bool:
    body = inner.body
    return (
        isinstance(body, tree.Binary)
        and body.operator == "<"
        and isinstance(body.left, tree.Variable)
        and isinstance(body.right, tree.Variable)
        and inner.formals is None
        and node.parameter != inner.parameter
        and (body.left.name, body.right.name) == (node.parameter, inner.parameter)
        and "__lessThan" not in (node.parameter, inner.parameter)
        and scope.is_builtin("__lessThan")
    )


def _parts(node: tree.Node, function: tree.Lambda, scope: Scope) -> list[tree.Node] | None:
    """What evaluating `node` evaluates besides; None for what may run the user's code."""
    if _is_display(node):
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
    is_to_string = (
        isinstance(node, tree.Apply)
        and isinstance(node.function, tree.Variable)
        and node.function.name == "toString"
        and function.parameter != "toString"
        and scope.is_builtin("toString")
    )
    return [*node.arguments] if is_to_string else None  # type: ignore[attr-defined]
