"""The words that tables use for the type of a parameter: how people read them, and the JSON Schema that values are checked by.

Patterns are texts, which those who use them compile: most evaluations use none.
"""

from __future__ import annotations

_NUMBER = "[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+"
#: One part of a duration of Go's: its number and its unit. (time.ParseDuration; both signs for micro)
DURATION_PART = f"({_NUMBER})(ns|us|µs|μs|ms|s|m|h)"
#: A quantity of Kubernetes: its number, and its suffix or exponent. (apimachinery pkg/api/resource)
QUANTITY = f"({_NUMBER})([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?"
#: Modes of mutual TLS on the server's side. (istio.security.v1beta1.PeerAuthentication.MutualTLS)
MTLS_MODES = ("UNSET", "DISABLE", "PERMISSIVE", "STRICT")

_TEXT: dict[str, object] = {"type": "string"}
_TEXTS: dict[str, object] = {"type": "array", "items": _TEXT}
#: A set whose contents are checked against Istio's fields when it is rendered; null and `{ }` say nothing.
_SET: dict[str, object] = {"type": ["object", "null"]}
_SETS: dict[str, object] = {"type": ["array", "null"], "items": {"type": "object"}}
_NAMESPACE: dict[str, object] = {"type": ["string", "null"], "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"}
_HOST_LABEL = "[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?"
_HOST: dict[str, object] = {
    "type": "string",
    "pattern": rf"^(\*|(\*\.|\*-|\*)?{_HOST_LABEL}(\.{_HOST_LABEL})*\.?|[0-9a-fA-F:]+)$",
}
_DURATION = f"^({DURATION_PART})*$|^0$"
_QUANTITY = f"^{QUANTITY}$"
_VERSION = r"^((stable|edge)-|v)?[0-9]{1,4}\.[0-9]{1,4}(\.[0-9]+)?([-+.][0-9A-Za-z.+-]*)?$"


def _list_of(item: dict[str, object]) -> dict[str, object]:
    return {"type": "array", "items": item}


def type_text(value: object) -> str:
    """Return the type of a value in Nix's words, with an article."""
    if value is None:
        return "null"
    # first: in Python a bool is an int
    if isinstance(value, bool):
        return "a Boolean"
    names = {str: "a string", int: "an integer", float: "a float", list: "a list", dict: "a set"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "a function")


class ValueType:
    """`shown`: in documentation; `schema`: JSON Schema (2020-12) of a value."""

    __slots__ = ("schema", "shown")

    def __init__(self, shown: str, schema: dict[str, object]) -> None:
        self.shown, self.schema = shown, schema


VALUE_TYPES: dict[str, ValueType] = {
    "boolean": ValueType("boolean", {"type": "boolean"}),
    "integer": ValueType("integer", {"type": "integer"}),
    "count": ValueType("integer from 1", {"type": "integer", "minimum": 1}),
    "number": ValueType("number", {"type": "number"}),
    "share": ValueType("number from 0 to 1", {"type": "number", "minimum": 0, "maximum": 1}),
    "port": ValueType("port number", {"type": "integer", "minimum": 1, "maximum": 65535}),
    "text": ValueType("string", _TEXT),
    "namespace": ValueType("namespace", _NAMESPACE),
    "version": ValueType("version", {"type": "string", "pattern": _VERSION}),
    "quantity": ValueType("Kubernetes quantity", {"type": ["string", "number"], "pattern": _QUANTITY}),
    "duration": ValueType("duration, such as 30s", {"type": ["string", "null"], "pattern": _DURATION}),
    "host": ValueType("host name", _HOST),
    "hosts": ValueType("list of host names", {**_list_of(_HOST), "type": ["array", "null"]}),
    "names": ValueType("list of names", _TEXTS),
    "namespaces": ValueType("list of namespaces", _list_of({**_NAMESPACE, "type": "string"})),
    "visibility": ValueType("list of namespaces, `.` (its own) or `*` (all)", _TEXTS),
    "labels": ValueType("set of strings", {"type": "object", "additionalProperties": _TEXT}),
    "selector": ValueType("set of strings: labels", {"type": ["object", "null"]}),
    "http routes": ValueType("list of HTTP routes", _SETS),
    "tcp routes": ValueType("list of TCP routes", _SETS),
    "tls routes": ValueType("list of TLS routes", _SETS),
    "retries": ValueType("retry policy: attempts, perTryTimeout, retryOn", _SET),
    "traffic policy": ValueType("set: connectionPool, outlierDetection, loadBalancer, tls, ...", _SET),
    "connection pool": ValueType("set: tcp, http", _SET),
    "circuit breaker": ValueType("set: consecutiveErrors, interval, baseEjectionTime, ...", _SET),
    "rate limits": ValueType("set: enabled, actions", _SET),
    "load balancer": ValueType("string or set", {"type": ["string", "object"]}),
    "subsets": ValueType("list of subsets: name, labels", _SETS),
    "authorization rules": ValueType("list of rules: from, to, when", _SETS),
    "provider": ValueType("name of an external authorizer, or null", {"type": ["string", "object", "null"]}),
    "port modes": ValueType(
        "set of mutual TLS modes by port",
        {"type": ["object", "null"], "additionalProperties": {"type": ["string", "object"]}},
    ),
    "service ports": ValueType("list of ports: name, number, protocol", _SETS),
    "endpoints": ValueType(
        "list of endpoints: address, ports, labels",
        {"type": ["array", "null"], "items": {"type": ["object", "string"]}},
    ),
}
