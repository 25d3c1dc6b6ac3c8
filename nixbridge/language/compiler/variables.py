"""Variables: forced where they are asked for, passed on as they are where they are not."""

from __future__ import annotations

import ast

from nixbridge.language.compiler.binding import GLOBAL_CONSTANTS, Dynamic, Global, Local, Member
from nixbridge.language.compiler.emit import delays, emits, suspend
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.names import DICT, FORCE, THUNK, forced_variable
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
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Span

#: Names are looked up in place in so many `with`s; beyond, the code would grow.
MOST_SCOPES_IN_PLACE = 3


@emits(tree.Variable)
def variable(node: tree.Variable, frame: Frame) -> ast.expr:
    """Return a variable's value. Once forced it stays so in this function: the local (or a new one) holds the value."""
    span = frame.span(node)
    binding = node.binding
    if isinstance(binding, Local):
        return forced_local(binding, span, frame)
    if isinstance(binding, Member):
        return forced_member(binding, span, frame)
    if isinstance(binding, Global):
        return global_variable(binding, span)
    return from_with(node.name, [scope.python for scope in binding.scopes], span, frame)


def from_with(key: str, scopes: list[str], span: Span, frame: Frame) -> ast.expr:
    """Return a name out of the innermost `with` that has it: in place as long as the scopes are plain sets, else by the runtime."""
    value: ast.expr = call(span, "nix.with_name", constant(span, key), *[name(span, python) for python in scopes])
    if frame.once:
        return value
    with frame.scratch():
        held = frame.temporary()
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


def forced_local(local: Local, span: Span, frame: Frame) -> ast.expr:
    """Return the value of a local, forced unless it is known to be."""
    if local.is_value and not frame.awaits(local):
        return name(span, local.python)
    alias = frame.alias(local)
    if alias is not None:
        return name(span, alias)
    python = local.python
    force = call(span, FORCE, name(span, python))
    if frame.once:
        alias = python if local.frame is frame else forced_variable(python)
        frame.note_forced(local, alias)
        return assign(span, alias, force)
    test = compare(span, class_of(span, name(span, python)), IS, name(span, THUNK))
    if local.frame is frame:
        frame.note_forced(local, python)
        return either(span, test, assign(span, python, force), name(span, python))
    alias = forced_variable(python)
    frame.note_forced(local, alias)
    return assign(span, alias, either(span, test, force, name(span, python)))


def forced_member(member: Member, span: Span, frame: Frame) -> ast.expr:
    """Return the value of a variable of a large scope."""
    entry = item(span, name(span, member.container.python), constant(span, member.key))
    if frame.once:
        return call(span, FORCE, entry)
    with frame.scratch():
        held = frame.temporary()
    there = assign(span, held, entry)
    test = compare(span, class_of(span, there), IS, name(span, THUNK))
    return either(span, test, call(span, FORCE, name(span, held)), name(span, held))


def global_variable(binding: Global, span: Span) -> ast.expr:
    """Return a global's value; `true`, `false` and `null` are Python's own."""
    if binding.python in GLOBAL_CONSTANTS:
        return constant(span, GLOBAL_CONSTANTS[binding.python])
    return name(span, binding.python)


@delays(tree.Variable)
def delayed_variable(node: tree.Variable, frame: Frame) -> ast.expr:
    """Return what the variable holds, value or thunk. One that is perhaps not assigned yet, or comes from a `with`, needs a thunk."""
    binding = node.binding
    span = frame.span(node)
    if isinstance(binding, (Dynamic, Member)):
        return suspend(node, frame)
    if isinstance(binding, Global):
        return global_variable(binding, span)
    if frame.awaits(binding):
        return suspend(node, frame)
    return name(span, frame.alias(binding) or binding.python)


def kept(value: ast.expr, node: tree.Node, span: Span, frame: Frame) -> tuple[ast.expr, ast.expr]:
    """Return an operand where it is evaluated, and where it is used again; a temporary may hold it."""
    if isinstance(value, (ast.Name, ast.Constant)):
        return value, value
    if isinstance(node, tree.Variable):
        alias = frame.alias(node.binding) if isinstance(node.binding, Local) else None
        if alias is not None:
            return value, name(span, alias)
    temporary = frame.temporary()
    return assign(span, temporary, value), name(span, temporary)
