"""An unexpected token, told in the user's words: what stands there, what could have, and what probably was meant."""

from __future__ import annotations

from itertools import pairwise

from nixbridge.errors.exceptions import NixSyntaxError
from nixbridge.language.syntax.tokens import KEYWORDS, SIGNS, Token
from nixbridge.source import Source

#: Terminal -> how a message calls it.
_NAMES = (
    {terminal: f"'{sign}'" for sign, terminal in SIGNS.items()}
    | {terminal: f"'{word}'" for word, terminal in KEYWORDS.items()}
    | {
        "ID": "a name",
        "INTEGER": "integer",
        "FLOAT": "floating-point literal",
        "STRING": "string",
        "STRING_OPEN": "string",
        "INDENTED_STRING": "indented string",
        "INDENTED_STRING_OPEN": "indented string",
        "PATH": "path",
        "PATH_OPEN": "path",
        "SEARCH_PATH": "search path",
        "URI": "URI",
        "BRACE_OPEN": "'{'",
        "FORMALS_OPEN": "'{'",
        "BRACE_CLOSE": "'}'",
        "INTERPOLATION_OPEN": "'${'",
        "INTERPOLATION_CLOSE": "'}'",
        "$END": "end of file",
    }
)
_OPENERS = {
    "BRACE_OPEN": "BRACE_CLOSE",
    "FORMALS_OPEN": "BRACE_CLOSE",
    "BRACKET_OPEN": "BRACKET_CLOSE",
    "PARENTHESIS_OPEN": "PARENTHESIS_CLOSE",
    "INTERPOLATION_OPEN": "INTERPOLATION_CLOSE",
}
_CLOSERS = frozenset(_OPENERS.values())
#: What a message names as expected, if it could stand there; of what else could, there is too much.
_WORTH_NAMING = (
    *("ASSIGN", "COLON", "AT", "COMMA", "THEN", "ELSE", "IN", "FORMALS_OPEN", "BRACE_OPEN"),
    *("BRACKET_CLOSE", "PARENTHESIS_CLOSE", "BRACE_CLOSE", "INTERPOLATION_CLOSE", "$END"),
)
_OPERATORS = {
    *("PLUS", "MINUS", "TIMES", "DIVIDE", "NOT", "CONCATENATE", "UPDATE", "EQUAL", "NOT_EQUAL", "LESS", "GREATER"),
}


def unexpected(token: Token, accepted: set[str], tokens: list[Token], source: Source) -> NixSyntaxError:
    """Return the error of `token`, where only the terminals in `accepted` could stand."""
    number = tokens.index(token)
    hint = _usual_mistake(token, accepted, tokens[number - 1] if number else None)
    if "SEMICOLON" in accepted and hint is None:
        return _missing_semicolon(number, tokens, source)
    if hint is None:
        hint = _not_closed(tokens, number, source) or _missing(token, accepted)
    return NixSyntaxError(
        f"syntax error, unexpected {_describe(token)}{_expecting(accepted)}",
        source=source,
        span=source.span(token.start, max(token.end, token.start + 1)),
        hint=hint,
    )


def _describe(token: Token) -> str:
    return f"'{token.value}'" if token.type == "ID" else _NAMES.get(token.type, token.type)


def _expecting(accepted: set[str]) -> str:
    names = [_NAMES[terminal] for terminal in _WORTH_NAMING if terminal in accepted and "BRACKET_OPEN" not in accepted]
    if "BRACKET_OPEN" in accepted:  # an expression, or its end
        names = [_NAMES[terminal] for terminal in _WORTH_NAMING if terminal in accepted & _CLOSERS]
    elif "ID" in accepted:
        names.insert(0, _NAMES["ID"])
    return f", expecting {' or '.join(dict.fromkeys(names))}" if 0 < len(names) <= 4 else ""


def _missing_semicolon(number: int, tokens: list[Token], source: Source) -> NixSyntaxError:
    """Return the error of a missing `;`, at the end of what it should have ended."""
    token = tokens[number]
    before = number - 1
    if token.type == "ASSIGN":  # `a = 1 b = 2;`: the name in front of it belongs to the next binding
        before = _before_path(before, tokens)
    last = tokens[before]
    text = source.text[last.start : last.end].rpartition("\n")[2][-30:]
    line = source.position(last.end)[0]
    where = f" at the end of line {line}" if source.position(tokens[before + 1].start)[0] > line else ""
    return NixSyntaxError(
        f"syntax error, unexpected {_describe(token)}, expecting ';'",
        source=source,
        span=source.span(max(last.start, last.end - 1), last.end),
        hint=f"';' is missing after {text}{where}",
    )


def _before_path(number: int, tokens: list[Token]) -> int:
    """Return the number of the token before the attribute path that ends at `number`."""
    while number > 1 and tokens[number].type in ("ID", "OR", "STRING") and tokens[number - 1].type == "DOT":
        number -= 2
    return max(number - 1, 0) if tokens[number].type in ("ID", "OR", "STRING") else number


def _usual_mistake(token: Token, accepted: set[str], previous: Token | None) -> str | None:
    """Return what is right, for those who come from other languages."""
    kind = token.type
    name_expected = "ID" in accepted and "BRACKET_OPEN" not in accepted
    if kind == "COMMA":
        if "BRACKET_CLOSE" in accepted:
            return "list elements are separated by spaces, not commas"
        if "ASSIGN" not in accepted and "SEMICOLON" in accepted:
            return (
                "names to inherit are separated by spaces, not commas"
                if name_expected
                else "an attribute ends with ';'"
            )
        if "PARENTHESIS_CLOSE" in accepted:
            return "function arguments are separated by spaces: f x y"
    if kind == "DOT" and name_expected and "SEMICOLON" in accepted and previous is not None:
        return f"to inherit from a set, write inherit ({previous.value}) name;"
    if kind in _OPERATORS and "BRACKET_CLOSE" in accepted:
        return "list elements need parentheses unless they are names, literals or selections"
    if "ASSIGN" in accepted and kind in ("COLON", "EQUAL"):
        return "an attribute is written name = value;"
    if kind == "ASSIGN" and "$END" in accepted:
        return "attributes belong in braces: { name = value; }; to compare two values, use =="
    if name_expected and kind in KEYWORDS.values() and kind not in ("OR", "IN", "INHERIT"):
        return f"'{token.value}' is a keyword: to use it as an attribute name, quote it"
    if name_expected and kind in ("INTEGER", "FLOAT"):
        return "a name that starts with a digit must be quoted"
    return None


def _missing(token: Token, accepted: set[str]) -> str | None:
    if token.type in _CLOSERS and "$END" in accepted:
        return "no bracket is open that it could close"
    if "BRACKET_OPEN" in accepted and not accepted & {"PLUS", "BRACKET_CLOSE", "$END"}:
        return "an expression is missing here"
    if "ASSIGN" in accepted:
        return "an attribute is written name = value;"
    return None


def _not_closed(tokens: list[Token], number: int, source: Source) -> str | None:
    """Return that the innermost bracket or `let` is not closed, where a token stands that cannot be in it."""
    opened, kind = _innermost(tokens, number), tokens[number].type
    if opened is None or kind == _OPENERS.get(opened.type):
        return None
    ends_it = kind in _CLOSERS or kind == "$END" or (kind == "SEMICOLON" and _OPENERS.get(opened.type) != "BRACE_CLOSE")
    line, column = source.position(opened.start)
    what = "has no 'in'" if opened.type == "LET" else "is not closed"
    return f"{_NAMES[opened.type]} at line {line}, column {column + 1} {what}" if ends_it else None


def _innermost(tokens: list[Token], number: int) -> Token | None:
    """Return the innermost bracket or `let` that is open at a token."""
    opened: list[Token] = []
    for token, following in pairwise(tokens[: number + 1]):
        if token.type in _OPENERS or (token.type == "LET" and following.type != "BRACE_OPEN"):
            opened.append(token)
        elif token.type in _CLOSERS or token.type == "IN":
            # a bracket closes what is in it: a `let` without `in` before it is not the innermost any more
            while opened and token.type != "IN" and opened[-1].type == "LET":
                opened.pop()
            if opened:
                opened.pop()
    return opened[-1] if opened else None
