"""The LALR(1) table that Lark makes of the grammar, as plain data; lark is imported only to make one."""

from __future__ import annotations

from lark import Lark
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: state -> symbol -> a state to go to (0 and up) or a rule to reduce by (-1 - number); the end is `$END`.
States = list[dict[str, int]]
#: origin, name of the action, number of symbols, whether a single child stands for the rule, and which of the children
#: are rows that are put in one by one (those of rules whose names begin with `_`)
Rule = tuple[str, str, int, bool, tuple[int, ...]]
Table = tuple[States, list[Rule]]


class NoLexer(Lexer):
    """Tokens are put in from outside."""

    def __init__(self, _configuration: Any) -> None:
        pass

    def lex(self, _state: Any, _parser_state: Any) -> Iterator[Any]:
        """Return no token at all."""
        return iter(())


def build_table(grammar: str) -> Table:
    """Return states and rules of a grammar. Raises lark's GrammarError for one that is not LALR(1)."""
    lark = Lark(grammar, parser="lalr", lexer=NoLexer, maybe_placeholders=False)
    parse_table: Any = lark.parser.parser.parser.parse_table
    rules = list(lark.rules)
    # by identity where Lark's table has the very rule, else by what the rule says
    number_of = {id(rule): number for number, rule in enumerate(rules)}
    by_text = {str((rule.origin, rule.expansion, rule.alias)): number for number, rule in enumerate(rules)}
    states: States = [{} for _ in parse_table.states]
    for state, actions in parse_table.states.items():
        for symbol, (action, argument) in actions.items():
            if action is Shift:
                states[state][str(symbol)] = argument
            else:
                key = str((argument.origin, argument.expansion, argument.alias))
                states[state][str(symbol)] = -1 - number_of.get(id(argument), by_text[key])
    described = [
        (
            str(rule.origin.name),
            str(rule.alias or rule.origin.name),
            len(rule.expansion),
            bool(rule.options.expand1 and not rule.alias),
            tuple(number for number, symbol in enumerate(rule.expansion) if symbol.name.startswith("_")),
        )
        for rule in rules
    ]
    return in_order(states, parse_table.start_states["start"]), described


def in_order(states: States, start: int) -> States:
    """Return the states numbered as they are met from the start state, which is 0: Lark's own numbers differ from run to run."""
    numbers = {start: 0}
    met = [start]
    for state in met:
        for _, action in sorted(states[state].items()):
            if action >= 0 and action not in numbers:
                numbers[action] = len(met)
                met.append(action)
    return [
        {symbol: numbers[action] if action >= 0 else action for symbol, action in sorted(states[state].items())}
        for state in met
    ]
