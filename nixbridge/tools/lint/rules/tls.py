"""TLS between clients and servers: modes that do not fit, servers that are not verified, TLS within TLS."""

from __future__ import annotations

from collections.abc import Iterator

from nixbridge.mesh.model.messages import NOTE, WARNING
from nixbridge.mesh.model.record_data import Place, Record
from nixbridge.tools.lint.cluster_view import Cluster, as_set, selector_of
from nixbridge.tools.lint.rule import Remark, cluster_rule
from nixbridge.tools.lint.rules.hosts import (
    CLUSTER,
    destinations,
    full_names,
    items,
    namespace_of,
    routes,
    sets,
    text_of,
)

#: Modes in which a client verifies the server by certificates of its own, not those of the mesh.
ORIGINATES = ("SIMPLE", "MUTUAL")
STRICT, PERMISSIVE, DISABLE, ISTIO_MUTUAL = "STRICT", "PERMISSIVE", "DISABLE", "ISTIO_MUTUAL"


class ServerModes:
    """The mode in which the workloads of a namespace take requests, and the record that sets it."""

    def __init__(self, cluster: Cluster) -> None:
        self.mesh: tuple[str, Record] | None = None
        self.of_namespace: dict[str, tuple[str, Record]] = {}
        for record in cluster.of("mkPeerAuthentication"):
            mode = text_of(record.get("mtlsMode"))
            if selector_of(record) or mode in ("", "UNSET"):
                continue
            if namespace_of(record) == cluster.root:
                self.mesh = self.mesh or (mode, record)
            else:
                self.of_namespace.setdefault(namespace_of(record), (mode, record))
        for record in cluster.of("mkIstioMesh", "mkMeshConfig"):
            mode = _mode_of_mesh(record)
            # a policy of the root namespace wins; PERMISSIVE is what holds without any
            if self.mesh is None and mode in (STRICT, DISABLE):
                self.mesh = mode, record

    def find(self, namespace: str | None) -> tuple[str, Record] | None:
        """Return the mode of a namespace (of the mesh for None) and its record; None where nothing sets it, which is PERMISSIVE."""
        return self.of_namespace.get(namespace, self.mesh) if namespace is not None else self.mesh


def _mode_of_mesh(record: Record) -> str:
    if record.builder == "mkMeshConfig":
        return text_of(record.get("defaultMtlsPolicy")) if record.get("meshType") != "linkerd" else ""
    if record.get("enablePeerAuthentication") is False:
        return ""
    return DISABLE if record.get("enableMtls") is False else text_of(record.get("mtlsMode"))


def _client_modes(rule: Record) -> Iterator[tuple[str, Place]]:
    """Yield every TLS mode that a rule sets: for its host, its ports and its subsets."""
    places = [rule / "trafficPolicy", *(subset / "trafficPolicy" for subset in sets(rule / "subsets"))]
    for place in places:
        for inner in [place, *sets(place / "portLevelSettings")]:
            mode = text_of(as_set(as_set(inner.value).get("tls")).get("mode"))
            if mode:
                yield mode, inner / "tls" / "mode"


def _clients_of(cluster: Cluster, wanted: str) -> Iterator[tuple[Record, str, Place]]:
    """Yield the TLS modes of clients of workloads whose own mode is `wanted`, each with the record that sets the latter."""
    modes = cluster.made(ServerModes)
    for record in cluster.of("mkDestinationRule"):
        in_mesh, namespace = _home(cluster, record)
        server = modes.find(namespace) if in_mesh else None
        if server is not None and server[0] == wanted:
            for mode, place in _client_modes(record):
                yield server[1], mode, place


def _home(cluster: Cluster, rule: Record) -> tuple[bool, str | None]:
    """Return whether a rule is for services of the mesh, and the namespace that they are in (None: all)."""
    host = text_of(rule.get("host"))
    if host in ("*", "*.local", f"*{CLUSTER}"):
        return True, None
    for name in full_names(host, namespace_of(rule)):
        if name.endswith(CLUSTER):
            return True, name.removesuffix(CLUSTER).rpartition(".")[2]
    entries = cluster.entries.find(frozenset((host,)))
    inside = [entry for entry in entries if entry.get("location") == "MESH_INTERNAL"]
    return bool(inside), namespace_of(inside[0]) if inside else None


PLAIN = """
[
  (mkPeerAuthentication "default" { namespace = "shop"; mtlsMode = "STRICT"; })
  (mkDestinationRule "web" {
    namespace = "shop";
    trafficPolicy = { tls.mode = "MODE"; outlierDetection.consecutiveErrors = 5; };
  })
]
"""


@cluster_rule(
    "NB130",
    "plain-text-to-strict",
    WARNING,
    wrong=PLAIN.replace("MODE", "DISABLE"),
    right=PLAIN.replace("MODE", "ISTIO_MUTUAL"),
    also=("KIA0207", "KIA0208"),
)
def plain_text_to_strict(cluster: Cluster) -> Iterator[Remark]:
    """A DestinationRule makes clients send plain text or their own TLS to workloads that accept only mutual TLS.

    Every request fails, because the PeerAuthentication of the server is STRICT. Use ISTIO_MUTUAL, omit `tls` (istiod then chooses the
    mode), or make the server PERMISSIVE.
    """
    for server, mode, place in _clients_of(cluster, STRICT):
        if mode in (DISABLE, *ORIGINATES):
            yield Remark(place, f"{mode} to workloads that {server} makes STRICT: every request fails")


MUTUAL = PLAIN.replace('"STRICT"', '"DISABLE"')


@cluster_rule(
    "NB131",
    "mutual-tls-to-plain-text",
    WARNING,
    wrong=MUTUAL.replace("MODE", "ISTIO_MUTUAL"),
    right=MUTUAL.replace("MODE", "DISABLE"),
    also=("KIA0205", "KIA0206", "KIA0505", "KIA0506"),
)
def mutual_tls_to_plain_text(cluster: Cluster) -> Iterator[Remark]:
    """A DestinationRule makes clients use the mesh's mutual TLS with workloads that have it disabled.

    Every request fails, because the PeerAuthentication of the server is DISABLE.
    """
    for server, mode, place in _clients_of(cluster, DISABLE):
        if mode == ISTIO_MUTUAL:
            yield Remark(place, f"{mode} to workloads that {server} makes DISABLE: every request fails")


@cluster_rule(
    "NB132",
    "server-not-verified",
    WARNING,
    wrong="""
mkDestinationRule "api" {
  host = "api.example.com";
  trafficPolicy = { tls.mode = "SIMPLE"; outlierDetection.consecutiveErrors = 5; };
}
""",
    right="""
mkDestinationRule "api" {
  host = "api.example.com";
  trafficPolicy = {
    tls = { mode = "SIMPLE"; caCertificates = "/etc/ssl/certs/ca-certificates.crt"; };
    outlierDetection.consecutiveErrors = 5;
  };
}
""",
    also=("IST0128", "IST0129"),
)
def server_not_verified(cluster: Cluster) -> Iterator[Remark]:
    """A DestinationRule originates TLS without CA certificates, so the certificate of the server is not verified.

    An attacker on the network can impersonate the server. `caCertificates = "system"` uses the certificates of the operating system.
    `credentialName` applies to gateways, and to sidecars if the rule has a workloadSelector.
    """
    for record in cluster.of("mkDestinationRule"):
        policy = record / "trafficPolicy"
        for place in [policy, *sets(policy / "portLevelSettings")]:
            tls = as_set(as_set(place.value).get("tls"))
            mode = text_of(tls.get("mode"))
            by_credential = tls.get("credentialName") and record.get("workloadSelector")
            if mode in ORIGINATES and not tls.get("caCertificates") and not by_credential:
                yield Remark(place / "tls", f"{mode} without caCertificates: the server is not verified")


DOUBLE = """
[
  (mkServiceEntry "api" {
    hosts = [ "api.example.com" ];
    resolution = "DNS";
    ports = [ { name = "web"; number = PORT; protocol = "PROTOCOL"; } ];
  })
  (mkDestinationRule "api" {
    host = "api.example.com";
    trafficPolicy = { tls = { mode = "SIMPLE"; caCertificates = "system"; }; outlierDetection.consecutiveErrors = 5; };
  })
]
"""


@cluster_rule(
    "NB133",
    "tls-within-tls",
    WARNING,
    wrong=DOUBLE.replace("PORT", "443").replace("PROTOCOL", "HTTPS"),
    right=DOUBLE.replace("PORT", "80").replace("PROTOCOL", "HTTP"),
)
def tls_within_tls(cluster: Cluster) -> Iterator[Remark]:
    """A DestinationRule originates TLS on a port whose clients already send TLS.

    The server receives TLS within TLS, and connections fail. Either the application sends plain HTTP (declare the port as HTTP) and the
    rule originates TLS, or the application uses TLS itself and the rule must not.
    """
    routed = cluster.made(_ports_of_http_routes)
    for record in cluster.of("mkDestinationRule"):
        host = text_of(record.get("host"))
        policy = as_set(record.get("trafficPolicy"))
        at_port = {
            as_set(place.value.get("port")).get("number"): text_of(as_set(place.value.get("tls")).get("mode"))
            for place in sets(record / "trafficPolicy" / "portLevelSettings")
        }
        mode = text_of(as_set(policy.get("tls")).get("mode"))
        for entry in cluster.entries.find(frozenset((host,))) if host else ():
            for port in items(entry.get("ports")):
                number, protocol = as_set(port).get("number"), text_of(as_set(port).get("protocol")).upper()
                if (host, number) in routed:
                    continue  # a route sends plain HTTP to that port
                if protocol in ("HTTPS", "TLS") and at_port.get(number, mode) in ORIGINATES:
                    text = f"starts TLS on port {number} of {entry}, which is {protocol}: TLS within TLS"
                    yield Remark(record / "trafficPolicy", text)


def _ports_of_http_routes(cluster: Cluster) -> set[tuple[str, int]]:
    """Return the hosts and ports that requests are sent to as HTTP."""
    found = set()
    for record in cluster.of("mkVirtualService"):
        for route in routes(record, "httpRoutes"):
            for place in destinations(route):
                number = as_set(place.value.get("port")).get("number", place.value.get("port"))
                if isinstance(number, int):
                    found.add((text_of(place.value.get("host")), number))
    return found


OVERRIDDEN = """
[
  (mkDestinationRule "all" {
    namespace = "istio-system";
    host = "*.local";
    trafficPolicy = { tls.mode = "ISTIO_MUTUAL"; outlierDetection.consecutiveErrors = 5; };
  })
  (mkDestinationRule "web" {
    namespace = "shop";
    trafficPolicy = { TLSoutlierDetection.consecutiveErrors = 5; };
  })
]
"""


@cluster_rule(
    "NB134",
    "mutual-tls-overridden",
    NOTE,
    wrong=OVERRIDDEN.replace("TLSout", "out"),
    right=OVERRIDDEN.replace("TLSout", 'tls.mode = "ISTIO_MUTUAL"; out'),
    also=("KIA0204",),
)
def mutual_tls_overridden(cluster: Cluster) -> Iterator[Remark]:
    """A mesh-wide DestinationRule sets a TLS mode, and the rule of a single host has a traffic policy without one.

    Only the most specific rule is used: nothing of the mesh-wide rule applies to this host, including its TLS mode. With automatic mutual
    TLS (the default), istiod then chooses the mode.
    """
    wide = [
        record
        for record in cluster.of("mkDestinationRule")
        if _home(cluster, record) == (True, None) and as_set(record.get("trafficPolicy")).get("tls")
    ]
    for record in cluster.of("mkDestinationRule") if wide else ():
        policy = as_set(record.get("trafficPolicy"))
        in_mesh, namespace = _home(cluster, record)
        if in_mesh and namespace is not None and policy and not policy.get("tls"):
            yield Remark(record / "trafficPolicy", f"no tls: the mode that {wide[0]} sets does not hold here")
