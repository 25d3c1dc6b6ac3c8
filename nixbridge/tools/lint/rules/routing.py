"""Routes: subsets that are there, weights that add up, routes that are reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nixbridge.errors.suggest import nearest
from nixbridge.mesh.istio.virtual_service.unreachable import unreachable_matches, unreachable_routes
from nixbridge.mesh.model.messages import ERROR, NOTE, WARNING
from nixbridge.mesh.model.record_data import Place, Record
from nixbridge.tools.lint.cluster_view import Cluster, as_set
from nixbridge.tools.lint.rule import Remark, cluster_rule, rule
from nixbridge.tools.lint.rules.hosts import (
    ROUTES,
    HostIndex,
    destinations,
    full_names,
    items,
    namespace_of,
    routes,
    seen_together,
    sets,
    text_of,
    visible_in,
)
from nixbridge.tools.lint.view import View, retext

if TYPE_CHECKING:
    from nixbridge.mesh.model.record_data import Path

    Names = frozenset[str]

CANARY = """
[
  (mkVirtualService "web" {
    httpRoutes = [ { route = [ { destination = { host = "web"; subset = "SUBSET"; }; } ]; } ];
  })
  (mkDestinationRule "web" { subsets = [ { name = "v1"; labels.version = "v1"; } ]; })
]
"""


def defined_subsets(view: View) -> HostIndex[set[str]]:
    """Return the names of the subsets that each mkDestinationRule defines, by its host."""
    index: HostIndex[set[str]] = HostIndex()
    for record in view.all_of("mkDestinationRule"):
        host = record.get("host")
        if isinstance(host, str):
            names = {text_of(place.value.get("name")) for place in sets(record / "subsets")}
            index.add(full_names(host, namespace_of(record)), names - {""})
    return index


def routed_subsets(view: View) -> Iterator[tuple[Place, str, Names, str]]:
    """Yield every subset that a route names: its place, the host as written, the host's names, the subset."""
    for record in view.all_of("mkVirtualService"):
        for route in routes(record):
            for place in destinations(route):
                host, subset = place.value.get("host"), place.value.get("subset")
                if isinstance(host, str) and isinstance(subset, str):
                    yield place / "subset", host, full_names(host, namespace_of(record)), subset


@rule(
    "NB010",
    "undefined-subset",
    ERROR,
    wrong=CANARY.replace("SUBSET", "v2"),
    right=CANARY.replace("SUBSET", "v1"),
    also=(
        "IST0101",
        "KIA1107",
    ),
)
def undefined_subset(view: View) -> Iterator[Remark]:
    """A route refers to a subset that no DestinationRule of the host defines.

    Istio answers such requests with status 503. Define the subset in one of the linted files, or correct its name. Hosts are resolved as
    in Istio: `web` is the service in the namespace of the record.
    """
    defined = defined_subsets(view)
    rules = {
        record.get("host"): record for record in view.all_of("mkDestinationRule") if isinstance(record.get("host"), str)
    }
    # a VirtualService of another linted file is reported there, not here
    own = {id(record) for record in view.of("mkVirtualService")}
    for place, host, names, subset in routed_subsets(view):
        if id(place.record) not in own:
            continue
        here = defined.find(names)
        known = sorted(set().union(*here))
        if subset in known:
            continue
        near = nearest(subset, known, most=2)
        # where nothing is known of the host, its rule may be in a file that is not among these
        level = ERROR if here else WARNING
        if here:
            text = f"'{host}' has no subset '{subset}'" + (f"; it has {', '.join(known)}" if known else "")
            hint = f"did you mean '{near[0]}'?" if near else None
        else:
            text = f"subset '{subset}' of '{host}' is not defined: no DestinationRule has that host"
            hint = _elsewhere(rules.get(host))
        yield Remark(place, text, hint=hint, fix=retext(place, near[0]) if len(near) == 1 else None, level=level)


def _elsewhere(rule: Record | None) -> str | None:
    """Return a hint about a rule with the same name in another namespace, which is another service; None without one."""
    if rule is None:
        return None
    return f"{rule} has that name in the namespace {namespace_of(rule)}: check the namespaces"


@rule("NB011", "unused-subset", NOTE, wrong=CANARY.replace("SUBSET", "v2"), right=CANARY.replace("SUBSET", "v1"))
def unused_subset(view: View) -> Iterator[Remark]:
    """A subset is defined, but no route refers to it, although other routes to the host refer to subsets.

    It may be a leftover, or a route may be missing.
    """
    used: HostIndex[str] = HostIndex()
    for _, _, names, subset in routed_subsets(view):
        used.add(names, subset)
    for record in view.of("mkDestinationRule"):
        host = record.get("host")
        here = set(used.find(full_names(host, namespace_of(record)))) if isinstance(host, str) else set()
        for place in sets(record / "subsets") if here else ():
            name = place.value.get("name")
            if isinstance(name, str) and name not in here:
                yield Remark(place / "name", f"no route refers to the subset '{name}'")


@rule(
    "NB013",
    "weights-do-not-add-up",
    ERROR,
    wrong="""
mkVirtualService "web" {
  httpRoutes = [ { route = [
    { destination.host = "web-1"; weight = 90; }
    { destination.host = "web-2"; weight = 20; }
  ]; } ];
}
""",
    right="""
mkVirtualService "web" {
  httpRoutes = [ { route = [
    { destination.host = "web-1"; weight = 90; }
    { destination.host = "web-2"; weight = 10; }
  ]; } ];
}
""",
    also=("KIA1104",),
)
def weights_do_not_add_up(view: View) -> Iterator[Remark]:
    """The weights of a route's destinations do not sum to 100.

    Weights are relative to their sum, so 90 and 20 mean 82 % and 18 %, which is rarely intended. A destination without a weight, next to
    others with one, has the weight 0 and receives no requests.
    """
    for record in view.of("mkVirtualService"):
        for route in routes(record):
            targets = list(sets(route / "route"))
            weights = [target.value.get("weight") for target in targets]
            if all(weight is None for weight in weights) or not all(_is_weight(weight) for weight in weights):
                continue
            total = sum(weight or 0 for weight in weights)
            missing = [target for target in targets if target.value.get("weight") is None]
            # Envoy takes weights relative to their sum, and istiod sets a single destination to 100
            if total != 100 and not (len(targets) == 1 and total > 0):
                hint = "a destination without a weight receives no requests" if missing else None
                yield Remark(route / "route", f"the weights sum to {total} instead of 100", hint=hint)
            else:
                for target in missing:
                    yield Remark(target, "has no weight, while others have one: it receives no requests", level=WARNING)
                if len(targets) == 1 and total != 100:
                    yield Remark(
                        targets[0] / "weight", "is treated as 100, because there is only one destination", level=NOTE
                    )


def _is_weight(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


@rule(
    "NB014",
    "unreachable-route",
    WARNING,
    wrong="""
mkVirtualService "web" {
  httpRoutes = [
    { route = [ { destination.host = "web"; } ]; }
    { match = [ { uri.prefix = "/admin"; } ]; route = [ { destination.host = "admin"; } ]; }
  ];
}
""",
    right="""
mkVirtualService "web" {
  httpRoutes = [
    { match = [ { uri.prefix = "/admin"; } ]; route = [ { destination.host = "admin"; } ]; }
    { route = [ { destination.host = "web"; } ]; }
  ];
}
""",
    also=("IST0130",),
)
def unreachable_route(view: View) -> Iterator[Remark]:
    """A route is unreachable because an earlier route accepts all of its requests.

    Istio uses the first route that matches. A route without `match`, or one that matches only the prefix `/`, accepts everything and must
    be the last. The same applies to TCP and TLS routes.
    """
    for record in view.of("mkVirtualService"):
        for name in ROUTES:
            found = [as_set(route) for route in items(record.get(name))]
            reported = set()
            for path, text in unreachable_routes(found):
                reported.add(path[0])
                yield Remark(_place(record / name, path), text)
            every = next((index for index, one in enumerate(found) if name == "httpRoutes" and _takes_all(one)), None)
            if every is not None and every + 1 < len(found) and every + 1 not in reported:
                yield Remark(
                    record / name / (every + 1), f"is never reached: {record / name / every} accepts every request"
                )


@rule(
    "NB017",
    "match-covered",
    NOTE,
    wrong="""
mkVirtualService "web" {
  httpRoutes = [
    { match = [ { uri.prefix = "/docs"; } ]; route = [ { destination.host = "docs"; } ]; }
    { match = [ { uri.prefix = "/docs/old"; } ]; route = [ { destination.host = "old-docs"; } ]; }
  ];
}
""",
    right="""
mkVirtualService "web" {
  httpRoutes = [
    { match = [ { uri.prefix = "/docs/old"; } ]; route = [ { destination.host = "old-docs"; } ]; }
    { match = [ { uri.prefix = "/docs"; } ]; route = [ { destination.host = "docs"; } ]; }
  ];
}
""",
    also=("IST0131",),
)
def match_covered(view: View) -> Iterator[Remark]:
    """A match has no effect because an earlier route accepts its requests: its match is the same, or a prefix of this path.

    Put the longer prefix first.
    """
    for record in view.of("mkVirtualService"):
        for name in ROUTES:
            for path, text in unreachable_matches([as_set(route) for route in items(record.get(name))]):
                yield Remark(_place(record / name, path), text)


def _place(place: Place, path: Path) -> Place:
    for key in path:
        place = place / key
    return place


def _takes_all(route: dict[str, object]) -> bool:
    match = route.get("match")
    if match in (None, []):
        return True
    return any(
        one == {} or (isinstance(one, dict) and one.keys() == {"uri"} and one["uri"] == {"prefix": "/"})
        for one in items(match)
    )


TWO_SERVICES = """
[
  (mkVirtualService "a" { hosts = [ "web" ]; httpRoutes = [ { route = [ { destination.host = "web"; } ]; } ]; })
  (mkVirtualService "b" { hosts = [ "HOST" ]; httpRoutes = [ { route = [ { destination.host = "docs"; } ]; } ]; })
]
"""


@cluster_rule(
    "NB015",
    "host-routed-twice",
    WARNING,
    wrong=TWO_SERVICES.replace("HOST", "web"),
    right=TWO_SERVICES.replace("HOST", "docs"),
    also=("IST0109", "KIA1106"),
)
def host_routed_twice(cluster: Cluster) -> Iterator[Remark]:
    """Two VirtualServices are for the same host inside the mesh.

    Sidecars use one of them and ignore the other; which one is undefined. Only VirtualServices that are bound to a gateway are merged. Put
    the routes into one VirtualService. Two that are never visible to the same namespace (`exportTo`) do not conflict.
    """
    index: HostIndex[Record] = HostIndex()
    inside = [
        record
        for record in cluster.of("mkVirtualService")
        if not items(record.get("gateways")) or "mesh" in items(record.get("gateways"))
    ]
    for record in inside:
        for host in items(record.get("hosts")):
            if isinstance(host, str):
                index.add(full_names(host, namespace_of(record)), record)
    for record in inside:
        for number, host in enumerate(items(record.get("hosts"))):
            names = full_names(host, namespace_of(record)) if isinstance(host, str) else frozenset()
            other = next(
                (one for one in index.find(names) if one is not record and _in_the_way(one, record, names)), None
            )
            if other is not None:
                yield Remark(record / "hosts" / number, f"'{host}' is also routed by {other}")
                break


def _in_the_way(one: Record, other: Record, names: Names) -> bool:
    """Return whether two VirtualServices that share a host are seen together; a wildcard counts where one is seen in part of the mesh."""
    if not seen_together(one, other):
        return False
    hosts = {
        name
        for host in items(one.get("hosts"))
        if isinstance(host, str)
        for name in full_names(host, namespace_of(one))
    }
    return bool(hosts & names) or (visible_in(one) is None) != (visible_in(other) is None)


TWICE = """
mkVirtualService "web" {
  httpRoutes = [ { route = [
    { destination.host = "web"; weight = 90; }
    { destination.host = "HOST"; weight = 10; }
  ]; } ];
}
"""


@rule(
    "NB018",
    "destination-twice",
    WARNING,
    wrong=TWICE.replace("HOST", "web"),
    right=TWICE.replace("HOST", "web-canary"),
    also=("KIA1105",),
)
def destination_twice(view: View) -> Iterator[Remark]:
    """A route lists the same destination (host, subset and port) twice."""
    for record in view.of("mkVirtualService"):
        for route in routes(record):
            seen: list[object] = []
            for target in sets(route / "route"):
                destination = target.value.get("destination")
                if isinstance(destination, dict) and destination in seen:
                    yield Remark(
                        target / "destination", "is already a destination of this route: the split has no effect"
                    )
                seen.append(destination)


@rule(
    "NB016",
    "subsets-alike",
    WARNING,
    wrong="""
mkDestinationRule "web" {
  subsets = [ { name = "v1"; labels.version = "v1"; } { name = "v2"; labels.version = "v1"; } ];
}
""",
    right="""
mkDestinationRule "web" {
  subsets = [ { name = "v1"; labels.version = "v1"; } { name = "v2"; labels.version = "v2"; } ];
}
""",
)
def subsets_alike(view: View) -> Iterator[Remark]:
    """Two subsets of a host have the same labels and therefore select the same pods.

    Splitting traffic between them has no effect. A subset without labels selects all pods of the host.
    """
    for record in view.of("mkDestinationRule"):
        seen: list[tuple[Any, Any]] = []
        for place in sets(record / "subsets"):
            labels, name = place.value.get("labels") or {}, place.value.get("name")
            first = next((other for known, other in seen if known == labels), None)
            if first is not None and not place.value.get("trafficPolicy"):
                yield Remark(place / "labels", f"the subsets '{first}' and '{name}' select the same pods")
            seen.append((labels, name))
