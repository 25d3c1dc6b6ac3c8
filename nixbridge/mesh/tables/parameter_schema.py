"""JSON Schema (2020-12) of a builder's parameters, made from its table."""

from __future__ import annotations

import copy
from typing import Any

from nixbridge.mesh.tables.parameter import Builder, FirstArgument, IfSet, Parameter
from nixbridge.mesh.tables.value_types import VALUE_TYPES

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def builder_schema(builder: Builder) -> dict[str, Any]:
    """Return the schema of one builder's parameters."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:nixbridge:schema:{builder.name}",
        "title": builder.name,
        "description": f"{builder.kind}: {builder.doc}",
        "type": "object",
        "properties": {parameter.name: parameter_schema(parameter) for parameter in builder.parameters},
        "additionalProperties": False,
    }


def parameter_schema(parameter: Parameter) -> dict[str, Any]:
    """Return the schema of one parameter: type, allowed values, default, description."""
    schema: dict[str, Any] = copy.deepcopy(VALUE_TYPES[parameter.type].schema)
    schema["description"] = parameter.doc
    if parameter.one_of and schema["type"] == "string":
        schema["enum"] = list(parameter.one_of)
    elif parameter.one_of:
        schema["anyOf"] = [{"enum": list(parameter.one_of)}, {"not": {"type": "string"}}]
    if not isinstance(parameter.default, (FirstArgument, IfSet)):
        schema["default"] = parameter.default
    return schema
