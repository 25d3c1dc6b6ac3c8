"""Headers that a route sets, adds and removes: names and values that Envoy takes. (hook: ValidateHTTPHeader...)"""

from __future__ import annotations

import re

from nixbridge.mesh.model.kubernetes_names import header_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place

_AUTHORITY = (":authority", "host")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
#: Text with `%%` and whole `%VARIABLE(arguments)%` in it. (envoyproxy/envoy source/common/router/header_parser.cc)
_VALUE = re.compile(r'(?:[^%]|%%|%[^%(]+%|%[^%(]+\((?:"(?:\\.|[^"\\])*"|[^)"])*\) *%)*', re.DOTALL)


def check_header_operations(headers: JsonObject, place: Place, messages: Messages) -> None:
    """Check a converted `{ request, response }`, each `{ add, set, remove }`."""
    for side, operations in headers.items():
        for operation in ("add", "set"):
            for name, value in operations.get(operation, {}).items():
                here = place / side / operation / name
                wrong = _wrong_name(name, authority=side == "request") or wrong_header_value(value)
                if wrong:
                    messages.error(here, wrong)
        for index, name in enumerate(operations.get("remove", [])):
            wrong = _wrong_name(name, authority=False)
            if wrong:
                messages.error(place / side / "remove" / index, wrong)


def check_one_authority(route: JsonObject, place: Place, messages: Messages) -> None:
    """Check that the authority is rewritten in one place only. (hook: validateAuthorityRewrite)"""
    request = route.get("headers", {}).get("request", {})
    found = [place / "rewrite" / "authority"] if route.get("rewrite", {}).get("authority") else []
    for operation in ("set", "add"):
        for name in request.get(operation, {}):
            if name.lower() in _AUTHORITY:
                found.append(place / "headers" / "request" / operation / name)
    for again in found[1:]:
        messages.error(again, f"the authority is set already, at {found[0]}")


def check_cors_headers(names: list[str], place: Place, messages: Messages) -> None:
    """Check `*` or names of headers. (hook: ValidateCORSHTTPHeaderName)"""
    for index, name in enumerate(names):
        wrong = None if name == "*" else header_name(name)
        if wrong:
            messages.error(place / index, wrong)


def _wrong_name(name: str, *, authority: bool) -> str | None:
    if not name:
        return "the name of a header cannot be empty"
    if name.lower() in _AUTHORITY:
        return None if authority else f"'{name}' cannot be changed here"
    return f"'{name}': headers that begin with ':' cannot be changed" if name.startswith(":") else None


def wrong_header_value(value: str) -> str | None:
    """Return the fault of a header's value, in which `%` begins a variable and `%%` is a percent sign."""
    if _CONTROL.search(value):
        return "the value of a header holds no control characters"
    if not _VALUE.fullmatch(value):
        return "a '%' in it begins a variable that does not end: write '%%' for a percent sign"
    return None
