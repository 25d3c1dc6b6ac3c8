"""JSON: pretty for people, compact byte for byte as Nix prints it; and the reading of golden files."""

from __future__ import annotations

from nixbridge.formats.document import to_document
from nixbridge.formats.grisu import write_float
from nixbridge.runtime.values import Value

try:
    from _json import encode_basestring as quote  # the public module brings `re`: 6 ms
except ImportError:  # pragma: no cover - a Python without the accelerator
    from json.encoder import py_encode_basestring as quote  # type: ignore[no-redef, attr-defined]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.runtime.host import Host

SUFFIXES = (".json",)


def write(value: Value, host: Host) -> str:
    """The value as JSON, two spaces a level, with a newline at the end. Raises EvalError for what JSON cannot say."""
    return pretty(to_document(value, host)) + "\n"


def write_compact(value: Value, host: Host) -> str:
    """The value as `nix-instantiate --eval --strict --json` prints it, with its newline."""
    return compact(to_document(value, host)) + "\n"


def pretty(document: Any) -> str:
    """Plain data as JSON over several lines; dicts in their own order."""
    parts: list[str] = []
    _write_pretty(document, "\n", parts.append)
    return "".join(parts)


def _write_pretty(document: Any, newline: str, add: Any) -> None:
    kind = document.__class__
    if kind is str:
        add(quote(document))
    elif kind is dict and document:
        inner = newline + "  "
        opening = "{" + inner
        for name, item in document.items():
            add(f"{opening}{quote(name)}: ")
            if item.__class__ is str:
                add(quote(item))
            else:
                _write_pretty(item, inner, add)
            opening = "," + inner
        add(newline + "}")
    elif kind is list and document:
        inner = newline + "  "
        opening = "[" + inner
        for item in document:
            add(opening)
            _write_pretty(item, inner, add)
            opening = "," + inner
        add(newline + "]")
    else:
        add(scalar(document))


def compact(document: Any) -> str:
    """Plain data as JSON without a blank; dicts in their own order."""
    parts: list[str] = []
    _write_compact(document, parts.append)
    return "".join(parts)


def _write_compact(document: Any, add: Any) -> None:
    kind = document.__class__
    if kind is str:
        add(quote(document))
    elif kind is dict and document:
        opening = "{"
        for name, item in document.items():
            add(f"{opening}{quote(name)}:")
            _write_compact(item, add)
            opening = ","
        add("}")
    elif kind is list and document:
        opening = "["
        for item in document:
            add(opening)
            _write_compact(item, add)
            opening = ","
        add("]")
    else:
        add(scalar(document))


def scalar(document: Any) -> str:
    """What is neither a string nor a filled container."""
    if document is None:
        return "null"
    kind = document.__class__
    if kind is bool:
        return "true" if document else "false"
    if kind is float:
        return float_text(document)
    if kind is dict:
        return "{}"
    return "[]" if kind is list else str(document)


def float_text(number: float) -> str:
    """A float in the form of Nix's JSON library: `1.0`, `1e+15`, `1e-05`; `null` for infinities and NaN."""
    if number - number != 0:
        return "null"
    return write_float(number)


def read(text: str) -> Any:
    """The data of a JSON text, ints and floats apart. Raises ValueError for what is no JSON or has a name twice."""
    import json

    return json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_constant)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise ValueError(f"the name '{name}' is there twice")
        result[name] = value
    return result


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")
