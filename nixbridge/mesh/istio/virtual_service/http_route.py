"""Checks of a converted HTTP route of a VirtualService: the errors that istiod's admission webhook reports.

*hook:* istio/istio `pkg/config/validation/virtualservice.go`, `validation.go`.
"""

from __future__ import annotations

import base64
import re

from nixbridge.mesh.istio.host_checks import check_gateways, check_labels
from nixbridge.mesh.istio.virtual_service.headers import (
    check_cors_headers,
    check_header_operations,
    check_one_authority,
)
from nixbridge.mesh.istio.virtual_service.routes import check_destination, check_weights
from nixbridge.mesh.model.durations import milliseconds
from nixbridge.mesh.model.kubernetes_names import dns_label, header_name
from nixbridge.mesh.model.re2 import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE")
GRPC_STATUS = (
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
)
#: What a route with one of these does without a request to a destination; nothing of the second column may are next to it.
ALONE = {
    "redirect": ("route", "directResponse", "fault", "rewrite"),
    "directResponse": ("route", "fault", "rewrite"),
    "delegate": ("route", "redirect"),
}
#: HTTP routes that take no timeout and no retries from their record.
WITHOUT_REQUEST = ("redirect", "directResponse", "delegate")
#: Envoy's denominator for shares is a million, so a smaller percentage would become 0. (hook: validatePercent)
LEAST_PERCENTAGE = 0.0001
#: What HTTP/2 has besides headers; a match may ask for it by name. (RFC 7540, 8.1.2.1)
PSEUDO_HEADERS = (":method", ":scheme", ":authority", ":path", ":status")
#: Bytes of a direct response's body: more slow down istiod, more are refused. (hook: validateHTTPDirectResponse)
LARGE_BODY, MOST_BODY = 100 * 1024, 1024 * 1024
#: The name of a header that stands for a claim of a JWT: `@request.auth.claims.sub`, `@request.auth.claims[sub]`.
_CLAIM = re.compile(r"@request\.auth\.claims(?:\..+|\[.+\])", re.IGNORECASE | re.DOTALL)


def check_http_route(route: JsonObject, place: Place, messages: Messages, *, gateway: bool, delegated: bool) -> None:
    """Check a converted HTTPRoute. `gateway`: it is for gateways only; `delegated`: it is in a VirtualService that others delegate to."""
    _check_action(route, place, messages, delegated=delegated)
    for index, match in enumerate(route.get("match", [])):
        _check_match(match, place / "match" / index, messages, gateway=gateway)
    check_header_operations(route.get("headers", {}), place / "headers", messages)
    check_one_authority(route, place, messages)
    check_weights(route.get("route", []), place / "route", messages)
    for index, target in enumerate(route.get("route", [])):
        check_header_operations(target.get("headers", {}), place / "route" / index / "headers", messages)
    _check_fault(route, place, messages)
    _check_mirrors(route, place, messages)
    _check_redirect(route.get("redirect"), place / "redirect", messages, route.get("match", []))
    _check_direct_response(route.get("directResponse"), place / "directResponse", messages)
    _check_rewrite(route.get("rewrite"), place / "rewrite", messages)
    _check_cors(route.get("corsPolicy"), place / "corsPolicy", messages)
    _check_delegate(route.get("delegate"), place / "delegate", messages)


def _check_action(route: dict[str, object], place: Place, messages: Messages, *, delegated: bool) -> None:
    for name, others in ALONE.items():
        for other in others:
            if name in route and other in route:
                messages.error(place / name, f"{name} and {other} exclude each other")
    if "delegate" in route:
        if delegated:
            messages.error(
                place / "delegate", "a VirtualService without hosts is delegated to, and delegates no further"
            )
    # not for delegating routes: their actions come from the delegate
    elif not any(name in route for name in ("route", *ALONE)):
        messages.error(place / "route", "a route, redirect or directResponse is required")


def _check_match(match: JsonObject, place: Place, messages: Messages, *, gateway: bool) -> None:
    for name in ("uri", "scheme", "method", "authority"):
        if name in match:
            check_string_match(match[name], place / name, messages, empty_prefix=name == "uri")
    for name in ("headers", "withoutHeaders", "queryParams"):
        for key, condition in match.get(name, {}).items():
            # without a header at all: istiod takes that `*` for presence, it is not a regular expression
            if name != "withoutHeaders" or condition.get("regex") != "*":
                check_string_match(condition, place / name / key, messages)
            if name == "queryParams":
                continue
            # istiod puts claims into dynamic metadata at gateways only; a sidecar would never see them
            if _CLAIM.fullmatch(key):
                if not gateway:
                    messages.error(place / name / key, "matching a JWT claim needs gateways (without mesh)")
            elif key not in PSEUDO_HEADERS and header_name(key):
                messages.error(place / name / key, header_name(key) or "")
    check_labels(match.get("sourceLabels", {}), place / "sourceLabels", messages)
    check_gateways(match.get("gateways", []), place / "gateways", messages)
    wrong = dns_label(match["sourceNamespace"]) if match.get("sourceNamespace") else None
    if wrong:
        messages.error(place / "sourceNamespace", wrong)


def _check_fault(route: JsonObject, place: Place, messages: Messages) -> None:
    place = place / "fault"
    if "fault" not in route:
        return
    fault: JsonObject = route["fault"]
    if "delay" not in fault and "abort" not in fault:
        messages.error(place, "needs a delay or an abort")
    for name in ("delay", "abort"):
        share = fault.get(name, {}).get("percentage", {}).get("value", 0)
        # exactly 0 is allowed: it switches the fault off
        if 0 < share < LEAST_PERCENTAGE:
            messages.error(place / name / "percentage", f"{share} is less than Envoy takes: {LEAST_PERCENTAGE} or 0")
    delay = fault.get("delay", {})
    if "exponentialDelay" in delay:
        messages.error(place / "delay" / "exponentialDelay", "Istio does not support it (yet): use fixedDelay")
    elif "delay" in fault and "fixedDelay" not in delay:
        messages.warning(place / "delay", "delays nothing without fixedDelay")
    abort = fault.get("abort", {})
    if "http2Error" in abort:
        messages.error(place / "abort" / "http2Error", "Istio does not support it (yet): use httpStatus or grpcStatus")
    if "grpcStatus" in abort and abort["grpcStatus"] not in GRPC_STATUS:
        messages.error(
            place / "abort" / "grpcStatus", f"'{abort['grpcStatus']}' is not one of {', '.join(GRPC_STATUS)}"
        )
    if "abort" in fault and not any(name in abort for name in ("httpStatus", "grpcStatus", "http2Error")):
        messages.warning(place / "abort", "aborts nothing without httpStatus or grpcStatus")


def _check_mirrors(route: JsonObject, place: Place, messages: Messages) -> None:
    if "mirror" in route and "mirrors" in route:
        messages.error(place / "mirror", "mirror and mirrors exclude each other")
    if "mirror" in route:
        check_destination(route["mirror"], place / "mirror", messages)
    for index, mirror in enumerate(route.get("mirrors", [])):
        check_destination(mirror.get("destination", {}), place / "mirrors" / index / "destination", messages)


def _check_redirect(redirect: JsonObject | None, place: Place, messages: Messages, matches: list[JsonObject]) -> None:
    if redirect is None:
        return
    if not any(redirect.get(name) for name in ("uri", "authority", "port", "derivePort", "scheme", "prefixRewrite")):
        messages.error(place, "needs a uri, an authority, a port or a scheme")
    if redirect.get("scheme", "") not in ("", "http", "https"):
        messages.error(place / "scheme", f"'{redirect['scheme']}' is neither http nor https")
    if redirect.get("uri") and redirect.get("prefixRewrite"):
        messages.error(place / "prefixRewrite", "uri and prefixRewrite exclude each other")
    if redirect.get("prefixRewrite") and any("uri" in match and "prefix" not in match["uri"] for match in matches):
        messages.error(place / "prefixRewrite", "needs every uri match to be a prefix, which is what it replaces")
    code = redirect.get("redirectCode", 0)
    if code and not 300 <= code <= 399:
        messages.error(place / "redirectCode", f"{code} is not within 300..399")


def _check_direct_response(response: JsonObject | None, place: Place, messages: Messages) -> None:
    body = (response or {}).get("body", {})
    # the walk along the fields has checked the base64 already
    size = len(body.get("string", "").encode("utf-8", "replace")) + len(base64.b64decode(body.get("bytes", "")))
    if size > MOST_BODY:
        messages.error(place / "body", f"has {size} bytes: Istio takes {MOST_BODY}")
    elif size > LARGE_BODY:
        messages.warning(place / "body", f"has {size} bytes: more than {LARGE_BODY} slow istiod down")


def _check_rewrite(rewrite: JsonObject | None, place: Place, messages: Messages) -> None:
    if rewrite is None:
        return
    regex = rewrite.get("uriRegexRewrite")
    if rewrite.get("uri") and regex:
        messages.error(place / "uri", "uri and uriRegexRewrite exclude each other")
    if not rewrite.get("uri") and not regex and not rewrite.get("authority"):
        messages.error(place, "needs a uri, a uriRegexRewrite or an authority")
    if regex is not None:
        for name in ("match", "rewrite"):
            if not regex.get(name):
                messages.error(place / "uriRegexRewrite" / name, "is required")
        if regex.get("match"):
            check_string_match({"regex": regex["match"]}, place / "uriRegexRewrite", messages, regex_at="match")


def _check_cors(policy: JsonObject | None, place: Place, messages: Messages) -> None:
    if policy is None:
        return
    for index, origin in enumerate(policy.get("allowOrigins", [])):
        if not any(origin.values()):
            messages.error(place / "allowOrigins" / index, "needs an exact, a prefix or a regex that is not empty")
        else:
            check_string_match(origin, place / "allowOrigins" / index, messages)
    for index, method in enumerate(policy.get("allowMethods", [])):
        if method not in METHODS:
            messages.error(place / "allowMethods" / index, f"'{method}' is not one of {', '.join(METHODS)}")
    for name in ("allowHeaders", "exposeHeaders"):
        check_cors_headers(policy.get(name, []), place / name, messages)
    length = milliseconds(policy["maxAge"]) if "maxAge" in policy else None
    if length is not None and length % 1000:
        messages.error(place / "maxAge", f"'{policy['maxAge']}' must be in whole seconds")


def _check_delegate(delegate: JsonObject | None, place: Place, messages: Messages) -> None:
    for name, value in (delegate or {}).items():
        wrong = dns_label(value) if value else None
        if wrong:
            messages.error(place / name, wrong)


#: hook: validateStringRegexp
LONGEST_REGEX = 1024


def wrong_regex(text: str) -> str | None:
    """Return the fault of a regular expression for RE2 (github.com/google/re2/wiki/Syntax), or None."""
    if not text:
        return "an empty regular expression is refused"
    if len(text) > LONGEST_REGEX:
        return f"the regular expression is longer than Istio takes ({LONGEST_REGEX} characters)"
    wrong = refused(text)
    return f"is not a regular expression of RE2, which Istio reads: {wrong}" if wrong else None


def check_string_match(
    match: dict[str, str], place: Place, messages: Messages, *, empty_prefix: bool = False, regex_at: str = "regex"
) -> None:
    """Check a converted StringMatch: `{ exact }`, `{ prefix }` or `{ regex }`; `{ }` asks for presence.

    `empty_prefix`: a prefix may be empty, as that of a path, which Envoy then takes for every path.
    """
    if match.get("prefix") == "" and not empty_prefix:
        messages.error(place / "prefix", "an empty prefix is refused; leave the condition out to match everything")
    if "regex" in match:
        wrong = wrong_regex(match["regex"])
        if wrong:
            messages.error(place / regex_at, wrong)
