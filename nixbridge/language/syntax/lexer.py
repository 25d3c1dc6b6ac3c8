"""Text to tokens. Strings, indented strings and paths have `${` in them, so the lexer keeps a stack of what is open.

A string without interpolation is one token. A look ahead at `{` tells formals from a set. (Nix manual, Nix language;
Nix takes the longest match, and among equally long ones the first rule: the order of the alternatives below does that.)
"""

from __future__ import annotations

import re
import sys

from nixbridge.errors.exceptions import NixSyntaxError
from nixbridge.language.syntax.tokens import FAULT, KEYWORDS, SIGNS, Token
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.syntax.repeats import Repeats

#: How often a group is repeated in one match: each time costs memory. Whoever uses such a pattern goes on after it.
_MANY = 100_000
_BLANKS = rf"(?>(?:[ \t\r\n]++|\#[^\r\n]*+|/\*(?s:.*?)\*/){{0,{_MANY}}})"
_NAME = r"[a-zA-Z_][a-zA-Z0-9_'\-]*+"
_PATH_CHARACTER = r"[a-zA-Z0-9._\-+]"
#: A path whose first part is longer than this is found by `Lexer.lex_long`: a row such as `1+1+1...` could be a path's
#: beginning at each of its tokens, and is not to be read over and over.
_LONG = 200

_PATHS = rf"""
  | (?P<path>(?:~|{_PATH_CHARACTER}{{0,{_LONG}}}+)(?:(?:/{_PATH_CHARACTER}++)+/?|/(?=\$\{{)))
  | (?P<uri>[a-zA-Z][a-zA-Z0-9+\-.]{{0,{_LONG}}}+:[a-zA-Z0-9%/?:@&=+$,\-_.!~*']++)
  | (?P<long>{_PATH_CHARACTER}{{{_LONG}}})"""


def _pattern(paths: str) -> re.Pattern[str]:
    """Return the pattern of one token and the blanks before it; its groups are the methods `lex_...`."""
    return re.compile(
        rf"""{_BLANKS}(?:
    (?P<name>{_NAME}(?![./:+]))
  | (?P<sign>[;,?@:()\[\]]|=(?!=))
  | "(?P<string>[^"\\$\r\0]*+)"
  | (?P<open>\{{)
  | (?P<close>\}})
  | (?P<search><{_PATH_CHARACTER}++(?:/{_PATH_CHARACTER}++)*>)
  {paths}
  | (?P<dotted>{_NAME})
  | (?P<float>(?:[1-9][0-9]*\.[0-9]*|0?\.[0-9]+)(?:[Ee][+-]?[0-9]+)?)
  | (?P<integer>[0-9]++)
  | (?P<quote>")
  | (?P<quotes>'')
  | (?P<interpolation>\$\{{)
  | (?P<comment>/\*)
  | (?P<operator>\.\.\.|==|!=|<=|>=|&&|\|\||->|//|\+\+|\|>|<\||[<>+\-*/!.])
  | (?P<end>\Z)
)""",
        re.VERBOSE,
    )


_TOKEN = _pattern(_PATHS)
_BLANK = re.compile(_BLANKS)
#: Does this `{` open formals? It does before `...`, before a name and `,` or `?`, and where `:` or `@` follow `}`.
_FORMALS = re.compile(rf"{_BLANKS}(?:\.\.\.|{_NAME}{_BLANKS}(?:[,?]|\}}{_BLANKS}[:@])|\}}{_BLANKS}[:@])")
_STRING_TEXT = re.compile(rf"""(?:[^"\\$\0]++|\$[^{{"\\\0]|\$(?=["\\])|\\[^\0]){{1,{_MANY}}}""")
_INDENTED_TEXT = re.compile(rf"""(?:[^'$\0]++|\$[^{{'\0]|\$(?=')|'(?!')|''(?:\$|'|\\[^\0])){{1,{_MANY}}}""")
_PATH_TEXT = re.compile(rf"{_PATH_CHARACTER}*+(?:/{_PATH_CHARACTER}++)+/?|{_PATH_CHARACTER}*+/|{_PATH_CHARACTER}++")
_PATH_RUN = re.compile(rf"{_PATH_CHARACTER}*+")
_MORE_OF_A_PATH = re.compile(rf"/+({_PATH_CHARACTER}[/a-zA-Z0-9._\-+]*+)")
_PATH_FOLLOWS = re.compile(rf"/(?:{_PATH_CHARACTER}|\$\{{)")
_URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+\-.]*+:[a-zA-Z0-9%/?:@&=+$,\-_.!~*']++")
_URI_RUN = re.compile(r"[a-zA-Z0-9+\-.]*+")

#: Surrogates that stand for no byte: such a text was not read from a file.
HALF_CHARACTER = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\(.)|\r\n?", re.DOTALL)
LARGEST_INTEGER = 2**63 - 1
_HINTS = {
    "'": "strings are written in double quotes, or in pairs of single quotes",
    "$": "an interpolation is written ${...}",
    "&": "'and' is written &&",
    "|": "'or' is written ||",
    "\\": "a function is written x: body",
    "%": "there is no such operator; lib.mod gives the remainder of a division",
    "`": "strings are written in double quotes, or in pairs of single quotes",
    "~": "a path in the home folder is written ~/name",
    "\ufeff": "the file starts with a byte order mark",
    "\xa0": "this is a no-break space",
}


def unescape(text: str) -> str:
    """Return the value of text between double quotes: `\\n`, `\\t`, `\\r`, `\\x` is x, and every line end is a newline."""
    if "\\" not in text and "\r" not in text:
        return text
    return _ESCAPE.sub(lambda m: "\n" if m[1] is None else _ESCAPES.get(m[1], m[1]), text)


class Lexer:
    """One pass over a source, or over a part of it. Values that `repeats` finds become one token each.

    The methods `lex_...` add the tokens of a match, which is at `start` and ends at `end`, and return where reading goes on.
    """

    def __init__(self, source: Source, repeats: Repeats | None = None) -> None:
        self.source = source
        self.repeats = repeats
        self.text = source.text
        self.tokens: list[Token] = []
        #: What is open, innermost last, and where: `{` a set or formals, `${`, `"`, `''`, `/` a path with `${` in it.
        self.open: list[tuple[str, int]] = []
        #: Up to where it is known that no path and no URI begins.
        self.no_path_before = 0
        self.no_uri_before = 0

    def error(self, message: str, start: int, end: int, hint: str | None = None) -> NixSyntaxError:
        """Return a syntax error at a place in the text."""
        return NixSyntaxError(message, source=self.source, span=self.source.span(start, end), hint=hint)

    def run(self, start: int = 0, end: int | None = None) -> list[Token]:
        """Return all tokens, or those from `start` to `end`. Raises NixSyntaxError for text that is not a token."""
        # signs, names and plain strings are most of a text, and are added here without a call
        text, match, add, repeats = self.text, _TOKEN.match, self.tokens.append, self.repeats
        stop = len(text) if end is None else end
        others: dict[str, Callable[[re.Match[str], int, int], int]] = {
            kind: getattr(self, f"lex_{kind}") for kind in _TOKEN.groupindex if hasattr(self, f"lex_{kind}")
        }
        position = start
        while (found := match(text, position, stop) or self.match_after_blanks(position)) is not None:
            kind = found.lastgroup
            start, position = found.span(kind)  # type: ignore[arg-type]
            if kind == "sign":
                sign = text[start]
                add(Token(SIGNS[sign], sign, start, position))
                if repeats is not None and sign == "=":
                    position = self.lex_value(repeats, position)
            elif kind == "name":
                name = text[start:position]
                add(Token(KEYWORDS.get(name, "ID"), name, start, position))
            elif kind == "string":
                add(Token("STRING", text[start:position], start - 1, position + 1))
                position += 1
            elif kind == "end":
                self.check_all_closed()
                return self.tokens
            else:
                position = others[kind](found, start, position)  # type: ignore[index]
        raise self.no_token(position)

    def match_after_blanks(self, position: int) -> re.Match[str] | None:
        """Return the next token, after more blanks than one match takes."""
        start = _end_of(_BLANK, self.text, position)
        return _TOKEN.match(self.text, start) if start > position else None

    def lex_value(self, repeats: Repeats, position: int) -> int:
        """Return where to go on after `=`: after the value, where it was there before with other strings."""
        node = repeats.find(position)
        if node is None:
            return position
        self.tokens.append(Token("REPEATED", node, node.start, node.end))
        return node.end

    def lex_dotted(self, found: re.Match[str], start: int, end: int) -> int:
        """Add a name that a path or a URI could have begun with."""
        name = self.text[start:end]
        self.tokens.append(Token(KEYWORDS.get(name, "ID"), name, start, end))
        return end

    def lex_operator(self, found: re.Match[str], start: int, end: int) -> int:
        sign = self.text[start:end]
        self.tokens.append(Token(SIGNS[sign], sign, start, end))
        return end

    def lex_comment(self, found: re.Match[str], start: int, end: int) -> int:
        """Skip more blanks than one match takes: a comment that is closed is one. Raises NixSyntaxError for one that is not."""
        stop = _end_of(_BLANK, self.text, start)
        if stop == start:
            hint = "the comment that begins here is not closed"
            raise self.error("syntax error, unexpected end of file", start, end, hint)
        return stop

    def lex_integer(self, found: re.Match[str], start: int, end: int) -> int:
        # no more than 19 digits are read: Python refuses thousands of them
        digits = self.text[start:end].lstrip("0") or "0"
        if len(digits) > 19 or int(digits) > LARGEST_INTEGER:
            hint = f"the largest integer is {LARGEST_INTEGER} (64 bits)"
            raise self.error(f"invalid integer '{_shortened(self.text[start:end])}'", start, end, hint)
        self.tokens.append(Token("INTEGER", int(digits), start, end))
        return end

    def lex_float(self, found: re.Match[str], start: int, end: int) -> int:
        """Add a float. As in Nix, a number that is too large, too small or subnormal is refused."""
        written = self.text[start:end]
        value = float(written)
        is_zero = not written.lower().partition("e")[0].strip("0.")
        if not is_zero and not sys.float_info.min <= value <= sys.float_info.max:
            raise self.error(f"invalid float '{_shortened(written)}'", start, end, "it is out of range")
        self.tokens.append(Token("FLOAT", value, start, end))
        return end

    def lex_uri(self, found: re.Match[str], start: int, end: int) -> int:
        self.tokens.append(Token("URI", self.text[start:end], start, end))
        return end

    def lex_search(self, found: re.Match[str], start: int, end: int) -> int:
        self.tokens.append(Token("SEARCH_PATH", self.text[start + 1 : end - 1], start, end))
        return end

    def lex_long(self, found: re.Match[str], start: int, end: int) -> int:
        """Add what begins with a very long row of characters of paths: a path, a URI or another token. Each row is looked at once."""
        text = self.text
        if start >= self.no_path_before:
            end = _PATH_RUN.match(text, start).end()  # type: ignore[union-attr]
            if _PATH_FOLLOWS.match(text, end):
                rest = _PATH_TEXT.match(text, end)
                return self.lex_path(found, start, rest.end() if rest is not None else end + 1)
            self.no_path_before = end
        if start >= self.no_uri_before:
            uri = _URI.match(text, start)
            if uri is not None:
                return self.lex_uri(found, start, uri.end())
            self.no_uri_before = _URI_RUN.match(text, start).end()  # type: ignore[union-attr]
        found = _token_without_path().match(text, start)  # type: ignore[assignment]
        kind = str(found.lastgroup)
        kind = {"name": "dotted", "sign": "operator"}.get(kind, kind)
        lex: Callable[[re.Match[str], int, int], int] = getattr(self, f"lex_{kind}")
        return lex(found, start, found.end())

    def lex_path(self, found: re.Match[str], start: int, end: int) -> int:
        text = self.text
        path = text[start:end]
        rest = _PATH_TEXT.match(text, end) if path[-1] == "/" else None
        if rest is not None and text.startswith("${", rest.end()):
            pieces = [Token("TEXT", path, start, end), Token("TEXT", rest[0], end, rest.end())]
        elif text.startswith("${", end):
            pieces = [Token("TEXT", path, start, end)]
        elif path[-1] == "/":
            raise self.trailing_slash(start, end)
        else:
            self.tokens.append(Token("PATH", path, start, end))
            return end
        self.tokens += [Token("PATH_OPEN", None, start, start), *pieces]
        self.open.append(("/", start))
        return self.enter(pieces[-1].end)

    def trailing_slash(self, start: int, end: int) -> NixSyntaxError:
        path = self.text[start:end].rstrip("/")
        more = _MORE_OF_A_PATH.match(self.text, end)
        if more is not None:
            hint = f"write {_shortened(f'{path}/{more[1]}')}"
            return self.error("path has slashes in a row", end - 1, more.start(1), hint)
        return self.error("path has a trailing slash", end - 1, end, f"write {_shortened(path or '/.')}")

    def rest_of_path(self, position: int) -> int:
        """Go on after an interpolation in a path: another piece, another interpolation, or the path's end."""
        text = self.text
        while (found := _PATH_TEXT.match(text, position)) is not None:
            self.tokens.append(Token("TEXT", found[0], position, found.end()))
            position = found.end()
        if text.startswith("${", position):
            return self.enter(position)
        start = self.open.pop()[1]
        if text[position - 1] == "/":
            raise self.trailing_slash(start, position)
        self.tokens.append(Token("PATH_CLOSE", None, position, position))
        return position

    def enter(self, position: int) -> int:
        """Begin an interpolation in a string or path: expressions follow until its `}`."""
        self.tokens.append(Token("INTERPOLATION_OPEN", "${", position, position + 2))
        self.open.append(("${", position))
        return position + 2

    def lex_interpolation(self, found: re.Match[str], start: int, end: int) -> int:
        return self.enter(start)

    def lex_quote(self, found: re.Match[str], start: int, end: int) -> int:
        """Add a string that is more than plain text: escapes, `$`, interpolation."""
        stop = _end_of(_STRING_TEXT, self.text, end)
        if self.text.startswith('"', stop):
            self.tokens.append(Token("STRING", unescape(self.text[end:stop]), start, stop + 1))
            return stop + 1
        self.tokens.append(Token("STRING_OPEN", None, start, end))
        self.open.append(('"', start))
        return self.rest_of_string(end)

    def rest_of_string(self, position: int) -> int:
        text = self.text
        stop = _end_of(_STRING_TEXT, text, position)
        if stop > position:
            self.tokens.append(Token("TEXT", unescape(text[position:stop]), position, stop))
            position = stop
        if text.startswith("${", position):
            return self.enter(position)
        if text.startswith('"', position):
            self.open.pop()
            self.tokens.append(Token("STRING_CLOSE", None, position, position + 1))
            return position + 1
        raise self.not_closed(self.open[-1], position)

    def lex_quotes(self, found: re.Match[str], start: int, end: int) -> int:
        """Add an indented string; its texts stay as they are written, for `indentation.py`."""
        stop = _end_of(_INDENTED_TEXT, self.text, end)
        if self.text.startswith("''", stop):
            self.tokens.append(Token("INDENTED_STRING", self.text[end:stop], start, stop + 2))
            return stop + 2
        self.tokens.append(Token("INDENTED_STRING_OPEN", None, start, end))
        self.open.append(("''", start))
        return self.rest_of_indented(end)

    def rest_of_indented(self, position: int) -> int:
        text = self.text
        stop = _end_of(_INDENTED_TEXT, text, position)
        if stop > position:
            self.tokens.append(Token("TEXT", text[position:stop], position, stop))
            position = stop
        if text.startswith("${", position):
            return self.enter(position)
        if text.startswith("''", position):
            self.open.pop()
            self.tokens.append(Token("INDENTED_STRING_CLOSE", None, position, position + 2))
            return position + 2
        raise self.not_closed(self.open[-1], position)

    def lex_open(self, found: re.Match[str], start: int, end: int) -> int:
        # `args@{` can only be formals, while `{` alone needs the look ahead
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
        """Raise NixSyntaxError at the end of the text for a string that is open. A missing `}` is what the grammar can say better."""
        for opened in reversed(self.open):
            if opened[0] in ('"', "''"):
                raise self.not_closed(opened, len(self.text))

    def not_closed(self, opened: tuple[str, int], position: int) -> NixSyntaxError:
        """Return the error of a string that stops at `position`, at the end of the text or at a null byte."""
        if self.text.startswith("\0", position):
            return self.null_byte(position)
        what, start = opened
        return self.error(
            f"syntax error, unexpected end of file, expecting '{what}'",
            start,
            start + len(what),
            "the string that begins here is not closed",
        )

    def null_byte(self, position: int) -> NixSyntaxError:
        hint = "null bytes are allowed only in comments"
        return self.error("syntax error, unexpected null byte", position, position + 1, hint)

    def no_token(self, position: int) -> NixSyntaxError:
        """Return the error of text that no rule fits."""
        start = _end_of(_BLANK, self.text, position)
        character = self.text[start]
        if character == "\0":
            return self.null_byte(start)
        shown = f"character '{character}'" if character.isprintable() else f"character U+{ord(character):04X}"
        if "\udc80" <= character <= "\udcff":
            shown = f"byte 0x{ord(character) - 0xDC00:02X}"
        return self.error(f"syntax error, unexpected {shown}", start, start + 1, _HINTS.get(character))


def _end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Return where text ends that a pattern fits, as often as it does."""
    while (found := pattern.match(text, position)) is not None and found.end() > position:
        position = found.end()
    return position


def _token_without_path() -> re.Pattern[str]:
    """Return the pattern of a token where no path and no URI begins; the `re` module keeps it once it is made."""
    return _pattern("")


def _shortened(written: str) -> str:
    return written if len(written) <= 60 else f"{written[:57]}..."


def tokens_of(source: Source) -> list[Token]:
    """Return the tokens of a source. Raises NixSyntaxError for text that is not a token, and for strings that are not closed."""
    tokens = tokens_to_parse(source)
    if tokens and tokens[-1].type == FAULT:
        raise tokens[-1].value
    return tokens


def tokens_to_parse(source: Source, repeats: Repeats | None = None) -> list[Token]:
    """Return the same; an error comes as the last token, for a parser that may find an earlier one.

    A value that `repeats` finds is one token.
    """
    lexer = Lexer(source, repeats)
    half = None if source.text.isascii() else HALF_CHARACTER.search(source.text)
    try:
        if half is not None:
            raise lexer.error(f"syntax error, unexpected surrogate U+{ord(half[0]):04X}", half.start(), half.end())
        return lexer.run()
    except NixSyntaxError as error:
        return [*lexer.tokens, Token(FAULT, error, len(source.text), len(source.text))]
