"""YAML without PyYAML, for documents of printable ASCII: most are.

Loading PyYAML takes longer than evaluating a small cached file. What could be read as a number or a date in some notation, and what needs
escapes, is left to formats/yaml.py; a test holds the two together, byte for byte.
"""

from __future__ import annotations

from nixbridge.language.formats.document import to_document
from nixbridge.language.runtime.strings import without_stand_ins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Lazy

_PRINTABLE = frozenset(map(chr, range(0x20, 0x7F)))
#: What some reader takes for a Boolean, null, a number or a merge, in lower case.
_WORDS = frozenset(
    ("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nil", "inf", "nan", "infinity", "~", "=", "<<")
)
#: Indicators: no plain text begins with one.
_INDICATORS = frozenset("?:,[]{}#&*!|>'\"%@`=")
#: All characters of numbers in any notation, times included. A string that begins like a number and has another one is none.
_OF_NUMBERS = frozenset("0123456789abcdefABCDEFxXoO_.,:+-")
#: PyYAML writes a longer key in another way.
_LONGEST_KEY = 120


class NotPlain(Exception):
    """The document has a string or number that formats/yaml.py must decide about."""


def write(value: Lazy, host: Host) -> str:
    """Return the value as one YAML document. Raises EvalError for what YAML cannot hold."""
    return without_stand_ins(dump(to_document(value, host)))


def dump(document: object) -> str:
    """Return plain data as one YAML document, as formats/yaml.py does."""
    try:
        return plain_text(document)
    except NotPlain:
        from nixbridge.language.formats import yaml

        return yaml.dump(document)


def dump_stream(documents: Iterable[object]) -> str:
    """Return several documents, `---` between them."""
    return "---\n".join(map(dump, documents))


def plain_text(document: object) -> str:
    """Return plain data as one YAML document. Raises NotPlain."""
    parts: list[str] = []
    if isinstance(document, dict) and document:
        _mapping(document, "", "", parts)
    elif isinstance(document, list) and document:
        _sequence(document, "", "", parts)
    else:
        parts.append(f"{_scalar(document, '')}\n")
    return "".join(parts)


def _mapping(data: dict[str, object], indent: str, before: str, parts: list[str]) -> None:
    """Write a mapping; `before` is what stands before its first key: nothing where a dash is on the line already."""
    for key, value in data.items():
        if len(key) > _LONGEST_KEY:
            raise NotPlain
        parts.append(f"{before}{_line(key)}:")
        before = indent
        if isinstance(value, dict) and value:
            parts.append("\n")
            _mapping(value, f"{indent}  ", f"{indent}  ", parts)
        elif isinstance(value, list) and value:
            parts.append("\n")
            _sequence(value, indent, indent, parts)  # dashes are level with their key
        else:
            parts.append(f" {_scalar(value, indent)}\n")


def _sequence(items: list[object], indent: str, before: str, parts: list[str]) -> None:
    for item in items:
        parts.append(f"{before}- ")
        before = indent
        if isinstance(item, dict) and item:
            _mapping(item, f"{indent}  ", "", parts)
        elif isinstance(item, list) and item:
            _sequence(item, f"{indent}  ", "", parts)
        else:
            parts.append(f"{_scalar(item, indent)}\n")


def _scalar(value: object, indent: str) -> str:
    if isinstance(value, str):
        return _block(value, indent) if "\n" in value else _line(value)
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = repr(value)
        if text.strip("-").replace(".", "", 1).isdigit():
            return text
        raise NotPlain
    return "[]" if isinstance(value, list) else "{}"


def _block(text: str, indent: str) -> str:
    """Return lines as a `|` block, without its last newline."""
    *lines, last = text.split("\n")
    if not lines[0] or lines[0][0] == " " or any(line.endswith(" ") for line in (*lines, last)):
        raise NotPlain  # in quotes, with escapes
    if not _PRINTABLE.issuperset(last) or not all(map(_PRINTABLE.issuperset, lines)):
        raise NotPlain
    # how the text ends: without a newline, with one, with empty lines
    mark = "-" if last else "" if lines[-1] else "+"
    if last:
        lines.append(last)
    return "\n".join([f"|{mark}", *(line and f"{indent}  {line}" for line in lines)])


def _line(text: str) -> str:
    if not _PRINTABLE.issuperset(text):
        raise NotPlain
    if (
        not text
        or text[0] in _INDICATORS
        or text[0] == " "
        or text[-1] in " :"
        or ": " in text
        or " #" in text
        or text.startswith(("- ", "---", "..."))
        or text == "-"
        or _is_other(text)
    ):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return text


def _is_other(text: str) -> bool:
    """Return whether some reader takes a text for something other than a string. Raises NotPlain where that takes more to decide."""
    first = text[0]
    if text.lower() in _WORDS:
        return True
    if first in "+-.0123456789":
        if all(part.isdigit() for part in text.split(".")):
            return True  # a number; no reader takes a version for one, but people do
        is_date = text[4:5] == "-" and text[:4].isdigit()
        if is_date or _OF_NUMBERS.issuperset(text) or text.lstrip("+-.").lower() in _WORDS:
            raise NotPlain
    elif first == "_" or (first in "eE" and text[1:].lstrip("+-").isdigit()):
        raise NotPlain
    return False
