"""Which records speak of the same host: Istio takes short names as those of the record's own namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nixbridge.kubernetes.names import host_covers
from nixbridge.kubernetes.record import Place, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

CLUSTER = ".svc.cluster.local"
ROUTES = ("httpRoutes", "tcpRoutes", "tlsRoutes")


def namespace_of(record: Record) -> str:
    """The namespace of a record; `default` where it has none."""
    namespace = record.get("namespace")
    return namespace if isinstance(namespace, str) and namespace else "default"


def full_names(host: str, namespace: str) -> frozenset[str]:
    """What a host may stand for: `web`, `web.production` and `web.production.svc.cluster.local` are one service."""
    if host.endswith(CLUSTER):
        return frozenset((host,))
    if host.endswith(".svc"):
        return frozenset((host + CLUSTER.removeprefix(".svc"),))
    if "." not in host and not host.startswith("*"):
        return frozenset((f"{host}.{namespace}{CLUSTER}",))
    return frozenset((host, host + CLUSTER)) if host.count(".") == 1 else frozenset((host,))


def same_host(one: frozenset[str], other: frozenset[str]) -> bool:
    """Do two hosts name something in common? A wildcard covers what it matches."""
    return any(host_covers(a, b) for a in one for b in other)


def items(value: Any) -> list[Any]:
    """The elements of a list; none of what is no list."""
    return value if isinstance(value, list) else []


def sets(place: Place) -> Iterator[Place]:
    """The places of the sets in a list."""
    for index, item in enumerate(items(place.value)):
        if isinstance(item, dict):
            yield place / index


def routes(record: Record, *names: str) -> Iterator[Place]:
    """The places of a VirtualService's routes."""
    for name in names or ROUTES:
        yield from sets(record / name)


def destinations(route: Place) -> Iterator[Place]:
    """The places at which a route names a destination, mirrors among them; each has a host."""
    for target in sets(route / "route"):
        if isinstance(target.value.get("destination"), dict):
            yield target / "destination"
    if isinstance(route.value.get("mirror"), dict):
        yield route / "mirror"
    for mirror in sets(route / "mirrors"):
        if isinstance(mirror.value.get("destination"), dict):
            yield mirror / "destination"
