"""Installations: resources, replicas, namespaces, versions that fit one another."""

from __future__ import annotations

from collections.abc import Iterator

from nixbridge.errors.suggest import did_you_mean
from nixbridge.mesh.model.messages import ERROR, NOTE, WARNING
from nixbridge.mesh.model.quantities import amount
from nixbridge.mesh.model.releases import linkerd_release_of
from nixbridge.tools.lint.rule import Remark, rule
from nixbridge.tools.lint.rules.environment import is_production
from nixbridge.tools.lint.rules.hosts import items, namespace_of, text_of
from nixbridge.tools.lint.view import View

MESHES = ("mkIstioMesh", "mkLinkerdMesh")
#: The least CPU and memory that a sidecar needs according to the documentation.
LEAST = {"mkIstioMesh": ("100m", "256Mi"), "mkLinkerdMesh": ("10m", "32Mi")}
#: Namespaces of the cluster itself, where sidecars do harm.
SYSTEM_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease")


@rule(
    "NB040",
    "limit-below-request",
    ERROR,
    wrong='mkIstioMesh "mesh" { cpuRequest = "500m"; cpuLimit = "200m"; }',
    right='mkIstioMesh "mesh" { cpuRequest = "200m"; cpuLimit = "500m"; }',
)
def limit_below_request(view: View) -> Iterator[Remark]:
    """A resource limit is below the request, which Kubernetes rejects.

    No pod with a sidecar can start. If you raise a request above the default limit, raise the limit as well.
    """
    for record in view.of(*MESHES):
        for what in ("cpu", "memory"):
            request, limit = amount(record.get(f"{what}Request")), amount(record.get(f"{what}Limit"))
            if request is not None and limit is not None and limit < request:
                # shown at the one that the user set: the other may be the builder's default
                name = f"{what}Limit" if (record / f"{what}Limit").is_set() else f"{what}Request"
                text = f"the limit {record.get(f'{what}Limit')} is below the request {record.get(f'{what}Request')}"
                yield Remark(record / name, text)


@rule(
    "NB041",
    "sidecar-too-small",
    WARNING,
    wrong='mkIstioMesh "mesh" { memoryRequest = "64Mi"; }',
    right='mkIstioMesh "mesh" { memoryRequest = "256Mi"; }',
)
def sidecar_too_small(view: View) -> Iterator[Remark]:
    """A sidecar has fewer resources than the documentation of the mesh requires.

    Istio needs 100m CPU and 256Mi memory; Linkerd needs 10m and 32Mi.
    """
    for record in view.of(*MESHES):
        for what, least in zip(("cpu", "memory"), LEAST[record.builder], strict=True):
            request = amount(record.get(f"{what}Request"))
            if request is not None and request < (amount(least) or 0):
                yield Remark(
                    record / f"{what}Request",
                    f"{record.get(f'{what}Request')} is less than the {least} that a sidecar needs",
                )


@rule(
    "NB042",
    "no-high-availability",
    WARNING,
    wrong='mkLinkerdMesh "mesh" { enableHA = true; replicas = 1; }',
    right='mkLinkerdMesh "mesh" { enableHA = true; replicas = 3; }',
)
def no_high_availability(view: View) -> Iterator[Remark]:
    """High availability is enabled with too few replicas, or disabled in production.

    `replicas` takes precedence over `enableHA`: with one replica, the control plane is unavailable while its node is. A production mesh
    without `enableHA` is a note.
    """
    for record in view.of("mkLinkerdMesh"):
        replicas = record.get("replicas")
        if record.get("enableHA") is True and isinstance(replicas, int) and replicas < 2:
            yield Remark(
                record / "replicas", f"enableHA with {replicas} replica: no other replica takes over when it fails"
            )
        elif record.get("enableHA") is False and is_production(record):
            yield Remark(record / "enableHA", "no high availability in production", level=NOTE)


@rule(
    "NB043",
    "injection-into-system",
    WARNING,
    wrong='mkIstioMesh "mesh" { sidecarInjectionNamespaces = [ "default" "kube-system" ]; }',
    right='mkIstioMesh "mesh" { sidecarInjectionNamespaces = [ "default" ]; }',
)
def injection_into_the_cluster(view: View) -> Iterator[Remark]:
    """Sidecars would be injected into namespaces of the cluster itself or of the mesh.

    DNS, the network plug-in and the injector would then depend on each other to start. For Linkerd, `excludeNamespaces` replaces the
    default list, so it must contain `kube-system`.
    """
    for record in view.of("mkIstioMesh"):
        own = record.get("namespace")
        for index, namespace in enumerate(items(record.get("sidecarInjectionNamespaces"))):
            if namespace in SYSTEM_NAMESPACES or namespace == own:
                whose = "the namespace of the mesh" if namespace == own else "a system namespace of the cluster"
                yield Remark(record / "sidecarInjectionNamespaces" / index, f"'{namespace}' is {whose}")
    for record in view.of("mkLinkerdMesh"):
        if "kube-system" not in items(record.get("excludeNamespaces")):
            yield Remark(record / "excludeNamespaces", "'kube-system' is missing: the given list replaces the default")


@rule(
    "NB044",
    "versions-differ",
    WARNING,
    wrong='mkLinkerdMesh "mesh" { version = "2.14.0"; proxyImageVersion = "2.13.0"; }',
    right="""
mkLinkerdMesh "mesh" {
  installMode = "edge";
  version = "25.10.7";
  controlPlaneVersion = "25.10.7";
  proxyImageVersion = "2.19";
}
""",
)
def versions_differ(view: View) -> Iterator[Remark]:
    """The control plane and the proxies have different releases.

    Linkerd supports proxies of the control plane's release and of the previous one. `version` affects neither `controlPlaneVersion` nor
    `proxyImageVersion`, which have their own defaults. A stable version and its edge release (2.19 and 25.10) count as one release.
    """
    for record in view.of("mkLinkerdMesh"):
        for name in ("controlPlaneVersion", "proxyImageVersion"):
            own, other = linkerd_release_of(record.get("version")), linkerd_release_of(record.get(name))
            # releases that differ in the patch level fit; what is not a version is compared as it is written
            differs = own != other if own and other else record.get(name) != record.get("version")
            if (record / name).is_set() and differs:
                yield Remark(record / name, f"is {record.get(name)}, and version is {record.get('version')}")


@rule(
    "NB045",
    "demo-in-production",
    NOTE,
    wrong='mkIstioMesh "production" { mtlsMode = "STRICT"; installMode = "demo"; }',
    right='mkIstioMesh "production" { mtlsMode = "STRICT"; installMode = "production"; }',
)
def demo_in_production(view: View) -> Iterator[Remark]:
    """A production mesh is installed with the demo profile.

    The demo profile has a small control plane and traces every request. It is the builder's default.
    """
    for record in view.of("mkIstioMesh"):
        for name in ("installMode", "profile"):
            if record.get(name) == "demo" and is_production(record):
                yield Remark(record / name, "'demo' in production")


#: Builders of records that only Istio reads, and those of them that only matter where sidecars are.
ISTIO_RECORDS = (
    "mkVirtualService",
    "mkDestinationRule",
    "mkTrafficPolicy",
    "mkAuthorizationPolicy",
    "mkPeerAuthentication",
    "mkServiceEntry",
)
POLICIES = ("mkAuthorizationPolicy", "mkPeerAuthentication")


@rule(
    "NB046",
    "istio-records-without-istio",
    WARNING,
    wrong='[ (mkLinkerdMesh "mesh" { }) (mkPeerAuthentication "default" { }) ]',
    right='[ (mkIstioMesh "mesh" { }) (mkPeerAuthentication "default" { }) ]',
)
def istio_records_without_istio(view: View) -> Iterator[Remark]:
    """Records that only Istio uses are combined with a Linkerd mesh, and there is no Istio mesh.

    Linkerd has its own resources (HTTPRoute, Server, AuthorizationPolicy of policy.linkerd.io) and ignores those of Istio.
    """
    configured = {text_of(record.get("meshType")) for record in view.all_of("mkMeshConfig")}
    istio = any(True for _ in view.all_of("mkIstioMesh")) or "istio" in configured
    linkerd = any(True for _ in view.all_of("mkLinkerdMesh")) or "linkerd" in configured
    if linkerd and not istio:
        for record in view.of(*ISTIO_RECORDS):
            yield Remark(record / "name", "is for Istio, but the mesh is Linkerd, which ignores it")


@rule(
    "NB047",
    "namespace-without-sidecars",
    NOTE,
    wrong="""
[
  (mkIstioMesh "mesh" { sidecarInjectionNamespaces = [ "shop" ]; })
  (mkPeerAuthentication "default" { namespace = "shopp"; })
]
""",
    right="""
[
  (mkIstioMesh "mesh" { sidecarInjectionNamespaces = [ "shop" ]; })
  (mkPeerAuthentication "default" { namespace = "shop"; })
]
""",
)
def namespace_without_sidecars(view: View) -> Iterator[Remark]:
    """A policy is for a namespace without sidecar injection.

    Nothing enforces the policy there. This is a note because the namespace may be labeled elsewhere. The name may also be misspelled.
    """
    meshes = list(view.all_of("mkIstioMesh"))
    injected = {
        name for mesh in meshes for name in items(mesh.get("sidecarInjectionNamespaces")) if isinstance(name, str)
    }
    if not injected:
        return
    for record in view.of(*POLICIES):
        namespace = namespace_of(record)
        if namespace not in injected and all(namespace != mesh.get("namespace") for mesh in meshes):
            hint = did_you_mean(namespace, sorted(injected))
            yield Remark(record / "namespace", f"no sidecars are injected into '{namespace}'", hint=hint)
