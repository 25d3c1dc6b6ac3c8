"""Destinations of routes of every protocol, and the TCP and TLS routes of a VirtualService."""

from __future__ import annotations

from nixbridge.mesh.istio.host_checks import check_gateways, check_labels, wrong_sni_host
from nixbridge.mesh.model.kubernetes_names import host_label, host_within, is_ip, subnet, wildcard_domain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place


def check_destination(destination: JsonObject, place: Place, messages: Messages) -> None:
    """Check a converted Destination. (hook: validateDestination)"""
    host = destination.get("host")
    if host is not None:
        wrong = "'*' is not a destination" if host == "*" else wildcard_domain(host)
        if wrong:
            messages.error(place / "host", wrong)
    if destination.get("port") == {}:
        messages.error(place / "port" / "number", "is required")
    if destination.get("subset"):
        wrong = host_label(destination["subset"])
        if wrong:
            messages.error(place / "subset", wrong)


def check_weights(targets: list[JsonObject], place: Place, messages: Messages) -> None:
    """Check destinations, whose weights must sum to more than 0. (hook: validateHTTPRouteDestinations)"""
    for index, target in enumerate(targets):
        check_destination(target.get("destination", {}), place / index / "destination", messages)
    weights = [target.get("weight") for target in targets]
    if not targets or sum(weight or 0 for weight in weights) > 0:
        return
    if len(targets) > 1:
        messages.error(place, "the weights sum to 0: several destinations need weights")


def check_tcp_route(route: dict[str, object], place: Place, messages: Messages) -> None:
    """Check a converted TCPRoute. (hook: validateTCPRoute)"""
    _check_level_4(route, place, messages)


def check_tls_route(route: JsonObject, place: Place, messages: Messages, hosts: list[str], *, gateway: bool) -> None:
    """Check a converted TLSRoute of a VirtualService with these hosts; `gateway`: it is not for sidecars. (hook: validateTLSRoute)"""
    _check_level_4(route, place, messages)
    for index, match in enumerate(route.get("match", [])):
        for number, name in enumerate(match.get("sniHosts", [])):
            here = place / "match" / index / "sniHosts" / number
            wrong = None if is_ip(name) else wrong_sni_host(name) if gateway else wildcard_domain(name)
            if wrong:
                messages.error(here, wrong)
            elif is_ip(name):
                messages.warning(here, "most clients send no SNI for an IP address")
            elif not any(host_within(name, host) for host in hosts):
                messages.error(here, f"'{name}' is not within hosts ({', '.join(hosts)})")


def _check_level_4(route: JsonObject, place: Place, messages: Messages) -> None:
    if not route.get("route"):
        messages.error(place / "route", "is required")
    check_weights(route.get("route", []), place / "route", messages)
    for index, match in enumerate(route.get("match", [])):
        here = place / "match" / index
        for number, text in enumerate(match.get("destinationSubnets", [])):
            wrong = subnet(text)
            if wrong:
                messages.error(here / "destinationSubnets" / number, wrong)
        check_labels(match.get("sourceLabels", {}), here / "sourceLabels", messages)
        check_gateways(match.get("gateways", []), here / "gateways", messages)
