"""Istio's gateways: their hosts, ports, certificates, and the VirtualServices that are bound to them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from nixbridge.mesh.model.kubernetes_names import host_covers
from nixbridge.mesh.model.messages import NOTE, WARNING
from nixbridge.mesh.model.record_data import Place, Record
from nixbridge.tools.lint.certificates import wrong_certificate
from nixbridge.tools.lint.cluster_view import GATEWAY_API, USUAL_INGRESS, USUAL_PORTS, Cluster, Pod, as_set, selects
from nixbridge.tools.lint.rule import Remark, cluster_rule
from nixbridge.tools.lint.rules.hosts import destinations, items, namespace_of, routes, sets, text_of
from nixbridge.tools.lint.rules.references import GATEWAY, INTERNAL_NAME, gateway_example, gateway_of

TWO_GATEWAYS = f"{gateway_example()}---{gateway_example('docs', host='HOST')}"


@cluster_rule(
    "NB110",
    "gateways-conflict",
    WARNING,
    wrong=TWO_GATEWAYS.replace("HOST", "web.example.com"),
    right=TWO_GATEWAYS.replace("HOST", "docs.example.com"),
    also=("IST0145", "KIA0301", "KIA1501"),
)
def gateways_conflict(cluster: Cluster) -> Iterator[Remark]:
    """Two gateways of the same workload have the same host and port.

    Only one of them is used; which one is undefined. Use different hosts, or merge the gateways.
    """
    servers = [(record, server) for record in cluster.of("Gateway") for server in sets(record / "servers")]
    users: dict[tuple[str, int], list[int]] = {}
    for index, (_, server) in enumerate(servers):
        for listener in _listeners(server):
            users.setdefault(listener, []).append(index)
    for record, server in servers:
        # by the number of another server: the first host that both have
        shared: dict[int, tuple[str, int]] = {}
        for listener in _listeners(server):
            for index in users[listener]:
                shared.setdefault(index, listener)
        for index, (host, port) in sorted(shared.items()):
            other, second = servers[index]
            if other is record or server.value.get("bind") != second.value.get("bind"):
                continue
            if _same_workload(cluster, record, other):
                yield Remark(server / "hosts", f"'{host}' at port {port} is also used by {other}")
                break


def _listeners(server: Place) -> Iterator[tuple[str, int]]:
    """Yield the hosts and ports that a server listens for."""
    port = as_set(server.value.get("port")).get("number")
    if isinstance(port, int):
        for host in items(server.value.get("hosts")):
            if isinstance(host, str):
                yield host, port


def _same_workload(cluster: Cluster, one: Record, other: Record) -> bool:
    first, second = as_set(one.get("selector")), as_set(other.get("selector"))
    if first == second:
        return True
    # one that asks for more labels may still select the same pods; only the pods can tell
    if not (first.items() <= second.items() or second.items() <= first.items()):
        return False
    return any(selects(first, pod.labels) and selects(second, pod.labels) for pod in cluster.pods)


@cluster_rule(
    "NB111",
    "host-not-in-gateway",
    WARNING,
    wrong=GATEWAY.replace("HOST", "web.example.org").replace("GATEWAY", "public"),
    right=GATEWAY.replace("HOST", "web.example.com").replace("GATEWAY", "public"),
    also=("IST0132",),
)
def host_not_in_gateway(cluster: Cluster) -> Iterator[Remark]:
    """A VirtualService is bound to a gateway that has none of its hosts.

    The gateway answers such requests with status 404 without consulting the routes. A host of a gateway may start with a namespace:
    `shop/*` is for VirtualServices in the namespace shop.
    """
    for record in cluster.of("mkVirtualService"):
        hosts = [host for host in items(record.get("hosts")) if isinstance(host, str)]
        for index, name in enumerate(items(record.get("gateways"))):
            gateway = gateway_of(cluster, record, name) if isinstance(name, str) and name != "mesh" else None
            taken = _hosts_of(gateway, namespace_of(record)) if gateway is not None else None
            if taken is None or not hosts:
                continue
            if not any(host_covers(one, host) for one in taken for host in hosts):
                yield Remark(
                    record / "gateways" / index, f"the gateway '{name}' has none of the hosts {', '.join(hosts)}"
                )


def _hosts_of(gateway: Record, namespace: str) -> list[str] | None:
    """Return the hosts that a gateway takes from VirtualServices of a namespace; None for all."""
    if gateway.builder != "Gateway":
        names = [text_of(listener.value.get("hostname")) for listener in sets(gateway / "listeners")]
        # a listener without a host name takes every host
        return None if not names or "" in names else names
    found = []
    for server in sets(gateway / "servers"):
        for text in items(server.value.get("hosts")):
            scope, separator, host = text_of(text).partition("/")
            if not separator:
                found.append(scope)
            elif scope in ("*", namespace) or (scope == "." and namespace_of(gateway) == namespace):
                found.append(host)
    return found


CERTIFICATES = "---".join(
    gateway_example(name, host=f"{host}.example.com", port="443", tls=f"{{mode: SIMPLE, credentialName: {secret}}}")
    for name, host, secret in (("public", "web", "web"), ("docs", "docs", "CERT"))
)


@cluster_rule(
    "NB112",
    "certificate-in-two-gateways",
    WARNING,
    wrong=CERTIFICATES.replace("CERT", "web"),
    right=CERTIFICATES.replace("CERT", "docs"),
    also=("IST0138",),
)
def certificate_in_two_gateways(cluster: Cluster) -> Iterator[Remark]:
    """Two gateways of the same workload have the same certificate.

    Browsers reuse one HTTP/2 connection for all hosts of a certificate. The routes of the second gateway are not available on it, so its
    requests are answered with status 404.
    """
    gateways = list(cluster.of("Gateway"))
    users: dict[tuple[str, ...], list[int]] = {}
    for number, record in enumerate(gateways):
        for certificate in {_certificate(server.value) for server in sets(record / "servers")}:
            if certificate is not None:
                users.setdefault(certificate, []).append(number)
    for number, record in enumerate(gateways):
        selector = as_set(record.get("selector")).items()
        # by the number of another gateway: the first server that has one of its certificates
        shared: dict[int, Place] = {}
        for server in sets(record / "servers"):
            for other in users.get(_certificate(server.value) or (), ()):
                shared.setdefault(other, server)
        for other, server in sorted(shared.items()):
            if other != number and selector <= as_set(gateways[other].get("selector")).items():
                yield Remark(server / "tls", f"{gateways[other]} has the same certificate")


def _certificate(server: dict[str, object]) -> tuple[str, ...] | None:
    tls = as_set(server.get("tls"))
    if tls.get("credentialName"):
        return (text_of(tls["credentialName"]),)
    files = (text_of(tls.get("serverCertificate")), text_of(tls.get("privateKey")))
    return files if all(files) else None


@cluster_rule(
    "NB113",
    "internal-gateway",
    WARNING,
    wrong=GATEWAY.replace("HOST", "web.example.com").replace("GATEWAY", f"public~{INTERNAL_NAME}~http"),
    right=GATEWAY.replace("HOST", "web.example.com").replace("GATEWAY", "public"),
    also=("IST0165",),
)
def internal_gateway(cluster: Cluster) -> Iterator[Remark]:
    """A VirtualService is bound to a gateway that istiod generated from a Gateway of the Gateway API.

    Its name is internal and may change. Attach an HTTPRoute to the original Gateway instead.
    """
    for record in cluster.of("mkVirtualService"):
        for index, name in enumerate(items(record.get("gateways"))):
            if INTERNAL_NAME in text_of(name):
                yield Remark(record / "gateways" / index, f"'{name}' is generated by istiod and may change")


INGRESS_POD = """
{apiVersion: v1, kind: Pod, metadata: {name: ingress, namespace: shop, labels: {istio: ingress}}, spec: {containers: [{name: proxy}]}}
"""
PORTS = f"""{gateway_example(port="NUMBER")}---{INGRESS_POD}---
apiVersion: v1
kind: Service
metadata: {{name: ingress, namespace: shop}}
spec: {{selector: {{istio: ingress}}, ports: [{{name: http, port: 80, targetPort: 8080}}]}}
"""


@cluster_rule(
    "NB114",
    "gateway-port-not-exposed",
    WARNING,
    wrong=PORTS.replace("NUMBER", "81"),
    right=PORTS.replace("NUMBER", "80"),
    also=("IST0162",),
)
def gateway_port_not_exposed(cluster: Cluster) -> Iterator[Remark]:
    """A gateway listens on a port that no Service of its workload exposes.

    The port cannot be reached from outside. Both `port` and `targetPort` of a Service are considered.
    """
    for record in cluster.of("Gateway"):
        pods = cluster.pods_of(record.get("selector")) if record.get("selector") else []
        # the gateway of Istio's own chart has known ports, also where its pods are not among the files
        usual = not pods and record.get("selector") == USUAL_INGRESS
        if not usual and (not pods or not cluster.services):
            continue
        ports = set(USUAL_PORTS) if usual else _exposed(cluster, pods)
        for server in sets(record / "servers"):
            number = as_set(server.value.get("port")).get("number")
            if number is not None and number not in ports:
                text = f"no Service of the gateway's workload has the port {number}"
                yield Remark(server / "port", text, level=NOTE if usual else WARNING)


def _exposed(cluster: Cluster, pods: list[Pod]) -> set[object]:
    found: set[object] = set()
    services = {id(service): service for pod in pods for service in cluster.services_of(pod)}
    for service in services.values():
        for port in items(service.get("ports")):
            if text_of(as_set(port).get("protocol")) in ("", "TCP"):
                found |= {as_set(port).get("port"), as_set(port).get("targetPort")}
    return found


SECRETS = f"""{gateway_example(port="443", tls="{mode: SIMPLE, credentialName: NAME}")}---{INGRESS_POD}---
{{apiVersion: v1, kind: Secret, metadata: {{name: web, namespace: shop}}, stringData: {{tls.crt: CERTIFICATE, tls.key: KEY}}}}
"""
#: Names by which a Secret holds a certificate and its key.
_PAIRS = (("tls.crt", "tls.key"), ("cert", "key"))


@cluster_rule(
    "NB115",
    "certificate-not-found",
    WARNING,
    wrong=SECRETS.replace("NAME", "webb"),
    right=SECRETS.replace("NAME", "web"),
    also=("IST0101", "IST0161"),
)
def certificate_not_found(cluster: Cluster) -> Iterator[Remark]:
    """A gateway uses a Secret that does not exist in the linted files, or that contains no certificate and key.

    The Secret must be in the namespace of the gateway's pods, which may differ from that of the Gateway resource. This is checked only if
    the files contain Secrets.
    """
    if not cluster.has("Secret"):
        return
    for record in cluster.of("Gateway"):
        pods = cluster.pods_of(record.get("selector"))
        # a gateway gets the Secrets of the namespace that its pods are in, wherever the Gateway itself is
        home = pods[0].namespace if pods else cluster.root if record.get("selector") == USUAL_INGRESS else None
        for server in sets(record / "servers") if home is not None else ():
            name = as_set(server.value.get("tls")).get("credentialName")
            if not isinstance(name, str):
                continue
            # `namespace/name` is a Secret of another namespace than the pods
            namespace, _, own = name.rpartition("/")
            where = namespace or home or cluster.root
            secret = cluster.named("Secret", own, where)
            if secret is None:
                yield Remark(server / "tls" / "credentialName", f"the Secret '{own}' does not exist in {where}")
            elif (wrong := _wrong_secret(secret)) is not None:
                yield Remark(server / "tls" / "credentialName", f"the Secret '{own}' {wrong}")


def _wrong_secret(secret: Record) -> str | None:
    """Return the fault of a Secret for a gateway, or None; one that is written as text may be filled in later."""
    data, texts = as_set(secret.get("data")), as_set(secret.get("stringData"))
    pair = next((pair for pair in _PAIRS if all({**data, **texts}.get(name) for name in pair)), None)
    if pair is None:
        return "has no certificate and key"
    if pair[0] in texts:
        return None
    try:
        # without validation: line breaks are allowed in a Secret
        text = base64.b64decode(str(data[pair[0]]), validate=False).decode("ascii", "replace")
    except (binascii.Error, ValueError):
        return "contains no certificate"
    return wrong_certificate(text, datetime.now(UTC))


INGRESS = """
[
  (mkVirtualService "web" {
    hosts = [ "web" ];
    httpRoutes = [ { route = [ { destination = { host = "web"; subset = "v1"; }; } ]; } ];
  })
  (mkDestinationRule "web" { subsets = [ { name = "v1"; labels.version = "v1"; } ]; })
  (mkVirtualService "ingress" {
    hosts = [ "web.example.com" ];
    httpRoutes = [ { route = [ { DESTINATION } ]; } ];
  } // { gateways = [ "public" ]; })
]
"""


@cluster_rule(
    "NB116",
    "subsets-not-for-ingress",
    WARNING,
    wrong=INGRESS.replace("DESTINATION", 'destination.host = "web";'),
    right=INGRESS.replace("DESTINATION", 'destination = { host = "web"; subset = "v1"; };'),
    also=("IST0140",),
)
def subsets_not_for_ingress(cluster: Cluster) -> Iterator[Remark]:
    """A gateway routes to a host whose subsets are selected only in another VirtualService, which gateways ignore.

    External requests go to all pods of the host. Specify the subset in the route of the gateway.
    """
    chosen: dict[str, Record] = {}
    for record in cluster.of("mkVirtualService"):
        for route in routes(record, "httpRoutes"):
            for target in sets(route / "route"):
                destination = as_set(target.value.get("destination"))
                if destination.get("subset") and destination.get("host") in items(record.get("hosts")):
                    chosen.setdefault(text_of(destination["host"]), record)
    for record in cluster.of("mkVirtualService"):
        if not items(record.get("gateways")):
            continue
        for route in routes(record, "httpRoutes"):
            for place in destinations(route):
                first = chosen.get(text_of(place.value.get("host")))
                if first is not None and not place.value.get("subset"):
                    yield Remark(
                        place, f"no subset: the one that {first} selects does not apply to requests from the gateway"
                    )


CLAIMS = f"""{gateway_example()}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: web, namespace: shop}}
spec:
  hosts: [web.example.com]
  gateways: [public]
  http: [{{timeout: 5s, match: [{{headers: {{"@request.auth.claims.group": {{exact: admin}}}}}}], route: [{{destination: {{host: web}}}}]}}]
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {{name: jwt, namespace: NAMESPACE}}
spec: {{selector: {{matchLabels: {{istio: ingress}}}}, jwtRules: [{{issuer: example.com, jwksUri: "https://example.com/keys"}}]}}
"""


@cluster_rule(
    "NB117",
    "claims-without-authentication",
    WARNING,
    wrong=CLAIMS.replace("NAMESPACE", "docs"),
    right=CLAIMS.replace("NAMESPACE", "shop"),
    also=("IST0149",),
)
def claims_without_authentication(cluster: Cluster) -> Iterator[Remark]:
    """A route matches claims of a token, but no RequestAuthentication validates tokens at its gateway.

    Without one, requests have no claims, and the route never matches.
    """
    for record in cluster.of("mkVirtualService"):
        place = _claim(record)
        for name in items(record.get("gateways")) if place is not None else ():
            gateway = gateway_of(cluster, record, name) if isinstance(name, str) else None
            if gateway is None or gateway.builder != "Gateway":
                continue
            selector = as_set(gateway.get("selector"))
            pods = cluster.pods_of(selector)
            # without its pods among the files, a pod with just the labels that the gateway asks for stands for them
            labels = [(pod.labels, pod.namespace) for pod in pods] or [(selector, namespace_of(gateway))]
            if any(not _is_authenticated(cluster, *pod) for pod in labels):
                assert place is not None
                yield Remark(place, f"no RequestAuthentication applies to the workload of the gateway '{name}'")


def _claim(record: Record) -> Place | None:
    for route in routes(record, "httpRoutes"):
        for match in sets(route / "match"):
            for field in ("headers", "withoutHeaders"):
                for name in as_set(match.value.get(field)):
                    if name.lower().startswith("@request.auth.claims"):
                        return match / field / name
    return None


def _is_authenticated(cluster: Cluster, labels: dict[str, object], namespace: str) -> bool:
    for record in cluster.of("RequestAuthentication"):
        selector = as_set(as_set(record.get("selector")).get("matchLabels"))
        if namespace_of(record) in (namespace, cluster.root) and selects(selector, labels):
            return True
    return False


LISTENERS = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP}, {name: docs, port: 80, protocol: HTTP, hostname: HOST}]
"""


@cluster_rule(
    "NB118",
    "listeners-alike",
    WARNING,
    wrong=LISTENERS.replace(", hostname: HOST", ""),
    right=LISTENERS.replace("HOST", "docs.example.com"),
    also=("KIA1502", "KIA1503"),
)
def listeners_alike(cluster: Cluster) -> Iterator[Remark]:
    """Two listeners of a Kubernetes Gateway have the same port, protocol and host name, or two Gateways have the same address.

    The second listener is rejected, and its routes are not served.
    """
    addresses: dict[tuple[str, str], Record] = {}
    for record in cluster.of(f"{GATEWAY_API}/Gateway"):
        seen: dict[tuple[Any, ...], str] = {}
        for listener in sets(record / "listeners"):
            key = tuple(str(listener.value.get(name)) for name in ("port", "protocol", "hostname"))
            first = seen.setdefault(key, text_of(listener.value.get("name")))
            if first != listener.value.get("name"):
                yield Remark(listener, f"the listener '{first}' has the same port, protocol and host name")
        for address in sets(record / "addresses"):
            name = (text_of(address.value.get("type")), text_of(address.value.get("value")))
            other = addresses.setdefault(name, record)
            if other is not record:
                yield Remark(address, f"{other} has the same address", level=NOTE)
