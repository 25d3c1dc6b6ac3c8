"""The table of emitters: node type to the function that makes Python of it.

`emit(node, frame)` gives an expression whose value is in weak head normal form. `delay(node, frame)` gives one that cannot fail,
cannot diverge and is cheap: the value where it is there already, else a thunk. A node that is the root of a region becomes a stub.
"""

from __future__ import annotations

from nixbridge.language.compiler.frame import Stub
from nixbridge.language.compiler.names import CAPTURED, PARTS, THUNK, THUNK_OF, THUNK_STUB, THUNKS
from nixbridge.language.compiler.python_ast import assign, call, constant, function, in_order, item, name, tuple_of
from nixbridge.language.compiler.resolution import is_inherited
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from nixbridge.language.compiler.binding import Local
    from nixbridge.language.compiler.frame import Frame
    from nixbridge.language.compiler.resolution import Region
    from nixbridge.source import Span

    Emitter: TypeAlias = Callable[..., ast.expr]

#: One function a node type, filled by the modules of this package.
EMIT: dict[type[tree.Node], Emitter] = {}
#: The node types that may need no thunk; all others are suspended.
DELAY: dict[type[tree.Node], Emitter] = {}

#: The node types whose value may be there without an evaluation: what makes code for it, which gives MISSING where it is not.
TRY: dict[type[tree.Node], Callable[..., ast.expr | None]] = {}


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


def try_at_once(node: tree.Node, frame: Frame) -> ast.expr | None:
    """Return a Python expression that gives the value of `node` where that takes no evaluation, else MISSING; None where it never can."""
    attempt = TRY.get(node.__class__)
    return None if attempt is None else attempt(node, frame)


def suspend(node: tree.Node, frame: Frame) -> ast.expr:
    """Return a thunk of `node`."""
    span = frame.span(node)
    if is_ready(node, frame):
        # what it captures is there already: no closure is needed, which would have to be compiled
        captured = captured_by(node, frame)
        if frame.once:
            return call(span, THUNK_OF, *captured.elts)
        return call(span, THUNK, name(span, THUNK_STUB), captured)
    return call(span, THUNK, function(span, [], emit(node, frame.inner())))


def call_region(node: tree.Node, frame: Frame) -> ast.expr:
    """Return a call of the function that the region of `node` becomes, with the variables that it needs.

    All of them are assigned when this runs: a `let` assigns before anything is forced.
    """
    nowhere = no_place(frame.span(node))
    captured = captured_by(node, frame)
    return call(nowhere, item(nowhere, name(nowhere, PARTS), captured.elts[0]), captured)


def thunks_of(entries: Sequence[tuple[str, tree.Node]], span: Span, frame: Frame) -> ast.expr:
    """Return a dict of thunks of regions, which the runtime makes: most sets of a large file hold many, few of which are forced."""
    numbers, captured = stubs_of(entries, frame)
    return make_thunks(numbers, captured, span)


def stubs_of(entries: Sequence[tuple[str, tree.Node]], frame: Frame) -> tuple[tuple[tuple[str, int], ...], list[str]]:
    """Note the stubs of a row of regions. Returns their keys and numbers, and the variables that they share."""
    shared: set[str] = set()
    stubs: list[Stub] = []
    numbers: list[tuple[str, int]] = []
    for key, node in entries:
        region = frame.unit.found.regions.pop(node)
        made = stub(node, region, frame)
        stubs.append(made)
        shared.update(made.captured)
        numbers.append((key, region.number))
    # in an order that does not depend on which entry comes first: rows that are alike capture alike
    captured = sorted(shared)
    for made in stubs:
        made.captured = captured
    return tuple(numbers), captured


def make_thunks(numbers: object, captured: list[str], span: Span) -> ast.expr:
    """Return a call that makes a dict of thunks of such a row."""
    return call(span, THUNKS, constant(span, numbers), tuple_of(span, [name(span, python) for python in captured]))


def is_ready(node: tree.Node, frame: Frame) -> bool:
    """Return whether `node` is a region, except a function, and all that it captures is assigned."""
    region = frame.unit.found.regions.get(node)
    return (
        region is not None
        and node.__class__ is not tree.Lambda
        and not any(frame.awaits(local) for local in region.captured)
    )


def captured_by(node: tree.Node, frame: Frame) -> ast.Tuple:
    """Return what the function of a region is called with: its number and the variables that it captures."""
    region = frame.unit.found.regions.pop(node)
    nowhere = no_place(frame.span(node))
    captured = [name(nowhere, python) for python in stub(node, region, frame).captured]
    return tuple_of(nowhere, [constant(nowhere, region.number), *captured])


def unpacked(captured: list[str], body: ast.expr, span: Span) -> ast.Lambda:
    """Return the function that is called with what `captured_by` gives."""
    steps: list[ast.expr] = [
        assign(span, python, item(span, name(span, CAPTURED), constant(span, place)))
        for place, python in enumerate(captured, 1)
    ]
    return function(span, [CAPTURED], in_order(span, steps, body))


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
    # code in place would be longer than what it spares a thunk, of which there is one for each name
    once = frame.once or is_inherited(node)
    made = frame.unit.stubs[region.number] = Stub(node, captured, forced, once, bound_to)
    return made


def no_place(span: Span) -> Span:
    """Return the place of code that does not count as a step of an evaluation: of no width, so that tracebacks leave it out."""
    return (span[0], span[1], span[0], span[1])
