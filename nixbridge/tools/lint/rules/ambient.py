"""Rules about ambient mode: missing waypoints, resources without effect, policies for gateways, and mesh-wide Sidecars."""

from __future__ import annotations

from collections.abc import Iterator

from nixbridge.language.formats.document import JsonObject
from nixbridge.mesh.model.messages import WARNING
from nixbridge.mesh.model.record_data import Record
from nixbridge.tools.lint.cluster_view import GATEWAY_API, Cluster, as_set, labels_of, selector_of, selects
from nixbridge.tools.lint.rule import Remark, cluster_rule
from nixbridge.tools.lint.rules.hosts import items, namespace_of, routes, sets, text_of
from nixbridge.tools.lint.rules.kubernetes import INJECTION, MODE, REVISION

USE_WAYPOINT, GATEWAY_NAME = "istio.io/use-waypoint", "gateway.networking.k8s.io/gateway-name"
#: Conditions of a policy that only a waypoint can look at: ztunnel sees connections.
L7_OPERATIONS = ("methods", "notMethods", "paths", "notPaths", "hosts", "notHosts")
POLICIES = ("mkAuthorizationPolicy", "RequestAuthentication", "Telemetry", "WasmPlugin")

AMBIENT = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio.io/dataplane-mode: ambientWAYPOINT}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: web}]
  rules: [{to: [{operation: {methods: [GET]}}]}]
"""


def is_ambient(cluster: Cluster, namespace: str) -> bool:
    """Return whether the pods of a namespace are in ambient mode."""
    record = cluster.namespaces.get(namespace)
    labels = labels_of(record) if record is not None else {}
    # labels for sidecars win over ambient mode
    return labels.get(MODE) == "ambient" and labels.get(INJECTION) != "enabled" and REVISION not in labels


def has_waypoint(cluster: Cluster, namespace: str) -> bool:
    """Return whether requests within a namespace go through a waypoint: that of the namespace, or of one of its Services."""
    return namespace in cluster.made(_with_waypoints)


def _with_waypoints(cluster: Cluster) -> set[str]:
    """Return the namespaces that have a waypoint, themselves or for a Service."""
    return {
        record.name if record.builder == "Namespace" else namespace_of(record)
        for record in cluster.of("Namespace", "Service")
        if text_of(labels_of(record).get(USE_WAYPOINT)) not in ("", "none")
    }


@cluster_rule(
    "NB140",
    "no-waypoint",
    WARNING,
    wrong=AMBIENT.replace("WAYPOINT", ""),
    right=AMBIENT.replace("WAYPOINT", ", istio.io/use-waypoint: waypoint"),
    also=(
        *("KIA0109", "KIA0110", "KIA0210", "KIA0211", "KIA0212", "KIA1109", "KIA1110", "KIA1111", "KIA1112"),
        *("KIA1113", "KIA1114", "KIA1115", "KIA1116", "KIA1117", "KIA1317"),
    ),
)
def no_waypoint(cluster: Cluster) -> Iterator[Remark]:
    """A resource about HTTP applies to an ambient namespace that has no waypoint, or selects pods there.

    ztunnel processes only connections. Routes, retries, policies on methods and paths, tokens, and telemetry of requests need a waypoint
    (`istio.io/use-waypoint`). Waypoints use policies that are attached with `targetRefs`, not with selectors.
    """
    for record in cluster.of("mkVirtualService", "mkDestinationRule", *POLICIES):
        namespace = namespace_of(record)
        if not is_ambient(cluster, namespace) or not _looks_into_requests(record):
            continue
        if not has_waypoint(cluster, namespace):
            yield Remark(record / "name", f"needs a waypoint, but the ambient namespace {namespace} has none")
        elif record.builder in POLICIES and selector_of(record):
            yield Remark(record / "selector", "waypoints use targetRefs and ignore selectors")


def _looks_into_requests(record: Record) -> bool:
    if record.builder == "mkVirtualService":
        # what a gateway alone routes does not pass a waypoint
        gateways = items(record.get("gateways"))
        return any(True for _ in routes(record, "httpRoutes")) and (not gateways or "mesh" in gateways)
    if record.builder == "mkDestinationRule":
        policy = as_set(record.get("trafficPolicy"))
        return bool(
            as_set(policy.get("connectionPool")).get("http") or policy.get("loadBalancer") or record.get("subsets")
        )
    if record.builder == "mkAuthorizationPolicy":
        return any(_l7(one.value) for one in sets(record / "rules"))
    # a Telemetry of access logs alone needs no waypoint: ztunnel writes logs itself
    return record.builder != "Telemetry" or bool(record.get("metrics") or record.get("tracing"))


def _l7(rule: dict[str, object]) -> bool:
    operations = [as_set(as_set(item).get("operation")) for item in items(rule.get("to"))]
    sources = [as_set(as_set(item).get("source")) for item in items(rule.get("from"))]
    keys = [text_of(as_set(item).get("key")) for item in items(rule.get("when"))]
    return (
        any(operation.get(name) for operation in operations for name in L7_OPERATIONS)
        or any(source.get("requestPrincipals") or source.get("notRequestPrincipals") for source in sources)
        or any(key.startswith("request.") for key in keys)
    )


@cluster_rule(
    "NB141",
    "waypoint-not-found",
    WARNING,
    wrong=AMBIENT.replace("WAYPOINT", ", istio.io/use-waypoint: waypint"),
    right=AMBIENT.replace("WAYPOINT", ", istio.io/use-waypoint: waypoint"),
    also=("KIA1312", "KIA1313"),
)
def waypoint_not_found(cluster: Cluster) -> Iterator[Remark]:
    """A namespace, Service or workload uses a waypoint that does not exist, or is not in ambient mode."""
    kind = f"{GATEWAY_API}/Gateway"
    named = [(record, record.name if record.builder == "Namespace" else namespace_of(record), labels_of(record))
             for record in cluster.of("Namespace", "Service")]  # fmt: skip
    named += [(pod.record, pod.namespace, pod.labels) for pod in cluster.pods]
    for record, namespace, labels in named:
        name = text_of(labels.get(USE_WAYPOINT))
        if name in ("", "none"):
            continue
        where = text_of(labels.get(f"{USE_WAYPOINT}-namespace")) or namespace
        if cluster.has(kind) and cluster.named(kind, name, where) is None:
            yield Remark(record / "labels", f"the waypoint '{name}' does not exist in {where}")
        elif record.builder not in ("Namespace", "Service") and _is_outside(cluster, labels, namespace):
            yield Remark(record / "labels", f"has a waypoint, but {namespace} is not in ambient mode")


def _is_outside(cluster: Cluster, labels: dict[str, object], namespace: str) -> bool:
    # without its Namespace among the files nothing tells the mode of a namespace
    known = namespace in cluster.namespaces or MODE in labels
    return known and not _in_ambient(cluster, labels, namespace)


SELECTED = """
apiVersion: v1
kind: Pod
metadata: {name: public, namespace: shop, labels: {gateway.networking.k8s.io/gateway-name: public}}
spec: {containers: [{name: istio-proxy, image: proxyv2}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {TARGET, rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}
"""


@cluster_rule(
    "NB142",
    "selector-without-effect",
    WARNING,
    wrong=SELECTED.replace("TARGET", "selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: public}}"),
    right=SELECTED.replace("TARGET", "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: public}]"),
    also=("IST0166", "IST0167"),
)
def selector_without_effect(cluster: Cluster) -> Iterator[Remark]:
    """A policy selects the pods of a Kubernetes Gateway, which needs `targetRefs` instead; or a Sidecar applies to pods in ambient mode,
    which have no sidecars.
    """
    gateways = [pod for pod in cluster.pods if GATEWAY_NAME in pod.labels]
    for record in cluster.of(*POLICIES):
        selector = selector_of(record)
        if record.get("targetRef") or record.get("targetRefs") or not selector:
            continue
        for pod in gateways:
            if pod.namespace == namespace_of(record) and selects(selector, pod.labels):
                yield Remark(
                    record / "selector", f"has no effect on the gateway '{pod.labels[GATEWAY_NAME]}': use targetRefs"
                )
                break
    for record in cluster.of("Sidecar"):
        namespace, selector = namespace_of(record), selector_of(record)
        pods = cluster.pods_of(selector, namespace) if selector else []
        ambient = is_ambient(cluster, namespace) or (
            pods and all(_in_ambient(cluster, pod.labels, namespace) for pod in pods)
        )
        if ambient:
            yield Remark(record / "name", "has no effect: its pods are in ambient mode, without sidecars")


def _in_ambient(cluster: Cluster, labels: dict[str, object], namespace: str) -> bool:
    return bool(labels.get(MODE, "ambient" if is_ambient(cluster, namespace) else "") == "ambient")


ROOT = """
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: istio-system}
spec: {SELECTORegress: [{hosts: ["./*"]}]}
"""


@cluster_rule(
    "NB143",
    "mesh-wide-sidecar-selects",
    WARNING,
    wrong=ROOT.replace("SELECTOR", "workloadSelector: {labels: {app: web}}, "),
    right=ROOT.replace("SELECTOR", ""),
    also=("KIA1006",),
)
def mesh_wide_sidecar_selects(cluster: Cluster) -> Iterator[Remark]:
    """The mesh-wide Sidecar in the root namespace has a workload selector, so it applies to no other namespace."""
    for record in cluster.of("Sidecar"):
        if namespace_of(record) == cluster.root and selector_of(record):
            yield Remark(record / "workloadSelector", "the mesh-wide Sidecar must not have a selector")


GROUPS = """
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: {name: a, namespace: shop}
spec: {metadata: {labels: {app: a}}, template: {}}
---
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: {name: b, namespace: shop}
spec: {metadata: {labels: {app: APP}}, template: {}}
"""


@cluster_rule(
    "NB144",
    "workload-groups-alike",
    WARNING,
    wrong=GROUPS.replace("APP", "a"),
    right=GROUPS.replace("APP", "b"),
    also=("KIA1702",),
)
def workload_groups_alike(cluster: Cluster) -> Iterator[Remark]:
    """Two WorkloadGroups in a namespace give their workloads the same labels, so selectors cannot distinguish them."""
    seen: list[tuple[str, JsonObject, Record]] = []
    for record in cluster.of("WorkloadGroup"):
        manifest = getattr(record, "manifest", {})
        labels = as_set(as_set(as_set(manifest.get("spec")).get("metadata")).get("labels"))
        for namespace, other, first in seen:
            if labels and namespace == namespace_of(record) and labels == other:
                yield Remark(record / "name", f"{first} has the same labels")
        seen.append((namespace_of(record), labels, record))
