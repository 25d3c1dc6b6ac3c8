"""The syntax of RE2, which istiod (Go's regexp) and Envoy read regular expressions by. (github.com/google/re2/wiki/Syntax)

Python's own reads other things: look-around, back references and possessive quantifiers are not in RE2; `\\z`, `\\pL`, `[[:alpha:]]`
and `^*` are not in Python.
"""

from __future__ import annotations

import re

MOST_REPEATS = 1000
MOST_GROUPS = 1000
POSIX_CLASSES = frozenset(
    ("alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit")
)  # fmt: skip
_GROUP = re.compile(r"\(\?P?<(?P<name>[A-Za-z0-9_]+)>|\(\?(?P<flags>[imsU]*(?:-[imsU]+)?)(?P<end>[:)])")
_REPEAT = re.compile(r"(?:[*+?]|\{(?P<least>\d+)(?:(?P<comma>,)(?P<most>\d*))?\})(?P<lazy>\??)", re.ASCII)
_POSIX = re.compile(r"\[:\^?([a-z]*):\]")
_CODE = re.compile(r"x(?:[0-9A-Fa-f]{2}|\{([0-9A-Fa-f]+)\})|0[0-7]{0,2}|[1-7][0-7]{1,2}|[afnrtv]")
_UNICODE = re.compile(r"[pP](?:[A-Z]|\{\^?[A-Z][A-Za-z_]*\})")
_LAST_CHARACTER = 0x10FFFF


class Refused(Exception):
    """The fault of a regular expression, in words."""


def refused(text: str) -> str | None:
    """Return the fault of a regular expression, or None."""
    try:
        Reader(text).read()
    except Refused as wrong:
        return str(wrong)
    return None


class Reader:
    """Reads an expression from left to right. `groups`: for each open group the repetitions inside it so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.names: set[str] = set()
        self.groups: list[int] = [1]
        #: how often what comes before may be repeated in all; 0 where there is nothing to repeat
        self.last = 0

    def read(self) -> None:
        """Read the whole expression. Raises Refused for its first fault."""
        repeated = False
        while self.at < len(self.text):
            found = _REPEAT.match(self.text, self.at)
            if found is None:
                self._one()
            elif repeated:
                raise Refused(f"'{found[0]}' repeats a repetition, which is not in RE2")
            else:
                self._repeat(found)
            repeated = found is not None
        if len(self.groups) > 1:
            raise Refused("a '(' is not closed")

    def _one(self) -> None:
        character = self.text[self.at]
        if character == "(":
            self._open()
        elif character == ")":
            self._close()
        elif character == "[":
            self._class()
            self._put(1)
        elif character == "\\":
            self._escape_or_quote()
        else:
            self.at += 1
            self._put(0 if character == "|" else 1)

    def _put(self, repeats: int) -> None:
        """Record that the previous element may be repeated; `|` starts a new alternative."""
        self.last = repeats
        self.groups[-1] = max(self.groups[-1], repeats)

    def _open(self) -> None:
        if len(self.groups) > MOST_GROUPS:
            raise Refused(f"more than {MOST_GROUPS} groups are nested")
        if not self.text.startswith("(?", self.at):
            self.at += 1
            self._enter()
            return
        found = _GROUP.match(self.text, self.at)
        if found is None:
            raise Refused(f"'{self.text[self.at : self.at + 3]}' is not in RE2")
        name = found["name"]
        if name in self.names:
            raise Refused(f"there are two groups '{name}'")
        if name is not None:
            self.names.add(name)
        self.at = found.end()
        if found["end"] != ")":
            self._enter()

    def _enter(self) -> None:
        self.groups.append(1)
        self.last = 0

    def _close(self) -> None:
        if len(self.groups) == 1:
            raise Refused("a ')' closes nothing")
        self.at += 1
        self._put(self.groups.pop())

    def _repeat(self, found: re.Match[str]) -> None:
        if not self.last:
            raise Refused(f"nothing is before '{found[0]}' to be repeated")
        self.at = found.end()
        if found["least"] is None:
            return
        # five digits are enough to be too large, and thousands of them would take time
        least = int(found["least"][:5])
        most = int(found["most"][:5]) if found["most"] else least
        # RE2 writes repetitions out, so those within one another multiply
        total = max(least, most) * self.last
        if total > MOST_REPEATS or least > most:
            raise Refused(f"'{found[0]}' repeats too often: {MOST_REPEATS} times at most, the lesser number first")
        self._put(max(total, 1))

    def _escape_or_quote(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "Q":
            end = self.text.find("\\E", self.at + 2)
            whole = self.text[self.at + 2 : end if end >= 0 else len(self.text)]
            self.at = end + 2 if end >= 0 else len(self.text)
            self._put(1 if whole else self.last)
        elif following in ("A", "b", "B", "z"):
            self.at += 2
            self._put(1)
        else:
            if not self._class_escape():
                self._character()
            self._put(1)

    def _class_escape(self) -> bool:
        r"""Read `\\d`, `\\pL` or the like; return whether there is one here."""
        if self.text[self.at + 1 : self.at + 2] in ("d", "D", "s", "S", "w", "W"):
            self.at += 2
            return True
        found = _UNICODE.match(self.text, self.at + 1)
        if found is not None:
            self.at = found.end()
        return found is not None

    def _character(self) -> int:
        """Read one character, plain or escaped, and return its code. Raises Refused for an escape that RE2 does not have."""
        character = self.text[self.at]
        if character != "\\":
            self.at += 1
            return ord(character)
        following = self.text[self.at + 1 : self.at + 2]
        if not following:
            raise Refused("it ends with a '\\'")
        if following.isascii() and not following.isalnum():
            self.at += 2
            return ord(following)
        found = _CODE.match(self.text, self.at + 1)
        code = _code_of(found) if found is not None else _LAST_CHARACTER + 1
        if found is None or code > _LAST_CHARACTER:
            raise Refused(f"'\\{following}' is not in RE2")
        self.at = found.end()
        return code

    def _class(self) -> None:
        """Read `[...]`: characters, ranges, classes by name; a `]` that comes first is one of the characters."""
        self.at += 2 if self.text.startswith("[^", self.at) else 1
        first = True
        while first or not self.text.startswith("]", self.at):
            if self.at >= len(self.text):
                raise Refused("a '[' is not closed")
            posix = _POSIX.match(self.text, self.at)
            if posix is not None:
                if posix[1] not in POSIX_CLASSES:
                    raise Refused(f"'{posix[0]}' is not a class of characters")
                self.at = posix.end()
            elif not (self.text[self.at] == "\\" and self._class_escape()):
                self._range()
            first = False
        self.at += 1

    def _range(self) -> None:
        start = self.at
        least = self._character()
        if not self.text.startswith("-", self.at) or self.text[self.at + 1 : self.at + 2] in ("]", ""):
            return
        self.at += 1
        if self._character() < least:
            raise Refused(f"'{self.text[start : self.at]}' is not a range: it ends before it begins")


def _code_of(escape: re.Match[str]) -> int:
    text = escape[0]
    if text[0] == "x":
        return int(escape[1][-8:] if escape[1] else text[1:], 16)
    if text[0].isdigit():
        return int(text, 8)
    return {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}[text]
