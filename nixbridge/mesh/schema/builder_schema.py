"""JSON Schema (2020-12) of the builders' parameters, Istio's own values within them from the field tables, for editors.

It allows what rendering takes: the short forms (a host where a Destination is wanted), Nixernetes' own names (`consecutiveErrors`), and
null for omitted fields.
"""

from __future__ import annotations

import copy

from nixbridge.mesh.schema.field_tables import named, node_at, resolve
from nixbridge.mesh.schema.field_walk import LABEL_FORMS, PORTS_AS_TEXT, SHORT_FORMS
from nixbridge.mesh.schema.ranges import RANGES
from nixbridge.mesh.tables.builder_list import TABLES, table
from nixbridge.mesh.tables.parameter import Builder, Parameter
from nixbridge.mesh.tables.value_types import VALUE_TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.schema.field_tables import Node

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: Type of a parameter -> the kind and the field of its spec that it becomes.
FIELDS = {
    "http routes": ("VirtualService", "http"),
    "tcp routes": ("VirtualService", "tcp"),
    "tls routes": ("VirtualService", "tls"),
    "traffic policy": ("DestinationRule", "trafficPolicy"),
    "subsets": ("DestinationRule", "subsets"),
    "authorization rules": ("AuthorizationPolicy", "rules"),
    "selector": ("AuthorizationPolicy", "selector"),
    "port modes": ("PeerAuthentication", "portLevelMtls"),
    "service ports": ("ServiceEntry", "ports"),
    "endpoints": ("ServiceEntry", "endpoints"),
}
#: The same for messages that several kinds share.
SHARED = {
    "connection pool": "ConnectionPoolSettings",
    "circuit breaker": "OutlierDetection",
    "load balancer": "LoadBalancerSettings",
}
_SWITCH: JsonObject = {"type": ["boolean", "null"]}
_COUNT: JsonObject = {"type": ["integer", "null"], "minimum": 0}
#: Istio's message -> fields that Nixernetes has besides.
ADDED = {"OutlierDetection": {"consecutiveErrors": _COUNT, "minRequestVolume": _COUNT, "enabled": _SWITCH}}
#: Fields that rendering fills in where they are missing.
FILLED_IN = {"service ports": ("name",)}


def builder_schema(builder: Builder) -> JsonObject:
    """Return the schema of one builder's parameters; shared parts are under `$defs`."""
    shapes = Shapes()
    whole: JsonObject = {
        "$schema": DIALECT,
        "$id": f"urn:nixbridge:schema:{builder.name}",
        "title": builder.name,
        "description": f"{builder.kind}: {builder.doc}",
        "type": "object",
        "properties": {parameter.name: parameter_schema(parameter) for parameter in builder.parameters},
        "additionalProperties": False,
    }
    for parameter in builder.parameters:
        shape = shapes.of_parameter(parameter)
        if shape is not None:
            described = whole["properties"][parameter.name]
            whole["properties"][parameter.name] = shape | {
                key: described[key] for key in ("description", "default") if key in described
            }
    if shapes.definitions:
        whole["$defs"] = dict(sorted(shapes.definitions.items()))
    return whole


def all_schemas() -> JsonObject:
    """Return the schemas of all builders and their shared parts, all under `$defs`.

    They have no `$id` of their own there: some editors look for `#/$defs/...` only at the root of the document.
    """
    definitions: JsonObject = {}
    shared: JsonObject = {}
    for name in TABLES:
        whole = builder_schema(table(name))
        shared |= whole.pop("$defs", {})
        definitions[name] = {key: value for key, value in whole.items() if key not in ("$schema", "$id")}
    return {
        "$schema": DIALECT,
        "$id": "urn:nixbridge:schema",
        "title": "Nixernetes service-mesh builders",
        "$defs": definitions | dict(sorted(shared.items())),
    }


class Shapes:
    """Schemas of Istio's values; messages that have a name are `definitions`."""

    def __init__(self) -> None:
        self.definitions: JsonObject = {}

    def of_parameter(self, parameter: Parameter) -> dict[str, object] | None:
        """Return the schema of a parameter that holds Istio's values; None for any other."""
        kind = parameter.type
        if kind in SHARED:
            return self.of(named(SHARED[kind]) | {"ref": SHARED[kind]})
        if kind == "retries":
            route = resolve(node_at("VirtualService", ["http"]))["items"]
            retries = self.of(route["fields"]["retries"])
            retries["properties"]["enabled"] = _SWITCH
            return retries
        if kind not in FIELDS:
            return None
        istio_kind, field = FIELDS[kind]
        shape = self.of(node_at(istio_kind, [field]))
        if kind == "endpoints":
            shape["items"] = {"anyOf": [{"type": "string"}, shape["items"]]}
        for name in FILLED_IN.get(kind, ()):
            shape["items"]["required"].remove(name)
        return shape

    def of(self, node: Node, name: str = "") -> JsonObject:
        """Return the schema of a node of the field tables; `name` is that of the field."""
        reference = node.get("ref")
        if reference is None:
            return self._since(node, self._inline(node, name))
        if reference not in self.definitions:
            self.definitions[reference] = {}  # a message may contain itself
            self.definitions[reference] = self._inline(resolve(node), name, reference)
        return self._since(node, {"$ref": f"#/$defs/{reference}"})

    def _since(self, node: Node, shape: JsonObject) -> JsonObject:
        return shape | {"description": f"Istio {node['since']} or later"} if "since" in node else shape

    def _inline(self, node: Node, name: str, reference: str = "") -> JsonObject:
        kind = node["type"]
        if kind == "object":
            return self._object(node, reference)
        if kind == "array":
            items = self.of(node["items"], name)
            return {
                "type": ["array", "null"],
                "items": {"anyOf": [items, {"type": "integer"}]} if name in PORTS_AS_TEXT else items,
            }
        if kind in ("integer", "number"):
            least, most = RANGES.get(name, (0, float("inf")))
            bounds = {"minimum": least} | ({"maximum": most} if most != float("inf") else {})
            return {"type": [kind, "null"], **bounds}
        if kind == "duration":
            return dict(VALUE_TYPES["duration"].schema)
        if kind == "base64":
            return {"type": ["string", "null"], "contentEncoding": "base64"}
        if "enum" in node:
            return {"enum": [*node["enum"], None]}
        return {"type": [kind, "null"]}

    def _object(self, node: Node, reference: str) -> JsonObject:
        if "values" in node:
            return {"type": ["object", "null"], "additionalProperties": self.of(node["values"])}
        fields: dict[str, Node] = node.get("fields", {})
        whole: JsonObject = {
            "type": ["object", "null"],
            "properties": {name: self.of(field, name) for name, field in fields.items()} | ADDED.get(reference, {}),
            "additionalProperties": False,
        }
        if node.get("required"):
            whole["required"] = list(node["required"])
        short = self._short_form(fields, reference)
        return {"anyOf": [short, whole]} if short is not None else whole

    def _short_form(self, fields: dict[str, Node], reference: str) -> dict[str, object] | None:
        """Return the schema of the short form of an object: a host for a Destination, the value of an only field, an algorithm's name."""
        if reference == "Destination":
            return {"type": "string"}
        if reference == "LoadBalancerSettings":
            names = [name for name in resolve(fields["simple"])["enum"] if name is not None]
            return {"enum": [*names, "LEAST_CONN"]}
        if len(fields) != 1:
            return None
        ((name, field),) = fields.items()
        return self.of(field, name) if name in (*SHORT_FORMS, *LABEL_FORMS) else None


def parameter_schema(parameter: Parameter) -> JsonObject:
    """Return the schema of one parameter: type, allowed values, default, description."""
    schema: JsonObject = copy.deepcopy(VALUE_TYPES[parameter.type].schema)
    schema["description"] = parameter.doc
    if parameter.one_of and schema["type"] == "string":
        schema["enum"] = list(parameter.one_of)
    elif parameter.one_of:
        schema["anyOf"] = [{"enum": list(parameter.one_of)}, {"not": {"type": "string"}}]
    if parameter.computed is None:
        schema["default"] = parameter.default
    return schema
