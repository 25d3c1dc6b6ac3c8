"""Filters of an HTTPRoute or GRPCRoute for the changes that a VirtualService's HTTP route makes to requests."""

from __future__ import annotations

from nixbridge.mesh.model.durations import milliseconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.gateway_api.route_target import RouteTarget
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place

#: Statuses of a redirect that HTTPRoute knows.
_STATUSES = (301, 302, 303, 307, 308)


def filters_of(route: JsonObject, place: Place, target: RouteTarget, kind: str) -> list[JsonObject]:
    """Return the filters of a route, in the order in which the Gateway API applies them."""
    messages = target.messages
    found = _header_filters(route.get("headers", {}), place / "headers", messages)
    mirrors = [(mirror, place / "mirrors" / index) for index, mirror in enumerate(route.get("mirrors", []))]
    if "mirror" in route:
        mirrors.insert(0, (route["mirror"], place / "mirror"))
    for mirror, here in mirrors:
        found += _mirror(mirror, route, here, target, kind)
    if "rewrite" in route:
        found += _rewrite(route["rewrite"], route, place / "rewrite", messages)
    if "redirect" in route:
        found.append(
            {"type": "RequestRedirect", "requestRedirect": _redirect(route["redirect"], place / "redirect", messages)}
        )
    if "corsPolicy" in route:
        found.append({"type": "CORS", "cors": _cors(route["corsPolicy"], place / "corsPolicy", messages)})
    return found


def _header_filters(headers: JsonObject, place: Place, messages: Messages) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for side, kind, field in (
        ("request", "RequestHeaderModifier", "requestHeaderModifier"),
        ("response", "ResponseHeaderModifier", "responseHeaderModifier"),
    ):
        change = headers.get(side, {})
        body: JsonObject = {
            action: [{"name": name, "value": value} for name, value in sorted(change[action].items())]
            for action in ("set", "add")
            if action in change
        }
        if "remove" in change:
            body["remove"] = list(change["remove"])
        if body:
            found.append({"type": kind, field: body})
    return found


def _mirror(
    mirror: JsonObject, route: JsonObject, place: Place, target: RouteTarget, kind: str
) -> list[dict[str, object]]:
    backend = target.backend(mirror, place, kind)
    if backend is None:
        return []
    percentage = mirror["percentage"] if "percentage" in mirror else route.get("mirrorPercentage", {})
    share = percentage.get("value", 100)
    body: JsonObject = {"backendRef": {name: value for name, value in backend.items() if name != "weight"}}
    if share != 100:
        # a percent is a whole number there; a share below it is a fraction of a million
        body |= (
            {"percent": int(share)}
            if share == int(share)
            else {"fraction": {"numerator": round(share * 10_000), "denominator": 1_000_000}}
        )
    return [{"type": "RequestMirror", "requestMirror": body}]


def _rewrite(rewrite: JsonObject, route: JsonObject, place: Place, messages: Messages) -> list[dict[str, object]]:
    body: JsonObject = {}
    if "authority" in rewrite:
        body["hostname"] = rewrite["authority"]
    if "uriRegexRewrite" in rewrite:
        messages.error(
            place / "uriRegexRewrite", "the Gateway API rewrites a whole path or a prefix, not a regular expression"
        )
    if "uri" in rewrite:
        prefixes = ["prefix" in match.get("uri", {}) for match in route.get("match", [])]
        if prefixes and all(prefixes):
            body["path"] = {"type": "ReplacePrefixMatch", "replacePrefixMatch": rewrite["uri"]}
        else:
            if any(prefixes):
                messages.error(
                    place / "uri", "replaces a prefix or a whole path: split the route by the kind of its URI matches"
                )
            elif not prefixes:
                # Istio replaces the prefix "/" of a route without matches, which is the beginning of every path
                messages.warning(place / "uri", "the whole path is replaced, because the route matches no prefix")
            body["path"] = {"type": "ReplaceFullPath", "replaceFullPath": rewrite["uri"]}
    return [{"type": "URLRewrite", "urlRewrite": body}] if body else []


def _redirect(redirect: dict[str, object], place: Place, messages: Messages) -> JsonObject:
    body: JsonObject = {}
    if "uri" in redirect:
        body["path"] = {"type": "ReplaceFullPath", "replaceFullPath": redirect["uri"]}
    for name, field in (("authority", "hostname"), ("scheme", "scheme"), ("port", "port")):
        if name in redirect:
            body[field] = redirect[name]
    if "derivePort" in redirect:
        messages.error(place / "derivePort", "has no counterpart in the Gateway API: set the port")
    status = redirect.get("redirectCode", 301)
    if status in _STATUSES:
        body["statusCode"] = status
    else:
        messages.error(
            place / "redirectCode",
            f"{status} is not a status that an HTTPRoute redirects with: {', '.join(map(str, _STATUSES))}",
        )
    return body


def _cors(policy: JsonObject, place: Place, messages: Messages) -> JsonObject:
    body: JsonObject = {}
    origins: list[str] = []
    for index, origin in enumerate(policy.get("allowOrigins", [])):
        if "exact" in origin:
            origins.append(origin["exact"])
        else:
            messages.error(
                place / "allowOrigins" / index,
                "an HTTPRoute allows origins by name, not by prefix or regular expression",
            )
    if origins:
        body["allowOrigins"] = origins
    for name in ("allowMethods", "allowHeaders", "exposeHeaders"):
        if policy.get(name):
            body[name] = list(policy[name])
    if "allowCredentials" in policy:
        body["allowCredentials"] = policy["allowCredentials"]
    if "maxAge" in policy:
        body["maxAge"] = int((milliseconds(policy["maxAge"]) or 0) / 1000)
    if "unmatchedPreflights" in policy:
        messages.lost(place / "unmatchedPreflights", "has no counterpart in the Gateway API")
    return body
