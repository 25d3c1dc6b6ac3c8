"""Field trees out of Istio's CRDs, release by release: the first release, type and values of each field."""

from __future__ import annotations

from typing import Any

from nixbridge.language.formats.document import JsonObject

#: Kind -> the messages that other kinds share, by name: where each is found. Wherever the same fields stand, they are a reference.
SHARED: dict[str, tuple[str, tuple[str, ...]]] = {
    "StringMatch": ("VirtualService", ("http", "[]", "match", "[]", "uri")),
    "StringMatchMap": ("VirtualService", ("http", "[]", "match", "[]", "headers")),
    "Destination": ("VirtualService", ("tcp", "[]", "route", "[]", "destination")),
    "RouteDestination": ("VirtualService", ("tcp", "[]", "route", "[]")),
    "RouteDestinations": ("VirtualService", ("tcp", "[]", "route")),
    "HeaderOperations": ("VirtualService", ("http", "[]", "headers", "request")),
    "Headers": ("VirtualService", ("http", "[]", "headers")),
    "CookieAttributes": (
        "DestinationRule",
        ("trafficPolicy", "loadBalancer", "consistentHash", "httpCookie", "attributes"),
    ),
    "HTTPCookie": ("DestinationRule", ("trafficPolicy", "loadBalancer", "consistentHash", "httpCookie")),
    "ConsistentHashLB": ("DestinationRule", ("trafficPolicy", "loadBalancer", "consistentHash")),
    "LocalityLoadBalancerSetting": ("DestinationRule", ("trafficPolicy", "loadBalancer", "localityLbSetting")),
    "ZoneAwareLoadBalancerSetting": ("DestinationRule", ("trafficPolicy", "loadBalancer", "zoneAwareLbSetting")),
    "WarmupConfiguration": ("DestinationRule", ("trafficPolicy", "loadBalancer", "warmup")),
    "LoadBalancerSettings": ("DestinationRule", ("trafficPolicy", "loadBalancer")),
    "HTTPSettings": ("DestinationRule", ("trafficPolicy", "connectionPool", "http")),
    "TCPSettings": ("DestinationRule", ("trafficPolicy", "connectionPool", "tcp")),
    "ConnectionPoolSettings": ("DestinationRule", ("trafficPolicy", "connectionPool")),
    "OutlierDetection": ("DestinationRule", ("trafficPolicy", "outlierDetection")),
    "ClientTLSSettings": ("DestinationRule", ("trafficPolicy", "tls")),
    "TunnelSettings": ("DestinationRule", ("trafficPolicy", "tunnel")),
    "RetryBudget": ("DestinationRule", ("trafficPolicy", "retryBudget")),
    "PortTrafficPolicy": ("DestinationRule", ("trafficPolicy", "portLevelSettings", "[]")),
    "PortTrafficPolicies": ("DestinationRule", ("trafficPolicy", "portLevelSettings")),
    "TrafficPolicy": ("DestinationRule", ("trafficPolicy",)),
    "PolicyTargetReference": ("AuthorizationPolicy", ("targetRef",)),
    "PolicyTargetReferences": ("AuthorizationPolicy", ("targetRefs",)),
}

#: Kinds whose trees are kept.
KINDS = (
    *("VirtualService", "DestinationRule", "AuthorizationPolicy", "PeerAuthentication", "ServiceEntry", "Telemetry"),
    *("Gateway", "Sidecar", "RequestAuthentication", "WorkloadEntry"),
)

Tree = dict[str, Any]


class FieldTrees:
    """The trees of all kinds, to which the releases are added from the oldest to the newest."""

    def __init__(self) -> None:
        self.releases: list[str] = []
        self.groups: dict[str, str] = {}
        self.served: dict[str, dict[str, list[str]]] = {}
        self.kinds: dict[str, Tree] = {}

    def add(self, release: str, definitions: list[JsonObject]) -> None:
        """Add the CRDs of the next release."""
        self.releases.append(release)
        for definition in definitions:
            spec = definition["spec"]
            kind = spec["names"]["kind"]
            if kind not in KINDS:
                continue
            self.groups[kind] = spec["group"]
            for version in spec["versions"]:
                if version["served"]:
                    span = self.served.setdefault(kind, {}).setdefault(version["name"], [release, release])
                    span[1] = release
            # the newest version has the most fields, and is the one that is rendered
            newest = max(spec["versions"], key=lambda version: _maturity(version["name"]))
            tree = tree_of(newest["schema"]["openAPIV3Schema"]["properties"]["spec"])
            if kind in self.kinds:
                merge(self.kinds[kind], tree, release)
            else:
                self.kinds[kind] = tree

    def as_data(self) -> dict[str, object]:
        """Return the contents of fields.json except its header: groups, served versions, shared messages, kinds."""
        named = {name: _copy(_at(self.kinds[kind], path)) for name, (kind, path) in SHARED.items()}
        for node in named.values():
            node.pop("since", None)
        by_shape = {_shape(node): name for name, node in named.items()}
        return {
            "group": {kind: self.groups[kind] for kind in KINDS},
            "served": {kind: self.served[kind] for kind in KINDS},
            "shared": {name: _with_references(node, by_shape, name) for name, node in sorted(named.items())},
            "kinds": {kind: _with_references(self.kinds[kind], by_shape) for kind in KINDS},
        }


def _maturity(version: str) -> tuple[int, str]:
    """Return the order of API versions: v1alpha3, v1beta1, v1."""
    return (0 if "alpha" in version else 1 if "beta" in version else 2), version


def tree_of(schema: JsonObject) -> Tree:
    """Return the tree of an OpenAPI schema: types, fields, items, values, enum, required and alternatives."""
    kind = schema.get("type", "integer" if schema.get("x-kubernetes-int-or-string") else "object")
    if kind == "object":
        return _object(schema)
    if kind == "array":
        return {"type": "array", "items": tree_of(schema["items"])}
    if kind == "string" and _is_duration(schema):
        return {"type": "duration"}
    if kind == "string" and schema.get("format") in ("binary", "byte"):
        return {"type": "base64"}
    node: Tree = {"type": kind}
    if "enum" in schema:
        node["enum"] = list(schema["enum"])
    return node


def _object(schema: JsonObject) -> Tree:
    node: Tree = {"type": "object"}
    if schema.get("required"):
        node["required"] = list(schema["required"])
    alternatives = _alternatives(schema)
    if alternatives:
        node["oneof"] = alternatives
    if isinstance(schema.get("additionalProperties"), dict):
        node["values"] = tree_of(schema["additionalProperties"])
    elif "properties" in schema:
        node["fields"] = {name: tree_of(field) for name, field in sorted(schema["properties"].items())}
    return node


def _is_duration(schema: JsonObject) -> bool:
    rules = schema.get("x-kubernetes-validations", ())
    return any("duration(" in rule["rule"] for rule in rules)


def _alternatives(schema: JsonObject) -> list[str]:
    """Return the fields of which one may be set: a proto `oneof`, which the CRD writes as required fields of `oneOf`."""
    found: list[str] = []
    for one in schema.get("oneOf", ()):
        found += one.get("required", ())
    return found


def merge(tree: Tree, newer: Tree, release: str) -> None:
    """Update a tree to a newer release. New fields get `since`; removed fields stay, because older releases have them."""
    for key in ("type", "required", "oneof"):
        if key in newer:
            tree[key] = newer[key]
        elif key != "type":
            tree.pop(key, None)
    if tree["type"] != newer["type"]:
        return
    # values that are gone stay, as fields do: older releases take them
    added = [value for value in newer.get("enum", ()) if value not in tree.get("enum", ())]
    if "enum" in newer:
        if added and "enum" in tree:
            tree.setdefault("enum_since", {}).update(dict.fromkeys(added, release))
        tree["enum"] = [*newer["enum"], *(value for value in tree.get("enum", ()) if value not in newer["enum"])]
    for key in ("items", "values"):
        if key in tree and key in newer:
            merge(tree[key], newer[key], release)
        elif key in newer:
            tree[key] = newer[key]
    if "fields" in newer:
        fields = tree.setdefault("fields", {})
        for name, field in newer["fields"].items():
            if name in fields:
                merge(fields[name], field, release)
            else:
                fields[name] = {**field, "since": release}
        tree["fields"] = dict(sorted(fields.items()))


def _at(tree: Tree, path: tuple[str, ...]) -> Tree:
    for part in path:
        tree = tree["items"] if part == "[]" else tree["fields"][part]
    return tree


def _copy(tree: Tree) -> Tree:
    """Return a tree of its own; sub-trees are shared, as nothing changes them any more."""
    return dict(tree)


def _shape(tree: object) -> object:
    """Return the part of a node that equals in two nodes of the same message: all but the release that added the node itself."""
    if isinstance(tree, dict):
        return tuple((key, _deep(value)) for key, value in sorted(tree.items()) if key != "since")
    return _deep(tree)


def _deep(value: object) -> Any:
    if isinstance(value, dict):
        return tuple((key, _deep(item)) for key, item in sorted(value.items()))
    return tuple(map(_deep, value)) if isinstance(value, list) else value


def _with_references(tree: Tree, by_shape: dict[Any, str], own: str = "") -> Tree:
    """Return the tree with a reference wherever a shared message stands; `own` is the message that it is itself."""
    name = by_shape.get(_shape(tree))
    if name is not None and name != own:
        return {"ref": name} | ({"since": tree["since"]} if "since" in tree else {})
    result: Tree = {}
    for key, value in tree.items():
        if key in ("items", "values"):
            result[key] = _with_references(value, by_shape)
        elif key == "fields":
            result[key] = {field: _with_references(node, by_shape) for field, node in value.items()}
        else:
            result[key] = value
    return result
