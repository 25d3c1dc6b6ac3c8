"""Tokens to tree: a loop over the LALR(1) table that Lark made of the grammar.

The table ships with the package, so that a parse needs neither Lark nor the time to make it (28 to 42 ms to import, 28 to build); where it does
not belong to the grammar that is there, because somebody is changing it, Lark makes it on the spot. A test proves that Lark's
own parser gives the same trees.
"""

from __future__ import annotations

import os

from nixbridge.errors.kinds import NixSyntaxError
from nixbridge.source import Source
from nixbridge.syntax import table as shipped
from nixbridge.syntax.build import Builder
from nixbridge.syntax.explain import unexpected
from nixbridge.syntax.grammar import grammar_text
from nixbridge.syntax.lexer import tokens_of
from nixbridge.syntax.tokens import Token
from nixbridge.syntax.tree import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.syntax.tables import Table


def digest(grammar: str) -> str:
    """What tells one grammar from another: the sum of its text, with line ends and blanks at the ends of lines left out."""
    from zlib import crc32

    return f"{crc32(chr(10).join(line.rstrip() for line in grammar.splitlines()).encode()):08x}"


def load_table() -> Table:
    """The table of the grammar. In an installed package that is the shipped one; in a checkout the grammar may be newer."""
    here = os.path.dirname(os.path.abspath(__file__))
    if os.path.exists(os.path.join(here, "..", "..", "grammar", "nix.lark")):
        grammar = grammar_text()
        if digest(grammar) != shipped.GRAMMAR:
            from nixbridge.syntax.tables import build_table

            return build_table(grammar)
    return shipped.STATES, shipped.RULES, shipped.START, shipped.END


def parse(source: Source) -> Node:
    """The tree of a source. Raises NixSyntaxError."""
    return parse_tokens(tokens_of(source), source, load_table())


def parse_tokens(tokens: list[Token], source: Source, table: Table) -> Node:
    """The tree of tokens, by the LALR(1) algorithm: shift a token, or reduce the topmost values by a rule."""
    states, rules, start_state, end_state = table
    builder = Builder(source)
    actions = [getattr(builder, rule[1], None) for rule in rules]
    state_stack, value_stack = [start_state], []
    end = Token("$END", None, len(source.text), len(source.text))
    for token in [*tokens, end]:
        kind = token.type
        while True:
            action = states[state_stack[-1]].get(kind)
            if action is None:
                raise unexpected(token, states[state_stack[-1]], tokens, source)
            if action >= 0:
                state_stack.append(action)
                value_stack.append(token)
                break
            origin, _, size, expand, rows = rules[-1 - action]
            if size:
                children = value_stack[-size:]
                del value_stack[-size:]
                del state_stack[-size:]
                if rows:
                    children = flatten(children, rows, origin)
            else:
                children = []
            if origin[0] == "_":
                value: Any = children
            elif expand and len(children) == 1:
                value = children[0]
            else:
                value = actions[-1 - action](children)  # type: ignore[misc]
            state_stack.append(states[state_stack[-1]][origin])
            value_stack.append(value)
            if state_stack[-1] == end_state and kind == "$END":
                return value_stack[-1]  # type: ignore[no-any-return]
    raise NixSyntaxError("syntax error, unexpected end of file", source=source)  # pragma: no cover - $END ends the loop


def flatten(children: list[Any], rows: tuple[int, ...], origin: str) -> list[Any]:
    """Children with those that are rows put in one by one. A row that grows at its end is extended in place."""
    if rows == (0,) and origin[0] == "_":
        row: list[Any] = children[0]
        row.extend(children[1:])
        return row
    flat: list[Any] = []
    for number, child in enumerate(children):
        if number in rows:
            flat.extend(child)
        else:
            flat.append(child)
    return flat
