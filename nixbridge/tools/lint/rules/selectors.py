"""Policies, gateways and subsets that select no workload."""

from __future__ import annotations

from collections.abc import Iterator

from nixbridge.mesh.model.messages import NOTE, WARNING
from nixbridge.tools.lint.cluster_view import USUAL_INGRESS, Cluster, as_set, selector_of
from nixbridge.tools.lint.rule import Remark, cluster_rule
from nixbridge.tools.lint.rules.hosts import namespace_of, sets

WORKLOAD = """
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: [{name: web}]}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: APP}}, rules: [{to: [{operation: {methods: [GET]}}]}]}
"""
SELECTING = ("mkAuthorizationPolicy", "mkPeerAuthentication", "RequestAuthentication", "Sidecar", "Telemetry")


@cluster_rule(
    "NB104",
    "no-matching-workloads",
    WARNING,
    wrong=WORKLOAD.replace("APP", "wep"),
    right=WORKLOAD.replace("APP", "web"),
    also=("IST0101", "IST0127", "KIA0004", "KIA0302"),
)
def no_matching_workloads(cluster: Cluster) -> Iterator[Remark]:
    """A policy or a gateway selects none of the workloads in the linted files.

    Labels are compared exactly. Policies apply to pods of their namespace; policies of the root namespace, and gateways, apply to pods of
    all namespaces. Istio's default ingress gateway (`istio: ingressgateway`) is assumed to exist. Without linted workloads, this is a note.
    """
    for record in cluster.of(*SELECTING) if cluster.pods else ():
        selector, namespace = selector_of(record), namespace_of(record)
        mesh_wide = namespace == cluster.root and record.builder != "Sidecar"
        where = None if mesh_wide else namespace
        needs_pods = bool(selector) or (record.builder == "mkAuthorizationPolicy" and not mesh_wide)
        if needs_pods and not record.get("targetRefs") and not cluster.pods_of(selector, where):
            field = "workloadSelector" if record.get("workloadSelector") else "selector"
            what = _shown(selector) if selector else "anything"
            yield Remark(record / field, f"selects no workload: no pod in {namespace} has {what}")
    for record in cluster.of("Gateway"):
        selector = record.get("selector")
        if isinstance(selector, dict) and selector not in ({}, USUAL_INGRESS) and not cluster.pods_of(selector):
            level = WARNING if cluster.pods else NOTE  # without pods, it may be a gateway of one's own
            yield Remark(record / "selector", f"selects no workload: none has {_shown(selector)}", level=level)


def _shown(labels: dict[str, object]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))


SUBSET = """
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: [{name: http, port: 80}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web, version: v1}}, spec: {containers: [{name: web}]}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec: {host: web, subsets: [{name: v1, labels: {version: VERSION}}]}
"""
#: Labels that istiod adds to those of a pod, from its node and cluster.
ADDED_LABELS = ("topology.", "kubernetes.io/", "security.istio.io/tlsMode")


@cluster_rule(
    "NB105",
    "subset-without-pods",
    WARNING,
    wrong=SUBSET.replace("VERSION", "v2"),
    right=SUBSET.replace("VERSION", "v1"),
    also=("IST0173", "KIA0203", "KIA0209"),
)
def subset_without_pods(cluster: Cluster) -> Iterator[Remark]:
    """A subset selects none of the pods in the linted files, or it has no labels and selects all pods of the host.

    Requests to an empty subset are answered with status 503. Labels that Istio adds itself (topology) are ignored.
    """
    for record in cluster.of("mkDestinationRule"):
        host = record.get("host")
        service = cluster.service_of(host, namespace_of(record)) if isinstance(host, str) else None
        for subset in sets(record / "subsets"):
            labels = as_set(subset.value.get("labels"))
            if not labels and not subset.value.get("trafficPolicy"):
                yield Remark(subset, "has no labels: it is all pods of the host")
            # an added label is never empty, so one that is asked for to be empty selects nothing
            plain = {key: value for key, value in labels.items() if not key.startswith(ADDED_LABELS) or value == ""}
            if service is None or not cluster.pods or not plain:
                continue
            selector = {**as_set(service.get("selector")), **plain}
            if not cluster.pods_of(selector, namespace_of(service)):
                yield Remark(subset / "labels", f"the subset selects no pod: none has {_shown(plain)}")
