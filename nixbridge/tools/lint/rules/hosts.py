"""Records of the same host: Istio takes short names as those of the record's own namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nixbridge.mesh.model.kubernetes_names import host_covers
from nixbridge.mesh.model.record_data import Place, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

CLUSTER = ".svc.cluster.local"
ROUTES = ("httpRoutes", "tcpRoutes", "tlsRoutes")


def namespace_of(record: Record) -> str:
    """Return the namespace of a record; `default` where it has none."""
    namespace = record.get("namespace")
    return namespace if isinstance(namespace, str) and namespace else "default"


def full_names(host: str, namespace: str) -> frozenset[str]:
    """Return the names that a host may stand for: `web`, `web.production` and `web.production.svc.cluster.local` are one service."""
    if host.endswith(CLUSTER):
        return frozenset((host,))
    if host.endswith(".svc"):
        return frozenset((host + CLUSTER.removeprefix(".svc"),))
    if "." not in host and not host.startswith("*"):
        return frozenset((f"{host}.{namespace}{CLUSTER}",))
    # Istio takes `web.shop` as it is written, which NB107 reports. To find out what it refers to, both readings count.
    return frozenset((host, host + CLUSTER)) if host.count(".") == 1 else frozenset((host,))


def visible_in(record: Record) -> frozenset[str] | None:
    """Return the namespaces in which a record's configuration is seen (`exportTo`); None for every namespace."""
    targets = [text_of(target) for target in items(record.get("exportTo"))]
    if not targets or "*" in targets:
        return None
    return frozenset(namespace_of(record) if target == "." else target for target in targets if target != "~")


def seen_by(record: Record, namespace: str) -> bool:
    """Return whether a record's configuration is seen in a namespace."""
    targets = visible_in(record)
    return targets is None or namespace in targets


def seen_together(one: Record, other: Record) -> bool:
    """Return whether two records are seen in a common namespace."""
    first, second = visible_in(one), visible_in(other)
    if first is None or second is None:
        # an empty set is `~`: the record is not seen anywhere
        return bool(first is None or first) and bool(second is None or second)
    return bool(first & second)


class HostIndex(Generic[T]):
    """A mapping by host, in which a wildcard also covers the hosts that it matches."""

    def __init__(self) -> None:
        self._plain: dict[str, list[T]] = {}
        self._wild: list[tuple[str, T]] = []

    def add(self, names: frozenset[str], thing: T) -> None:
        """Add a thing for a host that has these names."""
        for name in names:
            if name.startswith("*"):
                self._wild.append((name, thing))
            else:
                self._plain.setdefault(name, []).append(thing)

    def find(self, names: frozenset[str]) -> list[T]:
        """Return the things for a host that has one of these names."""
        found = [thing for name in names for thing in self._plain.get(name, ())]
        found += [thing for wild, thing in self._wild for name in names if host_covers(wild, name)]
        if any(name.startswith("*") for name in names):
            for name, things in self._plain.items():
                if any(host_covers(wild, name) for wild in names):
                    found += things
        return found


def text_of(value: object) -> str:
    """Return a value that is a string, or "" for any other value, so that it can be used as a key."""
    return value if isinstance(value, str) else ""


def items(value: object) -> list[Any]:
    """Return the elements of a list, or none for any other value."""
    return value if isinstance(value, list) else []


def sets(place: Place) -> Iterator[Place]:
    """Yield the places of the sets in a list."""
    for index, item in enumerate(items(place.value)):
        if isinstance(item, dict):
            yield place / index


def routes(record: Record, *names: str) -> Iterator[Place]:
    """Yield the places of a VirtualService's routes."""
    for name in names or ROUTES:
        yield from sets(record / name)


def destinations(route: Place) -> Iterator[Place]:
    """Yield the places at which a route names a destination, mirrors among them; each has a host."""
    for target in sets(route / "route"):
        if isinstance(target.value.get("destination"), dict):
            yield target / "destination"
    if isinstance(route.value.get("mirror"), dict):
        yield route / "mirror"
    for mirror in sets(route / "mirrors"):
        if isinstance(mirror.value.get("destination"), dict):
            yield mirror / "destination"
