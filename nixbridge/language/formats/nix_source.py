"""Plain data, and calls of functions with it, as Nix text, laid out as nixfmt lays it out.

Of the forms that nixfmt leaves as they are it is the shortest: a list or set of one on one line where it fits, except a set that
is the value of an attribute; everything longer one line each. (RFC 166, nixfmt's docs/standard-nix-format)
"""

from __future__ import annotations

import re

from nixbridge.language.formats.plain_data import check_nesting
from nixbridge.language.runtime.interpreter import run_with_depth
from nixbridge.language.runtime.number import LARGEST, SMALLEST
from nixbridge.language.runtime.printer import is_identifier, show_string
from nixbridge.language.runtime.thunk import DEEPEST_VALUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Python frames that one level of nesting takes at most.
_FRAMES_A_LEVEL = 6

#: No line is longer, unless a string or a name in it is.
WIDTH = 100
#: An integer beyond it is not shown in a message.
LONGEST_SHOWN = 10**40
#: Nix refuses a literal below it; as a product, both factors powers of two apart, such a number is exact.
SMALLEST_LITERAL = 2.0**-1022


class Call:
    """`function "name" { parameters }`, and what is added to its result: `// { added }`."""

    __slots__ = ("added", "function", "name", "parameters")

    def __init__(self, function: str, name: str, parameters: dict[str, Any], added: dict[str, Any]) -> None:
        self.function, self.name, self.parameters, self.added = function, name, parameters, added


class Commented:
    """A value with comments above it: the whole text, or an element of a list."""

    __slots__ = ("comments", "value")

    def __init__(self, value: object, comments: list[str]) -> None:
        self.value, self.comments = value, comments


def write(data: object) -> str:
    """Return Nix text with a newline at its end. Raises TypeError unless it is data, ValueError for what Nix cannot hold."""
    comments = ""
    while isinstance(data, Commented):
        comments += _comments(data, "")
        data = data.value
    # first: a value that contains itself would be written without end
    check_nesting(data)
    writer = _Writer()
    run_with_depth(_FRAMES_A_LEVEL * DEEPEST_VALUE, writer.value, data, "", 0, 0)
    return comments + "".join(writer.parts) + "\n"


class _Writer:
    """Collects the parts of the text: texts that grew from the inside out would be copied once for each level around them."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.add = self.parts.append

    def value(self, data: object, indent: str, column: int, tail: int) -> None:
        """Write a value that begins at `column` of a line indented by `indent`; `tail` more characters follow on its last line."""
        if isinstance(data, dict):
            self.set(data, indent)
        elif isinstance(data, (list, tuple)):
            self.list(list(data), indent, column, tail)
        elif isinstance(data, str):
            self.add(as_block(data, indent) or _string(data))
        elif isinstance(data, Call):
            self.call(data, indent, column, tail)
        else:
            self.add(_scalar(data))

    def set(self, attrs: dict[Any, Any], indent: str) -> None:
        """Write a set, each attribute on a line of its own."""
        if not attrs:
            self.add("{ }")
            return
        inner = indent + "  "
        self.add("{\n")
        for name, value in attrs.items():
            start = f"{inner}{_name(name)} = "
            self.add(start)
            self.value(value, inner, len(start), 1)
            self.add(";\n")
        self.add(indent + "}")

    def list(self, items: list[object], indent: str, column: int, tail: int) -> None:
        """Write a list, on one line or each element on a line of its own."""
        short = _on_one_line(items, WIDTH - column - tail)
        if short is not None:
            self.add(short)
            return
        self.add("[\n")
        for item in items:
            self.element(item, indent + "  ")
            self.add("\n")
        self.add(indent + "]")

    def element(self, item: object, indent: str) -> None:
        """Write an element on a line of its own."""
        if isinstance(item, Commented):
            self.add(_comments(item, indent))
            self.element(item.value, indent)
            return
        inner = indent + "  "
        if isinstance(item, Call) and item.added:
            self.add(f"{indent}(\n{inner}")
            self.call(item, inner, len(inner), 0)
            self.add(f"\n{indent})")
            return
        self.add(indent)
        short = _on_one_line(item, WIDTH - len(indent), in_list=True)
        if short is not None:
            self.add(short)
        elif isinstance(item, Call):
            self.add("(")
            self.call(item, indent, len(indent) + 1, 1)
            self.add(")")
        else:
            self.value(item, indent, len(indent), 0)

    def call(self, call: Call, indent: str, column: int, tail: int) -> None:
        """Write a call, its parameters on the same line where they fit."""
        start = f"{call.function} {_string(call.name)} "
        self.add(start)
        parameters = _on_one_line(call.parameters, WIDTH - column - tail - len(start))
        if parameters:
            self.add(parameters)
        else:
            self.set(call.parameters, indent)
        if call.added:
            self.add(f"\n{indent}// ")
            self.set(call.added, indent)


def _comments(data: Commented, indent: str) -> str:
    return "".join(f"{indent}# {line}".rstrip() + "\n" for line in data.comments)


def _on_one_line(data: object, room: int, *, in_list: bool = False) -> str | None:
    """Return the value within `room` characters, where nixfmt would leave it on one line; else None."""
    if room < 0:  # what is nested deeply would be tried at each level
        return None
    text = _flat(data, room)
    if text is not None and in_list and (text.startswith("-") or isinstance(data, Call)):
        text = f"({text})"
    return text if text is not None and len(text) <= room else None


def _flat(data: object, room: int) -> str | None:
    """Return the same, without a check of the length of what is neither a list nor a set, which is the caller's."""
    if isinstance(data, (list, tuple)):
        if not data:
            return "[ ]"
        only = _on_one_line(data[0], room - 4, in_list=True) if len(data) == 1 else None
        return None if only is None else f"[ {only} ]"
    if isinstance(data, dict):
        return _flat_set(data, room)
    if isinstance(data, str):
        return None if as_block(data, "") else _string(data)
    if isinstance(data, Call):
        parameters = None if data.added else _on_one_line(data.parameters, room)
        return None if parameters is None else f"{data.function} {_string(data.name)} {parameters}"
    return None if isinstance(data, Commented) else _scalar(data)


def _flat_set(attrs: dict[Any, Any], room: int) -> str | None:
    if not attrs:
        return "{ }"
    if len(attrs) > 1:
        return None
    ((name, value),) = attrs.items()
    start = f"{_name(name)} = "
    if isinstance(value, dict) and value:
        return None
    text = _on_one_line(value, room - len(start) - 5)
    return None if text is None else f"{{ {start}{text}; }}"


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"names of a set are strings, not {type(name).__name__}")
    return name if is_identifier(name) else _string(name)


def _string(text: str) -> str:
    wrong = wrong_text(text)
    if wrong:
        raise ValueError(wrong)
    return show_string(text)


def _scalar(data: object) -> str:
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if not isinstance(data, (int, float)):
        raise TypeError(f"a value of type {type(data).__name__} is not data that Nix has")
    wrong = wrong_number(data)
    if wrong:
        raise ValueError(wrong)
    if isinstance(data, int):
        return f"({SMALLEST + 1} - 1)" if data == SMALLEST else str(data)
    return _float(data)


def wrong_number(number: float) -> str | None:
    """Return why Nix cannot hold the number: an integer beyond 64 bits, an infinity, NaN; None where it can."""
    if isinstance(number, int):
        if SMALLEST <= number <= LARGEST:
            return None
        shown = str(number) if abs(number) < LONGEST_SHOWN else "the integer"
        return f"{shown} does not fit into Nix's 64 bits"
    return None if number - number == 0 else f"{number} has no Nix text"


def _float(number: float) -> str:
    if number == 0:
        # `-0.0` is `0 - 0.0`, which is 0.0
        return "(0.0 * -1.0)" if repr(number) == "-0.0" else "0.0"
    if abs(number) < SMALLEST_LITERAL:
        return f"({_float(number * 2.0**200)} * {_float(2.0**-200)})"
    text = repr(number)
    mantissa, mark, exponent = text.partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    return mantissa + mark + exponent


#: What ends a block or begins an interpolation. A quote before `${` would make `'''` of the escape's own two.
_SPECIAL_IN_BLOCK = re.compile(r"''|'(?=\$\{)|\$\{")
_ESCAPES_IN_BLOCK = {"''": "'''", "'": r"''\'", "${": "''${"}


def as_block(text: str, indent: str) -> str | None:
    """Return the text between `''`, indented below a line indented by `indent`; None for a text that is not written so.

    Texts of one or two lines are not, nor are those whose lines would not read back the same.
    """
    lines = text.split("\n")
    if len(lines) < 3 or not _survives(lines):
        return None
    inner = indent + "  "
    escaped = [_SPECIAL_IN_BLOCK.sub(lambda found: _ESCAPES_IN_BLOCK[found[0]], line) for line in lines]
    block = "''\n" + "".join(f"{inner}{line}\n" if line else "\n" for line in escaped[:-1])
    return f"{block}{inner}{escaped[-1]}''" if lines[-1] else f"{block}{indent}''"


def _survives(lines: list[str]) -> bool:
    """Return whether a block of these lines reads back the same: one must begin at the margin, and none have unseen characters."""
    if lines[-1][-1:] in ("'", "$"):
        return False  # would run into the closing quotes
    return any(line and line[0] not in " \t" for line in lines) and all(
        not line or (line.replace("\t", "").isprintable() and line.strip(" \t")) for line in lines
    )


def wrong_text(text: str) -> str | None:
    """Return why Nix cannot hold the text: a null character, a lone surrogate; None where it can."""
    if "\0" in text:
        return "a Nix string holds no null character"
    if not text.isascii():
        try:
            text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return f"{text[:50]!a} holds a lone surrogate"
    return None
