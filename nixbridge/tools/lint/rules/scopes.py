"""Two policies, rules or sidecars of one scope, of which only one counts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from nixbridge.mesh.model.messages import NOTE, WARNING
from nixbridge.mesh.model.record_data import Place, Record, same
from nixbridge.tools.lint.cluster_view import Cluster, as_set, selector_of
from nixbridge.tools.lint.rule import Remark, cluster_rule
from nixbridge.tools.lint.rules.hosts import full_names, items, namespace_of, seen_together, sets, text_of

#: Kinds of which one counts for a workload.
ONE_COUNTS = ("mkPeerAuthentication", "Sidecar", "Telemetry")


@cluster_rule(
    "NB120",
    "two-of-one-scope",
    WARNING,
    wrong="""
[
  (mkPeerAuthentication "default" { namespace = "shop"; mtlsMode = "STRICT"; })
  (mkPeerAuthentication "extra" { namespace = "shop"; mtlsMode = "DISABLE"; })
]
""",
    right="""
[
  (mkPeerAuthentication "default" { namespace = "shop"; mtlsMode = "STRICT"; })
  (mkPeerAuthentication "web" { namespace = "shop"; mtlsMode = "STRICT"; selector.app = "web"; })
]
""",
    also=("IST0110", "IST0111", "IST0159", "IST0160", "KIA0002", "KIA0003"),
)
def two_of_one_scope(cluster: Cluster) -> Iterator[Remark]:
    """Two PeerAuthentications, Sidecars or Telemetries apply to the same workloads.

    Only the oldest is used. Use one per scope (the mesh, a namespace, or the pods of a selector).
    """
    for kind in ONE_COUNTS:
        here: dict[str, list[Record]] = {}
        for record in cluster.of(kind):
            if not record.get("targetRef") and not record.get("targetRefs"):
                here.setdefault(namespace_of(record), []).append(record)
        for namespace, records in here.items():
            yield from _same_scope(cluster, namespace, records)


def _same_scope(cluster: Cluster, namespace: str, records: list[Record]) -> Iterator[Remark]:
    """Yield a remark on each record that shares its scope with another."""
    by_selector: dict[str, list[Record]] = {}
    for record in records:
        by_selector.setdefault(json.dumps(selector_of(record), sort_keys=True, default=str), []).append(record)
    selecting = [record for record in records if selector_of(record)]
    of_pod: dict[int, list[Record]] = {}
    for record in selecting:
        for pod in cluster.pods_of(selector_of(record), namespace):
            of_pod.setdefault(id(pod), []).append(record)
    overlapping = {id(record): found for found in of_pod.values() if len(found) > 1 for record in found}
    for record in records:
        selector = selector_of(record)
        alike = by_selector[json.dumps(selector, sort_keys=True, default=str)]
        if len(alike) > 1:
            other = next(one for one in alike if one is not record)
            scope = (
                "the same pods"
                if selector
                else "the whole mesh"
                if namespace == cluster.root
                else f"all of {namespace}"
            )
            yield Remark(record / "name", f"{other} also applies to {scope}: only the oldest is used")
        elif selector:
            others = [one for one in overlapping.get(id(record), ()) if one is not record]
            if others:
                yield Remark(record / "name", f"{others[0]} selects some of the same pods: only the oldest is used")


RULES = """
[
  (mkDestinationRule "web" { trafficPolicy.loadBalancer = "RANDOM"; })
  (mkDestinationRule "web-canary" { host = "HOST"; trafficPolicy.loadBalancer = "ROUND_ROBIN"; })
]
"""


@cluster_rule(
    "NB121",
    "two-rules-for-a-host",
    WARNING,
    wrong=RULES.replace("HOST", "web"),
    right=RULES.replace("HOST", "canary"),
    also=("KIA0201",),
)
def two_rules_for_a_host(cluster: Cluster) -> Iterator[Remark]:
    """Two DestinationRules in a namespace are for the same host and have different traffic policies or a common subset.

    istiod merges their subsets, uses the traffic policy of the oldest rule, and silently drops the rest.
    """
    seen: dict[tuple[str, str], list[Record]] = {}
    for record in cluster.of("mkDestinationRule"):
        host = record.get("host")
        # a rule for some clients is not merged with the one for all
        if not isinstance(host, str) or record.get("workloadSelector"):
            continue
        # the longest of its names is the qualified one
        for name in sorted(full_names(host, namespace_of(record)), key=len, reverse=True)[:1]:
            for other in seen.get((namespace_of(record), name), ()):
                what = _in_the_way(other, record)
                if what and seen_together(other, record):
                    yield Remark(record / "host", f"'{host}' already has a rule: {other} has {what}")
                    break
            seen.setdefault((namespace_of(record), name), []).append(record)


def _in_the_way(one: Record, other: Record) -> str | None:
    first, second = as_set(one.get("trafficPolicy")), as_set(other.get("trafficPolicy"))
    if first and second and not same(first, second):
        return "another traffic policy"
    names = {text_of(place.value.get("name")) for place in sets(one / "subsets")}
    both = sorted(names & {text_of(place.value.get("name")) for place in sets(other / "subsets")} - {""})
    return f"the subset '{both[0]}' as well" if both else None


ENTRIES = """
[
  (mkServiceEntry "a" {
    namespace = "shop"; hosts = [ "api.example.com" ]; resolution = "DNS";
    ports = [ { name = "http"; number = 80; protocol = "HTTP"; } ];
  })
  (mkServiceEntry "b" {
    namespace = "shop"; hosts = [ "HOST" ]; resolution = "DNS";
    ports = [ { name = "tcp"; number = 80; protocol = "TLS"; } ];
  })
]
"""


@cluster_rule(
    "NB122",
    "host-entered-twice",
    WARNING,
    wrong=ENTRIES.replace("HOST", "api.example.com"),
    right=ENTRIES.replace("HOST", "docs.example.com"),
    also=("IST0177", "KIA1211", "KIA1212"),
)
def host_entered_twice(cluster: Cluster) -> Iterator[Remark]:
    """Two ServiceEntries have the same host and port.

    Which of them is used is undefined; if the protocols differ, connections also fail. Two entries that are never visible to the same
    namespace (`exportTo`) do not conflict.
    """
    entered: dict[tuple[str, int], list[Place]] = {}
    for record in cluster.of("mkServiceEntry"):
        for host in items(record.get("hosts")):
            for port in sets(record / "ports") if isinstance(host, str) else ():
                if isinstance(port.value.get("number"), int):
                    entered.setdefault((host, port.value["number"]), []).append(port)
    for (host, number), ports in entered.items():
        for port in ports if len(ports) > 1 else ():
            other = _beside(port, ports)
            if other is not None:
                protocols = [text_of(place.value.get("protocol")).upper() or "TCP" for place in (other, port)]
                kind = f", as {protocols[0]} instead of {protocols[1]}" if protocols[0] != protocols[1] else ""
                yield Remark(port, f"{other.record} also has '{host}' at port {number}{kind}")


def _beside(port: Place, ports: list[Place]) -> Place | None:
    for other in ports:
        if other.record is not port.record and seen_together(other.record, port.record):
            return other
    return None


SHARED_PORT = """
[
  (mkServiceEntry "a" {
    namespace = "shop"; hosts = [ "a.db.example" ]; resolution = "DNS";
    ports = [ { name = "mysql"; number = 3306; protocol = "TCP"; } ];
  } // { addresses = [ "10.0.0.1" ]; })
  (mkServiceEntry "b" {
    namespace = "shop"; hosts = [ "b.db.example" ]; resolution = "DNS";
    ports = [ { name = "mysql"; number = 3306; protocol = "TCP"; } ];
  }ADDED)
]
"""
#: Protocols that tell the host of a connection.
TELLING = ("HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTP_PROXY", "HTTPS", "TLS", "HBONE")


ALONE = """
mkServiceEntry "db" {
  hosts = [ "db.example.com" ]; resolution = "DNS";
  ports = [ { name = "db"; number = 5432; protocol = "TCP"; } ];
}ADDED
"""


@cluster_rule(
    "NB064",
    "tcp-entry-without-addresses",
    NOTE,
    wrong=ALONE.replace("ADDED", ""),
    right=ALONE.replace("ADDED", ' // { addresses = [ "10.0.0.1" ]; }'),
    also=("IST0134",),
)
def tcp_entry_without_addresses(cluster: Cluster) -> Iterator[Remark]:
    """A ServiceEntry has a TCP port but no addresses.

    Its connections can only be recognized by their port. Since 1.25, Istio allocates addresses itself (sidecars use them with DNS
    proxying), except for entries with the resolution NONE or with the label that disables it, for which this is a warning.
    """
    for record in cluster.of("mkServiceEntry"):
        # istiod gives resolved entries addresses of its own, unless the label forbids it
        off = str(as_set(record.get("labels")).get("networking.istio.io/enable-autoallocate-ip")).lower() == "false"
        level = WARNING if off or text_of(record.get("resolution")) in ("", "NONE") else NOTE
        for port in sets(record / "ports") if not items(record.get("addresses")) else ():
            if text_of(port.value.get("protocol")).upper() in ("", "TCP"):
                yield Remark(port, "a TCP port needs addresses: without them it applies to every address", level=level)


@cluster_rule(
    "NB123",
    "tcp-entries-share-a-port",
    WARNING,
    wrong=SHARED_PORT.replace("ADDED", "").replace(' // { addresses = [ "10.0.0.1" ]; }', ""),
    right=SHARED_PORT.replace("ADDED", ' // { addresses = [ "10.0.0.2" ]; }'),
    also=("IST0134",),
)
def tcp_entries_share_a_port(cluster: Cluster) -> Iterator[Remark]:
    """Two ServiceEntries have the same TCP port and no addresses that would distinguish their connections.

    A TCP connection has no host name, only an address. Without `addresses`, the proxy assigns every connection on that port to one of the
    entries. Since 1.25, Istio allocates addresses itself, which needs DNS proxying in the sidecars.
    """
    seen: dict[int, list[Record]] = {}
    for record in cluster.of("mkServiceEntry"):
        if items(record.get("addresses")):
            continue
        for port in sets(record / "ports"):
            number, protocol = port.value.get("number"), text_of(port.value.get("protocol")).upper()
            if protocol in TELLING or not isinstance(number, int):
                continue
            others = [other for other in seen.get(number, ()) if other is not record and seen_together(other, record)]
            if others:
                text = f"without addresses port {number} of {others[0]} and of this entry cannot be distinguished"
                yield Remark(port, text, hint="set the addresses of each entry")
            seen.setdefault(number, []).append(record)
