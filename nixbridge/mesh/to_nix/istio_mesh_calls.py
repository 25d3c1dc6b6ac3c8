"""The parameters of mkIstioMesh that gave the Helm values, namespaces and mesh-wide PeerAuthentication of an installation."""

from __future__ import annotations

from nixbridge.mesh.installation.helm_releases import BASE, EGRESS, INGRESS, ISTIOD
from nixbridge.mesh.istio.istio_mesh import (
    BUILDER,
    CRD_NAMES,
    DEMO,
    DEMO_VALUES,
    OPENSHIFT,
    PRODUCTION,
)
from nixbridge.mesh.istio.mesh_mtls import KIND as PEER_AUTHENTICATION
from nixbridge.mesh.istio.mesh_mtls import NAME as MESH_WIDE
from nixbridge.mesh.model.record_data import MISSING, value_at
from nixbridge.mesh.tables.builder_list import table
from nixbridge.mesh.to_nix.installation import known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.to_nix.installation import Installation

#: The label by which a namespace gets sidecars.
INJECTION = "istio-injection"
#: Parameter -> the Helm release that is there when it is on.
RELEASES = {"enableIstiod": ISTIOD, "enableIngressGateway": INGRESS, "enableEgressGateway": EGRESS}


def istio_mesh_parameters(mesh: Installation) -> dict[str, object]:
    """Return the parameters that the values tell; the others are left to the builder's defaults."""
    parameters = known(
        namespace=mesh.namespace,
        version=MISSING if mesh.version is None else mesh.version,
        enableNetworkPolicy=mesh.at(ISTIOD, "global.networkPolicy.enabled"),
        **{name: helm_release in mesh.values for name, helm_release in RELEASES.items()},
    )
    parameters |= mesh.plain_settings(BUILDER)
    if mesh.at(ISTIOD, "meshConfig.defaultHttpRetryPolicy") == {"attempts": 0}:
        parameters["enableRetries"] = False
    providers = mesh.at(ISTIOD, "meshConfig.defaultProviders.tracing")
    if isinstance(providers, list) and providers:
        parameters["tracingProvider"] = providers[0]
    return parameters | _profile(mesh) | _crds(mesh) | _mtls(mesh) | _namespaces(mesh) | own_labels(mesh, BUILDER)


def own_labels(mesh: Installation, builder: str) -> dict[str, object]:
    """Return the labels that were given: the builder puts its own over them."""
    overlay = table(builder).overlay or {}
    labels = {key: value for key, value in mesh.labels.items() if key not in overlay}
    return {"labels": labels} if labels else {}


def _profile(mesh: Installation) -> dict[str, object]:
    profile = mesh.at(ISTIOD, "profile")
    if mesh.at(ISTIOD, "global.platform") == OPENSHIFT:
        return {"profile": OPENSHIFT}
    if profile is MISSING:
        is_demo = all(mesh.at(ISTIOD, key) == value for key, value in DEMO_VALUES.items())
        return {} if is_demo or ISTIOD not in mesh.values else {"installMode": PRODUCTION}
    return {} if profile == DEMO else {"profile": profile}


def _crds(mesh: Installation) -> dict[str, object]:
    excluded = mesh.at(BASE, "base.excludedCRDs")
    return {name: False for name, crd in CRD_NAMES.items() if isinstance(excluded, list) and crd in excluded}


def _mtls(mesh: Installation) -> dict[str, object]:
    mode = mesh_wide_mode(mesh)
    if mode is None:
        return {} if mesh_wide_policies(mesh) else {"enablePeerAuthentication": False}
    return {} if mesh.plain_settings(BUILDER).get("enableMtls") is False else {"mtlsMode": mode}


def mesh_wide_policies(mesh: Installation) -> list[JsonObject]:
    """Return the PeerAuthentications that replace the one that the mesh would render itself."""
    return [
        manifest
        for manifest in mesh.others
        if manifest["kind"] == PEER_AUTHENTICATION
        and manifest["metadata"].get("namespace") == mesh.namespace
        and manifest["metadata"].get("name") != MESH_WIDE
        and value_at(manifest, ("spec", "selector")) is MISSING
    ]


def mesh_wide_mode(mesh: Installation) -> object:
    """Return the mode of the mesh-wide PeerAuthentication; null where there is none."""
    policy = mesh.find(PEER_AUTHENTICATION, MESH_WIDE, mesh.namespace)
    mode = value_at(policy, ("spec", "mtls", "mode")) if policy is not None else MISSING
    return None if mode is MISSING else mode


def _namespaces(mesh: Installation) -> dict[str, object]:
    """Return the annotations of the mesh's own namespace, and the namespaces that are injected into, which have that label alone."""
    injection = mesh.at(ISTIOD, "global.proxy.autoInject")
    injection = "enabled" if injection is MISSING else injection
    injected = [
        manifest["metadata"]["name"]
        for manifest in mesh.others
        if manifest["kind"] == "Namespace" and _is_injected(mesh, manifest["metadata"], injection)
    ]
    root = mesh.find("Namespace", mesh.namespace)
    annotations = value_at(root, ("metadata", "annotations")) if root is not None else MISSING
    return {
        "sidecarInjectionNamespaces": injected,
        "enableSidecarInjection": injection == "enabled",
        **known(annotations=annotations),
    }


def _is_injected(mesh: Installation, metadata: dict[str, object], injection: str) -> bool:
    label = {INJECTION: injection}
    if metadata.get("name") == mesh.namespace:
        return INJECTION not in mesh.labels and metadata.get("labels") == {**mesh.labels, **label}
    return metadata == {"name": metadata.get("name"), "labels": label}
