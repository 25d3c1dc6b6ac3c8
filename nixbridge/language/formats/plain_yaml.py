"""YAML without PyYAML, for documents whose strings are all plain words, names, addresses or numbers in quotes: most are.

Loading PyYAML takes longer than evaluating a small cached file. Whatever needs a decision about quoting, blocks or escapes is left to
formats/yaml.py; a test holds the two together, byte for byte.
"""

from __future__ import annotations

from nixbridge.language.formats.document import to_document
from nixbridge.language.runtime.strings import without_stand_ins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Lazy

#: Characters of a string that needs no quotes, where it begins with a letter.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./- :")
#: What some reader takes for a Boolean, null or a number, in lower case.
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nil", "inf", "nan", "infinity"))
#: PyYAML writes a longer key, or one that is not plain, in another way.
_LONGEST_KEY = 120


class NotPlain(Exception):
    """The document has a string or number that formats/yaml.py must decide about."""


def write(value: Lazy, host: Host) -> str:
    """Return the value as one YAML document. Raises EvalError for what YAML cannot hold."""
    document = to_document(value, host)
    try:
        text = plain_text(document)
    except NotPlain:
        from nixbridge.language.formats.yaml import dump

        text = dump(document)
    return without_stand_ins(text)


def plain_text(document: object) -> str:
    """Return a mapping or a sequence as YAML. Raises NotPlain."""
    parts: list[str] = []
    if isinstance(document, dict) and document:
        _mapping(document, "", "", parts)
    elif isinstance(document, list) and document:
        _sequence(document, "", "", parts)
    else:
        raise NotPlain
    return "".join(parts)


def _mapping(data: dict[str, Any], indent: str, before: str, parts: list[str]) -> None:
    """`before` is what stands before the first key: nothing where a dash is on the line already."""
    for key, value in data.items():
        if len(key) > _LONGEST_KEY:
            raise NotPlain
        parts.append(f"{before}{_scalar(key)}:")
        before = indent
        if isinstance(value, dict) and value:
            parts.append("\n")
            _mapping(value, f"{indent}  ", f"{indent}  ", parts)
        elif isinstance(value, list) and value:
            parts.append("\n")
            _sequence(value, indent, indent, parts)  # dashes are level with their key
        else:
            parts.append(f" {_scalar(value)}\n")


def _sequence(items: list[Any], indent: str, before: str, parts: list[str]) -> None:
    for item in items:
        parts.append(f"{before}- ")
        before = indent
        if isinstance(item, dict) and item:
            _mapping(item, f"{indent}  ", "", parts)
        elif isinstance(item, list) and item:
            _sequence(item, f"{indent}  ", "", parts)
        else:
            parts.append(f"{_scalar(item)}\n")


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return _string(value)
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


def _string(text: str) -> str:
    if not text or text.lower() in _WORDS or _is_number_or_version(text):
        return f'"{text}"'
    first = text[0]
    if (
        not (first.isascii() and first.isalpha())
        or not _PLAIN.issuperset(text)
        or text[-1] in " :"
        or ": " in text
        # `e5` is a number to some
        or (first in "eE" and text[1:].lstrip("+-").isdigit())
    ):
        raise NotPlain
    return text


def _is_number_or_version(text: str) -> bool:
    return text[0].isdigit() and text.isascii() and all(part.isdigit() for part in text.split("."))
