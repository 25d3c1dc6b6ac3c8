"""mkIstioMesh -> namespaces and the values of base, istiod and the gateways.

(values: charts of istio/istio; proto: istio.mesh.v1alpha1.MeshConfig)
"""

from __future__ import annotations

from nixbridge.mesh.installation.helm_releases import BASE, CNI, EGRESS, INGRESS, ISTIO, ISTIOD, ZTUNNEL, Mesh
from nixbridge.mesh.installation.mesh_settings import check_known, choice, flag, namespaces, text
from nixbridge.mesh.installation.plain_settings import put_values, report_lost
from nixbridge.mesh.istio.ambient_mesh import AMBIENT, DATAPLANE_MODE, install_ambient, is_ambient
from nixbridge.mesh.model.kubernetes_names import dns_label
from nixbridge.mesh.model.manifest import Manifest, checked_annotations, checked_labels, checked_name, checked_namespace
from nixbridge.mesh.model.releases import NEWEST_ISTIO, OLDEST_ISTIO, release_of, release_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.model.record_data import Place, Record
    from nixbridge.mesh.model.render_context import Context

BUILDER = "mkIstioMesh"
DEMO, PRODUCTION, MINIMAL = "demo", "production", "minimal"
DEFAULT_PROFILE, OPENSHIFT = "default", "openshift"
#: From this release on a platform is a value of its own, and no longer a profile.
FIRST_PLATFORM = (1, 24)
#: Attributes that are added with `//` and mean something here: a revision of the control plane, and the tags that lead to it.
REVISION, REVISION_TAGS = "revision", "revisionTags"
#: Profiles that the charts have themselves.
PROFILES = ("ambient", DEMO, "openshift", "preview", "remote", "stable")
#: What the profile `demo` is, for charts that have no profiles.
DEMO_VALUES: dict[str, object] = {
    "pilot.autoscaleEnabled": False,
    "pilot.traceSampling": 100,
    "pilot.resources.requests.cpu": "10m",
    "pilot.resources.requests.memory": "100Mi",
    "meshConfig.accessLogFile": "/dev/stdout",
}
#: Switch -> the CRD that is left out when it is off.
CRD_NAMES = {
    "enableVirtualService": "virtualservices.networking.istio.io",
    "enableDestinationRule": "destinationrules.networking.istio.io",
    "enableGateway": "gateways.networking.istio.io",
    "enableServiceEntry": "serviceentries.networking.istio.io",
    "enableWorkloadEntry": "workloadentries.networking.istio.io",
    "enableAuthorizationPolicy": "authorizationpolicies.security.istio.io",
    "enablePeerAuthentication": "peerauthentications.security.istio.io",
}


def istio_mesh(context: Context, record: Record) -> Mesh:
    """Return the mesh that a record describes, without values yet."""
    version, release = _version(context, record)
    enabled = flag(context, record, "enabled")
    return Mesh(
        ISTIO,
        checked_name(record / "name", context.messages),
        checked_namespace(record / "namespace", context.messages),
        release,
        version=version,
        labels=checked_labels(record / "labels", context.messages),
        record=record,
        enabled=enabled,
    )


def _version(context: Context, record: Record) -> tuple[str, tuple[int, int]]:
    """Return the version, which an --istio-version of another X.Y replaces, and the release whose charts are meant."""
    version = text(context, record, "version")
    release = release_of(version)
    if release is None:
        context.messages.error(record / "version", f"'{version}' is not a version (1.17.0)")
    # --istio-version is for the whole run; a version that only differs in the patch level is kept as written
    given = context.options.istio_version
    if given is not None and release_of(given) != release:
        return given, release_of(given) or NEWEST_ISTIO
    known = min(max(release or NEWEST_ISTIO, OLDEST_ISTIO), NEWEST_ISTIO)
    if release is not None and release != known:
        said = f"Istio {release_text(OLDEST_ISTIO)} to {release_text(NEWEST_ISTIO)} are known: this renders for {release_text(known)}"
        context.messages.warning(record / "version", said)
    return version, known


def fill_istio_mesh(context: Context, mesh: Mesh) -> list[Manifest]:
    """Put the record's settings into the values (except tracing, which mesh_tracing decides); return the namespaces."""
    record = mesh.record
    assert record is not None
    mesh.install(BASE)
    if flag(context, record, "enableIstiod"):
        mesh.install(ISTIOD)
    mesh.put(context, BASE, "global.istioNamespace", mesh.namespace, record / "namespace")
    if ISTIOD in mesh.values:
        mesh.put(context, ISTIOD, "global.istioNamespace", mesh.namespace, record / "namespace")
    # first: it decides which charts are installed, and values of charts that are not are reported as lost
    minimal = _profile(context, mesh, record)
    _gateways(context, mesh, record, minimal=minimal)
    put_values(context, mesh, record)
    _crds(context, mesh, record)
    if not flag(context, record, "enableRetries"):
        mesh.put(context, ISTIOD, "meshConfig.defaultHttpRetryPolicy", {"attempts": 0}, record / "enableRetries")
    if flag(context, record, "enableNetworkPolicy"):
        mesh.put(context, ISTIOD, "global.networkPolicy.enabled", True, record / "enableNetworkPolicy")
    if flag(context, record, "enableKiali"):
        context.messages.lost(record / "enableKiali", "Kiali has its own chart (kiali-server)")
    report_lost(context, record)
    check_known(
        context,
        record,
        {*record.defaults, REVISION, REVISION_TAGS, *(("meshType",) if record.get("meshType") == ISTIO else ())},
    )
    return _namespaces(context, mesh, record)


def _profile(context: Context, mesh: Mesh, record: Record) -> bool:
    """Put the profile that installMode and profile ask for; return whether it is a minimal one, which has no gateways."""
    mode = choice(context, record, "installMode")
    profile = choice(context, record, "profile")
    name, place = profile, record / "profile"
    if profile == DEFAULT_PROFILE:
        name, place = mode, record / "installMode"
    elif mode == PRODUCTION:
        context.messages.warning(record / "installMode", f"the profile determines it: {profile}")
    if name == OPENSHIFT:
        _openshift(context, mesh, place)
    elif name in PROFILES:
        # older charts have no profiles: there, demo was a profile of istioctl, so its values are written out
        if mesh.knows(ISTIOD, "profile") or name != DEMO:
            mesh.put(context, ISTIOD, "profile", name, place)
            if name == AMBIENT:
                install_ambient(context, mesh, place)
        else:
            for key, value in DEMO_VALUES.items():
                mesh.put(context, ISTIOD, key, value, place)
    return MINIMAL in (mode, profile)


def _openshift(context: Context, mesh: Mesh, place: Place) -> None:
    """Install istio-cni, which OpenShift needs, and tell the charts where they run."""
    mesh.install(CNI)
    key = "global.platform" if mesh.release >= FIRST_PLATFORM else "profile"
    for helm_release in (ISTIOD, CNI):
        mesh.put(context, helm_release, key, OPENSHIFT, place)


def _revision(context: Context, mesh: Mesh, record: Record) -> str | None:
    """Set the revision in the charts' values and return it, or None for a control plane without one."""
    tags = record.get(REVISION_TAGS)
    if tags is not None:
        mesh.put(context, ISTIOD, "revisionTags", tags, record / REVISION_TAGS)
    if record.get(REVISION) is None:
        return None
    revision = text(context, record, REVISION)
    wrong = dns_label(revision)
    if wrong:
        context.messages.error(record / REVISION, wrong)
    # every chart of the control plane has its own copy of the key
    for helm_release in (ISTIOD, INGRESS, EGRESS, CNI, ZTUNNEL):
        if helm_release in mesh.values:
            mesh.put(context, helm_release, "revision", revision, record / REVISION)
    return revision


def _gateways(context: Context, mesh: Mesh, record: Record, *, minimal: bool) -> None:
    for name, helm_release, service in (
        ("enableIngressGateway", INGRESS, "LoadBalancer"),
        ("enableEgressGateway", EGRESS, "ClusterIP"),
    ):
        if flag(context, record, name) and not minimal:
            mesh.install(helm_release)
            mesh.put(context, helm_release, "name", helm_release, record / name)
            mesh.put(context, helm_release, "labels.istio", helm_release.removeprefix("istio-"), record / name)
            mesh.put(context, helm_release, "service.type", service, record / name)


def _crds(context: Context, mesh: Mesh, record: Record) -> None:
    """Leave out the CRDs of the kinds that are switched off, which the charts can from 1.24 on."""
    off = [name for name in CRD_NAMES if not flag(context, record, name)]
    if mesh.knows(BASE, "base.excludedCRDs"):
        if off:
            excluded = sorted(CRD_NAMES[name] for name in off)
            mesh.put(context, BASE, "base.excludedCRDs", excluded, record / off[0])
    else:
        for name in off:
            mesh.put(context, BASE, "base.excludedCRDs", [CRD_NAMES[name]], record / name)


def _namespaces(context: Context, mesh: Mesh, record: Record) -> list[Manifest]:
    injection = "enabled" if flag(context, record, "enableSidecarInjection") else "disabled"
    mesh.put(context, ISTIOD, "global.proxy.autoInject", injection, record / "enableSidecarInjection")
    annotations = checked_annotations(record / "annotations", context.messages)
    found = [
        Manifest(
            "Namespace", mesh.namespace, None, {}, record / "namespace", labels=mesh.labels, annotations=annotations
        )
    ]
    labels = _dataplane_labels(record, injection, _revision(context, mesh, record))
    for index, name in enumerate(namespaces(context, record, "sidecarInjectionNamespaces")):
        place = record / "sidecarInjectionNamespaces" / index
        found.append(Manifest("Namespace", name, None, {}, place, labels=labels))
    return found


def _dataplane_labels(record: Record, injection: str, revision: str | None) -> dict[str, str]:
    """Return the labels that put a namespace into the mesh; a revision replaces `istio-injection`. (istio.io: Canary Upgrades)"""
    if is_ambient(record):
        return {DATAPLANE_MODE: AMBIENT if injection == "enabled" else "none"}
    if revision is not None and injection == "enabled":
        return {"istio.io/rev": revision}
    return {"istio-injection": injection}
