"""The one mesh-wide PeerAuthentication: Istio looks at one only, in the root namespace and without selector."""

from __future__ import annotations

from nixbridge.mesh.installation.mesh_settings import choice, flag
from nixbridge.mesh.model.manifest import Manifest
from nixbridge.mesh.model.releases import api_version
from nixbridge.mesh.schema.field_walk import is_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.model.record_data import Place, Record
    from nixbridge.mesh.model.render_context import Context

KIND, NAME = "PeerAuthentication", "default"
#: The default of both builders, which gives way to another mode.
YIELDING = "PERMISSIVE"


class Wish:
    """A mode that a record asks for, for the mesh with this root namespace."""

    __slots__ = ("mode", "namespace", "place")

    def __init__(self, namespace: str, mode: str, place: Place) -> None:
        self.namespace = namespace
        self.mode = mode
        self.place = place


def wish_of_mesh(context: Context, record: Record, namespace: str) -> Wish | None:
    """Return the mode that a mkIstioMesh record asks for; None for nothing."""
    mode, place = choice(context, record, "mtlsMode"), record / "mtlsMode"
    if not flag(context, record, "enableMtls"):
        if place.is_set() and mode != "DISABLE":
            context.messages.warning(place, "enableMtls is false: DISABLE is rendered")
        mode, place = "DISABLE", record / "enableMtls"
    if not flag(context, record, "enablePeerAuthentication"):
        if place.is_set():
            context.messages.warning(place, "enablePeerAuthentication is false: no PeerAuthentication is rendered")
        return None
    return None if mode is None else Wish(namespace, mode, place)


def wish_of_config(context: Context, record: Record, namespace: str) -> Wish | None:
    """Return the mode that a mkMeshConfig record asks for."""
    mode = choice(context, record, "defaultMtlsPolicy")
    return None if mode is None else Wish(namespace, mode, record / "defaultMtlsPolicy")


def mesh_wide(context: Context, wishes: list[Wish]) -> list[Manifest]:
    """Return the mesh-wide PeerAuthentication of each root namespace, unless a record defines it."""
    found = []
    for namespace in dict.fromkeys(wish.namespace for wish in wishes):
        here = [wish for wish in wishes if wish.namespace == namespace]
        own = [record for record in context.of("mkPeerAuthentication") if _is_mesh_wide(record, namespace)]
        if own:
            _compare(context, here, own[0])
        else:
            found.append(_manifest(context, namespace, here))
    return found


def _is_mesh_wide(record: Record, namespace: str) -> bool:
    return record.get("namespace") == namespace and is_empty(record.get("selector"))


def _compare(context: Context, wishes: list[Wish], own: Record) -> None:
    for wish in wishes:
        if wish.place.is_set() and wish.mode != own.get("mtlsMode"):
            context.messages.warning(wish.place, f"{own} is the mesh's policy: {own.get('mtlsMode')}")


def _manifest(context: Context, namespace: str, wishes: list[Wish]) -> Manifest:
    chosen = wishes[0]
    for wish in wishes[1:]:
        if chosen.mode == YIELDING:
            chosen = wish
        elif wish.mode not in (YIELDING, chosen.mode):
            first = f"{chosen.place.record}: {chosen.place}"
            context.messages.error(wish.place, f"{wish.mode} is asked for, and {chosen.mode} by {first}")
    group = "security.istio.io"
    return Manifest(
        KIND,
        NAME,
        namespace,
        {"spec": {"mtls": {"mode": chosen.mode}}},
        chosen.place,
        api_version=api_version(KIND, group, context.istio),
    )
