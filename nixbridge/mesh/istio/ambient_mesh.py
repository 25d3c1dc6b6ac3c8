"""Ambient mode of Istio: the components besides istiod, and the waypoints that process HTTP.

(istio.io: Ambient Mesh, Install with Helm; Configure waypoint proxies; Use Layer 7 features)
"""

from __future__ import annotations

from nixbridge.mesh.installation.helm_releases import CNI, ZTUNNEL, Mesh
from nixbridge.mesh.model.manifest import Manifest
from nixbridge.mesh.model.releases import release_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Place, Record
    from nixbridge.mesh.model.render_context import Context

AMBIENT = "ambient"
#: The release since which ambient is beta and its charts have the profile.
FIRST_AMBIENT = (1, 22)
#: Where the dataplane of a namespace is named; `none` keeps it out of the mesh.
DATAPLANE_MODE = "istio.io/dataplane-mode"
USE_WAYPOINT, WAYPOINT_FOR = "istio.io/use-waypoint", "istio.io/waypoint-for"
WAYPOINT, WAYPOINT_CLASS = "waypoint", "istio-waypoint"
GATEWAY_GROUP = "gateway.networking.k8s.io"
#: Parts of a source and of an operation that only a proxy which reads HTTP can see. (istio.io: L4 policies of ztunnel)
_HTTP_SOURCES = ("requestPrincipals", "notRequestPrincipals", "remoteIpBlocks", "notRemoteIpBlocks")
_HTTP_OPERATIONS = ("hosts", "notHosts", "methods", "notMethods", "paths", "notPaths")
_HTTP_KEYS = ("request.", "remote.")


def is_ambient(record: Record) -> bool:
    """Return whether an mkIstioMesh record asks for a mesh without sidecars."""
    return bool(record.get("profile") == AMBIENT)


def install_ambient(context: Context, mesh: Mesh, place: Place) -> None:
    """Add istio-cni and ztunnel to an installation; a release before ambient was usable is an error."""
    if mesh.release < FIRST_AMBIENT:
        first, this = release_text(FIRST_AMBIENT), release_text(mesh.release)
        context.messages.error(place, f"'{AMBIENT}' needs Istio {first} or later; this is {this}")
        return
    for helm_release in (CNI, ZTUNNEL):
        mesh.install(helm_release)
        mesh.put(context, helm_release, "profile", AMBIENT, place)
    assert mesh.record is not None
    mesh.put(context, ZTUNNEL, "istioNamespace", mesh.namespace, mesh.record / "namespace")


def add_waypoints(context: Context, manifests: list[Manifest], own: list[dict[str, object]]) -> list[Manifest]:
    """Return the waypoints, and the labels that send traffic through them, which the resources of an ambient mesh need.

    `own` are the manifests that the user wrote: a waypoint among them is used. Policies about HTTP that apply to a whole namespace are
    attached to its waypoint; one that selects pods is an error, since ztunnel, which enforces it, would deny whatever it cannot see.
    """
    meshes = [record for record in context.of("mkIstioMesh") if is_ambient(record)]
    if not meshes:
        return []
    named = [record.get("sidecarInjectionNamespaces") for record in meshes]
    members = [name for names in named if isinstance(names, list) for name in names]
    found: dict[str, Manifest] = {}
    for manifest in manifests:
        namespace = manifest.namespace or "default"
        # a manifest that the user wrote has no place: it is not ours to attach
        if not _reads_http(manifest) or manifest.place is None:
            continue
        if namespace not in members and namespace not in found:
            context.messages.warning(
                manifest.place / "namespace",
                f"needs a waypoint, but '{namespace}' is not in the mesh (sidecarInjectionNamespaces)",
            )
        name = _name_of_waypoint(namespace, own)
        if manifest.kind == "AuthorizationPolicy":
            _attach(context, manifest, name)
        if namespace not in found:
            found[namespace] = _waypoint(namespace, name, manifest.place)
    # a waypoint does nothing until a namespace is labelled to use it
    labels = [
        Manifest("Namespace", namespace, None, {}, waypoint.place, labels={USE_WAYPOINT: waypoint.name})
        for namespace, waypoint in found.items()
    ]
    new = [waypoint for namespace, waypoint in found.items() if not _own_waypoints(namespace, own)]
    return [*labels, *new]


def _waypoint(namespace: str, name: str, place: Place) -> Manifest:
    # what `istioctl waypoint generate` writes
    spec = {"gatewayClassName": WAYPOINT_CLASS, "listeners": [{"name": "mesh", "port": 15008, "protocol": "HBONE"}]}
    return Manifest(
        "Gateway",
        name,
        namespace,
        {"spec": spec},
        place,
        api_version=f"{GATEWAY_GROUP}/v1",
        labels={WAYPOINT_FOR: "service"},
    )


def _own_waypoints(namespace: str, own: list[dict[str, object]]) -> list[str]:
    """Return the names of the waypoints among the user's manifests that are in a namespace."""
    found: list[str] = []
    for whole in own:
        metadata, spec = whole.get("metadata"), whole.get("spec")
        if isinstance(metadata, dict) and isinstance(spec, dict) and metadata.get("namespace", "default") == namespace:
            found += [str(metadata.get("name"))] if spec.get("gatewayClassName") == WAYPOINT_CLASS else []
    return found


def _name_of_waypoint(namespace: str, own: list[dict[str, object]]) -> str:
    return next(iter(_own_waypoints(namespace, own)), WAYPOINT)


def _reads_http(manifest: Manifest) -> bool:
    """Return whether a resource has an effect on HTTP, which ztunnel does not read."""
    spec = manifest.body.get("spec", {})
    if manifest.kind in ("VirtualService", "HTTPRoute", "GRPCRoute"):
        return manifest.kind != "VirtualService" or "http" in spec
    if manifest.kind != "AuthorizationPolicy":
        return False
    return spec.get("action") == "CUSTOM" or any(_rule_reads_http(rule) for rule in spec.get("rules", []))


def _rule_reads_http(rule: JsonObject) -> bool:
    sources = [one.get("source", {}) for one in rule.get("from", [])]
    operations = [one.get("operation", {}) for one in rule.get("to", [])]
    return (
        any(name in source for source in sources for name in _HTTP_SOURCES)
        or any(name in operation for operation in operations for name in _HTTP_OPERATIONS)
        or any(condition.get("key", "").startswith(_HTTP_KEYS) for condition in rule.get("when", []))
    )


def _attach(context: Context, manifest: Manifest, waypoint: str) -> None:
    """Give a policy of a whole namespace its waypoint as target."""
    spec = manifest.body["spec"]
    assert manifest.place is not None
    if "targetRef" in spec or "targetRefs" in spec:
        return
    if "selector" in spec:
        context.messages.error(
            manifest.place / "selector",
            "is enforced by ztunnel, which does not process HTTP: attach the policy to a Service or Gateway with targetRefs",
        )
        return
    # without a target, ztunnel would enforce it and deny requests because it cannot see the HTTP conditions
    spec["targetRefs"] = [{"group": GATEWAY_GROUP, "kind": "Gateway", "name": waypoint}]
    context.messages.note(manifest.place, f"is attached to the waypoint '{waypoint}', which processes HTTP")
