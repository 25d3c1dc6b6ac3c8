"""Words of a script as the fields that a command gets: quotes, variables, substitutions, braces, splitting and patterns.

(Bash manual, Shell Expansions; the order here is the manual's.)
"""

from __future__ import annotations

import fnmatch
import re
from itertools import pairwise

from nixbridge.tools.build.build_errors import NotCarriedOut
from nixbridge.tools.build.escapes import FORMAT, unescaped
from nixbridge.tools.build.file_tree import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Protocol

    from tree_sitter import Node

    from nixbridge.tools.build.file_system import FileSystem

    class Scope(Protocol):
        """The state that words refer to."""

        files: FileSystem
        folder: str

        @property
        def script(self) -> bytes:
            """The script that runs, as the bytes that its syntax tree counts."""

        def variable(self, name: str) -> str | None:
            """Return the value of a variable; None where it is not set."""

        def substitute(self, node: Node) -> str:
            """Return the output of the commands in a `$(...)`, without newlines at its end."""


class Quoted(str):
    """Text that is neither split nor a pattern."""

    __slots__ = ()


class Expanded(str):
    """The value of an unquoted variable or substitution: it is split at blanks, and may be a pattern."""

    __slots__ = ()


#: A word before it is split: plain `str`s are its unquoted characters, one each.
Pieces = list[str]

_ESCAPED_IN_QUOTES = re.compile(r'\\([$`"\\])|\\\n')
_ESCAPED = re.compile(r"\\(\n|.)", re.DOTALL)
_OVERLOOKED = re.compile(r"`|\$[A-Za-z_({]")
_PATTERN = re.compile(r"[*?\[]")
_SEQUENCE = re.compile(r"(-?\d+)\.\.(-?\d+)")
#: Words that braces may expand to.
_LONGEST_SEQUENCE = 10_000


def text_of(node: Node, scope: Scope) -> str:
    """Return a word as one text, neither split nor matched: the value of an assignment, a redirection's target."""
    return "".join(_pieces(node, scope))


def fields_of(node: Node, scope: Scope) -> Iterator[str]:
    """Yield the fields that a word expands to."""
    # bash's order: braces before expansion, then splitting, then patterns. Pieces remember what was quoted on the way.
    for pieces in _braces(_pieces(node, scope)):
        for field in _split(pieces):
            yield from _matches(field, scope)


def body_text(node: Node, scope: Scope, start: int, end: int) -> str:
    """Return the text of a here-document, which is between two bytes of the script, its variables and substitutions expanded."""
    return "".join(_inside(node, scope, start, end, _unescaped_in_quotes))


# Pieces


def _pieces(node: Node, scope: Scope) -> Pieces:
    kind = node.type
    text = _text(node)
    if kind in ("word", "number", "extglob_pattern", "regex", "test_operator", "special_variable_name"):
        return _unquoted(text)
    if kind == "raw_string":
        return [Quoted(text[1:-1])]
    if kind == "ansi_c_string":
        return [Quoted(unescaped(text[2:-1], FORMAT)[0])]
    if kind == "string":
        inner = _inside(node, scope, node.start_byte + 1, node.end_byte - 1, _unescaped_in_quotes)
        return [Quoted("".join(inner))]
    if kind == "concatenation":
        return _inside(node, scope, node.start_byte, node.end_byte, _unquoted)
    if kind in ("simple_expansion", "expansion"):
        return [Expanded(_expansion(node, scope))]
    if kind == "command_substitution":
        return [Expanded(scope.substitute(node))]
    if kind in ("command_name", "variable_assignment_value"):
        return _pieces(node.children[0], scope)
    # letter by letter: _braces looks for its marks among unquoted pieces
    if kind == "brace_expression":
        return list(text)
    raise NotCarriedOut(f"nixbridge does not support '{text}' ({kind.replace('_', ' ')}) in a script")


def _inside(node: Node, scope: Scope, start: int, end: int, literal: Callable[[str], list[str]]) -> Pieces:
    """Return the pieces between two bytes of the script. What lies between the parts of `node` is literal text, blanks too."""
    pieces: Pieces = []
    position = start
    for child in node.children:
        if child.type in ('"', "string_content", "heredoc_content") or not child.is_named:
            continue
        # in quotes, the grammar's own nodes begin with the blanks before them
        blanks = len(child.text) - len(child.text.lstrip()) if child.text is not None else 0
        before = scope.script[position : child.start_byte + blanks]
        if (len(before) - len(before.rstrip(b"\\"))) % 2:
            continue  # the grammar takes `\$x` at the start of a here-document for a variable
        pieces.extend(literal(_decoded(before)))
        pieces.extend(_pieces(child, scope))
        position = child.end_byte
    pieces.extend(literal(_decoded(scope.script[position:end])))
    return pieces


def _unquoted(text: str) -> Pieces:
    pieces: Pieces = []
    position = 0
    for match in _ESCAPED.finditer(text):
        pieces.extend(_literal(text[position : match.start()]))
        if match[1] != "\n":
            pieces.append(Quoted(match[1]))
        position = match.end()
    pieces.extend(_literal(text[position:]))
    return pieces


def _unescaped_in_quotes(text: str) -> list[str]:
    pieces: list[str] = []
    position = 0
    for match in _ESCAPED_IN_QUOTES.finditer(text):
        pieces.append(_literal(text[position : match.start()]) + (match[1] or ""))
        position = match.end()
    return [*pieces, _literal(text[position:])]


def _literal(text: str) -> str:
    """Return literal text. Raises NotCarriedOut if it contains an expansion that the grammar has missed."""
    if _OVERLOOKED.search(text):
        raise NotCarriedOut(f"nixbridge cannot parse '{text.strip()}' in a script")
    return text


def _expansion(node: Node, scope: Scope) -> str:
    parts = [child for child in node.children if child.type not in ("$", "${", "}")]
    if not parts or parts[0].type != "variable_name":
        raise NotCarriedOut(f"nixbridge does not support '{_text(node)}' in a script")
    name = _text(parts[0])
    value = scope.variable(name)
    if len(parts) == 1:
        if value is None:
            raise NotCarriedOut(
                f"'${name}' is set neither by the script nor by its derivation; a real builder may set it",
                hint="set it in the derivation's attributes, or write ${" + name + ":-}",
            )
        return value
    operator = parts[1].type
    word = "".join(text_of(part, scope) for part in parts[2:])
    if operator in (":-", "-"):
        return word if value is None or (operator == ":-" and not value) else value
    if operator in (":+", "+"):
        return "" if value is None or (operator == ":+" and not value) else word
    if operator in ("%", "%%", "#", "##") and value is not None:
        return _trimmed(value, "".join(_pattern(_pieces(part, scope)) for part in parts[2:]), operator)
    raise NotCarriedOut(f"nixbridge does not support '{_text(node)}' in a script")


def _trimmed(value: str, pattern: str, operator: str) -> str:
    """Return `value` without the shortest (`#`, `%`) or longest (`##`, `%%`) match of a pattern at its start or end."""
    regex = re.compile(fnmatch.translate(pattern))
    # every prefix or suffix is tried, which is quadratic; values in scripts are short
    lengths = list(range(len(value) + 1)) if len(operator) == 1 else list(range(len(value), -1, -1))
    for length in lengths:
        if operator.startswith("#") and regex.match(value[:length]):
            return value[length:]
        if operator.startswith("%") and regex.match(value[len(value) - length :]):
            return value[: len(value) - length]
    return value


# Braces, fields, patterns


def _braces(pieces: Pieces) -> list[Pieces]:
    """Return the words that `a{b,c}` and `{1..3}` expand to; a word without braces is returned alone."""
    for start, piece in enumerate(pieces):
        if piece != "{" or type(piece) is not str:
            continue
        end, commas = _closing(pieces, start)
        if end is None:
            continue
        before, after = pieces[:start], pieces[end + 1 :]
        if commas:
            edges = [start, *commas, end]
            options = [pieces[first + 1 : last] for first, last in pairwise(edges)]
            return _bounded(_braces([*before, *option, *after]) for option in options)
        match = _SEQUENCE.fullmatch("".join(pieces[start + 1 : end]))
        if match:
            numbers = _sequence(int(match[1]), int(match[2]))
            return _bounded(_braces([*before, *str(number), *after]) for number in numbers)
    return [pieces]


def _bounded(groups: Iterator[list[Pieces]]) -> list[Pieces]:
    """Return the words of all groups. Raises NotCarriedOut for too many, before the next group is expanded."""
    found: list[Pieces] = []
    for group in groups:
        found.extend(group)
        if len(found) > _LONGEST_SEQUENCE:
            raise NotCarriedOut(f"braces that expand to more than {_LONGEST_SEQUENCE:,} words")
    return found


def _sequence(first: int, last: int) -> list[int]:
    if abs(first - last) > _LONGEST_SEQUENCE:
        raise NotCarriedOut(f"{{{first}..{last}}} expands to more than {_LONGEST_SEQUENCE:,} words")
    return list(range(first, last + 1)) if first <= last else list(range(first, last - 1, -1))


def _closing(pieces: Pieces, start: int) -> tuple[int | None, list[int]]:
    """Return where the brace that opens at `start` closes, and the commas of its own level."""
    depth = 0
    commas: list[int] = []
    for index in range(start, len(pieces)):
        piece = pieces[index]
        if type(piece) is not str:
            continue
        depth += (piece == "{") - (piece == "}")
        if depth == 0:
            return index, commas
        if piece == "," and depth == 1:
            commas.append(index)
    return None, []


def _split(pieces: Pieces) -> list[Pieces]:
    """Return the fields of a word, split where an unquoted value has blanks. A word that is nothing but empty values disappears."""
    fields: list[Pieces] = []
    current: Pieces = []
    for piece in pieces:
        if not isinstance(piece, Expanded):
            current.append(piece)
            continue
        parts = re.split(r"[ \t\n]+", piece)
        for index, part in enumerate(parts):
            if index and current:
                fields.append(current)
                current = []
            if part:
                current.append(Expanded(part))
    if current:
        fields.append(current)
    return fields


def _matches(field: Pieces, scope: Scope) -> list[str]:
    """Return the paths that a field matches, in order; the field itself where it is not a pattern or matches nothing."""
    text = "".join(field)
    if not any(_PATTERN.search(piece) for piece in field if not isinstance(piece, Quoted)):
        if text.startswith("~") and type(field[0]) is str:
            raise NotCarriedOut(f"nixbridge does not support '{text}': a build has no home folder")
        return [text]
    pattern = _pattern(field)
    absolute = pattern.startswith("/")
    found = [""] if absolute else [scope.folder]
    shown = [""]
    parts = [part for part in pattern.split("/") if part]
    if absolute and len(parts) > 2 and not _PATTERN.search("".join(parts[:3])):
        found = shown = ["/" + "/".join(parts[:3])]  # folders above a store path cannot be listed
        parts = parts[3:]
    elif absolute:
        raise NotCarriedOut(f"nixbridge does not support the pattern '{text}': it lists folders outside the build")
    for part in parts:
        steps = [
            (f"{folder}/{name}", f"{prefix}/{name}" if prefix or absolute else name)
            for folder, prefix in zip(found, shown, strict=True)
            for name in _names(folder, part, scope)
        ]
        found, shown = [step[0] for step in steps], [step[1] for step in steps]
    slash = "/" if pattern.endswith("/") else ""
    return [f"{name}{slash}" for name in sorted(shown)] or [text]


def _pattern(pieces: Pieces) -> str:
    """Return a word as a pattern, in which quoted parts are literal."""
    return "".join([re.sub(r"([*?\[])", r"[\1]", piece) if isinstance(piece, Quoted) else piece for piece in pieces])


def _names(folder: str, pattern: str, scope: Scope) -> list[str]:
    if pattern in (".", ".."):
        return [pattern]
    node = scope.files.find(folder)
    if not isinstance(node, Folder):
        return []
    regex = re.compile(fnmatch.translate(re.sub(r"\[\^", "[!", pattern)))
    return [name for name in node.entries if regex.match(name) and (name[0] != "." or pattern[0] == ".")]


def _text(node: Node) -> str:
    assert node.text is not None
    return _decoded(node.text)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
