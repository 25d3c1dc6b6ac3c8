"""The table of emitters: node type to the function that makes Python of it.

`emit(node, scope)` gives an expression whose value is in weak head normal form. `delay(node, scope)` gives one that cannot fail,
cannot diverge and is cheap: the value where it is there already, else a thunk.
"""

from __future__ import annotations

from nixbridge.language.compiler.names import THUNK
from nixbridge.language.compiler.python_ast import call, function
from nixbridge.language.compiler.scope import Scope
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from typing import TypeAlias

    Emitter: TypeAlias = Callable[..., ast.expr]

#: One function a node type, filled by the modules of this package.
EMIT: dict[type[tree.Node], Emitter] = {}
#: The node types that may need no thunk; all others are suspended.
DELAY: dict[type[tree.Node], Emitter] = {}


def emits(node_type: type[tree.Node]) -> Callable[[Emitter], Emitter]:
    """Declare the function below as the emitter of `node_type`."""

    def declare(emitter: Emitter) -> Emitter:
        EMIT[node_type] = emitter
        return emitter

    return declare


def delays(node_type: type[tree.Node]) -> Callable[[Emitter], Emitter]:
    """Declare the function below as what `delay` does with a `node_type`."""

    def declare(emitter: Emitter) -> Emitter:
        DELAY[node_type] = emitter
        return emitter

    return declare


def emit(node: tree.Node, scope: Scope) -> ast.expr:
    """A Python expression that gives the value of `node`, in weak head normal form."""
    unit = scope.frame.unit
    unit.depth += 1
    if unit.depth > unit.deepest:
        unit.deepest = unit.depth
    result = EMIT[node.__class__](node, scope)
    unit.depth -= 1
    return result


def delay(node: tree.Node, scope: Scope) -> ast.expr:
    """A Python expression that gives the value of `node` or a thunk of it, and runs none of the user's code."""
    emitter = DELAY.get(node.__class__)
    return suspend(node, scope) if emitter is None else emitter(node, scope)


def suspend(node: tree.Node, scope: Scope) -> ast.expr:
    """A thunk of `node`."""
    span = scope.span(node)
    return call(span, THUNK, function(span, [], emit(node, scope.inner())))
