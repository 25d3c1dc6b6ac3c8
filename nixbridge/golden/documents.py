"""Golden files as data: read by their format, and laid out alike for people to compare."""

from __future__ import annotations

from typing import Any

from nixbridge.formats import json, nix_source, yaml
from nixbridge.golden import nix_value, xml_value

#: Values that a golden file may have, aliases of YAML written out.
_MOST_VALUES = 1_000_000
#: What Nix has, too.
_DATA = (dict, list, str, int, float, bool, type(None))


def read(format: str, text: str) -> Any:
    """The data of a golden file. Raises ValueError for what is not valid."""
    try:
        if format == "json":
            return json.read(text)
        if format == "yaml":
            data = yaml.read(text)
            _check(data)
            return data
        return xml_value.read(text) if format == "xml" else nix_value.read(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def lay_out(format: str, data: Any, text: str) -> str:
    """The data (which is that of `text`) in its format, names in order, a line for each thing, so that a diff shows data only."""
    try:
        if format == "json":
            return json.pretty(_in_order(data)) + "\n"
        if format == "yaml":
            return yaml.dump(_in_order(data))
        return xml_value.lay_out(text) if format == "xml" else nix_source.write(_in_order(data))
    except (RecursionError, ValueError):
        return text


def _in_order(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _in_order(data[name]) for name in sorted(data)}
    return [_in_order(item) for item in data] if isinstance(data, list) else data


def _check(data: Any) -> None:
    """Raises ValueError for what YAML has and a Nix value has not: bytes, sets, data without end."""
    pending = [data]
    seen = 0
    while pending:
        value = pending.pop()
        seen += 1
        if seen > _MOST_VALUES:
            raise ValueError(f"its aliases make more than {_MOST_VALUES:,} values")
        if not isinstance(value, _DATA):
            raise ValueError(f"it has a value of type {type(value).__name__}, which Nix has not")
        if isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, dict):
            pending.extend(value.values())
