"""The parameters of mkLinkerdMesh that gave the Helm values and the namespace of an installation."""

from __future__ import annotations

from nixbridge.mesh.installation.helm_releases import CONTROL_PLANE, JAEGER, VIZ
from nixbridge.mesh.linkerd.linkerd_mesh import (
    BUILDER,
    INJECT_ANNOTATION,
    LAST_JAEGER,
    NAMESPACE_EXPRESSIONS,
    NEVER_INJECTED,
)
from nixbridge.mesh.model.record_data import MISSING, value_at
from nixbridge.mesh.model.releases import linkerd_release_of
from nixbridge.mesh.tables.builder_list import table
from nixbridge.mesh.to_nix.installation import known
from nixbridge.mesh.to_nix.istio_mesh_calls import own_labels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.to_nix.installation import Installation

#: Parameter -> the Helm release that is there when it is on.
RELEASES = {"enableControlPlane": CONTROL_PLANE, "enableViz": VIZ, "enableJaeger": JAEGER}


def linkerd_mesh_parameters(mesh: Installation) -> dict[str, object]:
    """Return the parameters that the values tell; the others are left to the builder's defaults."""
    parameters = known(
        namespace=mesh.namespace,
        version=MISSING if mesh.version is None else mesh.version,
        proxyImage=mesh.at(CONTROL_PLANE, "proxy.image.name"),
        replicas=mesh.at(CONTROL_PLANE, "controllerReplicas"),
        enableMetrics=mesh.at(VIZ, "prometheus.enabled"),
        **{name: helm_release in mesh.values for name, helm_release in RELEASES.items()},
    )
    parameters |= mesh.plain_settings(BUILDER)
    if mesh.at(CONTROL_PLANE, "webhookFailurePolicy") == "Fail" or mesh.at(VIZ, "enablePodAntiAffinity") is True:
        parameters["enableHA"] = True
    namespace = mesh.find("Namespace", mesh.namespace)
    annotations = value_at(namespace, ("metadata", "annotations")) if namespace is not None else MISSING
    if isinstance(annotations, dict):
        parameters["annotations"] = {key: text for key, text in annotations.items() if key != INJECT_ANNOTATION}
    return parameters | _versions(mesh) | _excluded(mesh) | _tracing(mesh) | own_labels(mesh, BUILDER)


def _versions(mesh: Installation) -> JsonObject:
    """Return the parameters in `linkerdVersion`, the install mode and the installed version, and that of the proxy, which may differ."""
    mode, version = _installed(mesh)
    if version is None:
        return {}
    parameters = {"installMode": mode}
    if mesh.version not in (version, f"{mode}-{version}"):
        parameters["controlPlaneVersion"] = version
    proxy = mesh.at(CONTROL_PLANE, "proxy.image.version")
    if isinstance(proxy, str):
        parameters["proxyImageVersion"] = proxy.removeprefix(f"{mode}-")
    return parameters


def _installed(mesh: Installation) -> tuple[str, str | None]:
    """Return the install mode and the version that is installed; no version without a control plane."""
    text = mesh.at(CONTROL_PLANE, "linkerdVersion")
    mode, _, version = text.partition("-") if isinstance(text, str) else ("", "", None)
    return mode, version


def _excluded(mesh: Installation) -> dict[str, object]:
    # the second expression is the one with the namespaces' names
    names = value_at(mesh.at(CONTROL_PLANE, NAMESPACE_EXPRESSIONS), (1, "values"))
    parameter = table(BUILDER).parameter("excludeNamespaces")
    assert parameter is not None
    excluded = parameter.default if isinstance(parameter.default, list) else []
    if not isinstance(names, list) or names == sorted({*map(str, excluded), *NEVER_INJECTED}):
        return {}
    return {"excludeNamespaces": [name for name in names if name not in NEVER_INJECTED]}


def _tracing(mesh: Installation) -> dict[str, object]:
    endpoint = mesh.at(CONTROL_PLANE, "proxy.tracing.collector.endpoint")
    if endpoint is MISSING:
        endpoint = mesh.at(JAEGER, "webhook.collectorSvcAddr")
    parameters = known(tracingCollector=endpoint)
    release = linkerd_release_of(_installed(mesh)[1])
    if release is not None and release <= LAST_JAEGER and JAEGER in mesh.values:
        parameters["enableTracing"] = mesh.at(CONTROL_PLANE, "controlPlaneTracing") is True
    return parameters
