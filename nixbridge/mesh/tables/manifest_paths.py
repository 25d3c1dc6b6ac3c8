"""The parts of the builders' tables that rendering uses: their fields, the position of each in the manifest, and the default record."""

from __future__ import annotations

from functools import cache

from nixbridge.language.formats.document import JsonObject
from nixbridge.mesh.tables.builder_list import TABLES, table

#: The builders whose results are records.
RECORD_BUILDERS = tuple(TABLES)


@cache
def manifest_paths(builder: str) -> dict[str, list[str]]:
    """Return the path below `spec` of each field that goes there as it is."""
    return {p.name: p.manifest.split(".") for p in table(builder).parameters if p.manifest is not None}


@cache
def _fields(builder: str) -> frozenset[str]:
    return frozenset(parameter.name for parameter in table(builder).parameters)


@cache
def unique_fields(builder: str) -> frozenset[str]:
    """Return the fields that no other builder has; they identify a record without a mark."""
    others = [_fields(other) for other in RECORD_BUILDERS if other != builder]
    return _fields(builder).difference(*others)


def defaults_of(builder: str, value: JsonObject) -> JsonObject:
    """Return the record that the builder gives for nothing but the name (and the version, which is in labels) of `value`."""
    name = value.get("name")
    defaults: JsonObject = {"name": name}
    for parameter in table(builder).parameters:
        computed = parameter.computed
        defaults[parameter.name] = parameter.default if computed is None else computed.in_record(name, value)
    overlay = table(builder).overlay
    if overlay is not None:
        defaults["labels"] = {
            key: value.get(text[1:]) if text.startswith("$") else text for key, text in overlay.items()
        }
    return defaults
