"""mkLinkerdMesh -> its namespace and the values of Linkerd's charts, high availability included. (charts of linkerd/linkerd2)"""

from __future__ import annotations

import re

from nixbridge.mesh.installation.helm_releases import CONTROL_PLANE, CRDS, JAEGER, LINKERD, VIZ, Mesh
from nixbridge.mesh.installation.mesh_settings import check_known, choice, flag, namespaces, text
from nixbridge.mesh.installation.plain_settings import put_values, report_lost
from nixbridge.mesh.model.manifest import Manifest, checked_annotations, checked_labels, checked_name, checked_namespace
from nixbridge.mesh.model.releases import NEWEST_LINKERD, OLDEST_LINKERD, is_edge, linkerd_release_of, release_text
from nixbridge.mesh.schema.field_walk import is_empty
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.model.record_data import Place, Record
    from nixbridge.mesh.model.releases import Release
    from nixbridge.mesh.model.render_context import Context

BUILDER = "mkLinkerdMesh"
STABLE, EDGE = "stable", "edge"
#: The open-source project has had no stable releases since.
LAST_STABLE = (2, 14)
#: The extension linkerd-jaeger is gone after this release; spans are sent to an endpoint from then on.
LAST_JAEGER = (2, 18)
JAEGER_NAMESPACE = "linkerd-jaeger"
JAEGER_URL = f"jaeger.{JAEGER_NAMESPACE}.svc.cluster.local:16686"
#: The parts that come with the extension.
OWN_COLLECTOR = "jaeger"
INJECT_ANNOTATION = "linkerd.io/inject"
#: Never injected into, whatever the record says. (values of the chart: proxyInjector.namespaceSelector)
NEVER_INJECTED = ("kube-system", "cert-manager")
#: Where the excluded namespaces go.
NAMESPACE_EXPRESSIONS = "proxyInjector.namespaceSelector.matchExpressions"
_ENDPOINT = re.compile(r"[^\s:/]+:\d{1,5}")


def linkerd_mesh(context: Context, record: Record) -> Mesh:
    """Return the mesh that a record describes, without values yet."""
    version, used, release = _version(context, record)
    return Mesh(
        LINKERD,
        checked_name(record / "name", context.messages),
        checked_namespace(record / "namespace", context.messages),
        release,
        version=version,
        charts_version=used,
        labels=checked_labels(record / "labels", context.messages),
        record=record,
        enabled=flag(context, record, "enabled"),
    )


def _version(context: Context, record: Record) -> tuple[str, str, Release]:
    """Return the record's version, the one that is installed (controlPlaneVersion, where set), and the release it belongs to."""
    version = text(context, record, "version")
    place = record / "version"
    used = version
    if (record / "controlPlaneVersion").is_set() and not is_empty(record.get("controlPlaneVersion")):
        used, place = text(context, record, "controlPlaneVersion"), record / "controlPlaneVersion"
    release = linkerd_release_of(used)
    if release is None:
        context.messages.error(place, f"'{used}' is not a valid version (2.14.0, 24.2.4)")
    given = context.options.linkerd_version
    if given is not None and linkerd_release_of(given) != release:
        return given, given, linkerd_release_of(given) or NEWEST_LINKERD
    # a release out of range is rendered as the nearest known one, with a warning
    known = min(max(release or NEWEST_LINKERD, OLDEST_LINKERD), NEWEST_LINKERD)
    if release is not None and release != known:
        range_known = f"Linkerd {release_text(OLDEST_LINKERD)} to {release_text(NEWEST_LINKERD)} are known"
        context.messages.warning(place, f"{range_known}: this renders for {release_text(known)}")
    return version, used, known


def fill_linkerd_mesh(context: Context, mesh: Mesh) -> list[Manifest]:
    """Put the record's settings into the values, and return the namespace."""
    record = mesh.record
    assert record is not None
    if flag(context, record, "enableControlPlane"):
        mesh.install(CRDS)
        mesh.install(CONTROL_PLANE)
    jaeger = _install_extensions(context, mesh, record)
    mesh.put(context, CONTROL_PLANE, "linkerdVersion", _linkerd_version(context, mesh, record), record / "version")
    _proxy(context, mesh, record)
    put_values(context, mesh, record)
    _put_excluded(context, mesh, record)
    replicas = _replicas(context, record)
    if replicas is not None:
        mesh.put(context, CONTROL_PLANE, "controllerReplicas", replicas, record / "replicas")
    if flag(context, record, "enableHA"):
        put_high_availability(context, mesh, record / "enableHA", replicas, record / "replicas")
    _put_tracing(context, mesh, record, jaeger=jaeger)
    report_lost(context, record)
    if flag(context, record, "enableNetworkPolicy"):
        context.messages.lost(record / "enableNetworkPolicy", "the charts have no network policies")
    check_known(context, record, {*record.defaults, *(("meshType",) if record.get("meshType") == LINKERD else ())})
    return [_namespace(context, mesh, record)]


def _install_extensions(context: Context, mesh: Mesh, record: Record) -> bool:
    """Add linkerd-viz and linkerd-jaeger; return whether the latter is installed."""
    jaeger = flag(context, record, "enableJaeger")
    if jaeger and mesh.release > LAST_JAEGER:
        context.messages.lost(record / "enableJaeger", "the chart linkerd-jaeger is gone from Linkerd 2.19 on")
        jaeger = False
    place = record / "namespace"
    if jaeger:
        mesh.install(JAEGER)
        mesh.put(context, JAEGER, "linkerdNamespace", mesh.namespace, place)
    if flag(context, record, "enableViz"):
        mesh.install(VIZ)
        mesh.put(context, VIZ, "linkerdNamespace", mesh.namespace, place)
        if jaeger:
            mesh.put(context, VIZ, "jaegerUrl", JAEGER_URL, record / "enableJaeger")
    mesh.put(context, VIZ, "prometheus.enabled", flag(context, record, "enableMetrics"), record / "enableMetrics")
    return jaeger


def _linkerd_version(context: Context, mesh: Mesh, record: Record) -> str:
    mode = choice(context, record, "installMode")
    version = mesh.charts_version
    if mode == STABLE and mesh.release > LAST_STABLE:
        context.messages.warning(
            record / "installMode", "the open-source project has had no stable releases since 2.14"
        )
    if mode == EDGE and not is_edge(version):
        context.messages.warning(record / "version", f"'{version}' is not an edge release (24.2.4)")
    return version if version.startswith((f"{STABLE}-", f"{EDGE}-")) else f"{mode}-{version}"


def _proxy(context: Context, mesh: Mesh, record: Record) -> None:
    if (record / "proxyImage").is_set():
        mesh.put(context, CONTROL_PLANE, "proxy.image.name", text(context, record, "proxyImage"), record / "proxyImage")
    if (record / "proxyImageVersion").is_set():
        version = text(context, record, "proxyImageVersion")
        if not version.startswith((f"{STABLE}-", f"{EDGE}-")):
            version = f"{record.get('installMode')}-{version}"
        mesh.put(context, CONTROL_PLANE, "proxy.image.version", version, record / "proxyImageVersion")


def _put_excluded(context: Context, mesh: Mesh, record: Record) -> None:
    # Helm replaces lists as a whole, so the chart's own expressions are repeated
    excluded = sorted({*namespaces(context, record, "excludeNamespaces"), *NEVER_INJECTED})
    expressions = [
        {"key": "config.linkerd.io/admission-webhooks", "operator": "NotIn", "values": ["disabled"]},
        {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": excluded},
    ]
    mesh.put(context, CONTROL_PLANE, NAMESPACE_EXPRESSIONS, expressions, record / "excludeNamespaces")


def _replicas(context: Context, record: Record) -> int | None:
    replicas, place = record.get("replicas"), record / "replicas"
    if replicas is None:
        return None
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        context.messages.error(place, f"must be an integer but is {type_text(replicas)}")
        return None
    if replicas < 1:
        context.messages.error(place, f"{replicas} is too few: 1 at least")
    return replicas


def _put_tracing(context: Context, mesh: Mesh, record: Record, *, jaeger: bool) -> None:
    collector, place = text(context, record, "tracingCollector"), record / "tracingCollector"
    endpoint = collector if _ENDPOINT.fullmatch(collector) else None
    if endpoint is None and collector != OWN_COLLECTOR:
        context.messages.warning(place, f"'{collector}' is neither jaeger nor host:port: it is not rendered")
    on, switch = flag(context, record, "enableTracing"), record / "enableTracing"
    if mesh.release > LAST_JAEGER:
        _put_endpoint(context, mesh, switch, place, endpoint, on=on)
        return
    if endpoint is not None:
        mesh.put(context, JAEGER, "webhook.collectorSvcAddr", endpoint, place)
    if not on:
        return
    if jaeger:
        mesh.put(context, CONTROL_PLANE, "controlPlaneTracing", True, switch)
        mesh.put(context, CONTROL_PLANE, "controlPlaneTracingNamespace", JAEGER_NAMESPACE, switch)
    else:
        context.messages.lost(switch, "needs the extension linkerd-jaeger (enableJaeger)")


def _put_endpoint(context: Context, mesh: Mesh, switch: Place, place: Place, endpoint: str | None, *, on: bool) -> None:
    """Set up tracing for Linkerd 2.19 and later."""
    if not on:
        if endpoint is not None:
            context.messages.warning(place, "has no effect: enableTracing is false")
        return
    if endpoint is None:
        context.messages.lost(switch, "needs a collector from Linkerd 2.19 on (tracingCollector = host:port)")
        return
    for part in ("proxy", "controller"):
        mesh.put(context, CONTROL_PLANE, f"{part}.tracing.enabled", True, switch)
        mesh.put(context, CONTROL_PLANE, f"{part}.tracing.collector.endpoint", endpoint, place)


def _namespace(context: Context, mesh: Mesh, record: Record) -> Manifest:
    """Return the namespace as the chart's own template makes it, with the record's labels and annotations."""
    labels = {
        "linkerd.io/is-control-plane": "true",
        "config.linkerd.io/admission-webhooks": "disabled",
        "linkerd.io/control-plane-ns": mesh.namespace,
        "pod-security.kubernetes.io/enforce": "privileged",
    }
    annotations = {INJECT_ANNOTATION: "disabled"}
    own = checked_annotations(record / "annotations", context.messages)
    for fixed, given, name in ((labels, mesh.labels, "labels"), (annotations, own, "annotations")):
        for key, value in given.items():
            if fixed.setdefault(key, value) != value:
                context.messages.error(record / name / key, f"Linkerd's namespace has {fixed[key]} there")
    return Manifest("Namespace", mesh.namespace, None, {}, record / "namespace", labels=labels, annotations=annotations)


VALUES: dict[str, object] = {
    "highAvailability": True,
    "enablePodAntiAffinity": True,
    "enablePodDisruptionBudget": True,
    "webhookFailurePolicy": "Fail",
    "deploymentStrategy.rollingUpdate.maxUnavailable": 1,
    "deploymentStrategy.rollingUpdate.maxSurge": "25%",
}
#: Part of the control plane -> its memory request.
MEMORY = {
    "destinationResources": "50Mi",
    "heartbeatResources": "50Mi",
    "identityResources": "10Mi",
    "policyControllerResources": "50Mi",
    "proxyInjectorResources": "50Mi",
    "spValidatorResources": "50Mi",
}


def put_high_availability(
    context: Context, mesh: Mesh, place: Place, replicas: int | None, replicas_place: Place
) -> None:
    """Put the values of the chart's values-ha.yaml; a key that the mesh's release lacks is not needed there."""
    values = dict(VALUES)
    for part, request in MEMORY.items():
        values |= {
            f"{part}.cpu.limit": "",
            f"{part}.cpu.request": "100m",
            f"{part}.memory.limit": "250Mi",
            f"{part}.memory.request": request,
        }
    for key, value in values.items():
        if mesh.knows(CONTROL_PLANE, key):
            mesh.put(context, CONTROL_PLANE, key, value, place)
    if VIZ in mesh.values:
        mesh.put(context, VIZ, "enablePodAntiAffinity", True, place)
        if replicas is not None:
            mesh.put(context, VIZ, "tap.replicas", replicas, replicas_place)
