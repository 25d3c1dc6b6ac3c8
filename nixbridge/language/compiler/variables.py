"""Variables: forced where they are asked for, passed on as they are where they are not."""

from __future__ import annotations

import ast

from nixbridge.language.compiler.emit import delays, emits, suspend
from nixbridge.language.compiler.names import DICT, FORCE, THUNK, nix_name
from nixbridge.language.compiler.python_ast import (
    AND,
    IS,
    assign,
    both,
    call,
    class_of,
    compare,
    constant,
    either,
    item,
    name,
)
from nixbridge.language.compiler.scope import GLOBAL_CONSTANTS, Dynamic, Global, Local, Member, Scope
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Span

#: Names are looked up in place in so many `with`s; beyond, the code would grow.
MOST_SCOPES_IN_PLACE = 3


@emits(tree.Variable)
def variable(node: tree.Variable, scope: Scope) -> ast.expr:
    """A variable's value. Once forced it stays so in this function: the local (or a new one) holds the value."""
    span = scope.span(node)
    binding = scope.resolve(node.name, node)
    if isinstance(binding, Local):
        return forced_local(binding, span, scope)
    if isinstance(binding, Member):
        return forced_member(binding, span, scope)
    if isinstance(binding, Global):
        return global_variable(binding, span)
    return from_with(node.name, binding.scopes, span, scope)


def from_with(key: str, scopes: list[str], span: Span, scope: Scope) -> ast.expr:
    """A name out of the innermost `with` that has it: in place as long as the scopes are plain sets, else by the runtime."""
    value: ast.expr = call(span, "nix.with_name", constant(span, key), *[name(span, python) for python in scopes])
    held = scope.frame.temporary()
    scope.frame.release()
    for count in range(min(len(scopes), MOST_SCOPES_IN_PLACE), 0, -1):
        tests: list[ast.expr] = [
            compare(span, class_of(span, name(span, python)), IS, name(span, DICT)) for python in scopes[:count]
        ]
        innermost = name(span, scopes[count - 1])
        tests.append(compare(span, constant(span, key), ast.In(), innermost))
        there = assign(span, held, item(span, innermost, constant(span, key)))
        test = compare(span, class_of(span, there), IS, name(span, THUNK))
        forced = either(span, test, call(span, FORCE, name(span, held)), name(span, held))
        value = either(span, both(span, AND, tests), forced, value)
    return value


def forced_local(local: Local, span: Span, scope: Scope) -> ast.expr:
    """The value of a local, forced unless it is known to be."""
    frame = scope.frame
    if local.is_value and not (local.pending and local.frame is frame):
        return name(span, local.python)
    alias = frame.alias(local)
    if alias is not None:
        return name(span, alias)
    python = local.python
    test = compare(span, class_of(span, name(span, python)), IS, name(span, THUNK))
    force = call(span, FORCE, name(span, python))
    if local.frame is frame:
        frame.note_forced(local, python)
        return either(span, test, assign(span, python, force), name(span, python))
    alias = frame.unit.variable(nix_name(python) or "")
    frame.note_forced(local, alias)
    return assign(span, alias, either(span, test, force, name(span, python)))


def forced_member(member: Member, span: Span, scope: Scope) -> ast.expr:
    """The value of a variable of a large `let` or `rec`."""
    held = scope.frame.temporary()
    scope.frame.release()
    there = assign(span, held, item(span, name(span, member.container), constant(span, member.key)))
    test = compare(span, class_of(span, there), IS, name(span, THUNK))
    return either(span, test, call(span, FORCE, name(span, held)), name(span, held))


def global_variable(binding: Global, span: Span) -> ast.expr:
    """A global's value; `true`, `false` and `null` are Python's own."""
    if binding.python in GLOBAL_CONSTANTS:
        return constant(span, GLOBAL_CONSTANTS[binding.python])
    return name(span, binding.python)


@delays(tree.Variable)
def delayed_variable(node: tree.Variable, scope: Scope) -> ast.expr:
    """What the variable holds, value or thunk. One that is perhaps not assigned yet, or comes from a `with`, needs a thunk."""
    binding = scope.resolve(node.name, node)
    span = scope.span(node)
    if isinstance(binding, (Dynamic, Member)):
        return suspend(node, scope)
    if isinstance(binding, Global):
        return global_variable(binding, span)
    if binding.pending and binding.frame is scope.frame:
        return suspend(node, scope)
    return name(span, scope.frame.alias(binding) or binding.python)


def kept(value: ast.expr, node: tree.Node, span: Span, scope: Scope) -> tuple[ast.expr, ast.expr, int]:
    """An operand where it is evaluated, where it is used again, and how many temporaries hold it (0 or 1)."""
    if isinstance(value, (ast.Name, ast.Constant)):
        return value, value, 0
    if isinstance(node, tree.Variable):
        binding = scope.resolve(node.name, node)
        alias = scope.frame.alias(binding) if isinstance(binding, Local) else None
        if alias is not None:
            return value, name(span, alias), 0
    temporary = scope.frame.temporary()
    return assign(span, temporary, value), name(span, temporary), 1
