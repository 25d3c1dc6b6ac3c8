"""Functions and their calls. (Nix manual, Functions.)

A Nix function is a Python function of one argument. What Nix knows of it besides (its name, its place, its formals) is in a table
of the file: `language/function_info.py`. A large function is a stub until it is called.
"""

from __future__ import annotations

import _ast as ast

from nixbridge.language.compiler.binding import Local, meaning
from nixbridge.language.compiler.builtin_calls import builtin_call
from nixbridge.language.compiler.emit import delay, delays, emit, emits, no_place, stub, try_at_once
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.laziness import TRIED, comparison_of, may_be_there, trait
from nixbridge.language.compiler.names import (
    CALLABLES,
    EACH,
    FINISH,
    FUNCTION_OF,
    FUNCTION_STUB,
    NATIVE,
    NUMBER,
    PARTIAL,
    SCOPE_OF_STUBS,
    STUB,
)
from nixbridge.language.compiler.python_ast import (
    IS,
    assign,
    attribute,
    call,
    class_of,
    compare,
    constant,
    either,
    function,
    in_order,
    item,
    name,
    tuple_of,
)
from nixbridge.language.compiler.resolution import MOST_ARGUMENTS, Scope, row_of
from nixbridge.language.compiler.sequences import in_steps, long_dict
from nixbridge.language.compiler.shapes import global_of, known_value
from nixbridge.language.function_info import FunctionInfo
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.compiler.frame import ScopeOfStubs

#: So many calls of what a call gives are nested; Python's compiler recurses into each.
MOST_NESTED_CALLS = 8


@emits(tree.Lambda)
@delays(tree.Lambda)
def lambda_(node: tree.Lambda, frame: Frame, bound_to: str = "") -> ast.expr:
    """Return `x: body`, `{ a, b ? 1 }@x: body`, `a: b: body`. `bound_to` is the attribute or variable that it is the value of."""
    python = python_function(node, frame, bound_to)
    row = row_of(node)
    return python if len(row) == 1 else call(frame.span(node), CALLABLES[len(row)][0], python)


def python_function(node: tree.Lambda, frame: Frame, bound_to: str) -> ast.expr:
    """Return the Python function of one, two or three arguments that a lambda becomes, or its stub."""
    unit = frame.unit
    row = row_of(node)
    for part in row:
        own = unit.found.scopes[part].own
        assert own is not None
        unit.functions[own.python] = function_info(part, frame, bound_to).packed()
    region = unit.found.regions.pop(node, None)
    if region is None:
        return whole_function(node, frame, bound_to)
    captured = stub(node, region, frame, bound_to).captured
    parameters = [unit.found.scopes[part].own.python for part in row]  # type: ignore[union-attr]
    nowhere = no_place(frame.span(node))
    if frame.stubs is not None:
        known = region.number, tuple(parameters), frame.stubs.captured_by(captured, len(parameters))
        return call(nowhere, FUNCTION_OF, name(nowhere, frame.stubs.python), constant(nowhere, known))
    return call(nowhere, FUNCTION_STUB, constant(nowhere, region.number), stub_of(parameters, captured, nowhere))


def stub_of(parameters: list[str], captured: list[str], nowhere: Span) -> ast.expr:
    """Return a function that stands for one whose code is made when it is called; its last two parameters are given by the runtime."""
    finished = call(nowhere, FINISH, name(nowhere, NUMBER), name(nowhere, STUB))
    body: ast.expr = call(nowhere, finished, *[name(nowhere, parameter) for parameter in parameters])
    return function(nowhere, [*parameters, STUB, NUMBER], also_captures(body, captured, nowhere))


def scope_of_stubs(stubs: ScopeOfStubs, span: Span) -> ast.expr:
    """Return the step that comes before the stubs of a scope: a variable that holds what they capture, and one stub for each arity."""
    nowhere = no_place(span)
    holds = function(nowhere, [], tuple_of(nowhere, [name(nowhere, python) for python in sorted(stubs.captured)]))
    patterns = [
        stub_of([f"{STUB}.{number}" for number in range(arity)], [], nowhere) for arity in sorted(stubs.arities)
    ]
    return assign(nowhere, stubs.python, call(nowhere, SCOPE_OF_STUBS, holds, *patterns))


def also_captures(body: ast.expr, captured: list[str], span: Span) -> ast.expr:
    """Return `body`, in a function that has a cell for each of these variables, whether it uses them or not.

    The code of a stub is replaced by that of the function: Python wants the same variables captured in both. `x if True else y` is
    `x` once it is compiled, but the names in `y` have been counted.
    """
    if not captured:
        return body
    return either(span, constant(span, True), body, tuple_of(span, [name(span, python) for python in captured]))


def whole_function(node: tree.Lambda, frame: Frame, bound_to: str, captured: list[str] | None = None) -> ast.expr:
    """Return the Python function that a lambda becomes, its body included."""
    unit = frame.unit
    # most files are a function, which is called once
    inner = frame.function(once=unit.number == -1 and node is unit.root)
    known = None if unit.mode.counted or unit.mode.positions else unit.found.known.get(node)
    # the Nix code of a function that is known is one more function inside, which alone needs the formals
    bound_in = inner if known is None else inner.inner()
    parameters: list[str] = []
    steps: list[ast.expr] = []
    row = row_of(node)
    for part in row:
        scope = unit.found.scopes.pop(part)
        assert scope.own is not None
        parameters.append(scope.own.python)
        scope.own.frame = inner
        if part.formals is not None:
            steps = bind_formals(part, part.formals, scope, bound_in, bound_to)
    span = frame.span(node)
    last = row[-1].body
    if known is not None:
        # a call of no width: traces are those of a function without it
        original = function(span, [], in_order(span, steps[1:], emit(last, bound_in)))
        del steps[1:]
        arguments = [name(span, parameter) for parameter in parameters]
        taken = [delay(variable, inner) for variable in known.taken]
        body: ast.expr = call(no_place(span), f"{NATIVE}{known.name}", *arguments, *taken, original)
    elif unit.mode.counted:
        body = call(span, "nix.counted", function(span, [], emit_named(last, inner.inner(), bound_to)))
    else:
        body = emit_named(last, inner, bound_to)
    return function(span, parameters, also_captures(in_order(span, steps, body), captured or [], span))


def emit_named(node: tree.Node, frame: Frame, bound_to: str) -> ast.expr:
    """Return a function's body; a function that it is itself has the same name in Nix."""
    return lambda_(node, frame, bound_to) if isinstance(node, tree.Lambda) else emit(node, frame)


def function_info(node: tree.Lambda, frame: Frame, bound_to: str) -> FunctionInfo:
    """Return what the runtime is to know of a function; the places of formals only where positions are kept."""
    unit = frame.unit
    line, column = unit.source.position(node.start)
    formals: dict[str, bool] | None = None
    places: dict[str, tuple[int, int]] = {}
    if node.formals is not None:
        formals = {formal.name: formal.default is not None for formal in node.formals.formals}
        if unit.mode.positions:
            for formal in node.formals.formals:
                row, offset = unit.source.position(formal.start)
                places[formal.name] = (row, offset + 1)
    ellipsis = node.formals is not None and node.formals.ellipsis
    key = comparison_of(node, node.body, unit.found)[1] if isinstance(node.body, tree.Lambda) else ()
    kind = trait(node, unit.found)
    return FunctionInfo(bound_to, line, column + 1, node.parameter or "", formals, ellipsis, places, key, kind)


def bind_formals(node: tree.Lambda, formals: tree.Formals, scope: Scope, frame: Frame, bound_to: str) -> list[ast.expr]:
    """Return the steps that check the argument and take it apart. Defaults see all formals."""
    span = frame.span(node)
    assert scope.own is not None
    argument = scope.own.python
    required = tuple(formal.name for formal in formals.formals if formal.default is None)
    allowed = None if formals.ellipsis else frozenset(formal.name for formal in formals.formals)
    expected = constant(span, required), constant(span, allowed), constant(span, bound_to)
    steps: list[ast.expr] = [assign(span, argument, call(span, "nix.formals", name(span, argument), *expected))]

    def given(formal: tree.Formal, frame: Frame) -> tuple[ast.expr, ast.expr]:
        place = frame.unit.source.span(formal.start, formal.end)
        value: ast.expr = item(place, name(place, argument), constant(place, formal.name))
        if formal.default is not None:
            present = compare(place, constant(place, formal.name), ast.In(), name(place, argument))
            value = either(place, present, value, delay(formal.default, frame))
        return constant(place, formal.name), value

    if scope.subjects:  # many: members of a dict
        members = scope.subjects[0]
        members.frame, members.pending = frame, True
        steps.append(assign(span, members.python, long_dict(formals.formals, span, frame, given)))
        members.pending = False
        return steps
    locals_ = {formal.name: scope.names[formal.name] for formal in formals.formals}
    for local in locals_.values():
        assert isinstance(local, Local)
        local.frame, local.pending = frame, True
    for formal in formals.formals:
        place = frame.unit.source.span(formal.start, formal.end)
        local = locals_[formal.name]
        assert isinstance(local, Local)
        steps.append(assign(place, local.python, given(formal, frame)[1]))
    for local in locals_.values():
        assert isinstance(local, Local)
        local.pending = False
    return steps


@emits(tree.Apply)
def apply(node: tree.Apply, frame: Frame) -> ast.expr:
    """`f a b`: a builtin with all its arguments and a function that is known are called directly."""
    span = frame.span(node)
    arguments = node.arguments
    known = known_global(node.function, frame)
    if known is not None:
        arity = frame.unit.globals.arities.get(known)
        if arity is not None and len(arguments) >= arity:
            each = EACH.get(known)
            if each is not None and is_applied_at_once(arguments[0], each[1], frame):
                result = applied_at_once(known, arguments, span, frame)
            else:
                result = builtin_call(known, arguments[:arity], span, frame)
            return call_each(result, arguments[arity:], span, frame)
    arity, callee = known_callee(node.function, len(arguments), frame)
    if callee is not None:
        result = call(span, callee, *[delay(argument, frame) for argument in arguments[:arity]])
        return call_each(result, arguments[arity:], span, frame)
    partial = partial_call(node, frame)
    if partial is not None:
        return partial
    return call_each(emit(node.function, frame), arguments, span, frame)


def is_applied_at_once(node: tree.Node, parameters: int, frame: Frame) -> bool:
    """Return whether a function that is written out where it is mapped over a list is worth making for elements that are there."""
    if not isinstance(node, tree.Lambda) or frame.once or frame.unit.mode.counted or frame.unit.mode.positions:
        return False
    row = row_of(node)
    if len(row) != parameters or row[-1].formals is not None or node in frame.unit.found.regions:
        return False
    body = row[-1].body
    if body in frame.unit.found.regions:
        return False
    return may_be_there(body) or (isinstance(body, tree.Apply) and known_global(body.function, frame) in TRIED)


def applied_at_once(known: str, arguments: tuple[tree.Node, ...], span: Span, frame: Frame) -> ast.expr:
    """Return `map (x: body) xs` with two Python functions: one that gives MISSING where `body` takes an evaluation, and that of `body`."""
    # the list is evaluated before the functions run: they know of variables that it forces
    items = emit(arguments[1], frame)
    mapped = arguments[0]
    assert isinstance(mapped, tree.Lambda)
    row = row_of(mapped)
    owns = [scope.own for scope in [frame.unit.found.scopes.pop(part) for part in row] if scope.own is not None]
    made: list[ast.expr] = []
    for make in (try_at_once, emit):
        inner = frame.function(once=False)
        for own in owns:
            own.frame = inner
        body = make(row[-1].body, inner)
        if body is not None:
            made.append(function(frame.span(mapped), [own.python for own in owns], body))
    if len(made) == 1:
        whole = made[0] if len(row) == 1 else call(span, CALLABLES[len(row)][0], made[0])
        return call(span, f"{known}()", whole, items)
    return call(span, EACH[known][0], items, *made)


def partial_call(node: tree.Apply, frame: Frame) -> ast.expr | None:
    """Return the function that a known function is once it has some of its arguments; None for any other call. It cannot fail."""
    binding = meaning(node.function) if isinstance(node.function, tree.Variable) else None
    if not isinstance(binding, Local) or binding.known is None or binding.known.arity <= len(node.arguments):
        return None
    span = frame.span(node)
    given = tuple_of(span, [delay(argument, frame) for argument in node.arguments])
    missing = constant(span, binding.known.arity - len(node.arguments))
    return call(span, PARTIAL, name(span, binding.known.python), given, missing)


def call_each(callee: ast.expr, arguments: tuple[tree.Node, ...], span: Span, frame: Frame) -> ast.expr:
    """Return `callee` called with the arguments, up to three at a time; many are steps one after the other, not nested calls."""
    rows = [arguments[start : start + MOST_ARGUMENTS] for start in range(0, len(arguments), MOST_ARGUMENTS)]
    if len(rows) <= MOST_NESTED_CALLS:
        for row in rows:
            callee = call_value(callee, row, span, frame)
        return callee
    return in_steps(callee, rows, lambda row, held, inner: call_value(name(span, held), row, span, inner), span, frame)


def call_value(callee: ast.expr, arguments: tuple[tree.Node, ...], span: Span, frame: Frame) -> ast.expr:
    """Return a call of a forced value. A compiled function of as many arguments is called as it is; of all else the runtime makes one."""
    wanted, make = CALLABLES[len(arguments)]
    if frame.once:
        return call(span, call(span, make, callee), *[delay(argument, frame) for argument in arguments])
    if isinstance(callee, ast.Name):
        first: ast.expr = callee
        python = callee.id
    else:
        # Free again at once: Python has loaded the callee before it evaluates the arguments.
        with frame.scratch():
            python = frame.temporary()
        first = assign(span, python, callee)
    test = compare(span, class_of(span, first), IS, name(span, wanted))
    itself: ast.expr = name(span, python)
    if len(arguments) > 1:
        itself = attribute(span, itself, "run")
    chosen = either(span, test, itself, call(span, make, name(span, python)))
    return call(span, chosen, *[delay(argument, frame) for argument in arguments])


def known_callee(node: tree.Node, given: int, frame: Frame) -> tuple[int, ast.expr | None]:
    """Return arity and Python function of a function written out that `node` names, if it is `given` all its arguments; else (0, None)."""
    place = frame.span(node)
    binding = meaning(node) if isinstance(node, tree.Variable) else None
    if isinstance(binding, Local) and binding.known is not None:
        arity = binding.known.arity
        return (arity, name(place, binding.known.python)) if given >= arity else (0, None)
    known = known_value(node)
    if not 0 < known.arity <= given:
        return 0, None
    function = emit(node, frame)
    return known.arity, function if known.arity == 1 else attribute(place, function, "run")


def known_global(node: tree.Node, frame: Frame) -> str | None:
    """Return the generated code's name of a builtin: of `map`, `builtins.map`, of what is bound to one."""
    known = global_of(node, frame.unit.globals)
    return known.python if known is not None else None
