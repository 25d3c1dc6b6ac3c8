"""mkVirtualService -> VirtualService.

(proto: istio.networking.v1alpha3.VirtualService; hook: ValidateVirtualService)
"""

from __future__ import annotations

from nixbridge.mesh.istio.host_checks import check_gateways, check_hosts
from nixbridge.mesh.istio.virtual_service.http_route import WITHOUT_REQUEST, check_http_route
from nixbridge.mesh.istio.virtual_service.retries import convert_retries
from nixbridge.mesh.istio.virtual_service.routes import check_tcp_route, check_tls_route
from nixbridge.mesh.istio.virtual_service.unreachable import report_unreachable
from nixbridge.mesh.model.draft import Draft, check_export_to, plain_fields
from nixbridge.mesh.model.kubernetes_names import is_ip, wildcard_domain
from nixbridge.mesh.model.manifest import Manifest, istio_manifest
from nixbridge.mesh.model.record_data import MISSING
from nixbridge.mesh.model.resource import ROUTES
from nixbridge.mesh.schema.field_tables import node_at, resolve
from nixbridge.mesh.schema.field_walk import is_empty
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

KIND = "VirtualService"


def render_virtual_service(context: Context, draft: Draft) -> Manifest:
    """Return the manifest of a draft; every fault is reported."""
    spec = plain_fields(context, draft, KIND, (*ROUTES, "timeout", "retries"))
    hosts: list[str] = spec.get("hosts", [])
    gateways: list[str] = spec.get("gateways", [])
    # `mesh` stands for all sidecars, and is what a VirtualService without gateways is bound to
    bound_to_gateway = bool(gateways) and "mesh" not in gateways
    _check_names(context, draft, hosts, gateways, bound_to_gateway=bound_to_gateway)
    check_export_to(context, spec, draft)
    # before routes are converted: the route that is added goes through the same checks
    if all(is_empty(draft.get(name)) for name in ROUTES):
        _add_route(context, draft, hosts)
    for name, check in _checks(context, hosts, gateways, bound_to_gateway=bound_to_gateway).items():
        routes = _convert_routes(context, draft, name, check)
        if routes:
            spec[ROUTES[name]] = routes
    if not hosts and ("tcp" in spec or "tls" in spec):
        context.messages.error(draft.at("hosts"), "TCP and TLS routes need hosts")
    report_unreachable(spec, draft, context.messages)
    # after the checks of routes: a fault of the record's own timeout or retries is reported once, at the record
    retries = convert_retries(context, draft.get("retries"), draft.at("retries"))
    for name, value in (("timeout", _timeout(context, draft)), ("retries", retries)):
        _give(context, draft, spec.get("http", []), name, value)
    return istio_manifest(KIND, draft.metadata, spec, draft.place, context.istio)


def _checks(
    context: Context, hosts: list[str], gateways: list[str], *, bound_to_gateway: bool
) -> dict[str, Callable[[JsonObject, Place], None]]:
    """Return what checks a converted route, by the field of the record that holds it."""

    def check_http(route: JsonObject, place: Place) -> None:
        check_http_route(route, place, context.messages, gateway=bound_to_gateway, delegated=not hosts)

    def check_tls(route: JsonObject, place: Place) -> None:
        check_tls_route(route, place, context.messages, hosts, gateway="mesh" not in gateways)

    def check_tcp(route: JsonObject, place: Place) -> None:
        check_tcp_route(route, place, context.messages)

    return {"httpRoutes": check_http, "tcpRoutes": check_tcp, "tlsRoutes": check_tls}


def _check_names(
    context: Context, draft: Draft, hosts: list[str], gateways: list[str], *, bound_to_gateway: bool
) -> None:
    messages = context.messages
    check_hosts(hosts, draft.at("hosts"), messages, sni=bound_to_gateway and _matches_sni(draft.get("tlsRoutes")))
    check_gateways(gateways, draft.at("gateways"), messages)
    if "*" in hosts and not bound_to_gateway:
        messages.error(draft.at("hosts") / hosts.index("*"), "'*' needs gateways (without mesh)")
    if not hosts and gateways:
        messages.error(draft.at("gateways"), "a VirtualService without hosts is delegated to, and has no gateways")


def _matches_sni(routes: object) -> bool:
    """Return whether a TLS route asks for an SNI host."""
    for route in routes if isinstance(routes, list) else ():
        matches = route.get("match") if isinstance(route, dict) else None
        if any(isinstance(match, dict) and match.get("sniHosts") for match in matches or ()):
            return True
    return False


def _add_route(context: Context, draft: Draft, hosts: list[str]) -> None:
    """Add a route to the first host: `mkVirtualService "web" { timeout = "5s"; }` means something, but Istio asks for a route."""
    place = draft.at("httpRoutes")
    if context.verbatim:
        context.messages.error(place, "is required: a VirtualService needs http, tcp or tls routes")
        return
    if not hosts or hosts[0] == "*" or is_ip(hosts[0]):
        context.messages.error(place, "no route is defined, and no host from which one could be inferred")
        return
    if wildcard_domain(hosts[0]):
        return  # said where the hosts are checked
    context.messages.warning(place, f"Istio needs a route: one to '{hosts[0]}' is rendered")
    draft.fields["httpRoutes"] = ([{"route": [{"destination": {"host": hosts[0]}}]}], place)


def _convert_routes(
    context: Context, draft: Draft, name: str, check: Callable[[JsonObject, Place], None]
) -> list[dict[str, object]]:
    """Return the routes of one protocol; those without a fault so far are checked further."""
    routes, place = draft.get(name), draft.at(name)
    if is_empty(routes):
        return []
    if not isinstance(routes, list):
        context.messages.error(place, f"must be a list but is {type_text(routes)}")
        return []
    node = resolve(node_at(KIND, [ROUTES[name]]))["items"]
    result = []
    for index, route in enumerate(routes):
        before = context.messages.errors
        converted = context.walk.convert(route, node, place / index)
        if converted is MISSING:
            continue
        if name == "httpRoutes":
            _finish_http_route(context, converted, place / index)
        # checks read converted fields and rely on their types
        if context.messages.errors == before:
            check(converted, place / index)
        result.append(converted)
    return result


def _finish_http_route(context: Context, route: JsonObject, place: Place) -> None:
    """Turn deprecated spellings of the mirrored share into mirrorPercentage, and the route's own retries into their form."""
    for name in ("mirrorPercent", "mirror_percent"):
        if name in route:
            if context.verbatim:
                context.messages.warning(place / name, "is deprecated: use mirrorPercentage")
            share = {"value": route.pop(name)}
            # both spellings may be given, as long as they agree
            if route.setdefault("mirrorPercentage", share) != share:
                context.messages.error(place / name, "differs from mirrorPercentage")
    if "retries" in route:
        retries = convert_retries(context, place.value["retries"], place / "retries", route["retries"])
        if retries is MISSING:
            del route["retries"]
        else:
            route["retries"] = retries


def _timeout(context: Context, draft: Draft) -> Any:
    value, place = draft.get("timeout"), draft.at("timeout")
    if is_empty(value):
        return MISSING
    return context.walk.convert(value, resolve(node_at(KIND, ["http"]))["items"]["fields"]["timeout"], place)


def _give(context: Context, draft: Draft, routes: list[dict[str, object]], name: str, value: object) -> None:
    """Give the record's timeout or retries to every HTTP route that has none of its own and forwards requests.

    A timeout of `"0s"` counts as set: it disables the timeout, which Istio expresses by omitting the field.
    """
    if value is MISSING:
        return
    from_here = draft.at("httpRoutes")
    takers = [
        route
        for index, route in enumerate(routes)
        if not any(other in route for other in (name, *WITHOUT_REQUEST))
        and ((own := (from_here / index / name).value) is MISSING or is_empty(own))
    ]
    for route in takers:
        route[name] = value
    place = draft.at(name)
    if takers or not place.is_set():
        return
    if not routes:
        context.messages.warning(place, "has no effect on TCP and TLS routes")
    else:
        context.messages.warning(place, "has no effect: every HTTP route sets its own or forwards no requests")
