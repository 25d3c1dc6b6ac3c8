"""Text to tokens. Strings, indented strings and paths have `${` in them, so the lexer keeps a stack of what is open.

A string without interpolation is one token. A look ahead at `{` tells formals from a set. (Nix manual, Nix language; Nix takes the
longest match, and among equally long ones the first rule: the order of the alternatives below does the same.)
"""

from __future__ import annotations

import re

from nixbridge.errors.kinds import NixSyntaxError
from nixbridge.source import Source
from nixbridge.syntax.tokens import KEYWORDS, SIGNS, Token

_BLANKS = r"(?:[ \t\r\n]+|\#[^\r\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*"
_NAME = r"[a-zA-Z_][a-zA-Z0-9_'-]*"
_PATH_CHARACTER = r"[a-zA-Z0-9._\-+]"

_MASTER = re.compile(
    rf"""{_BLANKS}(?:
    (?P<search><{_PATH_CHARACTER}+(?:/{_PATH_CHARACTER}+)*>)
  | (?P<path>(?:~|{_PATH_CHARACTER}*)(?:(?:/{_PATH_CHARACTER}+)+/?|/(?=\$\{{)))
  | (?P<uri>[a-zA-Z][a-zA-Z0-9+\-.]*:[a-zA-Z0-9%/?:@&=+$,\-_.!~*']+)
  | (?P<name>{_NAME})
  | (?P<float>(?:[1-9][0-9]*\.[0-9]*|0?\.[0-9]+)(?:[Ee][+-]?[0-9]+)?)
  | (?P<integer>[0-9]+)
  | "(?P<string>[^"\\$\r]*)"
  | (?P<quote>")
  | (?P<quotes>'')
  | (?P<interpolation>\$\{{)
  | (?P<open>\{{)
  | (?P<close>\}})
  | (?P<comment>/\*)
  | (?P<sign>\.\.\.|==|!=|<=|>=|&&|\|\||->|//|\+\+|\|>|<\||[<>+\-*/!=:;,.@?()\[\]])
  | (?P<end>\Z)
)""",
    re.VERBOSE,
)

#: Does this `{` open formals? It does when a name is followed by `,`, `?` or `}`, at `...`, and when `}` is followed by `:` or `@`.
_FORMALS = re.compile(
    rf"{_BLANKS}(?:\.\.\.|(?:{_NAME}){_BLANKS}(?:[,?]|\}}{_BLANKS}[:@])|\}}{_BLANKS}[:@])"
)
_STRING_TEXT = re.compile(r'(?:[^"\\$]|\$[^{"\\]|\$(?=["\\])|\\.)+', re.DOTALL)
_INDENTED_TEXT = re.compile(r"(?:[^'$]|\$[^{']|\$(?=')|'(?!')|''(?:\$|'|\\.))+", re.DOTALL)
_PATH_TEXT = re.compile(rf"(?:{_PATH_CHARACTER}*(?:/{_PATH_CHARACTER}+)+/?|{_PATH_CHARACTER}*/(?=\$\{{)|{_PATH_CHARACTER}+)")

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\(.)|\r\n?", re.DOTALL)
LARGEST_INTEGER = 2**63 - 1


def unescape(text: str) -> str:
    """The value of text between double quotes: `\\n`, `\\t`, `\\r`, `\\x` is x, and every line end is a newline."""
    if "\\" not in text and "\r" not in text:
        return text
    return _ESCAPE.sub(lambda m: "\n" if m[1] is None else _ESCAPES.get(m[1], m[1]), text)


class Lexer:
    """One pass over a source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.tokens: list[Token] = []
        #: What is open, innermost last: `{` a set or formals, `"`, `''`, `/` a path with an interpolation in it; with offsets.
        self.open: list[tuple[str, int]] = []

    def error(self, message: str, start: int, end: int, hint: str | None = None) -> NixSyntaxError:
        """A syntax error at a place in the text."""
        return NixSyntaxError(message, source=self.source, span=self.source.span(start, end), hint=hint)

    def run(self) -> list[Token]:
        """All tokens. Raises NixSyntaxError for text that is no token."""
        text, match, add = self.text, _MASTER.match, self.tokens.append
        position = 0
        while True:
            found = match(text, position)
            if found is None:
                raise self.no_token(position)
            kind = found.lastgroup
            start, position = found.span(kind)  # type: ignore[arg-type]
            if kind == "sign":
                sign = found["sign"]
                add(Token(SIGNS[sign], sign, start, position))
            elif kind == "name":
                name = found["name"]
                add(Token(KEYWORDS.get(name, "ID"), name, start, position))
            elif kind == "string":
                position += 1
                add(Token("STRING", found["string"], start - 1, position))
            elif kind == "end":
                self.check_all_closed()
                return self.tokens
            else:
                position = getattr(self, f"lex_{kind}")(found, start, position)

    def lex_comment(self, found: re.Match[str], start: int, end: int) -> int:
        """A comment that is closed counts as a blank: this one is not."""
        hint = "the comment that begins here is not closed"
        raise self.error("syntax error, unexpected end of file", start, end, hint)

    def lex_integer(self, found: re.Match[str], start: int, end: int) -> int:
        value = int(found["integer"]) if end - start < 25 else LARGEST_INTEGER + 1
        if value > LARGEST_INTEGER:
            raise self.error(f"invalid integer '{found['integer'][:40]}'", start, end, "integers have 64 bits")
        self.tokens.append(Token("INTEGER", value, start, end))
        return end

    def lex_float(self, found: re.Match[str], start: int, end: int) -> int:
        value = float(found["float"])
        if value in (float("inf"), float("-inf")):
            raise self.error(f"invalid float '{found['float']}'", start, end)
        self.tokens.append(Token("FLOAT", value, start, end))
        return end

    def lex_uri(self, found: re.Match[str], start: int, end: int) -> int:
        self.tokens.append(Token("URI", found["uri"], start, end))
        return end

    def lex_search(self, found: re.Match[str], start: int, end: int) -> int:
        self.tokens.append(Token("SEARCH_PATH", found["search"][1:-1], start, end))
        return end

    def lex_path(self, found: re.Match[str], start: int, end: int) -> int:
        if self.text.startswith("${", end):
            self.tokens.append(Token("PATH_OPEN", None, start, start))
            self.tokens.append(Token("TEXT", found["path"], start, end))
            self.open.append(("/", start))
            return self.rest_of_path(end)
        if found["path"].endswith("/"):
            raise self.trailing_slash(found["path"], start, end)
        self.tokens.append(Token("PATH", found["path"], start, end))
        return end

    def trailing_slash(self, path: str, start: int, end: int) -> NixSyntaxError:
        return self.error(f"path '{path}' has a trailing slash", start, end, f"write {path.rstrip('/')}")

    def rest_of_path(self, position: int) -> int:
        """Behind a piece of a path with interpolation: another piece, an interpolation, or its end."""
        text = self.text
        while True:
            if text.startswith("${", position):
                return self.enter(position)
            found = _PATH_TEXT.match(text, position)
            if found is None:
                start = self.open.pop()[1]
                if text[position - 1] == "/":
                    raise self.trailing_slash(text[start:position], start, position)
                self.tokens.append(Token("PATH_CLOSE", None, position, position))
                return position
            self.tokens.append(Token("TEXT", found[0], position, found.end()))
            position = found.end()

    def enter(self, position: int) -> int:
        """`${` inside a string or path: back to expressions until its `}`."""
        self.tokens.append(Token("INTERPOLATION_OPEN", "${", position, position + 2))
        self.open.append(("${", position))
        return position + 2

    def lex_interpolation(self, found: re.Match[str], start: int, end: int) -> int:
        return self.enter(start)

    def lex_quote(self, found: re.Match[str], start: int, end: int) -> int:
        """A string that is more than plain text: escapes, `$`, interpolation."""
        piece = _STRING_TEXT.match(self.text, end)
        stop = piece.end() if piece is not None else end
        if self.text.startswith('"', stop):
            self.tokens.append(Token("STRING", unescape(self.text[end:stop]), start, stop + 1))
            return stop + 1
        self.tokens.append(Token("STRING_OPEN", None, start, end))
        self.open.append(('"', start))
        return self.rest_of_string(end)

    def rest_of_string(self, position: int) -> int:
        text = self.text
        found = _STRING_TEXT.match(text, position)
        if found is not None:
            self.tokens.append(Token("TEXT", unescape(found[0]), position, found.end()))
            position = found.end()
        if text.startswith("${", position):
            return self.enter(position)
        if text.startswith('"', position):
            self.open.pop()
            self.tokens.append(Token("STRING_CLOSE", None, position, position + 1))
            return position + 1
        raise self.not_closed(self.open[-1])

    def lex_quotes(self, found: re.Match[str], start: int, end: int) -> int:
        """An indented string; its texts stay as they are written, for `indentation.py`."""
        piece = _INDENTED_TEXT.match(self.text, end)
        stop = piece.end() if piece is not None else end
        if self.text.startswith("''", stop):
            self.tokens.append(Token("INDENTED_STRING", self.text[end:stop], start, stop + 2))
            return stop + 2
        self.tokens.append(Token("INDENTED_STRING_OPEN", None, start, end))
        self.open.append(("''", start))
        return self.rest_of_indented(end)

    def rest_of_indented(self, position: int) -> int:
        text = self.text
        found = _INDENTED_TEXT.match(text, position)
        if found is not None:
            self.tokens.append(Token("TEXT", found[0], position, found.end()))
            position = found.end()
        if text.startswith("${", position):
            return self.enter(position)
        if text.startswith("''", position):
            self.open.pop()
            self.tokens.append(Token("INDENTED_STRING_CLOSE", None, position, position + 2))
            return position + 2
        raise self.not_closed(self.open[-1])

    def lex_open(self, found: re.Match[str], start: int, end: int) -> int:
        after_at = bool(self.tokens) and self.tokens[-1].type == "AT"
        formals = after_at or _FORMALS.match(self.text, end) is not None
        self.tokens.append(Token("FORMALS_OPEN" if formals else "BRACE_OPEN", "{", start, end))
        self.open.append(("{", start))
        return end

    def lex_close(self, found: re.Match[str], start: int, end: int) -> int:
        opened = self.open.pop()[0] if self.open else "{"
        if opened != "${":
            self.tokens.append(Token("BRACE_CLOSE", "}", start, end))
            return end
        self.tokens.append(Token("INTERPOLATION_CLOSE", "}", start, end))
        if not self.open or self.open[-1][0] in ("{", "${"):
            return end
        resume = {'"': self.rest_of_string, "''": self.rest_of_indented, "/": self.rest_of_path}
        return resume[self.open[-1][0]](end)

    def check_all_closed(self) -> None:
        """At the end of the text. What the grammar can say better (a missing `}`) is left to it."""
        for opened in reversed(self.open):
            if opened[0] in ('"', "''"):
                raise self.not_closed(opened)

    def not_closed(self, opened: tuple[str, int]) -> NixSyntaxError:
        what, start = opened
        return self.error(
            f"syntax error, unexpected end of file, expecting '{what}'",
            start,
            start + len(what),
            "the string that begins here is not closed",
        )

    def no_token(self, position: int) -> NixSyntaxError:
        """What to say of text that no rule fits."""
        start = re.compile(_BLANKS).match(self.text, position).end()  # type: ignore[union-attr]
        character = self.text[start]
        if character == "\0":
            return self.error("syntax error, unexpected null character", start, start + 1)
        shown = f"'{character}'" if character.isprintable() else f"character U+{ord(character):04X}"
        return self.error(f"syntax error, unexpected {shown}", start, start + 1)


def tokens_of(source: Source) -> list[Token]:
    """The tokens of a source. Raises NixSyntaxError for text that is no token, and for strings that are not closed."""
    return Lexer(source).run()
