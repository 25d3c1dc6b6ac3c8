"""Retry policies: HTTPRetry in a route, in a record, in a mesh. (proto: HTTPRetry; hook: validateHTTPRetry)"""

from __future__ import annotations

from http import HTTPStatus

from nixbridge.errors.suggest import nearest
from nixbridge.mesh.model.record_data import MISSING
from nixbridge.mesh.schema.field_tables import node_at, resolve
from nixbridge.mesh.schema.field_walk import is_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

#: What istiod knows besides HTTP statuses.
RETRY_ON = (
    "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx", "refused-stream",
    "retriable-status-codes", "retriable-headers", "envoy-ratelimited", "http3-post-connect-failure", "cancelled",
    "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
)  # fmt: skip
_STATUSES = {str(status.value) for status in HTTPStatus}
#: What istiod refuses beside `attempts: 0`, which switches retries off.
OFF = {"attempts": 0}


def convert_retries(context: Context, value: object, place: Place, converted: JsonObject | None = None) -> Any:
    """Return the policy as Istio takes it; MISSING where none is given. `converted`: the value, already walked along its fields.

    `attempts = 0` excludes all other fields. Blanks in `retryOn` are removed: istiod splits it at commas and refuses blanks.
    """
    if is_empty(value):
        return MISSING
    if converted is None:
        before = context.messages.errors
        converted = context.walk.convert(
            value, resolve(node_at("VirtualService", ["http"]))["items"]["fields"]["retries"], place
        )
        if converted is MISSING or context.messages.errors > before:
            return MISSING
    if context.verbatim:
        return _check_written(context, converted, place)
    if converted.get("attempts") == 0:
        for name in converted:
            if name != "attempts":
                context.messages.warning(place / name, "has no effect: attempts = 0 switches retries off")
        return dict(OFF)
    if "attempts" not in converted:
        if converted:
            context.messages.error(
                place / "attempts", "is required: Istio takes none for 0, which switches retries off"
            )
        return MISSING
    if converted.get("retryOn"):
        converted["retryOn"] = _retry_on(context, converted["retryOn"], place / "retryOn")
    return converted


def _check_written(context: Context, retries: JsonObject, place: Place) -> JsonObject:
    """Return a policy of a manifest; attempts that are not given are 0."""
    for name in ("perTryTimeout", "retryOn", "retryRemoteLocalities"):
        if not retries.get("attempts") and name in retries:
            context.messages.error(place / name, "is refused beside attempts: 0, which switches retries off")
    if retries.get("retryOn"):
        retries["retryOn"] = _retry_on(context, retries["retryOn"], place / "retryOn")
    return retries


def _retry_on(context: Context, text: str, place: Place) -> str:
    tokens = [token if context.verbatim else token.strip() for token in text.split(",")]
    for token in tokens:
        if token not in RETRY_ON and token not in _STATUSES:
            near = nearest(token, RETRY_ON)
            meant = f" (did you mean {near[0]}?)" if near else ""
            context.messages.error(
                place, f"'{token}' is neither a condition that istiod knows nor an HTTP status{meant}"
            )
    return ",".join(tokens)
