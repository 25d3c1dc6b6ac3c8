"""Conditions of a VirtualService's HTTP routes as matches of HTTPRoutes and GRPCRoutes.

A condition that has no counterpart is an error: without it the route would take requests that were not meant.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place

#: Conditions of HTTPMatchRequest that the Gateway API has as well. (proto: HTTPMatchRequest)
_KNOWN = ("uri", "method", "headers", "queryParams", "name", "statPrefix")
#: Methods that HTTPRoute knows.
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
GRPC = "application/grpc"


def http_match(match: JsonObject, place: Place, messages: Messages) -> JsonObject:
    """Return one match of an HTTPRoute."""
    _refuse_others(match, place, messages)
    found: JsonObject = {}
    if "uri" in match:
        found["path"] = _path(match["uri"], place / "uri", messages)
    for name in ("headers", "queryParams"):
        conditions = [
            _named(key, text, place / name / key, messages) for key, text in sorted(match.get(name, {}).items())
        ]
        if conditions:
            found[name] = conditions
    if "method" in match:
        method = match["method"].get("exact")
        if method in METHODS:
            found["method"] = method
        else:
            messages.error(place / "method", f"an HTTPRoute matches one method exactly: {', '.join(METHODS)}")
    return found


def _path(text: JsonObject, place: Place, messages: Messages) -> JsonObject:
    if "exact" in text:
        return {"type": "Exact", "value": text["exact"]}
    if "regex" in text:
        return {"type": "RegularExpression", "value": text["regex"]}
    prefix = text["prefix"]
    if not prefix.endswith("/"):
        messages.warning(
            place / "prefix",
            f"'{prefix}' matches whole path elements only: '{prefix}/a', but not '{prefix}a'",
        )
    return {"type": "PathPrefix", "value": prefix}


def _named(name: str, text: JsonObject, place: Place, messages: Messages) -> JsonObject:
    """Return the condition on a header or a query parameter; a prefix is written as a regular expression."""
    if "exact" in text:
        return {"type": "Exact", "name": name, "value": text["exact"]}
    if "regex" in text:
        return {"type": "RegularExpression", "name": name, "value": text["regex"]}
    if "prefix" in text:
        return {"type": "RegularExpression", "name": name, "value": f"{re.escape(text['prefix'])}.*"}
    return {"type": "RegularExpression", "name": name, "value": ".*"}


def _refuse_others(match: dict[str, object], place: Place, messages: Messages) -> None:
    for name in match:
        if name not in _KNOWN:
            messages.error(
                place / name, "has no counterpart in the Gateway API, and the route would match too much without it"
            )
        elif name in ("name", "statPrefix"):
            messages.lost(place / name, "a match of the Gateway API has no name")


def is_grpc(route: JsonObject) -> bool:
    """Return whether every match of a route asks for gRPC: its content type, and a path of service and method at most."""
    matches = route.get("match", [])
    return bool(matches) and all(_asks_for_grpc(match) for match in matches)


def _asks_for_grpc(match: JsonObject) -> bool:
    content = match.get("headers", {}).get("content-type", {})
    wanted = content.get("exact", content.get("prefix", ""))
    return bool(wanted.startswith(GRPC)) and ("uri" not in match or _grpc_method(match["uri"]) is not None)


def _grpc_method(uri: JsonObject) -> dict[str, object] | None:
    """Return the method of a path `/package.Service/Method`, or the service of the prefix `/package.Service/`."""
    exact = re.fullmatch(r"/([\w.]+)/(\w+)", uri.get("exact", ""))
    if exact is not None:
        return {"type": "Exact", "service": exact[1], "method": exact[2]}
    prefix = re.fullmatch(r"/([\w.]+)/", uri.get("prefix", ""))
    return {"type": "Exact", "service": prefix[1]} if prefix is not None else None


def grpc_match(match: JsonObject, place: Place, messages: Messages) -> JsonObject:
    """Return one match of a GRPCRoute: method and headers, without the content type that selected the kind."""
    _refuse_others({name: value for name, value in match.items() if name != "method"}, place, messages)
    found: JsonObject = {}
    if "uri" in match:
        found["method"] = _grpc_method(match["uri"])
    headers = [
        _named(key, text, place / "headers" / key, messages)
        for key, text in sorted(match["headers"].items())
        if key != "content-type"
    ]
    return found | ({"headers": headers} if headers else {})
