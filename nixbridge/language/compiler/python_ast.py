"""Python syntax nodes that stand where their Nix source stands.

Names in generated code are arbitrary text, which Python's compiler allows: compiler/names.py has the rules.
"""

from __future__ import annotations

import _ast as ast

from nixbridge.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    T = TypeVar("T", bound=ast.AST)

LOAD = ast.Load()
STORE = ast.Store()
IS = ast.Is()
IS_NOT = ast.IsNot()
AND = ast.And()
OR = ast.Or()
NOT = ast.Not()
NO_ARGUMENTS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


#: What a constructor of `ast` does takes twice as long, checking what is right by construction here.
_new = ast.AST.__new__


def _node(kind: type[T], span: Span, fields: dict[str, object]) -> T:
    node = _new(kind)
    fields["lineno"], fields["col_offset"], fields["end_lineno"], fields["end_col_offset"] = span
    node.__dict__ = fields
    return node


def name(span: Span, identifier: str) -> ast.Name:
    """Return a variable that is read."""
    return _node(ast.Name, span, {"id": identifier, "ctx": LOAD})


def constant(span: Span, value: object) -> ast.Constant:
    """Return a Python constant: int, float, str, bool, None, or a tuple of these."""
    return _node(ast.Constant, span, {"value": value, "kind": None})


def call(span: Span, function: str | ast.expr, *arguments: ast.expr) -> ast.Call:
    """Return a call; `function` may be the name of one of the runtime's."""
    callee = name(span, function) if isinstance(function, str) else function
    return _node(ast.Call, span, {"func": callee, "args": list(arguments), "keywords": []})


def assign(span: Span, target: str, value: ast.expr) -> ast.NamedExpr:
    """Return `target := value`."""
    variable = _node(ast.Name, span, {"id": target, "ctx": STORE})
    return _node(ast.NamedExpr, span, {"target": variable, "value": value})


def attribute(span: Span, value: ast.expr, field: str) -> ast.Attribute:
    """Return `value.field`."""
    return _node(ast.Attribute, span, {"value": value, "attr": field, "ctx": LOAD})


def class_of(span: Span, value: ast.expr) -> ast.Attribute:
    """Return `value.__class__`: what is asked for most; 6 ns, a third of isinstance."""
    return attribute(span, value, "__class__")


def compare(span: Span, left: ast.expr, *rest: ast.cmpop | ast.expr) -> ast.Compare:
    """Return a chained comparison: left, operator, operand, operator, operand..."""
    return _node(ast.Compare, span, {"left": left, "ops": list(rest[0::2]), "comparators": list(rest[1::2])})


def binary(span: Span, left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.BinOp:
    """Return `left operator right` on Python numbers or strings."""
    return _node(ast.BinOp, span, {"left": left, "op": operator, "right": right})


def either(span: Span, test: ast.expr, body: ast.expr, orelse: ast.expr) -> ast.IfExp:
    """Return `body if test else orelse`."""
    return _node(ast.IfExp, span, {"test": test, "body": body, "orelse": orelse})


def both(span: Span, operator: ast.boolop, values: list[ast.expr]) -> ast.expr:
    """Return `a and b and c`, `a or b`; a single value is itself."""
    return values[0] if len(values) == 1 else _node(ast.BoolOp, span, {"op": operator, "values": values})


def negation(span: Span, value: ast.expr) -> ast.UnaryOp:
    """Return `not value`."""
    return _node(ast.UnaryOp, span, {"op": NOT, "operand": value})


def tuple_of(span: Span, items: list[ast.expr]) -> ast.Tuple:
    """Return `(a, b)`."""
    return _node(ast.Tuple, span, {"elts": items, "ctx": LOAD})


def list_of(span: Span, items: list[ast.expr]) -> ast.List:
    """Return `[a, b]`."""
    return _node(ast.List, span, {"elts": items, "ctx": LOAD})


def joined_text(span: Span, pieces: list[ast.expr]) -> ast.JoinedStr:
    """Return `f"..."` of constants and what `formatted` gives."""
    return _node(ast.JoinedStr, span, {"values": pieces})


def formatted(span: Span, value: ast.expr) -> ast.FormattedValue:
    """Return `{value}` inside `f"..."`."""
    return _node(ast.FormattedValue, span, {"value": value, "conversion": -1, "format_spec": None})


def starred(span: Span, value: ast.expr) -> ast.Starred:
    """Return `*value`."""
    return _node(ast.Starred, span, {"value": value, "ctx": LOAD})


def dict_of(span: Span, keys: Sequence[ast.expr | None], values: list[ast.expr]) -> ast.Dict:
    """Return `{key: value}`; with None for a key, `{**value}`."""
    return _node(ast.Dict, span, {"keys": list(keys), "values": values})


def item(span: Span, subject: ast.expr, index: ast.expr) -> ast.Subscript:
    """Return `subject[index]`."""
    return _node(ast.Subscript, span, {"value": subject, "slice": index, "ctx": LOAD})


def section(span: Span, subject: ast.expr, start: ast.expr | None, end: ast.expr | None) -> ast.Subscript:
    """Return `subject[start:end]`."""
    return item(span, subject, _node(ast.Slice, span, {"lower": start, "upper": end, "step": None}))


def function(span: Span, parameters: list[str], body: ast.expr) -> ast.Lambda:
    """Return `lambda parameters: body`."""
    arguments = NO_ARGUMENTS
    if parameters:
        args = [_node(ast.arg, span, {"arg": parameter}) for parameter in parameters]
        arguments = ast.arguments(posonlyargs=[], args=args, kwonlyargs=[], kw_defaults=[], defaults=[])
    return _node(ast.Lambda, span, {"args": arguments, "body": body})


def in_order(span: Span, steps: list[ast.expr], result: ast.expr) -> ast.expr:
    """Return `steps` one after the other, then `result`: `(step, step) and result`, since a tuple that is not empty is true."""
    if not steps:
        return result
    return both(span, AND, [tuple_of(span, steps), result])
