"""The words that tables use for the type of a parameter: how people read them, how a value is checked, and their JSON Schema."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_TEXT: dict[str, Any] = {"type": "string"}
_SET: dict[str, Any] = {"type": "object"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_DURATION = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|us|ns))+$|^$|^0$"


def _list_of(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


class ValueType:
    """`shown`: in documentation; `schema`: JSON Schema (2020-12) of a value."""

    __slots__ = ("schema", "shown")

    def __init__(self, shown: str, schema: dict[str, Any]) -> None:
        self.shown, self.schema = shown, schema


VALUE_TYPES: dict[str, ValueType] = {
    "boolean": ValueType("boolean", {"type": "boolean"}),
    "integer": ValueType("integer", {"type": "integer"}),
    "number": ValueType("number", {"type": "number"}),
    "port": ValueType("port number", {"type": "integer", "minimum": 1, "maximum": 65535}),
    "text": ValueType("string", _TEXT),
    "namespace": ValueType("namespace", _TEXT),
    "version": ValueType("version", _TEXT),
    "quantity": ValueType("Kubernetes quantity", _TEXT),
    "duration": ValueType("duration, such as 30s", {"type": "string", "pattern": _DURATION}),
    "host": ValueType("host name", _TEXT),
    "hosts": ValueType("list of host names", _TEXTS),
    "namespaces": ValueType("list of namespaces", _TEXTS),
    "labels": ValueType("set of strings", {"type": "object", "additionalProperties": _TEXT}),
    "set": ValueType("set", _SET),
    "http routes": ValueType("list of HTTP routes", _list_of(_SET)),
    "tcp routes": ValueType("list of TCP routes", _list_of(_SET)),
    "tls routes": ValueType("list of TLS routes", _list_of(_SET)),
    "retries": ValueType("retry policy: attempts, perTryTimeout, retryOn", {"type": ["object", "null"]}),
    "traffic policy": ValueType("set: connectionPool, outlierDetection, loadBalancer, tls, ...", _SET),
    "connection pool": ValueType("set: tcp, http", _SET),
    "circuit breaker": ValueType("set: consecutiveErrors, interval, baseEjectionTime, ...", _SET),
    "subsets": ValueType(
        "list of subsets: name, labels",
        _list_of({"type": "object", "properties": {"name": _TEXT, "labels": _SET}, "required": ["name"]}),
    ),
    "authorization rules": ValueType("list of rules: from, to, when", _list_of(_SET)),
    "provider": ValueType("name of an external authorizer, or null", {"type": ["string", "object", "null"]}),
    "port modes": ValueType(
        "set of mutual TLS modes by port", {"type": "object", "additionalProperties": {"type": ["string", "object"]}}
    ),
    "service ports": ValueType(
        "list of ports: name, number, protocol",
        _list_of({"type": "object", "properties": {"name": _TEXT, "number": {"type": "integer"}, "protocol": _TEXT}}),
    ),
    "endpoints": ValueType("list of endpoints: address, ports, labels", _list_of({"type": ["object", "string"]})),
}

_CHECKS: dict[str, Callable[[Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Is the value of a type that the schema allows? Only types are looked at, those of list elements and of free names too."""
    allowed = schema.get("type", ())
    names = (allowed,) if isinstance(allowed, str) else allowed
    if names and not any(_CHECKS[name](value) for name in names):
        return False
    if isinstance(value, list) and "items" in schema:
        return all(fits(item, schema["items"]) for item in value)
    if isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
        return all(fits(item, schema["additionalProperties"]) for item in value.values())
    return True
