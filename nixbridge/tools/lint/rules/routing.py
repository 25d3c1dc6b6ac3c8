"""Routes: subsets that are there, weights that add up, routes that are reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nixbridge.errors.suggest import nearest
from nixbridge.mesh.model.record_data import Place, Record
from nixbridge.tools.lint.finding import ERROR, NOTE, WARNING
from nixbridge.tools.lint.rule import Remark, rule
from nixbridge.tools.lint.rules.hosts import (
    HostIndex,
    destinations,
    full_names,
    items,
    namespace_of,
    routes,
    seen_together,
    sets,
    text_of,
)
from nixbridge.tools.lint.view import View, retext

if TYPE_CHECKING:
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
    """The names of the subsets that each mkDestinationRule defines, by its host."""
    index: HostIndex[set[str]] = HostIndex()
    for record in view.all_of("mkDestinationRule"):
        host = record.get("host")
        if isinstance(host, str):
            names = {text_of(place.value.get("name")) for place in sets(record / "subsets")}
            index.add(full_names(host, namespace_of(record)), names - {""})
    return index


def routed_subsets(view: View) -> Iterator[tuple[Place, str, Names, str]]:
    """Every subset that a route names: its place, the host as written, the host's names, the subset."""
    for record in view.all_of("mkVirtualService"):
        for route in routes(record):
            for place in destinations(route):
                host, subset = place.value.get("host"), place.value.get("subset")
                if isinstance(host, str) and isinstance(subset, str):
                    yield place / "subset", host, full_names(host, namespace_of(record)), subset


@rule("NB010", "undefined-subset", ERROR, wrong=CANARY.replace("SUBSET", "v2"), right=CANARY.replace("SUBSET", "v1"))
def undefined_subset(view: View) -> Iterator[Remark]:
    """A route leads to a subset that no mkDestinationRule of the host defines.

    Istio answers such requests with 503: it knows the route and no endpoint. Define the subset, in one of the files that are linted
    together, or correct its name. Hosts are compared as Istio does it: `web` is the service of the record's own namespace.
    """
    defined = defined_subsets(view)
    rules = {
        record.get("host"): record for record in view.all_of("mkDestinationRule") if isinstance(record.get("host"), str)
    }
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
            text = f"subset '{subset}' of '{host}' is defined nowhere: there is no mkDestinationRule for that host"
            hint = _elsewhere(rules.get(host))
        yield Remark(place, text, hint=hint, fix=retext(place, near[0]) if len(near) == 1 else None, level=level)


def _elsewhere(rule: Record | None) -> str | None:
    """The same name in another namespace, which is another service."""
    if rule is None:
        return None
    return f"{rule} is for that name in the namespace {namespace_of(rule)}: do both have the same?"


@rule("NB011", "unused-subset", NOTE, wrong=CANARY.replace("SUBSET", "v2"), right=CANARY.replace("SUBSET", "v1"))
def unused_subset(view: View) -> Iterator[Remark]:
    """A subset is defined that no route leads to, though there are routes by subset to its host.

    It is a leftover, or a route lacks it. Nothing breaks.
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
                yield Remark(place / "name", f"no route leads to the subset '{name}'")


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
)
def weights_do_not_add_up(view: View) -> Iterator[Remark]:
    """The weights of a route's destinations do not sum to 100.

    Weights are shares of the sum, so 90 and 20 are 82 % and 18 %: seldom what was meant. A destination without weight, beside others
    with one, has the weight 0 and gets nothing.
    """
    for record in view.of("mkVirtualService"):
        for route in routes(record):
            targets = list(sets(route / "route"))
            weights = [target.value.get("weight") for target in targets]
            if all(weight is None for weight in weights) or not all(_is_weight(weight) for weight in weights):
                continue
            total = sum(weight or 0 for weight in weights)
            missing = [target for target in targets if target.value.get("weight") is None]
            if total != 100 and not (len(targets) == 1 and total > 0):
                hint = "a destination without weight gets nothing" if missing else None
                yield Remark(route / "route", f"the weights sum to {total}, not to 100", hint=hint)
            else:
                for target in missing:
                    yield Remark(target, "has no weight beside others that have one: it gets nothing", level=WARNING)


def _is_weight(value: Any) -> bool:
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
)
def unreachable_route(view: View) -> Iterator[Remark]:
    """A route stands behind one that takes every request.

    Istio takes the first route that matches, and one without `match` (or that matches the prefix `/` alone) matches everything. Put it
    last.
    """
    for record in view.of("mkVirtualService"):
        found = list(routes(record, "httpRoutes"))
        for index, place in enumerate(found):
            if index + 1 < len(found) and _takes_all(place.value):
                yield Remark(found[index + 1], f"is never reached: {place} takes every request")
                break


def _takes_all(route: dict[str, Any]) -> bool:
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


@rule(
    "NB015",
    "host-routed-twice",
    WARNING,
    wrong=TWO_SERVICES.replace("HOST", "web"),
    right=TWO_SERVICES.replace("HOST", "docs"),
)
def host_routed_twice(view: View) -> Iterator[Remark]:
    """Two VirtualServices are for the same host inside the mesh.

    Sidecars take one of them and ignore the other; which, is not defined. Only those bound to a gateway are merged. Put the routes into
    one. Two that no namespace sees both of (`exportTo`) are not in each other's way.
    """
    seen: dict[str, list[Record]] = {}
    own = {id(record) for record in view.of("mkVirtualService")}
    for record in view.all_of("mkVirtualService"):
        gateways = items(record.get("gateways"))
        if gateways and "mesh" not in gateways:
            continue
        for index, host in enumerate(items(record.get("hosts"))):
            names = full_names(host, namespace_of(record)) if isinstance(host, str) else frozenset()
            others = [other for name in sorted(names) for other in seen.get(name, ())]
            first = next((other for other in others if other is not record and seen_together(other, record)), None)
            if first is not None and (id(record) in own or id(first) in own):
                reported = record if id(record) in own else first
                place = record / "hosts" / index if reported is record else first / "hosts"
                yield Remark(place, f"'{host}' is routed by {first if reported is record else record} already")
            for name in names:
                seen.setdefault(name, []).append(record)


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
    """Two subsets of a host have the same labels, so they are the same pods.

    A split between them splits nothing. A subset without labels is all pods of the host.
    """
    for record in view.of("mkDestinationRule"):
        seen: list[tuple[Any, Any]] = []
        for place in sets(record / "subsets"):
            labels, name = place.value.get("labels") or {}, place.value.get("name")
            first = next((other for known, other in seen if known == labels), None)
            if first is not None and not place.value.get("trafficPolicy"):
                yield Remark(place / "labels", f"the subsets '{first}' and '{name}' are the same pods")
            seen.append((labels, name))
