"""The traffic graph of rendered manifests: host names, the destinations of requests, and the policies that apply."""

from __future__ import annotations

import os

from nixbridge.mesh.graph.labels import match_text, policy_lines, share_text, traffic_policy_lines
from nixbridge.mesh.graph.picture import Picture
from nixbridge.mesh.model.config_map import RELEASE
from nixbridge.mesh.model.record_data import value_at
from nixbridge.mesh.schema.field_tables import GROUPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.graph.picture import Node

LOCAL = ".svc.cluster.local"


def heading_of(files: Sequence[str | os.PathLike[str]]) -> str:
    """Return the names of the files or folders of a picture; that of the current folder where none is given."""
    return ", ".join(os.path.basename(os.path.abspath(file)) for file in files or (".",))


def picture_of(manifests: list[JsonObject], heading: str = "Traffic") -> Picture:
    """Return the graph of rendered manifests. The same manifests always give the same graph."""
    picture = Picture(heading)
    by_kind: dict[str, list[JsonObject]] = {}
    for manifest in manifests:
        if GROUPS.get(manifest["kind"], manifest["apiVersion"]) == manifest["apiVersion"].rpartition("/")[0] or (
            manifest["kind"] == "ConfigMap"
        ):
            by_kind.setdefault(manifest["kind"], []).append(_without_nulls(manifest))
    picture.roots = {_namespace(values) for values in by_kind.get("ConfigMap", []) if _is_istiod(values)}
    for entry in by_kind.get("ServiceEntry", []):
        _service_entry(picture, entry)
    for rule in by_kind.get("DestinationRule", []):
        _destination_rule(picture, rule)
    for service in by_kind.get("VirtualService", []):
        _virtual_service(picture, service)
    for policy in by_kind.get("AuthorizationPolicy", []):
        _authorization(picture, policy)
    for policy in by_kind.get("PeerAuthentication", []):
        _mtls(picture, policy)
    picture.edges.sort(key=lambda edge: edge.order())
    return picture


def _is_istiod(values: dict[str, object]) -> bool:
    """Return whether these are the values of istiod, whose namespace speaks for the whole mesh."""
    return bool(value_at(values, ("metadata", "annotations", RELEASE)) == "istiod")


def _without_nulls(value: object) -> Any:
    """Return the same data without the attributes that are null: for Kubernetes they are not there."""
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _spec(manifest: JsonObject) -> JsonObject:
    """Return the spec, which may be left out where every field of it has a default."""
    spec: JsonObject = manifest.get("spec", {})
    return spec


def _scope(picture: Picture, namespace: str) -> str:
    return "the whole mesh" if namespace in picture.roots else f"all of {namespace}"


def _namespace(manifest: dict[str, object]) -> str:
    namespace = value_at(manifest, ("metadata", "namespace"))
    return namespace if isinstance(namespace, str) else "default"


def _host(picture: Picture, host: str, namespace: str) -> Node:
    """Return the node of a host: `web` and `web.shop.svc.cluster.local` are one in the namespace shop."""
    known = picture.nodes.get(f"host {host}")
    if known is not None:
        return known
    name, _, where = host.removesuffix(LOCAL).removesuffix(".svc").partition(".")
    if "." not in host or host.endswith((LOCAL, ".svc")):
        where = where or namespace
        return picture.add(f"service {where}/{name}", "service", where, name)
    return picture.add(f"host {host}", "external", "", host)


def _target(picture: Picture, destination: JsonObject, namespace: str) -> Node:
    """Return the node that a destination leads to: a host, or a subset of it."""
    node = _host(picture, destination.get("host", ""), namespace)
    subset = destination.get("subset")
    if not subset:
        return node
    part = picture.add(f"{node.key} {subset}", node.kind, node.group, subset)
    part.whole = node.key
    return part


def _service_entry(picture: Picture, entry: JsonObject) -> None:
    spec = _spec(entry)
    inside = spec.get("location") == "MESH_INTERNAL"
    ports = ", ".join(f"{port.get('protocol', 'TCP')} {port['number']}" for port in spec.get("ports", []))
    for host in spec.get("hosts", []):
        kind, group = ("service", _namespace(entry)) if inside else ("external", "")
        lines = [host, *([ports] if ports else []), f"resolution {spec.get('resolution', 'NONE')}"]
        picture.add(f"host {host}", kind, group, *lines)


def _destination_rule(picture: Picture, rule: JsonObject) -> None:
    spec = _spec(rule)
    node = _host(picture, spec["host"], _namespace(rule))
    picture.add(node.key, node.kind, node.group, *traffic_policy_lines(spec.get("trafficPolicy", {})))
    for subset in spec.get("subsets", []):
        target = _target(picture, {"host": spec["host"], "subset": subset["name"]}, _namespace(rule))
        labels = ", ".join(f"{key}={value}" for key, value in subset.get("labels", {}).items())
        lines = [*([labels] if labels else []), *traffic_policy_lines(subset.get("trafficPolicy", {}))]
        picture.add(target.key, target.kind, target.group, *lines)


def _virtual_service(picture: Picture, service: JsonObject) -> None:
    spec, namespace = _spec(service), _namespace(service)
    name = service["metadata"].get("name", "")
    route = picture.add(f"route {namespace}/{name}", "route", namespace, *(spec.get("hosts") or [name]))
    for gateway in spec.get("gateways", []):
        if gateway != "mesh":
            entrance = picture.add(f"gateway {gateway}", "gateway", namespace, gateway)
            picture.join(entrance, route, "route")
    for protocol in ("http", "tls", "tcp"):
        rules = spec.get(protocol, [])
        for number, rule in enumerate(rules, 1):
            # the first one that matches counts, so the labels number them
            condition = match_text(rule, protocol, number if len(rules) > 1 else None)
            _rule(picture, route, rule, f"{protocol} {number}", condition, namespace)


def _rule(picture: Picture, route: Node, rule: JsonObject, name: str, condition: str, namespace: str) -> None:
    """Add the arrows of one rule: its condition, the weight, and changes to the request."""
    targets = rule.get("route", [])
    total = sum(target.get("weight", 0) for target in targets)
    for target in targets:
        share = share_text(target.get("weight", 0), total) if len(targets) > 1 else ""
        label = "\n".join(part for part in (condition, share) if part)
        picture.join(route, _target(picture, target["destination"], namespace), "route", label)
    for mirror in [*([{"destination": rule["mirror"]}] if "mirror" in rule else []), *rule.get("mirrors", [])]:
        percentage = mirror.get("percentage") or rule.get("mirrorPercentage") or {"value": 100}
        target_node = _target(picture, mirror["destination"], namespace)
        picture.join(route, target_node, "mirror", f"mirror {percentage['value']:g}%")
    answer = _answer(rule)
    if answer:
        node = picture.add(f"{route.key} answer {name}", "answer", namespace, answer)
        picture.join(route, node, "route", condition)


def _answer(rule: JsonObject) -> str:
    if "redirect" in rule:
        redirect = rule["redirect"]
        where = f"{redirect.get('authority', '')}{redirect.get('uri', '')}"
        return f"{redirect.get('redirectCode', 301)} to {where or redirect.get('scheme', 'another port')}"
    if "directResponse" in rule:
        return f"answer {rule['directResponse']['status']}"
    if "delegate" in rule:
        return f"VirtualService {rule['delegate'].get('namespace', '')}/{rule['delegate'].get('name', '')}"
    return ""


def _authorization(picture: Picture, policy: JsonObject) -> None:
    spec, namespace, name = _spec(policy), _namespace(policy), policy["metadata"].get("name", "")
    node = picture.add(
        f"policy {namespace}/{name}", "policy", namespace, f"{spec.get('action', 'ALLOW')} {name}", *policy_lines(spec)
    )
    _apply(picture, node, spec, namespace)


def _mtls(picture: Picture, policy: JsonObject) -> None:
    spec, namespace, name = _spec(policy), _namespace(policy), policy["metadata"].get("name", "")
    mode = spec.get("mtls", {}).get("mode", "UNSET")
    if "selector" not in spec:
        picture.titles[namespace] = f"{namespace} · mTLS {mode}"
        if namespace in picture.roots or not any(node.group == namespace for node in picture.nodes.values()):
            picture.add(f"mtls {namespace}/{name}", "mtls", namespace, f"mTLS {mode}", _scope(picture, namespace))
        return
    ports = [f"port {port} {setting.get('mode', 'UNSET')}" for port, setting in spec.get("portLevelMtls", {}).items()]
    node = picture.add(f"mtls {namespace}/{name}", "mtls", namespace, f"mTLS {mode}", *ports)
    _apply(picture, node, spec, namespace)


def _apply(picture: Picture, node: Node, spec: JsonObject, namespace: str) -> None:
    """Draw a dashed arrow to the service that the selector's labels name; else to the labels themselves, or the whole namespace."""
    labels = spec.get("selector", {}).get("matchLabels", {})
    app = labels.get("app", labels.get("app.kubernetes.io/name", ""))
    service = picture.nodes.get(f"service {namespace}/{app}")
    if service is not None:
        picture.join(node, service, "applies")
    elif labels:
        picture.add(node.key, node.kind, node.group, ", ".join(f"{key}={value}" for key, value in labels.items()))
    else:
        picture.add(node.key, node.kind, node.group, _scope(picture, namespace))
