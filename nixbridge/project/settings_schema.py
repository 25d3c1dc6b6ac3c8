"""The JSON Schema of nixbridge.toml, for editors: made from the table that the settings are read by."""

from __future__ import annotations

from typing import Any

from nixbridge.project import settings_table as table
from nixbridge.project.settings_table import ENVIRONMENT_SETTINGS, GROUPS, SETTINGS, Setting

_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_TYPES: dict[str, dict[str, Any]] = {
    table.TEXT: _TEXT,
    table.TEXTS: _TEXTS,
    table.TEXT_TABLE: {"type": "object", "additionalProperties": _TEXT},
    table.EXPRESSIONS: {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
    table.SEARCH_PATH: {"anyOf": [{"type": "object", "additionalProperties": _TEXT}, _TEXTS]},
    table.CODE_TABLE: {"type": "object", "additionalProperties": _TEXTS},
}


def settings_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12)."""
    properties: dict[str, Any] = {}
    for setting in SETTINGS.values():
        group, _, name = setting.name.rpartition(".")
        if group:
            groups = properties.setdefault(group, _table({}))
            groups["properties"][name] = _schema(setting)
        else:
            properties[name] = _schema(setting)
    assert properties.keys() >= GROUPS
    schema = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": schema, "title": "Settings of nixbridge (nixbridge.toml)", **_table(properties)}


def _schema(setting: Setting) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": setting.documentation}
    if setting.type == table.ENVIRONMENTS:
        environment = _table({name: _schema(inner) for name, inner in ENVIRONMENT_SETTINGS.items()})
        return {**schema, "type": "object", "additionalProperties": environment}
    if setting.default is not None:
        schema["default"] = setting.default
    return {**schema, **_TYPES[setting.type]}


def _table(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}
