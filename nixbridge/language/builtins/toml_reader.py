"""A reader of TOML 1.0 that rejects the same texts as Nix's library (toml11), with positions. (toml.io/en/v1.0.0)

Python's tomllib turns each CRLF into a newline before it looks at the text, lets dotted keys reopen tables, and reports no
place for what only Nix refuses (dates, null characters, integers beyond 64 bits).
"""

from __future__ import annotations

import re

from nixbridge.errors.exceptions import EvalError, LimitReached
from nixbridge.language.runtime.number import LARGEST, SMALLEST
from nixbridge.language.runtime.thunk import DEEPEST_VALUE
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match, Pattern

    Table = dict[str, Lazy]

_CONTROLS = r"\x00-\x08\x0a-\x1f\x7f"
_BLANK = re.compile(r"[ \t]*")
_NEWLINE = re.compile(r"\r?\n")
_COMMENT = re.compile(rf"#[^{_CONTROLS}]*")
#: Blanks, newlines and comments: what may stand between the elements of an array.
_BETWEEN = re.compile(rf"(?:[ \t]|\r?\n|#[^{_CONTROLS}]*(?=\r?\n|\Z))*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC_PART = re.compile(rf'[^"\\{_CONTROLS}]*')
_LITERAL_PART = re.compile(rf"[^'{_CONTROLS}]*")
_BASIC_LINES = re.compile(rf'(?:[^"\\{_CONTROLS}]|\r?\n|"{{1,2}}(?!"))*')
_LITERAL_LINES = re.compile(rf"(?:[^'{_CONTROLS}]|\r?\n|'{{1,2}}(?!'))*")
_LINE_END = re.compile(r"\\[ \t]*\r?\n(?:[ \t]|\r?\n)*")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_UNICODE = re.compile(r"u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})")

_DATE = re.compile(
    r"(?:(\d{4})-(\d\d)-(\d\d)(?:[Tt ](?=\d\d:))?)?"
    r"(?:(?:(?<=[Tt ])|(?<!\d-\d\d))(\d\d):(\d\d):(\d\d)(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)?)?"
)
_FLOAT = re.compile(
    r"[+-]?(?:inf|nan|(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[eE][+-]?[0-9](?:_?[0-9])*))"
)
_INTEGERS: tuple[tuple[Pattern[str], int], ...] = (
    (re.compile(r"0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*"), 16),
    (re.compile(r"0o[0-7](?:_?[0-7])*"), 8),
    (re.compile(r"0b[01](?:_?[01])*"), 2),
    (re.compile(r"[+-]?(?:0|[1-9](?:_?[0-9])*)"), 10),
)
#: What may not follow a number or a word: it would be part of it.
_MORE = re.compile(r"[A-Za-z0-9_.+:-]")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

#: How a table came about. A header may complete an IMPLICIT one; dotted keys add to DOTTED ones; nothing adds to an INLINE one.
_IMPLICIT, _EXPLICIT, _DOTTED, _INLINE = "implicit", "explicit", "dotted", "inline"


def read_toml(text: str) -> Table:
    """Return the set that a TOML text is. Raises EvalError with line, column and key."""
    return _Reader(text).document()


class _Reader:
    """`at`: how many characters are read. `states`: how each table came about, by identity; arrays of tables are in `arrays`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.root: Table = {}
        self.states = {id(self.root): _EXPLICIT}
        self.arrays: set[int] = set()
        self.lines: dict[tuple[int, str], int] = {}
        self.depth = 0
        #: What is TOML and not Nix: refused when the whole text is read, as Nix does.
        self.refusal: EvalError | None = None
        self.key: tuple[str, ...] = ()

    # structure

    def document(self) -> Table:
        """Return the whole text."""
        table = self.root
        section: tuple[str, ...] = ()
        while True:
            self.skip(_BETWEEN)
            if self.at == len(self.text):
                break
            is_header = self.text[self.at] == "["
            if is_header:
                table, section = self.header()
            else:
                self.pair(table, section)
            self.skip(_BLANK)
            self.skip(_COMMENT)
            # toml11, and so Nix, takes `a = 1 [b]`: a header on the line of a key
            follows = not is_header and self.text.startswith("[", self.at)
            if not follows and self.at < len(self.text) and not self.skip(_NEWLINE):
                raise self.error("expected a newline or the end of the document")
        if self.refusal is not None:
            raise self.refusal
        return self.root

    def header(self) -> tuple[Table, tuple[str, ...]]:
        """Read `[a.b]` or `[[a.b]]`; return the table that the following keys go to, and its key."""
        start = self.at
        is_array = self.text.startswith("[[", start)
        brackets = 2 if is_array else 1
        self.at += brackets
        key = self.dotted_key()
        if not self.text.startswith("]" * brackets, self.at):
            raise self.error(f"expected '{']' * brackets}' at the end of a table header")
        self.at += brackets
        # tables on the way are implicit: `[a.b]` may come before `[a]`, which then completes them
        parent = self.descend(self.root, key, start, _IMPLICIT)
        name = key[-1]
        found = parent.get(name)
        if is_array:
            table: Table = {}
            if found is None:
                tables: list[Lazy] = [table]
                parent[name] = tables
                self.arrays.add(id(tables))
                self.remember(parent, name, start)
            # only arrays that headers made: `a = [ { } ]` is closed, and `[[a]]` after it an error
            elif type(found) is list and id(found) in self.arrays:
                found.append(table)
            else:
                raise self.defined_twice(parent, key, start)
        elif found is None:
            table = parent[name] = {}
            self.remember(parent, name, start)
        elif found.__class__ is dict and self.states[id(found)] == _IMPLICIT:
            table = found
            self.remember(parent, name, start)
        else:
            raise self.defined_twice(parent, key, start)
        self.states[id(table)] = _EXPLICIT
        return table, key

    def pair(self, table: Table, section: tuple[str, ...]) -> None:
        """Read `a.b = value`."""
        start = self.at
        key = self.dotted_key()
        if not self.text.startswith("=", self.at):
            raise self.error("expected '=' after a key")
        self.at += 1
        self.skip(_BLANK)
        self.key = (*section, *key)
        # the whole key before its value: what is defined twice is refused whatever follows
        parent = self.descend(table, key, start, _DOTTED)
        if key[-1] in parent:
            raise self.defined_twice(parent, key, start)
        self.remember(parent, key[-1], start)
        # reserved before the value is read: it fixes the order of names, and the value cannot define the key again
        parent[key[-1]] = None
        parent[key[-1]] = self.value()

    def descend(self, table: Table, key: tuple[str, ...], start: int, made: str) -> Table:
        """Return the table that holds the last part of `key`, those on the way made where they are not there."""
        for number, name in enumerate(key[:-1]):
            found = table.get(name)
            if name not in table:
                found = table[name] = {}
                self.states[id(found)] = made
                self.remember(table, name, start)
            # `[a.b]` after `[[a]]` is a table in the last element
            elif type(found) is list and id(found) in self.arrays and made == _IMPLICIT:
                found = found[-1]
            if type(found) is not dict:
                raise self.defined_twice(table, key[: number + 1], start)
            state = self.states[id(found)]
            if state == _INLINE or (made == _DOTTED and state != _DOTTED):
                shown = ".".join(key[: number + 1])
                problem = (
                    "an inline table cannot be extended" if state == _INLINE else "a dotted key cannot reopen a table"
                )
                raise self.error(f"{problem}: '{shown}'{self.first_line(table, name)}", start)
            table = found
        return table

    def dotted_key(self) -> tuple[str, ...]:
        """`a."b c".d`, and the blanks around it."""
        parts: list[str] = []
        while True:
            self.skip(_BLANK)
            parts.append(self.simple_key())
            self.skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return tuple(parts)
            self.at += 1

    def simple_key(self) -> str:
        """Read one part of a key."""
        quote = self.text[self.at : self.at + 1]
        if quote == '"' or quote == "'":
            return self.checked(self.basic() if quote == '"' else self.literal())
        found = _BARE_KEY.match(self.text, self.at)
        if found is None:
            raise self.error("expected a key: bare, \"quoted\" or 'literal'")
        self.at = found.end()
        return found[0]

    # values

    def value(self) -> Value:
        """Read any value."""
        first = self.text[self.at : self.at + 1]
        if first == '"':
            return self.checked(self.basic_lines() if self.text.startswith('"""', self.at) else self.basic())
        if first == "'":
            return self.checked(self.literal_lines() if self.text.startswith("'''", self.at) else self.literal())
        if first == "[" or first == "{":
            self.depth += 1
            if self.depth > DEEPEST_VALUE:
                raise LimitReached(
                    f"while parsing TOML: arrays and tables are nested deeper than {DEEPEST_VALUE} levels"
                )
            nested = self.array() if first == "[" else self.inline_table()
            self.depth -= 1
            return nested
        for word, meaning in (("true", True), ("false", False)):
            if self.text.startswith(word, self.at) and not _MORE.match(self.text, self.at + len(word)):
                self.at += len(word)
                return meaning
        return self.number()

    def number(self) -> Value:
        """Return a number; a date or time, which Nix does not have."""
        date = _DATE.match(self.text, self.at)
        if date is not None and date.end() > self.at:
            self.check_date(date)
            # only recorded: a syntax error further on takes precedence, as in Nix
            self.refuse("Dates and times are not supported", self.at)
            self.at = date.end()
            return None
        found = _FLOAT.match(self.text, self.at)
        if found is not None and not _MORE.match(self.text, found.end()):
            self.at = found.end()
            number = float(found[0].replace("_", ""))
            if number - number != 0 and found[0].lstrip("+-") not in ("inf", "nan"):
                raise self.error(f"the number {found[0]} is too large", found.start())
            return number
        for pattern, base in _INTEGERS:
            found = pattern.match(self.text, self.at)
            if found is not None and not _MORE.match(self.text, found.end()):
                self.at = found.end()
                return self.integer(found, base)
        raise self.error("invalid value")

    def integer(self, found: Match[str], base: int) -> int:
        """Return an integer of 64 bits."""
        digits = found[0].replace("_", "")
        # Python reads no decimal number of more than 4,300 digits
        number = int(digits, base) if len(digits) < 1000 else LARGEST + 1
        if not SMALLEST <= number <= LARGEST:
            shown = f"the integer {number}" if len(digits) < 300 else "an integer"
            raise self.error(f"{shown} does not fit into 64 bits", found.start())
        return number

    def check_date(self, found: Match[str]) -> None:
        """Raise EvalError for a date or time that there is not."""
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        wrong = hour > 23 or minute > 59 or second > 60 or bool(_MORE.match(self.text, found.end()))
        if found[1] is not None:
            leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
            wrong |= not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1] - (month == 2 and not leap)
        if wrong or (found[7] or "Z")[1:3] > "23" or (found[7] or "Z")[4:] > "59":
            raise self.error("invalid date or time")

    def array(self) -> list[Lazy]:
        """Read `[ a, b, ]`, over several lines."""
        items: list[Lazy] = []
        self.at += 1
        while True:
            self.skip(_BETWEEN)
            if self.text.startswith("]", self.at):
                break
            items.append(self.value())
            self.skip(_BETWEEN)
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith("]", self.at):
                raise self.error("expected ',' or ']' in an array")
        self.at += 1
        return items

    def inline_table(self) -> Table:
        """Read `{ a = 1, b.c = 2 }`, on one line, without a comma at its end."""
        table: Table = {}
        made = [table]
        self.at += 1
        self.skip(_BLANK)
        outside = self.key
        if not self.text.startswith("}", self.at):
            while True:
                self.skip(_BLANK)
                self.pair(table, outside)
                self.skip(_BLANK)
                if not self.text.startswith(",", self.at):
                    break
                self.at += 1
            if not self.text.startswith("}", self.at):
                raise self.error("expected ',' or '}' in an inline table")
        self.at += 1
        self.key = outside
        while made:  # nothing is added to it from outside, nor to the tables that dotted keys made in it
            inner = made.pop()
            self.states[id(inner)] = _INLINE
            made.extend(item for item in inner.values() if type(item) is dict and self.states[id(item)] != _INLINE)
        return table

    # strings

    def basic(self) -> str:
        """`"a\\n"`."""
        return self.escaped('"', _BASIC_PART)

    def basic_lines(self) -> str:
        """Return a string between three double quotes; line ends are kept as they are."""
        return self.escaped('"""', _BASIC_LINES)

    def escaped(self, quote: str, plain: Pattern[str]) -> str:
        """Return a string with escapes."""
        start = self.at
        self.at += len(quote)
        if len(quote) == 3:
            self.skip(_NEWLINE)
        parts: list[str] = []
        while True:
            found = plain.match(self.text, self.at)
            assert found is not None  # the pattern matches nothing as well
            parts.append(found[0])
            self.at = found.end()
            if self.text.startswith(quote, self.at):
                self.at += len(quote)
                return "".join(parts) + self.closing_quotes(quote)
            if not self.text.startswith("\\", self.at):
                raise self.unterminated(start)
            if len(quote) == 3 and self.skip(_LINE_END):
                continue
            parts.append(self.escape())

    def escape(self) -> str:
        """`\\n`, `\\u00e9`."""
        letter = self.text[self.at + 1 : self.at + 2]
        if letter in _ESCAPES:
            self.at += 2
            return _ESCAPES[letter]
        found = _UNICODE.match(self.text, self.at + 1)
        if found is None:
            raise self.error(f"invalid escape '\\{letter}' in a string")
        point = int(found[1] or found[2], 16)
        if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            raise self.error(f"the escape '\\{found[0]}' is not a character")
        self.at = found.end()
        return chr(point)

    def literal(self) -> str:
        """`'a'`."""
        return self.verbatim("'", _LITERAL_PART)

    def literal_lines(self) -> str:
        """Return a string between three single quotes."""
        return self.verbatim("'''", _LITERAL_LINES)

    def verbatim(self, quote: str, plain: Pattern[str]) -> str:
        """Return a string without escapes."""
        start = self.at
        self.at += len(quote)
        if len(quote) == 3:
            self.skip(_NEWLINE)
        found = plain.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        if not self.text.startswith(quote, self.at):
            raise self.unterminated(start)
        self.at += len(quote)
        return found[0] + self.closing_quotes(quote)

    def closing_quotes(self, quote: str) -> str:
        """Up to two quotes that end a text of several lines, right before the three that close it."""
        extra = 0
        while len(quote) == 3 and extra < 2 and self.text.startswith(quote[0], self.at + extra):
            extra += 1
        self.at += extra
        return quote[0] * extra

    def checked(self, text: str) -> str:
        """Return a string; a null character in it is refused in the end."""
        if "\0" in text:
            shown = text.replace("\0", "␀")
            self.refuse(
                f"error: input string '{shown}' cannot be represented as Nix string because it contains null bytes",
                self.at,
            )
        return text

    # reading and refusing

    def skip(self, pattern: Pattern[str]) -> bool:
        """Read the match of a pattern and return whether it is not empty."""
        found = pattern.match(self.text, self.at)
        if found is None or found.end() == self.at:
            return False
        self.at = found.end()
        return True

    def remember(self, table: Table, name: str, start: int) -> None:
        """Note where a key is defined, for the message that it is defined twice."""
        self.lines[id(table), name] = start

    def first_line(self, table: Table, name: str) -> str:
        """`, defined in line 3`."""
        start = self.lines.get((id(table), name))
        return "" if start is None else f", defined in line {self.text.count(chr(10), 0, start) + 1}"

    def defined_twice(self, table: Table, key: tuple[str, ...], start: int) -> EvalError:
        """Return the error of a key that already exists."""
        return self.error(f"the key '{'.'.join(key)}' is defined twice{self.first_line(table, key[-1])}", start)

    def unterminated(self, start: int) -> EvalError:
        """Return the error of a string with an invalid character or without an end."""
        if self.at == len(self.text):
            return self.error("unterminated string", start)
        return self.error(f"the character {self.text[self.at]!r} cannot stand in a string as it is")

    def place(self, at: int) -> str:
        """`line 3, column 5`."""
        return f"line {self.text.count(chr(10), 0, at) + 1}, column {at - self.text.rfind(chr(10), 0, at)}"

    def error(self, problem: str, at: int | None = None) -> EvalError:
        """Return the error of text that is not TOML."""
        return EvalError(f"while parsing TOML: {problem} (at {self.place(self.at if at is None else at)})")

    def refuse(self, problem: str, at: int) -> None:
        """Note that this is not Nix's, in Nix's own words; the first is reported."""
        if self.refusal is None:
            where = f" of the key '{'.'.join(self.key)}'" if self.key else ""
            self.refusal = EvalError(
                f"while parsing TOML: {problem}", hint=f"it is the value{where}, in {self.place(at)}"
            )
