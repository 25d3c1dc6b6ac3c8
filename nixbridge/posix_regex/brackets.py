"""Bracket expressions: the text between `[` and `]` as a set of bytes. (POSIX.1-2017, Base Definitions, 9.3.5)

As libstdc++ reads them in the C locale. Three things that surprise: only the characters that POSIX names can be written `[.x.]` or
`[=x=]`, by those names; `[=a=]` is also `A`; and a range's ends are compared as signed bytes.
"""

from __future__ import annotations

EVERY = frozenset(range(1, 256))
_LOWER = frozenset(range(97, 123))
_UPPER = frozenset(range(65, 91))
_DIGIT = frozenset(range(48, 58))
_SPACE = frozenset(b" \t\n\r\x0b\x0c")
_WORD = _LOWER | _UPPER | _DIGIT
CLASSES = {
    "lower": _LOWER,
    "upper": _UPPER,
    "alpha": _LOWER | _UPPER,
    "digit": _DIGIT,
    "alnum": _WORD,
    "xdigit": _DIGIT | frozenset(b"abcdefABCDEF"),
    "space": _SPACE,
    "blank": frozenset(b" \t"),
    "punct": frozenset(range(33, 127)) - _WORD,
    "graph": frozenset(range(33, 127)),
    "print": frozenset(range(32, 127)),
    "cntrl": frozenset([*range(1, 32), 127]),
    "d": _DIGIT,
    "w": _WORD | frozenset(b"_"),
    "s": _SPACE,
}

#: The characters' names in the order of their codes (POSIX.1-2017, Base Definitions, table 6-1); letters name themselves.
_NAMES = (
    "NUL SOH STX ETX EOT ENQ ACK alert backspace tab newline vertical-tab form-feed carriage-return SO SI DLE DC1 DC2 DC3 DC4 "
    "NAK SYN ETB CAN EM SUB ESC IS4 IS3 IS2 IS1 space exclamation-mark quotation-mark number-sign dollar-sign percent-sign "
    "ampersand apostrophe left-parenthesis right-parenthesis asterisk plus-sign comma hyphen period slash zero one two three "
    "four five six seven eight nine colon semicolon less-than-sign equals-sign greater-than-sign question-mark commercial-at "
    "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z left-square-bracket backslash right-square-bracket circumflex "
    "underscore grave-accent a b c d e f g h i j k l m n o p q r s t u v w x y z left-curly-bracket vertical-line "
    "right-curly-bracket tilde DEL"
)
NAMED = {name: code for code, name in enumerate(_NAMES.split())}


class InvalidPattern(ValueError):
    """An invalid regular expression, or, with `too_large`, one whose machine would be too large."""

    def __init__(self, too_large: bool = False) -> None:
        super().__init__("invalid regular expression")
        self.too_large = too_large


class Bracket:
    """One bracket expression, read from after its `[`."""

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position
        self.found: set[int] = set()
        #: the character before, with which a range may begin; -1: a class stood there; None: nothing that counts
        self.last: int | None = None

    def read(self) -> frozenset[int]:
        """Return the bytes that it stands for; `position` is after its `]` then. Raises InvalidPattern."""
        negated = self.text.startswith("^", self.position)
        self.position += negated
        if self.text[self.position : self.position + 1] in ("]", "-"):
            self.add(ord(self.text[self.position]))
            self.position += 1
        while self.term():
            pass
        return EVERY - self.found if negated else frozenset(self.found)

    def add(self, code: int) -> None:
        self.found.add(code)
        self.last = code

    def take(self) -> str:
        """Return the next character."""
        if self.position >= len(self.text):
            raise InvalidPattern
        self.position += 1
        return self.text[self.position - 1]

    def term(self) -> bool:
        """Read one character, class or range; return False at the end."""
        character = self.take()
        if character == "]":
            return False
        if character == "-":
            return self.dash()
        if character == "[" and self.text[self.position : self.position + 1] in (":", "=", "."):
            self.named()
        else:
            self.add(ord(character))
        return True

    def dash(self) -> bool:
        """Read what follows a dash: the end, before which it stands for itself, or the other end of a range."""
        character = self.take()
        if character == "]":
            self.found.add(ord("-"))
            return False
        opens_class = character == "[" and self.text[self.position : self.position + 1] in (":", "=", ".")
        if self.last is None or self.last < 0 or opens_class:
            raise InvalidPattern
        low, high = _signed(self.last), _signed(ord(character))
        if low > high:
            raise InvalidPattern
        self.found.update(code & 255 for code in range(low, high + 1))
        self.last = None
        return True

    def named(self) -> None:
        """Read `[:alpha:]`, `[=a=]` or `[.a.]`, after its first bracket."""
        kind = self.take()
        end = self.text.find(kind, self.position)
        if end < 0 or not self.text.startswith("]", end + 1):
            raise InvalidPattern
        name = self.text[self.position : end]
        self.position = end + 2
        if kind == ":":
            if name.lower() not in CLASSES:
                raise InvalidPattern
            self.found |= CLASSES[name.lower()]
            self.last = -1
            return
        if name not in NAMED:
            raise InvalidPattern
        character = chr(NAMED[name])
        if kind == ".":
            self.add(ord(character))
        else:
            self.found |= {ord(character.lower()), ord(character.upper())}
            self.last = -1


def _signed(code: int) -> int:
    return code if code < 128 else code - 256
