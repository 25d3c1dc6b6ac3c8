"""All meshes of a render, with the configurations that write into their values."""

from __future__ import annotations

from nixbridge.mesh.installation import mesh_config
from nixbridge.mesh.installation import observability_config as observability
from nixbridge.mesh.installation.helm_releases import CONTROL_PLANE, ISTIO, ISTIOD, LINKERD, Mesh
from nixbridge.mesh.installation.mesh_settings import flag
from nixbridge.mesh.istio import istio_mesh
from nixbridge.mesh.istio.mesh_mtls import Wish, mesh_wide, wish_of_config, wish_of_mesh
from nixbridge.mesh.istio.tracing import mesh_tracing
from nixbridge.mesh.linkerd import linkerd_mesh
from nixbridge.mesh.model.config_map import config_maps
from nixbridge.mesh.model.manifest import Manifest, checked_name
from nixbridge.mesh.model.releases import NEWEST_LINKERD, linkerd_release_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.model.record_data import Record
    from nixbridge.mesh.model.render_context import Context

#: Where a configuration without a mesh puts its values.
ISTIO_NAMESPACE, LINKERD_NAMESPACE = "istio-system", "linkerd"


class Meshes:
    """The meshes of the records and, by name, those that only a configuration describes."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.found = [
            istio_mesh.istio_mesh(context, record)
            if record.builder == istio_mesh.BUILDER
            else linkerd_mesh.linkerd_mesh(context, record)
            for record in context.of(istio_mesh.BUILDER, linkerd_mesh.BUILDER)
        ]

    def of(self, record: Record, *kinds: str) -> Mesh | None:
        """Return the mesh that a configuration is for: that of its name, else the only one, else one of its own; None after an error."""
        possible = [mesh for mesh in self.found if mesh.kind in kinds]
        for mesh in possible:
            if mesh.name == record.name:
                return mesh
        # a mesh that another configuration has to itself does not count among the meshes of the records
        of_records = [mesh for mesh in possible if mesh.record is not None]
        if len(of_records) > 1:
            names = ", ".join(str(mesh.record) for mesh in of_records)
            self._context.messages.error(record / "name", f"does not name a mesh (the meshes are {names})")
            return None
        return of_records[0] if of_records else self._own(record, kinds[0])

    def _own(self, record: Record, kind: str) -> Mesh:
        name = checked_name(record / "name", self._context.messages)
        options = self._context.options
        if kind == ISTIO:
            mesh = Mesh(kind, name, ISTIO_NAMESPACE, self._context.istio, version=options.istio_version or "")
            mesh.install(ISTIOD)
        else:
            release = linkerd_release_of(options.linkerd_version) or NEWEST_LINKERD
            mesh = Mesh(kind, name, LINKERD_NAMESPACE, release, version=options.linkerd_version or "")
            mesh.install(CONTROL_PLANE)
        mesh.place = record / "name"
        self.found.append(mesh)
        return mesh


def render_meshes(context: Context) -> list[Manifest]:
    """Return namespaces, ConfigMaps with values, the mesh-wide PeerAuthentications and the Telemetries."""
    meshes = Meshes(context)
    manifests: list[Manifest] = []
    wishes: list[Wish] = []
    for mesh in meshes.found:
        manifests += _fill(context, mesh, wishes)
    # after the records, so that a configuration finds its mesh; before the values are written, so that it can add to them
    for record in context.of(mesh_config.BUILDER):
        _configure(context, meshes, record, wishes)
    traced: set[int] = set()
    for record in context.of(observability.BUILDER):
        mesh_or_none = meshes.of(record, ISTIO, LINKERD)
        if mesh_or_none is not None and _is_on(context, mesh_or_none, record):
            manifests += observability.observability(context, mesh_or_none, record)
            if flag(context, record, "tracingEnabled"):
                traced.add(id(mesh_or_none))
    for mesh in meshes.found:
        if not mesh.enabled:
            continue
        # an mkObservabilityConfig for the mesh takes precedence over the tracing settings of its record
        if mesh.kind == ISTIO and mesh.record is not None and id(mesh) not in traced:
            if flag(context, mesh.record, "enableTracing"):
                mesh_tracing(context, mesh, mesh.record)
            elif (mesh.record / "tracingProvider").is_set():
                context.messages.warning(mesh.record / "tracingProvider", "has no effect: enableTracing is false")
        if mesh.record is not None or any(mesh.values.values()):
            manifests += config_maps(context, mesh)
    return manifests + mesh_wide(context, wishes)


def _fill(context: Context, mesh: Mesh, wishes: list[Wish]) -> list[Manifest]:
    assert mesh.record is not None
    if not mesh.enabled:
        context.messages.note(mesh.record / "enabled", "the mesh is off: nothing is rendered")
        return []
    if mesh.kind == LINKERD:
        return linkerd_mesh.fill_linkerd_mesh(context, mesh)
    wish = wish_of_mesh(context, mesh.record, mesh.namespace)
    if wish is not None:
        wishes.append(wish)
    return istio_mesh.fill_istio_mesh(context, mesh)


def _configure(context: Context, meshes: Meshes, record: Record, wishes: list[Wish]) -> None:
    kind = mesh_config.mesh_type(context, record)
    mesh = meshes.of(record, kind) if kind is not None else None
    if mesh is None or not _is_on(context, mesh, record):
        return
    mesh_config.fill_mesh_config(context, mesh, record)
    if mesh.kind != ISTIO:
        return
    wish = wish_of_config(context, record, mesh.namespace)
    if mesh.record is not None and not flag(context, mesh.record, "enablePeerAuthentication"):
        if wish is not None and wish.place.is_set():
            context.messages.warning(
                wish.place, f"{mesh.record} has enablePeerAuthentication = false: it is not rendered"
            )
    elif wish is not None:
        wishes.append(wish)


def _is_on(context: Context, mesh: Mesh, record: Record) -> bool:
    if not mesh.enabled:
        context.messages.note(record / "name", f"{mesh.record} is off: nothing is rendered")
    return mesh.enabled
