"""Functions and their calls. (Nix manual, Functions.)

A Nix function is a Python function of one argument. What Nix knows of it besides (its name, its place, its formals) is in a table
of the file: `language/function_info.py`.
"""

from __future__ import annotations

import ast

from nixbridge.language.compiler.emit import delay, delays, emit, emits
from nixbridge.language.compiler.names import CALLABLES
from nixbridge.language.compiler.python_ast import (
    IS,
    LOAD,
    assign,
    call,
    class_of,
    compare,
    constant,
    either,
    function,
    in_order,
    item,
    name,
    place_of,
)
from nixbridge.language.compiler.scope import Frame, Global, KnownFunction, Local, Scope
from nixbridge.language.compiler.traits import trait
from nixbridge.language.function_info import FunctionInfo
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Span

#: So many arguments in a row are one Python function.
MOST_ARGUMENTS = 3
#: So many calls of what a call gives are nested; Python's compiler recurses into each.
MOST_NESTED_CALLS = 12


@emits(tree.Lambda)
@delays(tree.Lambda)
def lambda_(node: tree.Lambda, scope: Scope, bound_to: str = "") -> ast.expr:
    """`x: body`, `{ a, b ? 1 }@x: body`, `a: b: body`. `bound_to` is the attribute or variable that it is the value of."""
    python = python_function(node, scope, bound_to)
    row = arguments_in_a_row(node)
    return python if len(row) == 1 else call(scope.span(node), CALLABLES[len(row)][0], python)


def arguments_in_a_row(node: tree.Lambda) -> list[tree.Lambda]:
    """The lambdas that become one Python function. Formals, which can fail, may only come last."""
    row = [node]
    while len(row) < MOST_ARGUMENTS and row[-1].formals is None and isinstance(row[-1].body, tree.Lambda):
        row.append(row[-1].body)
    return row


def python_function(node: tree.Lambda, scope: Scope, bound_to: str) -> ast.expr:
    """The Python function of one, two or three arguments that a lambda becomes."""
    frame = Frame(scope.unit, scope.frame)
    inner = Scope(frame, scope)
    parameters: list[str] = []
    steps: list[ast.expr] = []
    for lambda_node in arguments_in_a_row(node):
        parameter = lambda_node.parameter
        python = scope.unit.own_variable("arguments") if parameter is None else scope.unit.variable(parameter)
        scope.unit.functions[python] = function_info(lambda_node, scope, bound_to).packed()
        parameters.append(python)
        if lambda_node.formals is not None:
            steps = bind_formals(lambda_node, lambda_node.formals, python, inner, bound_to)
        else:
            assert parameter is not None
            inner = Scope(frame, inner, {parameter: Local(python, frame)})
    span = scope.span(node)
    last = lambda_node.body
    if scope.unit.mode.counted:
        body: ast.expr = call(span, "nix.counted", function(span, [], emit_named(last, inner.inner(), bound_to)))
    else:
        body = emit_named(last, inner, bound_to)
    return function(span, parameters, in_order(span, steps, body))


def emit_named(node: tree.Node, scope: Scope, bound_to: str) -> ast.expr:
    """A function's body; a function that it is itself has the same name in Nix."""
    return lambda_(node, scope, bound_to) if isinstance(node, tree.Lambda) else emit(node, scope)


def function_info(node: tree.Lambda, scope: Scope, bound_to: str) -> FunctionInfo:
    """Return what the runtime is to know of a function; the places of formals only where positions are kept."""
    line, column = scope.span(node)[:2]
    formals: dict[str, bool] | None = None
    places: dict[str, tuple[int, int]] = {}
    if node.formals is not None:
        formals = {formal.name: formal.default is not None for formal in node.formals.formals}
        if scope.unit.mode.positions:
            for formal in node.formals.formals:
                row, offset = scope.unit.source.position(formal.start)
                places[formal.name] = (row, offset + 1)
    ellipsis = node.formals is not None and node.formals.ellipsis
    kind = trait(node, scope)
    return FunctionInfo(bound_to, line, column + 1, node.parameter or "", formals, ellipsis, places, kind)


def bind_formals(node: tree.Lambda, formals: tree.Formals, python: str, inner: Scope, bound_to: str) -> list[ast.expr]:
    """The steps that check the argument and take it apart. Defaults see all formals."""
    frame, unit = inner.frame, inner.unit
    span = inner.span(node)
    required = tuple(formal.name for formal in formals.formals if formal.default is None)
    allowed = None if formals.ellipsis else frozenset(formal.name for formal in formals.formals)
    check = call(
        span,
        "nix.formals",
        name(span, python),
        constant(span, required),
        constant(span, allowed),
        constant(span, bound_to),
    )
    if node.parameter is not None:
        inner.names[node.parameter] = Local(python, frame, is_value=True)
    given_names = {formal.name: Local(unit.variable(formal.name), frame, pending=True) for formal in formals.formals}
    inner.names.update(given_names)
    steps: list[ast.expr] = [assign(span, python, check)]
    for formal in formals.formals:
        place = unit.source.span(formal.start, formal.end)
        key = constant(place, formal.name)
        given: ast.expr = item(place, name(place, python), key)
        if formal.default is not None:
            present = compare(place, constant(place, formal.name), ast.In(), name(place, python))
            given = either(place, present, given, delay(formal.default, inner))
        steps.append(assign(place, given_names[formal.name].python, given))
    for local in given_names.values():
        local.pending = False
    return steps


@emits(tree.Apply)
def apply(node: tree.Apply, scope: Scope) -> ast.expr:
    """`f a b`: a builtin with all its arguments and a function that is known are called directly."""
    span = scope.span(node)
    arguments = node.arguments
    known = known_global(node.function, scope)
    if known is not None:
        arity = scope.unit.arities.get(known)
        if arity is not None and len(arguments) >= arity:
            result = call(span, f"{known}()", *[delay(argument, scope) for argument in arguments[:arity]])
            return call_each(result, arguments[arity:], span, scope)
    known_local = known_function(node.function, scope)
    if known_local is not None:
        arity = known_local.arity
        if len(arguments) >= arity:
            place = scope.span(node.function)
            result = call(
                span, name(place, known_local.python), *[delay(argument, scope) for argument in arguments[:arity]]
            )
            return call_each(result, arguments[arity:], span, scope)
    return call_each(emit(node.function, scope), arguments, span, scope)


def call_each(callee: ast.expr, arguments: tuple[tree.Node, ...], span: Span, scope: Scope) -> ast.expr:
    """Return `callee` called with the arguments, up to three at a time; many are steps one after the other, not nested calls."""
    rows = [arguments[start : start + MOST_ARGUMENTS] for start in range(0, len(arguments), MOST_ARGUMENTS)]
    if len(rows) <= MOST_NESTED_CALLS:
        for row in rows:
            callee = call_value(callee, row, span, scope)
        return callee
    result = scope.frame.temporary()
    steps: list[ast.expr] = [assign(span, result, callee)]
    steps.extend(assign(span, result, call_value(name(span, result), row, span, scope)) for row in rows)
    scope.frame.release()
    return in_order(span, steps, name(span, result))


def call_value(callee: ast.expr, arguments: tuple[tree.Node, ...], span: Span, scope: Scope) -> ast.expr:
    """A call of a forced value. A compiled function of as many arguments is called as it is; of all else the runtime makes one."""
    wanted, make = CALLABLES[len(arguments)]
    if isinstance(callee, ast.Name):
        first: ast.expr = callee
        python = callee.id
    else:
        # Free again at once: Python has loaded the callee before it evaluates the arguments.
        python = scope.frame.temporary()
        scope.frame.release()
        first = assign(span, python, callee)
    test = compare(span, class_of(span, first), IS, name(span, wanted))
    itself: ast.expr = name(span, python)
    if len(arguments) > 1:
        itself = ast.Attribute(itself, "run", LOAD, **place_of(span))
    chosen = either(span, test, itself, call(span, make, name(span, python)))
    return call(span, chosen, *[delay(argument, scope) for argument in arguments])


def known_function(node: tree.Node, scope: Scope) -> KnownFunction | None:
    """The function written out in the source that `node` is the name of."""
    if not isinstance(node, tree.Variable):
        return None
    binding = scope.resolve(node.name, node)
    return binding.known if isinstance(binding, Local) else None


def known_global(node: tree.Node, scope: Scope) -> str | None:
    """The generated code's name of a builtin: `map`, `builtins.map`."""
    if isinstance(node, tree.Variable):
        binding = scope.resolve(node.name, node)
        return binding.python if isinstance(binding, Global) else None
    if (
        isinstance(node, tree.Select)
        and node.default is None
        and len(node.path) == 1
        and isinstance(node.subject, tree.Variable)
        and isinstance(node.path[0], str)
    ):
        binding = scope.resolve(node.subject.name, node.subject)
        if isinstance(binding, Global):
            return scope.unit.members.get((binding.python, node.path[0]))
    return None
