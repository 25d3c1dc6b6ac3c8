"""Tokens to tree: a loop over the LALR(1) table that Lark made of the grammar.

The table ships with the package, so that a parse needs neither Lark nor the time to make it (28 to 42 ms to import, 28
to build); where it does not belong to the grammar that is there, because somebody is changing it, Lark makes it on the
spot. A test proves that Lark's own parser gives the same trees.
"""

from __future__ import annotations

import os

from nixbridge.language.syntax import lalr_table as shipped
from nixbridge.language.syntax.ast import Node
from nixbridge.language.syntax.braces import Inherit, bindings_of
from nixbridge.language.syntax.lexer import Lexer, tokens_to_parse
from nixbridge.language.syntax.parse_errors import unexpected
from nixbridge.language.syntax.tokens import FAULT, Token
from nixbridge.language.syntax.transformer import Builder
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.syntax.table_builder import Table

    #: terminal -> the state to shift to, or the rule to reduce by; nonterminal -> Goto
    State = dict[str, Any]


def grammar_text() -> str:
    """Return the text of nix.lark, which an installed package has next to this module, and a checkout in `grammar/`."""
    here = os.path.dirname(os.path.abspath(__file__))
    for path in (os.path.join(here, "nix.lark"), os.path.join(here, "..", "..", "..", "grammar", "nix.lark")):
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    raise FileNotFoundError("nix.lark is neither in the package nor in grammar/")


def digest(grammar: str) -> str:
    """Return what tells one grammar from another: a sum of its text; line ends and blanks before them do not count."""
    from zlib import crc32

    return f"{crc32(chr(10).join(line.rstrip() for line in grammar.splitlines()).encode()):08x}"


def load_table() -> Table:
    """Return the table of the grammar: the shipped one, unless this is a checkout whose grammar is newer."""
    here = os.path.dirname(os.path.abspath(__file__))
    if os.path.exists(os.path.join(here, "..", "..", "..", "grammar", "nix.lark")):
        grammar = grammar_text()
        if digest(grammar) != shipped.GRAMMAR:
            from nixbridge.language.syntax.table_builder import build_table

            return build_table(grammar)
    return shipped.STATES, shipped.RULES


class Goto(dict):  # type: ignore[type-arg]
    """The states that follow a value of some kind, by the token that comes next.

    Rules that only pass a value on (an integer is a simple expression, a selection, an application...) are followed
    here, once for each token that may come next, instead of each time.
    """

    __slots__ = ("below", "target")

    def __init__(self, below: State, target: State) -> None:
        self.below, self.target = below, target

    def __missing__(self, kind: str) -> State:
        target = self.target
        while (rule := target.get(kind)).__class__ is Rule and rule.passes_on:
            target = self.below[rule.origin].target
        self[kind] = target
        return target


class Rule:
    """A rule to reduce by: takes `size` values and gives one."""

    __slots__ = ("is_row", "make", "origin", "passes_on", "rows", "size")

    def __init__(self, origin: str, action: str, size: int, expands: bool, rows: tuple[int, ...]) -> None:
        self.origin, self.size, self.rows = origin, size, rows
        self.is_row = origin[0] == "_"
        self.passes_on = expands and size == 1 and not rows
        self.make = getattr(Builder, action, None)  # rows and values that are passed on have none


def link(table: Table) -> State:
    """Return the start state of a table, with states that refer to one another: quicker to follow than numbers."""
    numbered, described = table
    rules = [Rule(*rule) for rule in described]
    states: list[State] = [{} for _ in numbered]
    for state, actions in zip(states, numbered, strict=True):
        for symbol, action in actions.items():
            if action < 0:
                state[symbol] = rules[-1 - action]
            else:
                state[symbol] = states[action] if symbol.isupper() else Goto(state, states[action])
    return states[0]


_linked: list[State] = []


def start_state() -> State:
    """Return the start state of the table."""
    if not _linked:
        _linked.append(link(load_table()))
    return _linked[0]


def parse(source: Source, *, repeated: bool = False) -> Node:
    """Return the tree of a source; with `repeated`, values that are written alike are Repeated nodes. Raises NixSyntaxError."""
    repeats = None
    if repeated:
        from nixbridge.language.syntax.repeats import Repeats  # whose patterns only large files are worth

        repeats = Repeats(source.text)
    return parse_tokens(tokens_to_parse(source, repeats), source, start_state())


def parse_part(source: Source, start: int, end: int) -> Node:
    """Return the tree of an expression in a source. Raises NixSyntaxError."""
    return parse_tokens(Lexer(source).run(start, end), source, start_state())


def parse_tokens(tokens: list[Token], source: Source, start: State) -> Node:
    """Return the tree of tokens, by the LALR(1) algorithm: shift a token, or reduce the topmost values by a rule."""
    builder = Builder(source)
    states: list[State] = [start]
    values: list[Any] = []
    tokens.append(Token("$END", None, len(source.text), len(source.text)))
    state = start
    for token in tokens:
        kind = token.type
        while (action := state.get(kind)).__class__ is not dict:
            if action is None:
                action = only_rule(state)
                if action is None:
                    check_open_braces(values, builder)
                    raise token.value if kind == FAULT else unexpected(token, accepted(states), tokens, source)
            size = action.size
            if size == 1 and not action.rows:
                # nearly half of what is reduced is one value: it is replaced where it stands
                make = action.make
                if make is not None:
                    values[-1] = make(builder, [values[-1]])
                elif action.is_row:
                    values[-1] = [values[-1]]
                elif action.origin == "start":
                    root: Node = values[-1]
                    return root
                states[-1] = state = states[-2][action.origin][kind]
                continue
            if size:
                children = values[-size:]
                del values[-size:]
                del states[-size:]
                if action.rows:
                    children = flatten(children, action.rows)
            else:
                children = []
            make = action.make
            if make is not None:
                values.append(make(builder, children))
            elif action.is_row:
                values.append(children)
            else:
                values.append(children[0])
            state = states[-1][action.origin][kind]
            states.append(state)
        states.append(action)
        values.append(token)
        state = action
    raise AssertionError("the end of the text ends the loop")


def only_rule(state: State) -> Rule | None:
    """Return the rule to reduce by whatever comes next; None where that matters, and where nothing may come."""
    first = next(iter(state.values()))
    is_only = first.__class__ is Rule and all(action is first for action in state.values())
    return first if is_only and first.origin != "start" else None


def check_open_braces(values: list[object], builder: Builder) -> None:
    """Raise NixSyntaxError for a name that is defined twice between braces that are still open: it comes before what is found now."""
    for row in values:
        if isinstance(row, list):
            entries = [entry for entry in row if isinstance(entry, (tuple, Inherit))]
            bindings_of(entries, builder.source, builder.numbers)


def accepted(states: list[State]) -> set[str]:
    """Return the terminals that could come next. A state alone allows too much: different surroundings share states."""
    return {kind for kind in states[-1] if kind.isupper() and could_shift(list(states), kind)}


def could_shift(states: list[State], kind: str) -> bool:
    """Return whether a terminal would be shifted, sooner or later."""
    # reduces as `parse_tokens` does, but states only: values are not needed to tell
    while (action := states[-1].get(kind)).__class__ is Rule:
        if action.origin == "start":
            return True
        if action.size:
            del states[-action.size :]
        states.append(states[-1][action.origin].target)
    return action is not None


def flatten(children: list[Any], rows: tuple[int, ...]) -> list[Any]:
    """Return children with those that are rows put in one by one. A row that comes first is extended: it may be long."""
    flat: list[Any] = children[0] if rows[0] == 0 else []
    for number in range(rows[0] == 0, len(children)):
        if number in rows:
            flat += children[number]
        else:
            flat.append(children[number])
    return flat
