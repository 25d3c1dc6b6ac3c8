"""Settings as the text of a file, as `pkgs.formats` writes them from a value's JSON."""

from __future__ import annotations

import json
import math
import re

from nixbridge.language.formats import json as json_format
from nixbridge.language.formats import yaml as yaml_format
from nixbridge.tools.build.build_errors import CommandFailed, NotCarriedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def serialize(format_name: str, text: str, comment: str = "") -> str:
    """Return the JSON `text` in another format. Raises NotCarriedOut for a format that is not known."""
    writer = _WRITERS.get(format_name)
    if writer is None:
        raise NotCarriedOut(
            f"nixbridge does not support pkgs.formats.{format_name}, which nixpkgs writes with a program"
        )
    data = json_format.read(text)
    return (f"# {comment}\n\n" if comment else "") + writer(data)


def as_json(data: object) -> str:
    """Return data as `jq .` prints it."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_yaml(data: object) -> str:
    """Return data as YAML, in the style of `nixbridge eval -f yaml`."""
    return yaml_format.dump(data)


# TOML (toml.io, v1.0.0): the values of a table first, then its tables, each under its whole name.

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_TOML_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def as_toml(data: object) -> str:
    """Return data as TOML. Raises CommandFailed for values that TOML does not have."""
    if not isinstance(data, dict):
        raise CommandFailed(f"a TOML file must be a table, not {type(data).__name__}")
    lines: list[str] = []
    _add_table(data, (), lines)
    return "\n".join(lines).lstrip("\n") + "\n" if lines else ""


def _add_table(table: dict[str, Any], path: tuple[str, ...], lines: list[str]) -> None:
    for name, value in table.items():
        # first, since a line after a table's header belongs to that table
        if not _is_table(value):
            lines.append(f"{_key(name)} = {_toml(value)}")
    for name, value in table.items():
        if not _is_table(value):
            continue
        inner = (*path, name)
        shown = ".".join(_key(part) for part in inner)
        if isinstance(value, dict):
            if not value or any(not _is_table(item) for item in value.values()):
                lines.extend(("", f"[{shown}]"))
            _add_table(value, inner, lines)
        else:
            for item in value:
                lines.extend(("", f"[[{shown}]]"))
                _add_table(item, inner, lines)


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
    )


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _toml_string(name)


def _toml(value: object) -> str:
    if value is None:
        raise CommandFailed("TOML has no null")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _toml_string(value)
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(name)} = {_toml(item)}" for name, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, float) and not math.isfinite(value):
        raise CommandFailed("JSON has no infinite numbers")
    return repr(value)


def _toml_string(text: str) -> str:
    shown = "".join(_TOML_ESCAPES.get(c, c if c >= " " and c != "\x7f" else f"\\u{ord(c):04X}") for c in text)
    return f'"{shown}"'


# Java properties (java.util.Properties.load)

_PROPERTY_KEY = re.compile(r"([\\ \t:=#!])")


def as_properties(data: Any) -> str:
    """Return a set of strings as Java properties."""
    lines = []
    for name, value in data.items():
        key = _PROPERTY_KEY.sub(r"\\\1", name)
        text = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
        shown = "".join(c if c.isascii() else "".join(f"\\u{unit:04X}" for unit in _utf16(c)) for c in f"{key}={text}")
        lines.append(f"{shown}\n")
    return "".join(lines)


def _utf16(character: str) -> list[int]:
    data = character.encode("utf-16-be")
    return [int.from_bytes(data[index : index + 2], "big") for index in range(0, len(data), 2)]


def as_python(data: Any) -> str:
    """Return a set as assignments of Python's; `mkRaw` is an expression as it stands."""
    return "".join(f"{name} = {_python(value)}\n" for name, value in data.items())


def _python(value: object) -> str:
    if isinstance(value, dict):
        if value.get("_type") == "raw":
            return str(value["value"])
        return "{" + ", ".join(f"{name!r}: {_python(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(_python(item) for item in value)}]"
    return repr(value)


_WRITERS: dict[str, Callable[[Any], str]] = {
    "json": as_json,
    "yaml": as_yaml,
    "toml": as_toml,
    "properties": as_properties,
    "python": as_python,
}
