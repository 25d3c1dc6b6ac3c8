"""A JSON reader without recursion that fails where Nix's library (nlohmann/json) fails, in its words."""

from __future__ import annotations

import re

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.number import LARGEST, SMALLEST
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_BLANK = re.compile(rb"[ \t\n\r]*")
_PLAIN = re.compile(rb"[ !#-\[\]-\x7f]*")
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(\.[0-9]*)?(?:([eE])([+-]?)([0-9]*))?")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_ESCAPES = {b'"': b'"', b"\\": b"\\", b"/": b"/", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_CONTROLS = (
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI"),
    *("DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"),
)
_SHORT_CONTROLS = {0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0C: "\\f", 0x0D: "\\r"}
_LITERALS: dict[bytes, tuple[bytes, Value]] = {
    b"t": (b"true", True),
    b"f": (b"false", False),
    b"n": (b"null", None),
}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def integer(text: str) -> int | float:
    """Return a JSON integer as Nix takes it: 64 bits; a float beyond; an error between 2^63 and 2^64."""
    if len(text) > 25:
        return real(text)
    number = int(text)
    if SMALLEST <= number <= LARGEST:
        return number
    if 0 < number < 1 << 64:
        raise EvalError(f"unsigned json number {number} outside of Nix integer range")
    return float(number)


def real(text: str) -> float:
    """Return a JSON number as a float. Raises EvalError for one that is too large for a float."""
    number = float(text)
    if number - number != 0:
        raise EvalError(f"[json.exception.out_of_range.406] number overflow parsing '{text}'")
    return number


def read_carefully(data: bytes) -> Value:
    """Return the value of a JSON text, however deep. Raises EvalError with line, column and what was expected."""
    return _Reader(data).document()


class _Reader:
    """`at`: how many bytes are read; `start`: where what messages call 'last read' begins."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.start = 0
        self.value: Value = None

    # structure

    def document(self) -> Value:
        """Return the value; nothing but blanks may follow it."""
        if self.data[:1] == _BYTE_ORDER_MARK[:1]:
            self.byte_order_mark()
        result = self.element()
        self.token("value", "end of input")
        return result

    def byte_order_mark(self) -> None:
        """Skip the mark. Raises EvalError for half of one."""
        for place in (1, 2):
            if self.data[place : place + 1] != _BYTE_ORDER_MARK[place : place + 1]:
                self.wrong(place + 1, "invalid BOM; must be 0xEF 0xBB 0xBF if given", "value", None)
        self.at = 3

    def element(self) -> Value:
        """Return one value with all that is in it."""
        containers: list[list[Lazy] | dict[str, Lazy]] = []
        names: list[str] = []
        while True:
            kind = self.token("value", None)
            value = self.value
            if kind == "[" or kind == "{":
                value = [] if kind == "[" else {}
                if not self.closes("]" if kind == "[" else "}"):
                    containers.append(value)
                    if kind == "{":
                        names.append(self.name())
                    continue
            while True:
                if not containers:
                    return value
                container = containers[-1]
                if container.__class__ is list:
                    container.append(value)
                    closing = "]"
                else:
                    container[names.pop()] = value  # type: ignore[call-overload]
                    closing = "}"
                context = "array" if closing == "]" else "object"
                if self.token(context, closing) == closing:
                    value = containers.pop()
                    continue
                if closing == "}":
                    names.append(self.name())
                break

    def closes(self, bracket: str) -> bool:
        """Return whether the next token is this bracket, which is read then."""
        at = _BLANK.match(self.data, self.at).end()  # type: ignore[union-attr]
        if self.data[at : at + 1] != bracket.encode():
            return False
        self.at = at + 1
        return True

    def name(self) -> str:
        """Return an attribute's name; the colon after it is read."""
        self.token("object key", "string literal")
        name = self.value
        assert isinstance(name, str)
        self.token("object separator", ":")
        return name

    # tokens

    def token(self, context: str, expected: str | None) -> str:
        """Read the next token and return its kind; `value` is what it says.

        Raises EvalError unless it is `expected`: a kind; None where a value begins. Where a container may end, a comma
        may come as well.
        """
        kind = self.scan(context, expected)
        if expected is None:
            if kind == "end of input" and not self.data:
                self.fail(self.at, _EMPTY)
            if kind in ("]", "}", ":", ",", "end of input"):
                self.unexpected(kind, context, "'[', '{', or a literal")
        elif kind != expected and not (kind == "," and expected in "]}"):
            self.unexpected(kind, context, _quoted(expected))
        if isinstance(self.value, str) and kind == "string literal" and "\0" in self.value:
            shown = self.value.replace("\0", "␀")
            raise EvalError(
                f"input string '{shown}' cannot be represented as Nix string because it contains null bytes"
            )
        return kind

    def scan(self, context: str, expected: str | None) -> str:
        """Read one token and return its kind. Raises EvalError where there is none."""
        at = self.at = _BLANK.match(self.data, self.at).end()  # type: ignore[union-attr]
        first = self.data[at : at + 1]
        if first == b'"':
            self.start = at
            self.value = self.string(context, expected)
            return "string literal"
        if first and first in b"-0123456789":
            self.start = at
            self.value = self.number(context, expected)
            return "number literal"
        if first in _LITERALS:
            return self.literal(first, context, expected)
        if first and first not in b"[]{}:,":
            self.wrong(at + 1, "invalid literal", context, expected)
        self.at = at + 1
        return first.decode() or "end of input"

    def literal(self, first: bytes, context: str, expected: str | None) -> str:
        """Read true, false or null."""
        word, self.value = _LITERALS[first]
        for place in range(1, len(word)):
            if self.data[self.at + place : self.at + place + 1] != word[place : place + 1]:
                self.wrong(self.at + place + 1, "invalid literal", context, expected)
        self.at += len(word)
        return f"{word.decode()} literal"

    def number(self, context: str, expected: str | None) -> int | float:
        """Return an integer or a float."""
        found = _NUMBER.match(self.data, self.at)
        if found is None:
            self.wrong(self.at + 2, "invalid number; expected digit after '-'", context, expected)
        fraction, exponent, sign, digits = found.groups()
        if fraction == b".":
            self.wrong(found.end(1) + 1, "invalid number; expected digit after '.'", context, expected)
        if exponent and not digits:
            wanted = "digit after exponent sign" if sign else "'+', '-', or digit after exponent"
            self.wrong(found.end() + 1, f"invalid number; expected {wanted}", context, expected)
        self.at = found.end()
        text = found.group().decode()
        return real(text) if fraction or exponent else integer(text)

    def string(self, context: str, expected: str | None) -> str:
        """Return a string from its quote to its quote."""
        data, at = self.data, self.at + 1
        parts: list[bytes] = []
        while True:
            plain = _PLAIN.match(data, at)
            parts.append(plain.group())  # type: ignore[union-attr]
            at = plain.end()  # type: ignore[union-attr]
            byte = data[at : at + 1]
            if byte == b'"':
                self.at = at + 1
                return b"".join(parts).decode()
            if not byte:
                problem = "missing closing quote"
            elif byte == b"\\":
                part, at, problem = self.escape(at + 1)
                parts.append(part)
            elif byte < b" ":
                problem = _control(byte[0])
            else:
                size = _sequence(data, at)
                problem = "ill-formed UTF-8 byte" if size <= 0 else ""
                if problem:
                    at -= size
                else:
                    parts.append(data[at : at + size])
                    at += size
            if problem:
                self.wrong(at + 1, f"invalid string: {problem}", context, expected)

    def escape(self, at: int) -> tuple[bytes, int, str]:
        """Return the text of the escape whose letter is at `at`, where it ends, and what is wrong with it there."""
        letter = self.data[at : at + 1]
        if letter in _ESCAPES:
            return _ESCAPES[letter], at + 1, ""
        if letter != b"u":
            return b"", at, "forbidden character after backslash"
        point, at, problem = self.code_point(at + 1)
        if problem:
            return b"", at, problem
        if 0xDC00 <= point <= 0xDFFF:
            return b"", at - 1, "surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF"
        if 0xD800 <= point <= 0xDBFF:
            for wanted in (b"\\", b"u"):
                if self.data[at : at + 1] != wanted:
                    return b"", at, _UNPAIRED
                at += 1
            second, at, problem = self.code_point(at)
            if problem:
                return b"", at, problem
            if not 0xDC00 <= second <= 0xDFFF:
                return b"", at - 1, _UNPAIRED
            point = 0x10000 + ((point - 0xD800) << 10) + second - 0xDC00
        return chr(point).encode(), at, ""

    def code_point(self, at: int) -> tuple[int, int, str]:
        """Return the number of four hexadecimal digits, where they end, and what is wrong there."""
        for place in range(at, at + 4):
            if place >= len(self.data) or self.data[place] not in _HEX:
                return 0, place, "'\\u' must be followed by 4 hex digits"
        return int(self.data[at : at + 4], 16), at + 4, ""

    # errors; `count` is the number of bytes read with the one that is wrong (the end counts as one)

    def wrong(self, count: int, problem: str, context: str, expected: str | None) -> NoReturn:
        read = self.data[self.start : count].decode("utf-8", "surrogateescape")
        shown = "".join([f"<U+{ord(char):04X}>" if char < " " else char for char in read])
        wanted = "" if expected is None else f"; expected {_quoted(expected)}"
        self.fail(count, f"syntax error while parsing {context} - {problem}; last read: '{shown}'{wanted}")

    def unexpected(self, kind: str, context: str, expected: str) -> NoReturn:
        # the library reads one byte more to see a number's end, and forgets the column when that is a line's end
        lost = kind == "number literal" and self.data[self.at : self.at + 1] == b"\n"
        problem = f"syntax error while parsing {context} - unexpected {_quoted(kind)}; expected {expected}"
        self.fail(self.at, problem, column=0 if lost else None)

    def fail(self, count: int, problem: str, column: int | None = None) -> NoReturn:
        before = self.data[:count]
        line = before.count(b"\n") + 1
        if column is None:
            column = count - (before.rfind(b"\n") + 1)
        raise EvalError(f"[json.exception.parse_error.101] parse error at line {line}, column {column}: {problem}")


_EMPTY = "attempting to parse an empty input; check that your input string or stream contains the expected JSON"
_UNPAIRED = "surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF"


def _quoted(kind: str) -> str:
    """Return a token's kind in a message: `':'`, `end of input`."""
    return kind if " " in kind else f"'{kind}'"


def _control(byte: int) -> str:
    short = f" or {_SHORT_CONTROLS[byte]}" if byte in _SHORT_CONTROLS else ""
    return f"control character U+{byte:04X} ({_CONTROLS[byte]}) must be escaped to \\u{byte:04X}{short}"


def _sequence(data: bytes, at: int) -> int:
    """Return how many bytes the UTF-8 sequence at `at` has; where it is none, minus the offset of the byte that is wrong."""
    first = data[at]
    if not 0xC2 <= first <= 0xF4:
        return 0
    size = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    least = {0xE0: 0xA0, 0xF0: 0x90}.get(first, 0x80)
    most = {0xED: 0x9F, 0xF4: 0x8F}.get(first, 0xBF)
    for place in range(1, size):
        if at + place >= len(data) or not least <= data[at + place] <= most:
            return -place
        least, most = 0x80, 0xBF
    return size
