"""Istio's annotations on Kubernetes' objects: unknown, misplaced, deprecated, or with a value that istiod refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nixbridge.errors.suggest import did_you_mean
from nixbridge.mesh.model.kubernetes_names import subnet
from nixbridge.mesh.model.messages import NOTE, WARNING
from nixbridge.mesh.model.quantities import amount, is_whole_number
from nixbridge.tools.lint.annotation_table import ANNOTATIONS, ANY, DEPRECATED
from nixbridge.tools.lint.cluster_view import Cluster, as_set, labels_of
from nixbridge.tools.lint.rule import Remark, cluster_rule
from nixbridge.tools.lint.rules.kubernetes import SIDECAR

KINDS = ("Namespace", "Service", "Pod", "Deployment")
#: Set by istiod and its controllers themselves.
AUTOMATIC = ("sidecar.istio.io/status", "gateway.istio.io/controller-version", "istio.io/rev")

POD = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, annotations: {NAME: "VALUE"}}
spec: {containers: [{name: web, image: "example.com/web:1"}]}
"""


@cluster_rule(
    "NB170",
    "annotation-without-effect",
    WARNING,
    wrong=POD.replace("NAME", "sidecar.istio.io/proxyCpu").replace("VALUE", "100m"),
    right=POD.replace("NAME", "sidecar.istio.io/proxyCPU").replace("VALUE", "100m"),
    also=("IST0107", "IST0108"),
)
def annotation_without_effect(cluster: Cluster) -> Iterator[Remark]:
    """An annotation in Istio's domain does not exist, or is used on a kind that it does not apply to."""
    for record in cluster.of(*KINDS):
        for name in as_set(record.get("annotations")):
            if not _is_istios(name) or name in AUTOMATIC:
                continue
            kinds = ANNOTATIONS.get(name)
            if kinds is None:
                hint = did_you_mean(name, sorted(ANNOTATIONS))
                yield Remark(record / "annotations" / name, f"Istio has no annotation '{name}'", hint=hint)
            elif ANY not in kinds and record.builder not in kinds:
                yield Remark(record / "annotations" / name, f"applies to {', '.join(kinds)} and has no effect here")


def _is_istios(name: str) -> bool:
    return name == "kubernetes.io/ingress.class" or ("/" in name and name.partition("/")[0].endswith("istio.io"))


@cluster_rule(
    "NB171",
    "annotation-refused",
    WARNING,
    wrong=POD.replace("NAME", "status.sidecar.istio.io/port").replace("VALUE", "health"),
    right=POD.replace("NAME", "status.sidecar.istio.io/port").replace("VALUE", "15020"),
    also=("IST0125",),
)
def annotation_refused(cluster: Cluster) -> Iterator[Remark]:
    """An annotation has a value that the injector rejects: pods are not created, or the annotation is ignored."""
    for record in cluster.of(*KINDS):
        for name, value in as_set(record.get("annotations")).items():
            wrong = _FORMS[name](str(value)) if name in _FORMS else None
            if wrong:
                yield Remark(record / "annotations" / name, wrong)


@cluster_rule(
    "NB172",
    "annotation-deprecated",
    NOTE,
    wrong=POD.replace("NAME", SIDECAR).replace("VALUE", "true"),
    right=POD.replace('annotations: {NAME: "VALUE"}', f'labels: {{{SIDECAR}: "true"}}').replace(
        "containers: [", "containers: [{name: istio-proxy, image: proxyv2}, "
    ),
    also=("IST0135",),
)
def annotation_deprecated(cluster: Cluster) -> Iterator[Remark]:
    """An annotation is deprecated and may stop working in a later release."""
    for record in cluster.of(*KINDS):
        for name in as_set(record.get("annotations")):
            if name in DEPRECATED and not (name == SIDECAR and SIDECAR in labels_of(record)):
                hint = f"use the label {SIDECAR}" if name == SIDECAR else None
                yield Remark(record / "annotations" / name, "is deprecated", hint=hint)


def _number(value: str) -> str | None:
    return None if is_whole_number(value, 2**32 - 1) else f"'{value}' is not a number"


def _port(value: str) -> str | None:
    return None if is_whole_number(value, 65535) else f"'{value}' is not a port"


def _boolean(value: str) -> str | None:
    return None if value.lower() in ("true", "false", "1", "0", "t", "f") else f"'{value}' is neither true nor false"


def _mode(value: str) -> str | None:
    return None if value in ("REDIRECT", "TPROXY", "NONE") else f"'{value}' is not one of REDIRECT, TPROXY, NONE"


def _quantity(value: str) -> str | None:
    return None if amount(value) is not None else f"'{value}' is not a quantity (100m, 128Mi)"


def _ports(value: str) -> str | None:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    return None if value.strip() == "*" else next(filter(None, map(_port, parts)), None)


def _ranges(value: str) -> str | None:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    return None if value.strip() == "*" else next(filter(None, map(subnet, parts)), None)


#: Annotations whose values the injector validates. (istio/istio pkg/kube/inject/validate.go)
_FORMS: dict[str, Callable[[str], str | None]] = {
    "sidecar.istio.io/interceptionMode": _mode,
    "status.sidecar.istio.io/port": _port,
    "readiness.status.sidecar.istio.io/initialDelaySeconds": _number,
    "readiness.status.sidecar.istio.io/periodSeconds": _number,
    "readiness.status.sidecar.istio.io/failureThreshold": _number,
    "traffic.sidecar.istio.io/includeOutboundIPRanges": _ranges,
    "traffic.sidecar.istio.io/excludeOutboundIPRanges": _ranges,
    "traffic.sidecar.istio.io/includeInboundPorts": _ports,
    "traffic.sidecar.istio.io/excludeInboundPorts": _ports,
    "traffic.sidecar.istio.io/excludeOutboundPorts": _ports,
    "prometheus.istio.io/merge-metrics": _boolean,
    "sidecar.istio.io/proxyCPU": _quantity,
    "sidecar.istio.io/proxyMemory": _quantity,
    "sidecar.istio.io/proxyCPULimit": _quantity,
    "sidecar.istio.io/proxyMemoryLimit": _quantity,
}
