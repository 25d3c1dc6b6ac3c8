"""The tables in data/: the fields of Istio's kinds and the value keys of the charts, by release."""

from __future__ import annotations

import json
import os

from nixbridge.mesh.model.releases import release_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.releases import Release

    #: A node of fields.json: type, fields, items, values, enum, required, oneof, since, ref.
    Node: TypeAlias = dict[str, Any]


def _load(name: str) -> JsonObject:
    path = os.path.join(os.path.dirname(__file__), "data", name)
    with open(path, encoding="utf-8") as file:
        table: JsonObject = json.load(file)
    return table


_FIELDS = _load("fields.json")
_CHARTS = _load("charts.json")

#: Istio's kind -> its API group.
GROUPS: dict[str, str] = _FIELDS["group"]
#: Istio's kind -> the tree of its spec.
KINDS: dict[str, Node] = _FIELDS["kinds"]
#: Linkerd release -> versions of linkerd-crds, linkerd-control-plane, linkerd-viz, linkerd-jaeger.
LINKERD_CHART_VERSIONS: dict[str, list[str]] = _CHARTS["linkerdChartVersions"]


def resolve(node: Node) -> Node:
    """Return the node merged with the shared node that it refers to."""
    if "ref" not in node:
        return node
    return {**_FIELDS["shared"][node["ref"]], **node}


def node_at(kind: str, path: list[str]) -> Node:
    """Return the node of a field of a kind's spec: `node_at("PeerAuthentication", ["mtls", "mode"])`."""
    node = KINDS[kind]
    for name in path:
        node = resolve(node)["fields"][name]
    return node


def named(reference: str) -> Node:
    """Return a node that several kinds share (`OutlierDetection`)."""
    node: Node = _FIELDS["shared"][reference]
    return node


def chart_releases(chart: str, key: str) -> tuple[Release, Release] | None:
    """Return the first and the last release whose chart has a value key; None for a key that no release has."""
    keys = _CHARTS["charts"][chart]
    parts = key.split(".")
    candidates = [key, *(".".join([*parts[:length], "*"]) for length in range(len(parts), 0, -1))]
    for candidate in candidates:
        if candidate in keys:
            first, last = (release_of(text) for text in keys[candidate])
            assert first is not None and last is not None
            return first, last
    return None
