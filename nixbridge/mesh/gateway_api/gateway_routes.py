"""A VirtualService as HTTPRoutes, GRPCRoutes, TCPRoutes and TLSRoutes, with the ReferenceGrants that they need.

(gateway-api v1.6, standard channel; Istio: Traffic Management / Kubernetes Gateway API; Linkerd 2.16: HTTPRoute is its route API)
"""

from __future__ import annotations

from nixbridge.mesh.gateway_api.route_filters import filters_of
from nixbridge.mesh.gateway_api.route_matches import grpc_match, http_match, is_grpc
from nixbridge.mesh.gateway_api.route_target import API_VERSION, RouteTarget
from nixbridge.mesh.model.durations import milliseconds
from nixbridge.mesh.model.manifest import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fractions import Fraction

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.draft import Draft
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

HTTP, GRPC, TCP, TLS = "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"
#: Rules of one route at most. (gateway-api: HTTPRouteSpec.rules)
MOST_RULES = 16
#: Parts of an HTTP route that other functions render, or that are rendered with another part. (proto: HTTPRoute)
_RENDERED = (
    *("match", "route", "redirect", "rewrite", "headers", "mirror", "mirrors", "mirrorPercentage"),
    *("corsPolicy", "timeout", "retries", "name"),
)
#: Istio's condition of a retry -> Linkerd's. (linkerd.io, reference: retries)
_LINKERD_RETRIES = {
    "5xx": "5xx",
    "gateway-error": "gateway-error",
    "connect-failure": "gateway-error",
    "reset": "gateway-error",
}


def gateway_routes(context: Context, draft: Draft, service: Manifest) -> list[Manifest]:
    """Return the routes that a rendered VirtualService is, and the grants for backends in other namespaces.

    Whatever has no counterpart is reported: as an error where the route would mean something else without it.
    """
    for_linkerd = is_linkerd_alone(context)
    target = RouteTarget(context.messages, service, draft.place, "core" if for_linkerd else "")
    spec = service.body["spec"]
    if "exportTo" in spec:
        context.messages.lost(draft.at("exportTo"), "routes of the Gateway API are visible in every namespace")
    if not spec.get("hosts"):
        context.messages.error(
            draft.at("hosts"), "the Gateway API has no delegation: write these routes into the VirtualService above"
        )
        return []
    routes = [(route, draft.at("httpRoutes") / index) for index, route in enumerate(spec.get("http", []))]
    grpc = [(route, place) for route, place in routes if is_grpc(route)]
    http = [(route, place) for route, place in routes if not is_grpc(route)]
    found = []
    for kind, own in ((HTTP, http), (GRPC, grpc)):
        found += _of_kind(target, kind, own, for_linkerd=for_linkerd)
    found += _layer_4(target, TCP, spec.get("tcp", []), draft.at("tcpRoutes"))
    found += _layer_4(target, TLS, spec.get("tls", []), draft.at("tlsRoutes"))
    return [*found, *target.granted.values()]


def is_linkerd_alone(context: Context) -> bool:
    """Return whether a rendering has records or configurations of Linkerd, and none of Istio."""
    kinds = {record.builder for record in context.records}
    is_configured = any(record.get("meshType") == "linkerd" for record in context.of("mkMeshConfig"))
    return ("mkLinkerdMesh" in kinds or is_configured) and "mkIstioMesh" not in kinds


def _of_kind(
    target: RouteTarget, kind: str, routes: list[tuple[JsonObject, Place]], *, for_linkerd: bool
) -> list[Manifest]:
    """Return the HTTPRoute or GRPCRoute of these routes: a rule each, in their order, which counts among equal matches."""
    if not routes:
        return []
    rules = [
        _rule(route, place, matches, target, kind, for_linkerd=for_linkerd)
        for route, place in routes
        for matches in _matches_of_rules(route, place)
    ]
    if len(rules) > MOST_RULES:
        place = routes[-1][1]
        target.messages.error(
            place, f"one {kind} has {MOST_RULES} rules at most, but there are {len(rules)}: split the VirtualService"
        )
    annotations = _linkerd_annotations(routes, target.messages) if for_linkerd else {}
    spec: JsonObject = {"parentRefs": target.parents(), "rules": rules}
    if target.hostnames():
        spec["hostnames"] = target.hostnames()
    return [_manifest(target, kind, spec, annotations)]


def _matches_of_rules(route: JsonObject, place: Place) -> list[list[tuple[JsonObject, Place]]]:
    """Return the matches of a route with their places, by rule: the filter that replaces a prefix is for a single match."""
    matches = [(match, place / "match" / index) for index, match in enumerate(route.get("match", []))]
    if "uri" in route.get("rewrite", {}) and len(matches) > 1:
        return [[one] for one in matches]
    return [matches]


def _rule(
    route: JsonObject,
    place: Place,
    wanted: list[tuple[JsonObject, Place]],
    target: RouteTarget,
    kind: str,
    *,
    for_linkerd: bool,
) -> JsonObject:
    """Return a rule of a route, for some of its matches."""
    messages = target.messages
    _report_others(route, place, messages)
    convert = grpc_match if kind == GRPC else http_match
    matches = [convert(match, here, messages) for match, here in wanted]
    rule: JsonObject = {"matches": matches} if any(matches) else {}
    if route.get("name"):
        rule["name"] = route["name"]
    filters = filters_of(route, place, target, kind)
    if filters:
        rule["filters"] = filters
    backends = _backends(route, place, target, kind)
    if backends:
        rule["backendRefs"] = backends
    # Linkerd reads timeouts and retries from annotations
    if not for_linkerd:
        timeouts = _timeouts(route, place, messages)
        if timeouts and kind == HTTP:
            rule["timeouts"] = timeouts
        elif timeouts:
            messages.lost(place / "timeout", "a GRPCRoute has no timeouts")
    return rule


def _backends(route: JsonObject, place: Place, target: RouteTarget, kind: str) -> list[dict[str, object]]:
    """Return the backends of a route's destinations; one that is an error is left out."""
    found = []
    for index, one in enumerate(route.get("route", [])):
        here = place / "route" / index
        backend = target.backend(one, here, kind)
        if backend is None:
            continue
        if "headers" in one:
            backend["filters"] = filters_of({"headers": one["headers"]}, here, target, kind)
        found.append(backend)
    return found


def _report_others(route: JsonObject, place: Place, messages: Messages) -> None:
    for name in route:
        if name in _RENDERED:
            continue
        if name in ("fault", "directResponse", "delegate"):
            messages.error(place / name, "has no counterpart in the Gateway API")
        else:
            messages.lost(place / name, "has no counterpart in the Gateway API")


def _timeouts(route: JsonObject, place: Place, messages: Messages) -> JsonObject:
    """Return the timeouts of a rule; of a retry policy only the time of one try has a counterpart in the standard channel."""
    found: JsonObject = {}
    if "timeout" in route:
        found["request"] = duration_text(route["timeout"])
    retries = route.get("retries", {})
    if "perTryTimeout" in retries:
        found["backendRequest"] = duration_text(retries["perTryTimeout"])
        # the CRD refuses a try that may take longer than the whole request
        if "timeout" in route and (milliseconds(retries["perTryTimeout"]) or 0) > (milliseconds(route["timeout"]) or 0):
            found["backendRequest"] = found["request"]
    for name in retries:
        if name != "perTryTimeout":
            messages.lost(place / "retries" / name, "retries are not in the Gateway API's standard channel")
    return found


def _linkerd_annotations(routes: list[tuple[JsonObject, Place]], messages: Messages) -> dict[str, str]:
    """Return the timeouts and retries of a Linkerd route, annotations of the whole of it. (linkerd.io, reference: timeouts, retries)"""
    found: dict[str, str] = {}
    for route, place in routes:
        own: dict[str, str] = {}
        if "timeout" in route:
            own["timeout.linkerd.io/request"] = duration_text(route["timeout"])
        retries = route.get("retries", {})
        if retries.get("attempts"):
            conditions = [text.strip() for text in retries.get("retryOn", "5xx").split(",")]
            known = dict.fromkeys(_LINKERD_RETRIES[one] for one in conditions if one in _LINKERD_RETRIES)
            own["retry.linkerd.io/http"] = ",".join(known) or "5xx"
            own["retry.linkerd.io/limit"] = str(retries["attempts"])
        if "perTryTimeout" in retries:
            own["retry.linkerd.io/timeout"] = duration_text(retries["perTryTimeout"])
        for name, value in own.items():
            if found.setdefault(name, value) != value:
                messages.warning(place, f"{name} applies to the whole route: {found[name]} is used instead of {value}")
    return found


def _layer_4(target: RouteTarget, kind: str, routes: list[JsonObject], place: Place) -> list[Manifest]:
    """Return a TCPRoute or TLSRoute for each route. It has a single rule; a TLSRoute matches by its host names only."""
    found: list[Manifest] = []
    for index, route in enumerate(routes):
        here = place / index
        ports, names = _layer_4_matches(route, here, target.messages, kind)
        spec: JsonObject = {
            "parentRefs": target.parents(ports[0] if ports else None),
            "rules": [{"backendRefs": _backends(route, here, target, kind)}],
        }
        if kind == TLS:
            spec["hostnames"] = names or target.manifest.body["spec"].get("hosts", [])
        suffix = f"-{index + 1}" if len(routes) > 1 else ""
        found.append(_manifest(target, kind, spec, {}, suffix))
    return found


def _layer_4_matches(route: JsonObject, place: Place, messages: Messages, kind: str) -> tuple[list[int], list[str]]:
    """Return the ports and SNI hosts of a route's conditions; any other condition is an error."""
    ports: list[int] = []
    names: list[str] = []
    for index, match in enumerate(route.get("match", [])):
        for name, value in match.items():
            if name == "port":
                ports.append(value)
            elif name == "sniHosts" and kind == TLS:
                names += value
            else:
                messages.error(
                    place / "match" / index / name, f"a {kind} cannot match on it, and would match too much without it"
                )
    if len(set(ports)) > 1:
        messages.error(place / "match", f"a {kind} has only one port, not {', '.join(map(str, sorted(set(ports))))}")
    return ports, names


def _manifest(
    target: RouteTarget, kind: str, spec: JsonObject, annotations: dict[str, str], suffix: str = ""
) -> Manifest:
    service = target.manifest
    return Manifest(
        kind,
        f"{service.name}{suffix}",
        service.namespace,
        {"spec": spec},
        service.place,
        api_version=API_VERSION,
        labels=service.labels,
        annotations={**service.annotations, **annotations},
    )


def duration_text(text: str) -> str:
    """Return a duration as the Gateway API writes it: hours, minutes, seconds, milliseconds. (GEP-2257)"""
    left: Fraction | int = milliseconds(text) or 0
    parts = []
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
