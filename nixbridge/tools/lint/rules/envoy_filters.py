"""EnvoyFilters: patches that are ignored, and patches whose order is not defined."""

from __future__ import annotations

from collections.abc import Iterator

from nixbridge.mesh.model.messages import ERROR, WARNING
from nixbridge.mesh.model.record_data import Place
from nixbridge.tools.lint.cluster_view import Cluster, as_set
from nixbridge.tools.lint.rule import Remark, cluster_rule
from nixbridge.tools.lint.rules.hosts import sets, text_of

FILTER = """
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: lua, namespace: shop}
spec: {PRIORITYconfigPatches: [{applyTo: APPLY, match: {context: ANY}, patch: {operation: OPERATION, value: {name: envoy.lua}}}]}
"""
RELATIVE = ("INSERT_BEFORE", "INSERT_AFTER", "REMOVE", "REPLACE")
WITHOUT_ORDER = ("ROUTE_CONFIGURATION", "HTTP_ROUTE")
REPLACEABLE = ("NETWORK_FILTER", "HTTP_FILTER", "VIRTUAL_HOST")


@cluster_rule(
    "NB160",
    "filter-without-effect",
    ERROR,
    wrong=FILTER.replace("APPLY", "HTTP_ROUTE").replace("OPERATION", "ADD").replace("PRIORITY", ""),
    right=FILTER.replace("APPLY", "HTTP_FILTER").replace("OPERATION", "ADD").replace("PRIORITY", ""),
    also=("IST0152", "IST0153", "IST0154"),
)
def filter_without_effect(cluster: Cluster) -> Iterator[Remark]:
    """The operation of an EnvoyFilter does not apply to its target and is ignored.

    ADD and REMOVE have no effect on route configurations and routes. REPLACE applies only to filters and virtual hosts.
    """
    for place, operation, target in _patches(cluster):
        ignored = operation in ("ADD", "REMOVE") and target in WITHOUT_ORDER
        if ignored or (operation == "REPLACE" and target not in REPLACEABLE):
            yield Remark(place / "patch", f"{operation} is ignored for {target}")


@cluster_rule(
    "NB161",
    "filter-without-priority",
    WARNING,
    wrong=FILTER.replace("APPLY", "HTTP_FILTER").replace("OPERATION", "INSERT_BEFORE").replace("PRIORITY", ""),
    right=FILTER.replace("APPLY", "HTTP_FILTER")
    .replace("OPERATION", "INSERT_BEFORE")
    .replace("PRIORITY", "priority: 10, "),
    also=("IST0151", "IST0155"),
)
def filter_without_priority(cluster: Cluster) -> Iterator[Remark]:
    """An EnvoyFilter has a position relative to another filter but no priority.

    The other filter may not exist yet when this one is applied, and the order may change with an upgrade. Set `priority`, or use
    INSERT_FIRST or ADD.
    """
    for place, operation, target in _patches(cluster):
        # what is ignored altogether is reported by the other rule
        misplaced = (operation == "REMOVE" and target in WITHOUT_ORDER) or (
            operation == "REPLACE" and target not in REPLACEABLE
        )
        if operation in RELATIVE and not misplaced and not place.record.get("priority"):
            version = as_set(as_set(place.value.get("match")).get("proxy")).get("proxyVersion")
            beside = f", for proxies of {version}" if version else ""
            yield Remark(place / "patch", f"{operation} without a priority{beside}: the order of filters is undefined")


def _patches(cluster: Cluster) -> Iterator[tuple[Place, str, str]]:
    for record in cluster.of("EnvoyFilter"):
        for place in sets(record / "configPatches"):
            operation = text_of(as_set(place.value.get("patch")).get("operation"))
            yield place, operation, text_of(place.value.get("applyTo"))
