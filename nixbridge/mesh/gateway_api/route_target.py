"""Parents and backends of a route, and the grants that other namespaces have to give.

(gateway-api: ParentReference, BackendRef, ReferenceGrant; GAMMA, GEP-1294 and GEP-1426: routes attached to a Service)
"""

from __future__ import annotations

from nixbridge.mesh.model.manifest import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place

GROUP = "gateway.networking.k8s.io"
API_VERSION = f"{GROUP}/v1"
#: The name by which a VirtualService means the sidecars rather than a gateway.
MESH = "mesh"
#: Parts of the name of a Service in the cluster: name.namespace.svc.domain.
_SERVICE_LABELS = (1, 2, 3, 5)


class RouteTarget:
    """A VirtualService during its conversion to routes: its namespace, its parents, and the grants that its backends need.

    `core_group` is how the mesh names the group of Services: Istio "", Linkerd "core".
    """

    def __init__(self, messages: Messages, manifest: Manifest, place: Place, core_group: str) -> None:
        self.messages = messages
        self.manifest = manifest
        self.place = place
        self.namespace = manifest.namespace or "default"
        self._core_group = core_group
        self.granted: dict[tuple[str, str, str], Manifest] = {}

    def parents(self, port: int | None = None) -> list[dict[str, object]]:
        """Return the Gateways and Services that the routes are attached to."""
        spec = self.manifest.body["spec"]
        gateways = spec.get("gateways", [MESH])
        found: list[dict[str, object]] = []
        for gateway in gateways:
            if gateway != MESH:
                namespace, _, name = gateway.rpartition("/")
                found.append(_reference(GROUP, "Gateway", name, namespace, self.namespace))
        if MESH in gateways:
            found += [parent for host in spec.get("hosts", []) if (parent := self._service_parent(host)) is not None]
        for parent in found:
            if port is not None:
                parent["port"] = port
        return found

    def hostnames(self) -> list[str]:
        """Return the host names that gateways match; a route that is attached to Services only has none."""
        spec = self.manifest.body["spec"]
        names = [host for host in spec.get("hosts", []) if host != "*"]
        return names if any(gateway != MESH for gateway in spec.get("gateways", [MESH])) else []

    def _service_parent(self, host: str) -> dict[str, object] | None:
        """Return the Service of a host; None for a host that is not a Service's name: an error, unless gateways take it."""
        service = service_of(host, self.namespace)
        if service is None and self.hostnames():
            return None
        if service is None:
            self.messages.error(
                self.place / "hosts",
                f"'{host}' is not the name of a Service: routes of the Gateway API are attached to Services or Gateways",
            )
            return None
        return _reference(self._core_group, "Service", service[0], service[1], self.namespace)

    def backend(self, target: JsonObject, place: Place, kind: str) -> dict[str, object] | None:
        """Return the backend that a route's destination is; None, with an error, for one that the Gateway API cannot name."""
        destination = target.get("destination", target)
        host = destination.get("host", "")
        service = service_of(host, self.namespace)
        if "subset" in destination:
            self.messages.error(
                place / "destination" / "subset",
                f"the Gateway API has no subsets: create a Service for '{destination['subset']}' of '{host}' and use it as the host",
            )
            return None
        if service is None:
            self.messages.error(place / "destination" / "host", f"'{host}' is not the name of a Service in the cluster")
            return None
        port = destination.get("port", {}).get("number")
        if port is None:
            self.messages.error(place / "destination" / "port", "the Gateway API needs the port of a backend")
            return None
        name, namespace = service
        found: JsonObject = {"name": name, "port": port}
        if namespace != self.namespace:
            found["namespace"] = namespace
            self._grant(kind, name, namespace)
        if "weight" in target:
            found["weight"] = target["weight"]
        return found

    def _grant(self, kind: str, name: str, namespace: str) -> None:
        """Note that routes of this namespace lead to a Service of another one, which has to allow it."""
        spec = {
            "from": [{"group": GROUP, "kind": kind, "namespace": self.namespace}],
            "to": [{"group": "", "kind": "Service", "name": name}],
        }
        own = f"{self.namespace}-{kind.lower()}-to-{name}"
        self.granted[kind, namespace, name] = Manifest(
            "ReferenceGrant", own, namespace, {"spec": spec}, self.place, api_version=API_VERSION
        )


def service_of(host: str, namespace: str) -> tuple[str, str] | None:
    """Return name and namespace of the Service that a host is; None for a wildcard and for a host outside the cluster."""
    labels = host.split(".")
    if "*" in host or len(labels) not in _SERVICE_LABELS or not all(labels):
        return None
    if len(labels) > 2 and labels[2] != "svc":
        return None
    return labels[0], labels[1] if len(labels) > 1 else namespace


def _reference(group: str, kind: str, name: str, namespace: str, own: str) -> JsonObject:
    found = {"group": group, "kind": kind, "name": name}
    return found | ({"namespace": namespace} if namespace and namespace != own else {})
