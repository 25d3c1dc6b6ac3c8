"""Tokens, as the lexer makes them: a kind, a value, and where it stands."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Token:
    """One token. `type` is a terminal of the grammar (Lark reads it under this name); offsets are in characters."""

    __slots__ = ("end", "start", "type", "value")

    #: Lark looks for these at the end of the input; we compute them from offsets, where an error needs them.
    start_pos = line = column = end_line = end_column = end_pos = None

    def __init__(self, type: str, value: Any, start: int, end: int) -> None:
        self.type = type
        self.value = value
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"Token({self.type}, {self.value!r}, {self.start}, {self.end})"


#: The terminal of text that is not a token; no rule has it, and its value is a NixSyntaxError.
FAULT = "FAULT"

#: Words that cannot be names. `or` is one only where the grammar allows it.
KEYWORDS = {
    "if": "IF",
    "then": "THEN",
    "else": "ELSE",
    "let": "LET",
    "in": "IN",
    "with": "WITH",
    "assert": "ASSERT",
    "rec": "REC",
    "inherit": "INHERIT",
    "or": "OR",
}

#: What each sign is called in the grammar.
SIGNS = {
    "...": "ELLIPSIS",
    "==": "EQUAL",
    "!=": "NOT_EQUAL",
    "<=": "LESS_EQUAL",
    ">=": "GREATER_EQUAL",
    "&&": "AND_OPERATOR",
    "||": "OR_OPERATOR",
    "->": "IMPLIES",
    "//": "UPDATE",
    "++": "CONCATENATE",
    "|>": "PIPE_INTO",
    "<|": "PIPE_FROM",
    "<": "LESS",
    ">": "GREATER",
    "+": "PLUS",
    "-": "MINUS",
    "*": "TIMES",
    "/": "DIVIDE",
    "!": "NOT",
    "=": "ASSIGN",
    ":": "COLON",
    ";": "SEMICOLON",
    ",": "COMMA",
    ".": "DOT",
    "@": "AT",
    "?": "QUESTION",
    "(": "PARENTHESIS_OPEN",
    ")": "PARENTHESIS_CLOSE",
    "[": "BRACKET_OPEN",
    "]": "BRACKET_CLOSE",
}
