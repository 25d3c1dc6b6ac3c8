"""`if`, `assert`, `with`."""

from __future__ import annotations

import ast

from nixbridge.language.compiler.emit import delay, emit, emits
from nixbridge.language.compiler.python_ast import (
    AND,
    IS,
    IS_NOT,
    OR,
    assign,
    both,
    call,
    compare,
    constant,
    either,
    in_order,
    item,
    name,
    tuple_of,
)
from nixbridge.language.compiler.scope import Scope
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.printer import to_text

#: An else-if chain longer than this is compiled flat, since Python's compiler recurses into each `else`.
LONGEST_NESTED_CHAIN = 12


@emits(tree.If)
def if_(node: tree.If, scope: Scope) -> ast.expr:
    """`if c then a else b`."""
    span = scope.span(node)
    branches: list[tuple[tree.Node, tree.Node]] = []
    rest: tree.Node = node
    while isinstance(rest, tree.If):
        branches.append((rest.condition, rest.consequent))
        rest = rest.alternative
    if len(branches) > LONGEST_NESTED_CHAIN:
        return flat_chain(node, branches, rest, scope)
    test = condition(node.condition, scope)
    mark = scope.frame.mark()
    consequent = emit(node.consequent, scope)
    scope.frame.forget(mark)
    alternative = emit(node.alternative, scope)
    scope.frame.forget(mark)
    return either(span, test, consequent, alternative)


def flat_chain(node: tree.If, branches: list[tuple[tree.Node, tree.Node]], rest: tree.Node, scope: Scope) -> ast.expr:
    """`((c1 and (a,)) or (c2 and (b,)) or (c,))[0]`: any number of branches, no nesting. A 1-tuple is always true."""
    span = scope.span(node)
    outset = scope.frame.mark()
    choices: list[ast.expr] = []
    for test, consequent in branches:
        place = scope.span(test)
        tested = condition(test, scope)
        mark = scope.frame.mark()
        choices.append(both(place, AND, [tested, tuple_of(place, [emit(consequent, scope)])]))
        scope.frame.forget(mark)
        scope.frame.forget(outset)
    choices.append(tuple_of(span, [emit(rest, scope)]))
    scope.frame.forget(outset)
    return item(span, both(span, OR, choices), constant(span, 0))


def condition(node: tree.Node, scope: Scope) -> ast.expr:
    """A Python expression that is true when `node` is, and an error when it is no Boolean."""
    value = emit(node, scope)
    if gives_bool(node):
        return value
    span = scope.span(node)
    python = scope.frame.temporary()
    scope.frame.release()
    known = compare(span, assign(span, python, value), IS, constant(span, True))
    other = compare(span, name(span, python), IS_NOT, constant(span, False))
    return both(span, OR, [known, both(span, AND, [other, call(span, "nix.logical", name(span, python))])])


def gives_bool(node: tree.Node) -> bool:
    """Is the value of `node`, if it has one, certainly a Boolean?"""
    if isinstance(node, tree.Binary):
        return node.operator in ("==", "!=", "<", "<=", ">", ">=", "&&", "||", "->")
    return isinstance(node, (tree.Not, tree.HasAttr))


@emits(tree.Assert)
def assert_(node: tree.Assert, scope: Scope) -> ast.expr:
    """`assert c; body`."""
    span = scope.span(node)
    place = scope.span(node.condition)
    text = constant(place, to_text(node.condition, scope.unit.source))
    if isinstance(node.condition, tree.Binary) and node.condition.operator == "==":
        # the operands are at hand when the message says how they differ
        operands = emit(node.condition.left, scope), emit(node.condition.right, scope)
        return both(span, AND, [call(place, "nix.check_equal", text, *operands), emit(node.body, scope)])
    test = condition(node.condition, scope)
    return either(span, test, emit(node.body, scope), call(place, "nix.assertion_failed", text))


@emits(tree.With)
def with_(node: tree.With, scope: Scope) -> ast.expr:
    """`with s; body`: `s` is looked at only for names that no lexical scope has."""
    span = scope.span(node)
    python = scope.unit.own_variable("with")
    step = assign(span, python, delay(node.scope, scope))
    return in_order(span, [step], emit(node.body, Scope(scope.frame, scope, with_variable=python)))
