"""Parsing a file that does not parse for the moment: every syntax error, and a tree of all the rest.

The parser proper stops at the first error. Here its table is run over the kinds of the tokens alone; at an unexpected token the
cheapest repair is made that lets the following tokens be read (a token is put in, or the unexpected one is left out), and the
parser then reads the repaired tokens. Tokens that are put in have no width, so that every offset is one of the user's text.
"""

from __future__ import annotations

from nixbridge.errors.exceptions import NixSyntaxError
from nixbridge.language.syntax.lexer import Lexer
from nixbridge.language.syntax.parse_errors import unexpected
from nixbridge.language.syntax.parser import accepted, link, load_table, parse_tokens
from nixbridge.language.syntax.tokens import Token
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.syntax.ast import Node

    State = dict[str, Any]

#: The name of what is missing: not a Nix name, so that nothing that a user writes is taken for it.
HOLE = "<missing>"
#: Syntax errors that are looked for; a file with more is not the one that is being typed.
MOST_ERRORS = 25
#: Tokens that must be readable after a repair for it to be the one that was meant.
LOOK_AHEAD = 4
#: What may be put in before an unexpected token, cheapest first.
REPAIRS: tuple[tuple[str, ...], ...] = (
    ("SEMICOLON",),
    ("ID",),
    ("ID", "SEMICOLON"),
    ("ASSIGN", "ID", "SEMICOLON"),
    ("BRACKET_CLOSE",),
    ("PARENTHESIS_CLOSE",),
    ("BRACE_CLOSE",),
    ("INTERPOLATION_CLOSE",),
    ("BRACKET_CLOSE", "SEMICOLON"),
    ("PARENTHESIS_CLOSE", "SEMICOLON"),
    ("BRACE_CLOSE", "SEMICOLON"),
    ("IN",),
    ("IN", "ID"),
    ("COLON", "ID"),
    ("THEN", "ID", "ELSE", "ID"),
    ("ELSE", "ID"),
    ("ASSIGN",),
    ("COLON",),
    ("COMMA",),
)
#: What may be put in where the text ends too early: what closes the innermost of what is open, else what has to come before.
AT_THE_END = (
    *("BRACKET_CLOSE", "PARENTHESIS_CLOSE", "INTERPOLATION_CLOSE", "STRING_CLOSE", "INDENTED_STRING_CLOSE"),
    *("PATH_CLOSE", "SEMICOLON", "BRACE_CLOSE", "IN", "THEN", "ELSE", "ASSIGN", "COLON", "ID"),
)
#: Tokens that are put in at the end at most: more than this are open only in a text that was made to be like that.
MOST_AT_THE_END = 1000


class Parsed:
    """A text parsed with recovery: tokens, syntax errors, and the tree (None if recovery failed)."""

    def __init__(self, tokens: list[Token], errors: list[NixSyntaxError], tree: Node | None) -> None:
        self.tokens, self.errors, self.tree = tokens, errors, tree


_start: list[State] = []


class TolerantLexer(Lexer):
    """A lexer that accepts a text with unclosed delimiters; the missing tokens are inserted later."""

    def check_all_closed(self) -> None:
        """Accept unclosed delimiters."""


def parse_with_recovery(source: Source) -> Parsed:
    """Return tokens, errors and tree of a text. Raises nothing."""
    if not _start:
        _start.append(link(load_table()))
    errors: list[NixSyntaxError] = []
    tokens = _tokens(source, errors)
    # the fast path: most of the time the text has no errors, and repairing costs several parses
    tree = _parsed(tokens, source) if not errors else None
    if tree is not None:
        return Parsed(tokens, errors, tree)
    repaired = _repair(tokens, source, errors)
    while tree is None and len(errors) < MOST_ERRORS:
        try:
            tree = parse_tokens(list(repaired), source, _start[0])
        except NixSyntaxError as error:
            # the tokens are in order: it is what they say that is wrong, such as a name that is defined twice
            errors.append(error)
            shorter = _without_binding_at(repaired, source, error)
            if shorter is None:
                break
            repaired = shorter
    return Parsed(tokens, errors, tree)


def _parsed(tokens: list[Token], source: Source) -> Node | None:
    """Return the tree of a text without mistakes, which most texts are most of the time."""
    try:
        return parse_tokens(list(tokens), source, _start[0])
    except NixSyntaxError:
        return None


def _tokens(source: Source, errors: list[NixSyntaxError]) -> list[Token]:
    """Return the tokens of a text; a line whose text is not a token is blanked from there on, which keeps every offset."""
    text = source.text
    while True:
        lexer = TolerantLexer(Source(text, source.name, source.base))
        try:
            return lexer.run()
        except NixSyntaxError as error:
            errors.append(error)
            if error.span is None or len(errors) >= MOST_ERRORS:
                return lexer.tokens
            start = source.offset(error.span[0], error.span[1])
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            # a closing bracket or semicolon at the end of the line belongs to what surrounds the mistake
            while end > start + 1 and text[end - 1] in ";)]} \t\r":
                end -= 1
            if text[start:end].isspace() or start >= end:
                return lexer.tokens
            text = text[:start] + " " * (end - start) + text[end:]


def _advance(states: list[State], kind: str) -> bool:
    """Read one more token kind: reduce what is complete, then shift. False, with `states` spoilt, if it cannot stand here."""
    while (action := states[-1].get(kind)).__class__ is not dict:
        if action is None:
            return False
        if action.origin == "start":  # the whole file: nothing follows, so the stack is not needed any more
            return True
        if action.size:
            del states[-action.size :]
        states.append(states[-1][action.origin][kind])
    states.append(action)
    return True


def _repair(tokens: list[Token], source: Source, errors: list[NixSyntaxError]) -> list[Token]:
    """Return the tokens as a text that parses has them, without the end; the errors that were met are added to `errors`."""
    tokens = [token for token in tokens if token.type != "$END"]
    end = Token("$END", None, len(source.text), len(source.text))
    states, repaired = [_start[0]], []
    pending = [*reversed([*tokens, end])]
    while pending:
        token = pending[-1]
        # a copy: a failed step leaves the stack half reduced
        ahead = list(states)
        if _advance(ahead, token.type):
            states = ahead
            pending.pop()
            if token is not end:
                repaired.append(token)
            continue
        if len(errors) >= MOST_ERRORS:
            break
        if not errors or token is not end:
            errors.append(unexpected(token, accepted(states), [*repaired, *reversed(pending)], source))
        if token is end:
            return repaired + _completion(states, end)
        # no insertion reads further than leaving the token out
        put_in = _best_repair(states, pending)
        if put_in is None:
            pending.pop()
            continue
        place = repaired[-1].end if repaired else token.start
        pending.extend(Token(kind, HOLE, place, place) for kind in reversed(put_in))
    return repaired


def _completion(states: list[State], end: Token) -> list[Token]:
    """Return the tokens that complete a truncated text, as many as the parser needs to accept its end."""
    put_in: list[Token] = []
    while not _advance(list(states), "$END") and len(put_in) < MOST_AT_THE_END:
        possible = accepted(states)
        kind = next((kind for kind in AT_THE_END if kind in possible), None)
        if kind is None or not _advance(states, kind):
            break
        put_in.append(Token(kind, HOLE, end.start, end.end))
    return put_in


def _best_repair(states: list[State], pending: list[Token]) -> tuple[str, ...] | None:
    """Return the tokens to put in before the next one, or None where leaving that out reads further."""
    # minus one half: at equal length an insertion wins over dropping a token that the user typed
    best, furthest = None, _readable(states, pending[-2 : -2 - LOOK_AHEAD : -1]) - 0.5
    for repair in REPAIRS:
        trial = list(states)
        if all(_advance(trial, kind) for kind in repair):
            read = _readable(trial, pending[-1 : -1 - LOOK_AHEAD : -1])
            if read > furthest:
                best, furthest = repair, read
    return best


def _readable(states: list[State], tokens: list[Token]) -> float:
    """Return how many of the tokens can be read from here."""
    trial = list(states)
    for count, token in enumerate(tokens):
        if not _advance(trial, token.type):
            return count
    return LOOK_AHEAD


def _without_binding_at(tokens: list[Token], source: Source, error: NixSyntaxError) -> list[Token] | None:
    """Return the tokens without the binding that begins at an error's place; None where none does."""
    if error.span is None:
        return None
    start = source.offset(error.span[0], error.span[1])
    first = next((index for index, token in enumerate(tokens) if token.start >= start), None)
    if first is None:
        return None
    depth = 0
    for index in range(first, len(tokens)):
        kind = tokens[index].type
        if kind.endswith("_OPEN"):
            depth += 1
        elif kind.endswith("_CLOSE"):
            depth -= 1
        if depth < 0:
            return None
        if depth == 0 and kind == "SEMICOLON":
            return tokens[:first] + tokens[index + 1 :]
    return None
