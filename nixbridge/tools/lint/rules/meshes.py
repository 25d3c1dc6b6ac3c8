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
#: What the documentation calls the least that a sidecar needs: CPU, memory.
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
    """A limit is smaller than what is requested, which Kubernetes refuses.

    Then no pod with a sidecar starts. Mind the defaults: a larger request needs a larger limit.
    """
    for record in view.of(*MESHES):
        for what in ("cpu", "memory"):
            request, limit = amount(record.get(f"{what}Request")), amount(record.get(f"{what}Limit"))
            if request is not None and limit is not None and limit < request:
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
    """A sidecar gets less than the documentation says that it needs.

    Istio: 100m CPU and 256Mi memory; Linkerd: 10m and 32Mi.
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
    """High availability is asked for, and too few replicas for it; or production runs without it.

    `replicas` wins over `enableHA`: with one replica the control plane is gone while its node is. Without `enableHA` in production: a note.
    """
    for record in view.of("mkLinkerdMesh"):
        replicas = record.get("replicas")
        if record.get("enableHA") is True and isinstance(replicas, int) and replicas < 2:
            yield Remark(record / "replicas", f"enableHA with {replicas} replica: nothing takes over when it fails")
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
    """Sidecars would be injected into namespaces of the cluster, or of the mesh, itself.

    DNS, the network plug-in and the injector would wait for one another. For Linkerd `excludeNamespaces`, when given, replaces the default,
    and must name `kube-system` again.
    """
    for record in view.of("mkIstioMesh"):
        own = record.get("namespace")
        for index, namespace in enumerate(items(record.get("sidecarInjectionNamespaces"))):
            if namespace in SYSTEM_NAMESPACES or namespace == own:
                whose = "the mesh's own" if namespace == own else "a namespace of the cluster itself"
                yield Remark(record / "sidecarInjectionNamespaces" / index, f"'{namespace}' is {whose}")
    for record in view.of("mkLinkerdMesh"):
        if "kube-system" not in items(record.get("excludeNamespaces")):
            yield Remark(
                record / "excludeNamespaces", "'kube-system' is not among them: the given list replaces the default"
            )


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
    """Control plane and proxies are of different releases.

    Linkerd supports proxies of the control plane's own release and of the one before. `version` changes neither `controlPlaneVersion` nor
    `proxyImageVersion`: they keep their own default. A version and its edge release (2.19 and 25.10) are one release.
    """
    for record in view.of("mkLinkerdMesh"):
        for name in ("controlPlaneVersion", "proxyImageVersion"):
            own, other = linkerd_release_of(record.get("version")), linkerd_release_of(record.get(name))
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
    """A production mesh is installed as a demonstration.

    The demo profile has small control planes and traces every request. It is the builder's default.
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
    """Records that only Istio reads stand beside a Linkerd mesh, and no Istio is there.

    Linkerd has resources of its own (HTTPRoute, Server, AuthorizationPolicy of policy.linkerd.io); it looks at none of Istio's.
    """
    configured = {text_of(record.get("meshType")) for record in view.all_of("mkMeshConfig")}
    istio = any(True for _ in view.all_of("mkIstioMesh")) or "istio" in configured
    linkerd = any(True for _ in view.all_of("mkLinkerdMesh")) or "linkerd" in configured
    if linkerd and not istio:
        for record in view.of(*ISTIO_RECORDS):
            yield Remark(record / "name", "is for Istio, and the mesh is Linkerd, which does not read it")


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
    """A policy is for a namespace in which no sidecars are injected.

    Then nothing enforces it. The namespace may be labelled elsewhere, so this is a note; it may as well be misspelt.
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
