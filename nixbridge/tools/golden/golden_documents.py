"""Golden files as data: read by their format, and laid out alike for people to compare."""

from __future__ import annotations

from nixbridge.language.formats.format_table import format_named
from nixbridge.language.runtime.interpreter import raise_limit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Python frames that the writing of a document may take: a value nests 10,000 deep.
DEEPEST = 100_000


def read(format: str, text: str) -> Any:
    """Return the data of a golden file. Raises ValueError if it is not valid."""
    try:
        return format_named(format).read(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def text_of(format: str, document: object) -> str:
    """Return a document of a value as a golden file of JSON or YAML has it."""
    module = format_named(format).reader
    text = raise_limit(DEEPEST, module.pretty if format == "json" else module.dump, document)
    return f"{text}\n" if format == "json" else str(text)


def lay_out(format: str, data: object, text: str) -> str:
    """Return the data (which is that of `text`) in its format, names in order, a line for each thing, so that a diff shows data only."""
    module = format_named(format).reader
    try:
        if format_named(format).is_data:
            return text_of(format, _in_order(data))
        return str(module.lay_out(text) if format == "xml" else module.lay_out(_in_order(data)))
    except (RecursionError, ValueError):
        return text


def _in_order(data: object) -> Any:
    if isinstance(data, dict):
        return {name: _in_order(data[name]) for name in sorted(data)}
    return [_in_order(item) for item in data] if isinstance(data, list) else data
