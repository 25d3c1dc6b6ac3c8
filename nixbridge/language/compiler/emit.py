"""The table of emitters: node type to the function that makes Python of it.

`emit(node, frame)` gives an expression whose value is in weak head normal form. `delay(node, frame)` gives one that cannot fail,
cannot diverge and is cheap: the value where it is there already, else a thunk. A node that is the root of a region becomes a stub.
"""

from __future__ import annotations

from nixbridge.language.compiler.frame import Stub
from nixbridge.language.compiler.names import PARTS, THUNK
from nixbridge.language.compiler.python_ast import call, constant, function, item, name
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from typing import TypeAlias

    from nixbridge.language.compiler.binding import Local
    from nixbridge.language.compiler.frame import Frame
    from nixbridge.language.compiler.resolver import Region
    from nixbridge.source import Span

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


def emit(node: tree.Node, frame: Frame) -> ast.expr:
    """Return a Python expression that gives the value of `node`, in weak head normal form."""
    unit = frame.unit
    if node in unit.found.regions and node.__class__ is not tree.Lambda:
        return call_region(node, frame)
    unit.depth += 1
    if unit.depth > unit.deepest:
        unit.deepest = unit.depth
    result = EMIT[node.__class__](node, frame)
    unit.depth -= 1
    return result


def delay(node: tree.Node, frame: Frame) -> ast.expr:
    """Return a Python expression that gives the value of `node` or a thunk of it, and runs none of the user's code."""
    emitter = DELAY.get(node.__class__)
    if emitter is None or (node in frame.unit.found.regions and node.__class__ is not tree.Lambda):
        return suspend(node, frame)
    unit = frame.unit
    unit.depth += 1
    if unit.depth > unit.deepest:
        unit.deepest = unit.depth
    result = emitter(node, frame)
    unit.depth -= 1
    return result


def suspend(node: tree.Node, frame: Frame) -> ast.expr:
    """Return a thunk of `node`."""
    span = frame.span(node)
    return call(span, THUNK, function(span, [], emit(node, frame.inner())))


def call_region(node: tree.Node, frame: Frame) -> ast.expr:
    """Return a call of the function that the region of `node` becomes, with the variables that it needs.

    All of them are assigned when this runs: a `let` assigns before anything is forced.
    """
    region = frame.unit.found.regions.pop(node)
    captured = stub(node, region, frame).captured
    nowhere = no_place(frame.span(node))
    part = item(nowhere, name(nowhere, PARTS), constant(nowhere, region.number))
    return call(nowhere, part, *[name(nowhere, python) for python in captured])


def stub(node: tree.Node, region: Region, frame: Frame, bound_to: str = "") -> Stub:
    """Note that the code of a region is to be made when it is needed; returns what it needs then."""
    captured: list[str] = []
    forced: dict[Local, str] = {}
    for local in region.captured:
        alias = frame.alias(local)
        if alias is not None:
            forced[local] = alias
        captured.append(alias or local.python)
        if local.known is not None and local.known.python != local.python:
            captured.append(local.known.python)
    made = frame.unit.stubs[region.number] = Stub(node, captured, forced, bound_to)
    return made


def no_place(span: Span) -> Span:
    """Return the place of code that is no step of an evaluation: of no width, so that tracebacks leave it out."""
    return (span[0], span[1], span[0], span[1])
