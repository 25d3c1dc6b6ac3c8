"""Functions and their calls. (Nix manual, Functions.)

A Nix function is a Python function of one argument. What Nix knows of it besides (its name, its place, its formals) is in
the name of that argument, where it costs nothing at run time: `runtime/closure.py` reads it.
"""

from __future__ import annotations

import ast

from nixbridge.compiler.emit import delay, delays, emit, emits
from nixbridge.compiler.names import CALLABLE, FUNCTION
from nixbridge.compiler.python_ast import IS, assign, call, class_of, compare, constant, either, function, in_order, item, name
from nixbridge.compiler.scope import Frame, Global, Local, Scope
from nixbridge.source import Span
from nixbridge.syntax import tree


@emits(tree.Lambda)
@delays(tree.Lambda)
def lambda_(node: tree.Lambda, scope: Scope, bound_to: str = "") -> ast.expr:
    """`x: body`, `{ a, b ? 1 }@x: body`. `bound_to` is the attribute or variable that the function is the value of."""
    frame = Frame(scope.unit, scope.frame)
    inner = Scope(frame, scope)
    span = scope.span(node)
    python = scope.unit.unique(node.parameter or "arguments") + description(node, span, bound_to)
    if node.formals is None:
        assert node.parameter is not None
        inner.names[node.parameter] = Local(python, frame)
        body = body_of(node, inner, bound_to)
    else:
        steps = bind_formals(node, node.formals, python, inner, bound_to)
        body = in_order(span, steps, body_of(node, inner, bound_to))
    if scope.unit.mode.counted:
        body = call(span, "nix.counted", function(span, [], body))
    return function(span, [python], body)


def body_of(node: tree.Lambda, inner: Scope, bound_to: str) -> ast.expr:
    """The body; a function that it is itself has the same name in Nix (`f = a: b: ...`)."""
    if isinstance(node.body, tree.Lambda):
        return lambda_(node.body, inner, bound_to)
    return emit(node.body, inner)


def description(node: tree.Lambda, span: Span, bound_to: str) -> str:
    """Name, line, column and formals of a function, as `runtime/closure.py` reads them behind its argument's name."""
    formals = ""
    if node.formals is not None:
        names = [f"{formal.name}?" if formal.default is not None else formal.name for formal in node.formals.formals]
        formals = "{" + ",".join(names + ["..."] * node.formals.ellipsis)
    return f"\t{bound_to}\t{span[0]}\t{span[1] + 1}\t{formals}\t{node.parameter or ''}"


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
    for formal in formals.formals:
        inner.names[formal.name] = Local(unit.unique(formal.name), frame, pending=True)
    steps: list[ast.expr] = [assign(span, python, check)]
    for formal in formals.formals:
        place = unit.source.span(formal.start, formal.end)
        key = constant(place, formal.name)
        given: ast.expr = item(place, name(place, python), key)
        if formal.default is not None:
            present = compare(place, constant(place, formal.name), ast.In(), name(place, python))
            given = either(place, present, given, delay(formal.default, inner))
        steps.append(assign(place, inner.names[formal.name].python, given))
    for formal in formals.formals:
        inner.names[formal.name].pending = False
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
    local = known_function(node.function, scope)
    if local is not None:
        result = call(span, name(scope.span(node.function), local.python), delay(arguments[0], scope))
        return call_each(result, arguments[1:], span, scope)
    return call_each(emit(node.function, scope), arguments, span, scope)


def call_each(callee: ast.expr, arguments: tuple[tree.Node, ...], span: Span, scope: Scope) -> ast.expr:
    """`callee` called with one argument after the other."""
    for argument in arguments:
        callee = call_value(callee, delay(argument, scope), span, scope)
    return callee


def call_value(callee: ast.expr, argument: ast.expr, span: Span, scope: Scope) -> ast.expr:
    """A call of a forced value. A Python function is called as it is; of all else callable the runtime makes one."""
    if isinstance(callee, ast.Name):
        first: ast.expr = callee
        python = callee.id
    else:
        # Free again at once: Python has loaded the callee before it evaluates the argument.
        python = scope.frame.temporary()
        scope.frame.release()
        first = assign(span, python, callee)
    test = compare(span, class_of(span, first), IS, name(span, FUNCTION))
    return call(span, either(span, test, name(span, python), call(span, CALLABLE, name(span, python))), argument)


def known_function(node: tree.Node, scope: Scope) -> Local | None:
    """The local that is bound to a lambda written out in the source, when `node` is its name."""
    if not isinstance(node, tree.Variable):
        return None
    binding = scope.resolve(node.name, node)
    if isinstance(binding, Local) and binding.function is not None:
        return binding
    return None


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
