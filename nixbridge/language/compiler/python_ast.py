"""Python syntax nodes that stand where their Nix source stands.

Names in generated code are arbitrary text, which Python's compiler allows: compiler/names.py has the rules.
"""

from __future__ import annotations

import ast

from nixbridge.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

LOAD = ast.Load()
STORE = ast.Store()
IS = ast.Is()
IS_NOT = ast.IsNot()
AND = ast.And()
OR = ast.Or()
NOT = ast.Not()
NO_ARGUMENTS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


def place_of(span: Span) -> dict[str, int]:
    """The place of a node as keywords."""
    line, column, end_line, end_column = span
    return {"lineno": line, "col_offset": column, "end_lineno": end_line, "end_col_offset": end_column}


def name(span: Span, identifier: str) -> ast.Name:
    """A variable that is read."""
    line, column, end_line, end_column = span
    return ast.Name(identifier, LOAD, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)


def constant(span: Span, value: object) -> ast.Constant:
    """A Python constant: int, float, str, bool, None, or a tuple of these."""
    line, column, end_line, end_column = span
    return ast.Constant(value, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)  # type: ignore[arg-type]


def call(span: Span, function: str | ast.expr, *arguments: ast.expr) -> ast.Call:
    """A call; `function` may be the name of one of the runtime's."""
    line, column, end_line, end_column = span
    callee = name(span, function) if function.__class__ is str else function
    return ast.Call(
        callee,  # type: ignore[arg-type]
        list(arguments),
        [],
        lineno=line,
        col_offset=column,
        end_lineno=end_line,
        end_col_offset=end_column,
    )


def assign(span: Span, target: str, value: ast.expr) -> ast.NamedExpr:
    """`target := value`."""
    place = place_of(span)
    return ast.NamedExpr(ast.Name(target, STORE, **place), value, **place)


def class_of(span: Span, value: ast.expr) -> ast.Attribute:
    """`value.__class__`: what is asked for most; 6 ns, a third of isinstance."""
    line, column, end_line, end_column = span
    return ast.Attribute(
        value, "__class__", LOAD, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column
    )


def compare(span: Span, left: ast.expr, *rest: ast.cmpop | ast.expr) -> ast.Compare:
    """A chained comparison: left, operator, operand, operator, operand..."""
    line, column, end_line, end_column = span
    return ast.Compare(
        left,
        list(rest[0::2]),  # type: ignore[arg-type]
        list(rest[1::2]),  # type: ignore[arg-type]
        lineno=line,
        col_offset=column,
        end_lineno=end_line,
        end_col_offset=end_column,
    )


def binary(span: Span, left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.BinOp:
    """`left operator right` on Python numbers or strings."""
    line, column, end_line, end_column = span
    return ast.BinOp(
        left, operator, right, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column
    )


def either(span: Span, test: ast.expr, body: ast.expr, orelse: ast.expr) -> ast.IfExp:
    """`body if test else orelse`."""
    line, column, end_line, end_column = span
    return ast.IfExp(test, body, orelse, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)


def both(span: Span, operator: ast.boolop, values: list[ast.expr]) -> ast.expr:
    """`a and b and c`, `a or b`; a single value is itself."""
    if len(values) == 1:
        return values[0]
    line, column, end_line, end_column = span
    return ast.BoolOp(operator, values, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)


def negation(span: Span, value: ast.expr) -> ast.UnaryOp:
    """`not value`."""
    line, column, end_line, end_column = span
    return ast.UnaryOp(NOT, value, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)


def tuple_of(span: Span, items: list[ast.expr]) -> ast.Tuple:
    """`(a, b)`."""
    line, column, end_line, end_column = span
    return ast.Tuple(items, LOAD, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)


def list_of(span: Span, items: list[ast.expr]) -> ast.List:
    """`[a, b]`."""
    line, column, end_line, end_column = span
    return ast.List(items, LOAD, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)


def starred(span: Span, value: ast.expr) -> ast.Starred:
    """`*value`."""
    return ast.Starred(value, LOAD, **place_of(span))


def dict_of(span: Span, keys: Sequence[ast.expr | None], values: list[ast.expr]) -> ast.Dict:
    """`{key: value}`; with None for a key, `{**value}`."""
    line, column, end_line, end_column = span
    return ast.Dict(list(keys), values, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)


def item(span: Span, subject: ast.expr, index: ast.expr) -> ast.Subscript:
    """`subject[index]`."""
    line, column, end_line, end_column = span
    return ast.Subscript(
        subject, index, LOAD, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column
    )


def function(span: Span, parameters: list[str], body: ast.expr) -> ast.Lambda:
    """`lambda parameters: body`."""
    place = place_of(span)
    arguments = (
        ast.arguments(
            posonlyargs=[],
            args=[ast.arg(p, None, None, **place) for p in parameters],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[],
        )
        if parameters
        else NO_ARGUMENTS
    )
    return ast.Lambda(arguments, body, **place)


def in_order(span: Span, steps: list[ast.expr], result: ast.expr) -> ast.expr:
    """`steps` one after the other, then `result`: `(step, step) and result`, since a tuple that is not empty is true."""
    if not steps:
        return result
    return both(span, AND, [tuple_of(span, steps), result])
