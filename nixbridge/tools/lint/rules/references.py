"""References to hosts, ports, gateways, namespaces, delegates and workloads that do not exist.

A missing resource is reported only if the linted files contain resources of its kind: a file of routes alone may be right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nixbridge.errors.suggest import did_you_mean
from nixbridge.mesh.model.messages import NOTE, WARNING
from nixbridge.mesh.model.record_data import Place, Record
from nixbridge.tools.lint.cluster_view import GATEWAY_API, Cluster, as_set
from nixbridge.tools.lint.rule import Remark, cluster_rule
from nixbridge.tools.lint.rules.hosts import (
    CLUSTER,
    destinations,
    full_names,
    items,
    namespace_of,
    routes,
    seen_by,
    sets,
    text_of,
    visible_in,
)

SERVICE = (
    "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {ports: [{name: http, port: 80}]}}"
)
ROUTE = """
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{timeout: 5s, route: [{destination: {host: HOST, port: {number: PORT}}}]}]}
"""


def _routed(cluster: Cluster) -> Iterator[tuple[Record, Place]]:
    """Yield every destination of a route, with its VirtualService."""
    for record in cluster.of("mkVirtualService"):
        for route in routes(record):
            for place in destinations(route):
                yield record, place


def known_ports(cluster: Cluster, host: str, namespace: str, clients: Iterable[str] = ()) -> list[int] | None:
    """Return the ports of a host, as a record of a namespace sees it; None for an unknown host.

    `clients` are the namespaces that the record's configuration is for, where they are not its own.
    """
    service = cluster.service_of(host, namespace)
    if service is not None and not _is_exported(service, [*clients] or [namespace]):
        return None
    if service is not None:
        return [port["port"] for port in items(service.get("ports")) if isinstance(as_set(port).get("port"), int)]
    seen = [entry for entry in cluster.entries.find(full_names(host, namespace)) if seen_by(entry, namespace)]
    if not seen:
        return None
    return [as_set(port).get("number") for port in items(seen[0].get("ports"))]  # type: ignore[misc]


def _is_exported(service: Record, clients: Iterable[str]) -> bool:
    """Return whether a Service is seen in one of the namespaces, by its annotation."""
    value = text_of(as_set(service.get("annotations")).get("networking.istio.io/exportTo"))
    targets = [part.strip() for part in value.split(",") if part.strip()]
    seen = {namespace_of(service) if target == "." else target for target in targets}
    return not seen or "*" in seen or any(client in seen for client in clients)


def is_missing(cluster: Cluster, host: str, namespace: str, clients: Iterable[str] = ()) -> bool:
    """Return whether a host is undefined although the linted files include those that could define it."""
    if "*" in host or known_ports(cluster, host, namespace, clients) is not None:
        return False
    # a name inside the cluster is judged by the Services of its namespace; any other host may be an external one
    names = full_names(host, namespace)
    inside = [name.removesuffix(CLUSTER).partition(".")[2] for name in names if name.endswith(CLUSTER)]
    if len(names) == 1 and inside:
        return inside[0] in cluster.service_namespaces or (bool(cluster.services) and inside[0] in cluster.namespaces)
    return cluster.has("mkServiceEntry") and cluster.has("Service")


@cluster_rule(
    "NB100",
    "host-not-found",
    WARNING,
    wrong=SERVICE + ROUTE.replace("HOST", "wep").replace("PORT", "80"),
    right=SERVICE + ROUTE.replace("HOST", "web").replace("PORT", "80"),
    also=("IST0101", "IST0174", "KIA0104", "KIA0202", "KIA1004", "KIA1101", "KIA1402"),
)
def host_not_found(cluster: Cluster) -> Iterator[Remark]:
    """A route, rule or import refers to a host that neither a Service nor a ServiceEntry has.

    Requests are answered with status 503. A short name is a Service in the namespace of the record. A ServiceEntry counts if it is visible
    to the record (`exportTo`). Hosts are checked only if the files contain Services of that namespace, or ServiceEntries.
    """
    for record, place in _routed(cluster):
        host = place.value.get("host")
        clients = visible_in(record) or ()
        if isinstance(host, str) and is_missing(cluster, host, namespace_of(record), clients):
            yield _missing_host(cluster, record, place / "host", host)
    for record in cluster.of("mkDestinationRule"):
        host = record.get("host")
        if isinstance(host, str) and is_missing(cluster, host, namespace_of(record)):
            yield _missing_host(cluster, record, record / "host", host)
    for record in cluster.of(*ROUTE_KINDS) if cluster.services else ():
        for rule in sets(record / "rules"):
            for backend in sets(rule / "backendRefs"):
                where = text_of(backend.value.get("namespace")) or namespace_of(record)
                name, kind = text_of(backend.value.get("name")), text_of(backend.value.get("kind"))
                if (
                    kind in ("", "Service")
                    and where in cluster.service_namespaces
                    and (where, name) not in cluster.services
                ):
                    yield _missing_host(cluster, record, backend / "name", name)
    for record in cluster.of("Sidecar"):
        for listener in sets(record / "egress"):
            for index, text in enumerate(items(listener.value.get("hosts"))):
                namespace, _, host = text_of(text).partition("/")
                namespace = namespace_of(record) if namespace == "." else namespace
                if host and namespace not in ("*", "~") and is_missing(cluster, host, namespace):
                    yield Remark(
                        listener / "hosts" / index, f"'{host}' is not a host of the namespace {namespace}", level=NOTE
                    )


def _missing_host(cluster: Cluster, record: Record, place: Place, host: str) -> Remark:
    here = [name for namespace, name in cluster.services if namespace == namespace_of(record)]
    return Remark(
        place, f"neither a Service nor a ServiceEntry has the host '{host}'", hint=did_you_mean(host, sorted(here))
    )


@cluster_rule(
    "NB101",
    "port-not-found",
    WARNING,
    wrong=SERVICE + ROUTE.replace("HOST", "web").replace("PORT", "8080"),
    right=SERVICE + ROUTE.replace("HOST", "web").replace("PORT", "80"),
    also=("IST0101", "IST0112"),
)
def port_not_found(cluster: Cluster) -> Iterator[Remark]:
    """A route uses a port that its host does not have, or no port although the host has several.

    The number is that of the Service port, not of the container port.
    """
    for record, place in _routed(cluster):
        host = place.value.get("host")
        ports = known_ports(cluster, host, namespace_of(record)) if isinstance(host, str) else None
        if not ports:
            continue
        number = as_set(place.value.get("port")).get("number", place.value.get("port"))
        shown = ", ".join(str(port) for port in ports)
        if number is None and len(ports) > 1:
            yield Remark(place, f"'{host}' has several ports ({shown}): choose one")
        elif number is not None and number not in ports:
            yield Remark(place / "port", f"'{host}' has no port {number}; it has {shown}")


def gateway_example(name: str = "public", *, host: str = "web.example.com", port: str = "80", tls: str = "") -> str:
    """Return a Gateway of the ingress pods, for the examples of rules; `tls` makes its server one of HTTPS."""
    protocol = "HTTPS" if tls else "HTTP"
    encrypted = f", tls: {tls}" if tls else ""
    return f"""
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: {name}, namespace: shop}}
spec:
  selector: {{istio: ingress}}
  servers: [{{port: {{number: {port}, name: {protocol.lower()}, protocol: {protocol}}}, hosts: [{host}]{encrypted}}}]
"""


GATEWAY = f"""{gateway_example()}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: web, namespace: shop}}
spec: {{hosts: [HOST], gateways: [GATEWAY], http: [{{timeout: 5s, route: [{{destination: {{host: web}}}}]}}]}}
"""


def gateway_of(cluster: Cluster, record: Record, name: str) -> Record | None:
    """Return the gateway that a VirtualService names, Istio's or Kubernetes' own; None where it is not among the files."""
    namespace, separator, rest = name.partition("/")
    where, what = (namespace, rest) if separator else (namespace_of(record), name)
    parts = what.split(".")
    if not separator and len(parts) > 1:  # the old form: name.namespace.svc...
        what, where = parts[0], parts[1]
    return cluster.named("Gateway", what, where) or cluster.named(f"{GATEWAY_API}/Gateway", what, where)


@cluster_rule(
    "NB102",
    "gateway-not-found",
    WARNING,
    wrong=GATEWAY.replace("HOST", "web.example.com").replace("GATEWAY", "pubic"),
    right=GATEWAY.replace("HOST", "web.example.com").replace("GATEWAY", "public"),
    also=("IST0101", "IST0132", "KIA1102", "KIA1401"),
)
def gateway_not_found(cluster: Cluster) -> Iterator[Remark]:
    """A VirtualService is bound to a gateway that does not exist in the linted files.

    No requests reach its routes. `name` is a gateway in the same namespace, `namespace/name` one in another namespace. This is checked only
    if the files contain gateways.
    """
    if not cluster.has("Gateway", f"{GATEWAY_API}/Gateway"):
        return
    names = sorted(record.name for record in cluster.of("Gateway", f"{GATEWAY_API}/Gateway"))
    for record in cluster.of("mkVirtualService"):
        for index, name in enumerate(items(record.get("gateways"))):
            internal = INTERNAL_NAME in text_of(name)
            if isinstance(name, str) and name != "mesh" and not internal and gateway_of(cluster, record, name) is None:
                yield Remark(
                    record / "gateways" / index, f"the gateway '{name}' does not exist", hint=did_you_mean(name, names)
                )
    for record in cluster.of(*ROUTE_KINDS):
        for parent in sets(record / "parentRefs"):
            kind = text_of(parent.value.get("kind")) or "Gateway"
            where = text_of(parent.value.get("namespace")) or namespace_of(record)
            name = text_of(parent.value.get("name"))
            if kind == "Gateway" and cluster.named(f"{GATEWAY_API}/Gateway", name, where) is None:
                yield Remark(
                    parent / "name", f"the gateway '{where}/{name}' does not exist", hint=did_you_mean(name, names)
                )


#: What is in the names of the gateways that istiod makes of the Gateway API's.
INTERNAL_NAME = "istio-autogenerated-k8s-gateway"
ROUTE_KINDS = tuple(f"{GATEWAY_API}/{kind}" for kind in ("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"))


NAMESPACE = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {rules: [{from: [{source: {namespaces: [CALLER]}}]}]}
"""


@cluster_rule(
    "NB103",
    "namespace-not-found",
    WARNING,
    wrong=NAMESPACE.replace("CALLER", "shopp"),
    right=NAMESPACE.replace("CALLER", "shop"),
    also=("IST0101", "KIA0005", "KIA0101", "KIA1601"),
)
def namespace_not_found(cluster: Cluster) -> Iterator[Remark]:
    """A rule, an `exportTo` or a ReferenceGrant refers to a namespace that does not exist in the linted files.

    A rule for callers from such a namespace never matches. This is checked only if the files contain Namespaces.
    """
    known = cluster.namespaces
    if not known:
        return
    for record in cluster.of("mkAuthorizationPolicy"):
        for rule in sets(record / "rules"):
            for origin in sets(rule / "from"):
                for name in ("namespaces", "notNamespaces"):
                    place = origin / "source" / name
                    for index, pattern in enumerate(items(place.value)):
                        if isinstance(pattern, str) and not any(_matches(pattern, one) for one in known):
                            yield _no_namespace(place / index, pattern, known)
    for record in cluster.of("mkVirtualService", "mkDestinationRule", "mkServiceEntry"):
        for index, target in enumerate(items(record.get("exportTo"))):
            if isinstance(target, str) and target not in (".", "*", "~", *known):
                yield _no_namespace(record / "exportTo" / index, target, known)
    for record in cluster.of(f"{GATEWAY_API}/ReferenceGrant"):
        for origin in sets(record / "from"):
            name = origin.value.get("namespace")
            if isinstance(name, str) and name not in known:
                yield _no_namespace(origin / "namespace", name, known)


def _matches(pattern: str, name: str) -> bool:
    # as istiod matches them: a wildcard at one end, else the whole name
    if pattern.startswith("*"):
        return name.endswith(pattern[1:])
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name.lower() == pattern.lower()


def _no_namespace(place: Place, name: str, known: Iterable[str]) -> Remark:
    return Remark(place, f"the namespace '{name}' does not exist", hint=did_you_mean(name, sorted(known)))


THIRD = """
[
  (mkVirtualService "web" {
    namespace = "shop";
    httpRoutes = [ { route = [ { destination = { host = "web.shop.svc.cluster.local"; subset = "v1"; }; } ]; } ];
  })
  (mkDestinationRule "web" {
    namespace = "NAMESPACE";
    host = "web.shop.svc.cluster.local";
    subsets = [ { name = "v1"; labels.version = "v1"; } ];
  })
]
"""


@cluster_rule(
    "NB106",
    "rule-out-of-sight",
    WARNING,
    wrong=THIRD.replace("NAMESPACE", "config"),
    right=THIRD.replace("NAMESPACE", "shop"),
)
def rule_out_of_sight(cluster: Cluster) -> Iterator[Remark]:
    """The DestinationRule that defines a subset is not visible to the clients of the route.

    Clients look for DestinationRules in their own namespace, in the namespace of the service, and in the root namespace. If the rule is in
    another namespace or is not exported to the client, the subset does not exist for it.
    """
    rules = cluster.made(_rules_by_host)
    for record, place in _routed(cluster):
        host, subset = place.value.get("host"), place.value.get("subset")
        if not isinstance(host, str) or not isinstance(subset, str):
            continue
        client = namespace_of(record)
        names = full_names(host, client)
        found = [rule for name in sorted(names) for rule in rules.get(name, ()) if _defines(rule, subset)]
        # a client looks for rules in its own namespace, that of the service, and the root namespace only
        homes = {name.removesuffix(CLUSTER).partition(".")[2] for name in names if name.endswith(CLUSTER)}
        homes |= {namespace_of(entry) for entry in cluster.entries.find(names)}
        if not found or not homes or any(_is_found(rule, client, homes, cluster.root) for rule in found):
            continue
        where = namespace_of(found[0])
        if where in (client, cluster.root, *homes):
            text = f"the subset '{subset}' is defined by {found[0]}, which is not exported to {client}"
            yield Remark(place / "subset", text)
        else:
            text = (
                f"the subset '{subset}' is defined by {found[0]} in {where}, where clients in {client} do not find it"
            )
            yield Remark(place / "subset", text, hint=f"move it to {sorted(homes)[0]}, the namespace of the service")


def _rules_by_host(cluster: Cluster) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in cluster.of("mkDestinationRule"):
        host = record.get("host")
        for name in full_names(host, namespace_of(record)) if isinstance(host, str) else ():
            found.setdefault(name, []).append(record)
    return found


def _defines(rule: Record, subset: str) -> bool:
    return any(place.value.get("name") == subset for place in sets(rule / "subsets"))


def _is_found(rule: Record, client: str, homes: set[str], root: str) -> bool:
    return namespace_of(rule) in (client, root, *homes) and seen_by(rule, client)


@cluster_rule(
    "NB107",
    "half-qualified-host",
    WARNING,
    wrong=SERVICE + ROUTE.replace("HOST", "web.shop").replace("PORT", "80"),
    right=SERVICE + ROUTE.replace("HOST", "web.shop.svc.cluster.local").replace("PORT", "80"),
)
def half_qualified_host(cluster: Cluster) -> Iterator[Remark]:
    """A host has the form `name.namespace`, which Istio does not expand.

    Istio expands only names without a dot. A name with a dot is used unchanged, and no Service has this name. Write the full name:
    `web.shop.svc.cluster.local`.
    """
    known = {*cluster.namespaces, *cluster.service_namespaces}
    known |= {record.get("namespace") for record in cluster.records if isinstance(record.get("namespace"), str)}
    places = [place / "host" for _, place in _routed(cluster)]
    places += [record / "host" for record in cluster.of("mkDestinationRule")]
    for place in places:
        host = text_of(place.value)
        name, _, namespace = host.partition(".")
        if not name or "." in namespace or namespace not in known:
            continue
        if not any(host in items(entry.get("hosts")) for entry in cluster.entries.find(frozenset((host,)))):
            yield Remark(place, f"'{host}' is not expanded to a full name", hint=f"write {host}{CLUSTER}")


DELEGATES = """
[
  (mkVirtualService "web" {
    httpRoutes = [ { match = [ { uri.prefix = "/docs"; } ]; delegate = { name = "NAME"; namespace = "docs"; }; } ];
  })
  (mkVirtualService "docs" {
    namespace = "docs";
    hosts = [ ];
    httpRoutes = [ { route = [ { destination.host = "docs"; } ]; } ];
  })
]
"""


@cluster_rule(
    "NB108",
    "delegate-not-found",
    WARNING,
    wrong=DELEGATES.replace("NAME", "doc"),
    right=DELEGATES.replace("NAME", "docs"),
)
def delegate_not_found(cluster: Cluster) -> Iterator[Remark]:
    """A route delegates to a VirtualService that does not exist, cannot be delegated to, or matches other paths.

    A delegate has no hosts and no gateways, and its matches must narrow those of the delegating route; otherwise it is ignored.
    """
    for record in cluster.of("mkVirtualService"):
        for route in routes(record, "httpRoutes"):
            delegate = route.value.get("delegate")
            if not isinstance(delegate, dict):
                continue
            name, where = text_of(delegate.get("name")), text_of(delegate.get("namespace")) or namespace_of(record)
            other = cluster.named("mkVirtualService", name, where)
            if other is None:
                beside = [one.name for one in cluster.of("mkVirtualService") if namespace_of(one) == where]
                text = f"the VirtualService '{where}/{name}' to delegate to does not exist"
                yield Remark(route / "delegate", text, hint=did_you_mean(name, beside))
            elif items(other.get("hosts")):
                yield Remark(route / "delegate", f"{other} has hosts, so it cannot be a delegate")
            else:
                yield from _other_paths(route, other)


def _other_paths(route: Place, delegate: Record) -> Iterator[Remark]:
    """Yield remarks on matches of a delegate that the delegating route never lets through."""
    # only where each of its matches is a prefix: any other one may let more through
    outer = [prefix for match in sets(route / "match") if (prefix := _prefix(match.value))]
    if not outer or len(outer) < len(items(route.value.get("match"))):
        return
    for inner in routes(delegate, "httpRoutes"):
        for match in sets(inner / "match"):
            path = _prefix(match.value) or text_of(as_set(match.value.get("uri")).get("exact"))
            if path and not any(path.startswith(prefix) for prefix in outer):
                text = f"'{path}' is not within '{outer[0]}', which {route.record} delegates: it is ignored"
                yield Remark(match / "uri", text)


def _prefix(match: dict[str, object]) -> str:
    return text_of(as_set(match.get("uri")).get("prefix"))
