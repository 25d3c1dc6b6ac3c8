"""`if`, `assert`, `with`."""

from __future__ import annotations

import _ast as ast

from nixbridge.language.compiler.bindings import bind_locals
from nixbridge.language.compiler.emit import delay, emit, emits
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.functions import known_global
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
    dict_of,
    either,
    function,
    in_order,
    item,
    name,
    tuple_of,
)
from nixbridge.language.compiler.shapes import known_value
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.tree_text import to_text
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.compiler.resolution import Scope
    from nixbridge.source import Span

    Branch = tuple[tree.Node, tree.Node]

#: An else-if chain longer than this is compiled flat, since Python's compiler recurses into each `else`.
LONGEST_NESTED_CHAIN = 8
#: A longer one is cut into functions: Python's compiler takes time that grows with the square of the branches in one.
MOST_BRANCHES = 200
#: Builtins that give a Boolean or fail, with the number of their arguments.
PREDICATES = dict.fromkeys(
    (f"builtins.is{kind}" for kind in ("Int", "Float", "Bool", "List", "String", "Attrs", "Function", "Null")), 1
)
PREDICATES |= dict.fromkeys(
    ("builtins.elem", "builtins.all", "builtins.any", "builtins.hasAttr", "builtins.lessThan"), 2
)
#: Characters of a condition that a failed assertion shows.
LONGEST_SHOWN = 2_000


@emits(tree.If)
def if_(node: tree.If, frame: Frame) -> ast.expr:
    """Return `if c then a else b`; `else if` after `else if` is one chain."""
    span = frame.span(node)
    branches: list[Branch] = []
    rest: tree.Node = node
    while isinstance(rest, tree.If):
        branches.append((rest.condition, rest.consequent))
        rest = rest.alternative
    if len(branches) > LONGEST_NESTED_CHAIN:
        return flat_chain(branches, rest, span, frame)
    return nested_chain(node, frame)


def nested_chain(node: tree.If, frame: Frame) -> ast.expr:
    """Return `a if c else b`."""
    test = condition(node.condition, frame)
    with frame.branch():
        consequent = emit(node.consequent, frame)
    with frame.branch():
        rest = node.alternative
        alternative = nested_chain(rest, frame) if isinstance(rest, tree.If) else emit(rest, frame)
    return either(frame.span(node), test, consequent, alternative)


def flat_chain(branches: list[Branch], rest: tree.Node, span: Span, frame: Frame) -> ast.expr:
    """Return `((c1 and (a,)) or (c2 and (b,)) or (c,))[0]`: any number of branches, no nesting. A 1-tuple is always true."""
    choices: list[ast.expr] = []
    for start in range(0, len(branches), MOST_BRANCHES):
        group = branches[start : start + MOST_BRANCHES]
        if len(branches) <= MOST_BRANCHES:
            choices.extend(choice(*branch, frame) for branch in group)
        else:
            inner = frame.group()
            made = both(span, OR, [choice(*branch, inner) for branch in group])
            choices.append(call(span, function(span, [], made)))
    with frame.branch():
        choices.append(tuple_of(span, [emit(rest, frame)]))
    return item(span, both(span, OR, choices), constant(span, 0))


def choice(test: tree.Node, consequent: tree.Node, frame: Frame) -> ast.expr:
    """Return `test and (consequent,)`."""
    place = frame.span(test)
    with frame.branch():
        tested = condition(test, frame)
        return both(place, AND, [tested, tuple_of(place, [emit(consequent, frame)])])


def condition(node: tree.Node, frame: Frame) -> ast.expr:
    """Return a Python expression that is true when `node` is, and an error when it is not a Boolean."""
    value = emit(node, frame)
    if gives_bool(node, frame):
        return value
    span = frame.span(node)
    if frame.once:
        return call(span, "nix.logical", value)
    with frame.scratch():
        python = frame.temporary()
    known = compare(span, assign(span, python, value), IS, constant(span, True))
    other = compare(span, name(span, python), IS_NOT, constant(span, False))
    return both(span, OR, [known, both(span, AND, [other, call(span, "nix.logical", name(span, python))])])


def gives_bool(node: tree.Node, frame: Frame) -> bool:
    """Return whether the value of `node`, if it has one, is certainly a Boolean."""
    if isinstance(node, tree.Binary):
        known = ("==", "!=", "<", "<=", ">", ">=", "&&", "||", "->")
        return node.operator in known and node not in frame.unit.found.desugared
    if isinstance(node, tree.Apply):
        return PREDICATES.get(known_global(node.function, frame) or "") == len(node.arguments)
    return isinstance(node, (tree.Not, tree.HasAttr))


@emits(tree.Assert)
def assert_(node: tree.Assert, frame: Frame) -> ast.expr:
    """`assert c; body`."""
    span = frame.span(node)
    place = frame.span(node.condition)
    text = constant(place, shown(node.condition, frame))
    if isinstance(node.condition, tree.Binary) and node.condition.operator == "==":
        # the operands are at hand when the message says how they differ
        operands = emit(node.condition.left, frame), emit(node.condition.right, frame)
        return both(span, AND, [call(place, "nix.check_equal", text, *operands), emit(node.body, frame)])
    test = condition(node.condition, frame)
    return either(span, test, emit(node.body, frame), call(place, "nix.assertion_failed", text))


def shown(condition: tree.Node, frame: Frame) -> str:
    """Return the condition of an assertion as its message shows it; a very long one as it is written, cut."""
    source = frame.unit.source
    if condition.end - condition.start <= LONGEST_SHOWN:
        text = to_text(condition, source)
        if text != to_text(condition, Source(source.text, base=f"{source.base}/elsewhere")):
            frame.unit.found.names_folder = True
        return text
    return frame.unit.source.text[condition.start : condition.start + LONGEST_SHOWN] + "..."


@emits(tree.With)
def with_(node: tree.With, frame: Frame) -> ast.expr:
    """`with s; body`: `s` is looked at only for names that no lexical scope has."""
    span = frame.span(node)
    scope = frame.unit.found.scopes.pop(node)
    steps: list[ast.expr] = []
    if scope.names:
        assert isinstance(node.scope, tree.AttrSet)
        steps = bind_locals(node.scope.bindings, scope, frame)
    if scope.is_needed:
        steps.append(set_of_with(node, scope, frame))
    return in_order(span, steps, emit(node.body, frame))


def set_of_with(node: tree.With, scope: Scope, frame: Frame) -> ast.expr:
    """Return the step that puts the set of a `with` into its variable; after many, the sets of those around it as well."""
    span = frame.span(node)
    own = scope.own
    assert own is not None
    own.frame = frame
    if scope.names:
        keys: list[ast.expr | None] = [constant(span, key) for key in scope.names]
        value: ast.expr = dict_of(span, keys, [name(span, local.python) for local in scope.names.values()])  # type: ignore[union-attr]
    elif own.is_value or known_value(node.scope).is_value:
        own.is_value = True
        # the set is written out: evaluating it runs nothing
        value = emit(node.scope, frame)
    else:
        value = delay(node.scope, frame)
    if scope.subjects and not scope.names:
        value = call(
            span, "nix.WithChain", value, *[name(span, frame.alias(outer) or outer.python) for outer in scope.subjects]
        )
    return assign(span, own.python, value)
