"""An unexpected token, told in the user's words: what stands there, what could have, and where something was opened."""

from __future__ import annotations

from nixbridge.errors.kinds import NixSyntaxError
from nixbridge.source import Source
from nixbridge.syntax.tokens import KEYWORDS, SIGNS, Token

#: Terminal -> how people call it.
_NAMES = (
    {terminal: f"'{sign}'" for sign, terminal in SIGNS.items()}
    | {terminal: f"'{word}'" for word, terminal in KEYWORDS.items()}
    | {
        "ID": "a name",
        "INTEGER": "a number",
        "FLOAT": "a number",
        "STRING": "a string",
        "STRING_OPEN": "a string",
        "INDENTED_STRING": "a string",
        "INDENTED_STRING_OPEN": "a string",
        "PATH": "a path",
        "PATH_OPEN": "a path",
        "SEARCH_PATH": "a path",
        "URI": "a string",
        "BRACE_OPEN": "'{'",
        "FORMALS_OPEN": "'{'",
        "BRACE_CLOSE": "'}'",
        "INTERPOLATION_OPEN": "'${'",
        "INTERPOLATION_CLOSE": "'}'",
        "STRING_CLOSE": "'\"'",
        "INDENTED_STRING_CLOSE": "''''",
        "$END": "end of file",
    }
)
_CLOSERS = {"BRACE_CLOSE", "BRACKET_CLOSE", "PARENTHESIS_CLOSE", "INTERPOLATION_CLOSE"}
_OPENERS = {"BRACE_OPEN", "FORMALS_OPEN", "BRACKET_OPEN", "PARENTHESIS_OPEN", "INTERPOLATION_OPEN"}
#: The one terminal that is missing, where several could follow an expression.
_LIKELY = (
    "SEMICOLON",
    "THEN",
    "ELSE",
    "IN",
    "ASSIGN",
    "COLON",
    "BRACKET_CLOSE",
    "PARENTHESIS_CLOSE",
    "BRACE_CLOSE",
    "INTERPOLATION_CLOSE",
)


def unexpected(token: Token, expected: dict[str, int], tokens: list[Token], source: Source) -> NixSyntaxError:
    """The error of `token`, where only the terminals in `expected` could stand."""
    shown = describe(token, source)
    missing = next((terminal for terminal in _LIKELY if terminal in expected), None)
    previous = next((other for other in reversed(tokens) if other.end <= token.start and other is not token), None)
    if missing == "SEMICOLON" and previous is not None:
        line = source.position(previous.end)[0]
        return NixSyntaxError(
            f"syntax error, unexpected {shown}, expecting ';'",
            source=source,
            span=source.span(max(previous.start, previous.end - 1), previous.end),
            hint=f"';' is missing at the end of line {line}",
        )
    place = source.span(token.start, max(token.end, token.start + 1))
    if token.type == "$END" or missing in _CLOSERS:
        opened = unclosed(tokens, token)
        if opened is not None:
            line, column = source.position(opened.start)
            hint = f"{_NAMES[opened.type]} at line {line}, column {column + 1} is not closed"
            return NixSyntaxError(f"syntax error, unexpected {shown}", source=source, span=place, hint=hint)
    wanted = f", expecting {_NAMES[missing]}" if missing is not None else ""
    return NixSyntaxError(
        f"syntax error, unexpected {shown}{wanted}",
        source=source,
        span=place,
        hint=None if wanted else _could_be(expected),
    )


def describe(token: Token, source: Source) -> str:
    """How the message calls a token."""
    if token.type == "ID" or token.type in KEYWORDS.values():
        return f"'{token.value}'"
    return _NAMES.get(token.type, token.type)


def unclosed(tokens: list[Token], until: Token) -> Token | None:
    """The innermost bracket that is open where `until` stands."""
    opened: list[Token] = []
    for token in tokens:
        if token is until:
            break
        if token.type in _OPENERS:
            opened.append(token)
        elif token.type in _CLOSERS and opened:
            opened.pop()
    return opened[-1] if opened else None


def _could_be(expected: dict[str, int]) -> str | None:
    names = list(dict.fromkeys(_NAMES[terminal] for terminal in expected if terminal in _NAMES))
    if "'['" in names or not names:
        return "an expression is missing here" if names else None
    return f"{' or '.join(names[:4])} could stand here" if len(names) <= 4 else None
