"""Nixernetes' circuit breakers as Istio's outlier detection. (proto: OutlierDetection; hook: validateOutlierDetection)

`consecutiveErrors` becomes `consecutive5xxErrors`: istiod reads the old field in its validation only and then ignores
it, so passing it on would switch circuit breaking to Istio's defaults. `consecutiveGatewayErrors`, which counts what
the old field counted, is off whenever it is not below consecutive5xxErrors (5 by default).
"""

from __future__ import annotations

from nixbridge.mesh.model.record_data import MISSING, same
from nixbridge.mesh.schema.field_tables import named
from nixbridge.mesh.schema.field_walk import is_empty
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

OLD, NEW = "consecutiveErrors", "consecutive5xxErrors"


def convert_outlier_detection(context: Context, value: object, place: Place) -> Any:
    """Return the block; MISSING where there is none, or where it is switched off (`enabled = false`)."""
    if context.verbatim:
        return _check_written(context, value, place)
    if is_empty(value):
        return MISSING
    if not isinstance(value, dict):
        context.messages.error(place, f"must be a set but is {type_text(value)}")
        return MISSING
    enabled = value.get("enabled")
    if enabled is not None and not isinstance(enabled, bool):
        context.messages.error(place / "enabled", f"must be true or false but is {type_text(enabled)}")
    if enabled is False:
        note_without_effect(context, value, place)
        return MISSING
    if not is_empty(value.get("minRequestVolume")):
        context.messages.lost(place / "minRequestVolume", "Istio's outlier detection has no minimum request volume")
    known = {name: item for name, item in value.items() if name not in ("enabled", "minRequestVolume", OLD)}
    node = named("OutlierDetection")
    converted = context.walk.convert(known, node, place)
    if converted is MISSING:
        return MISSING
    if not is_empty(value.get(OLD)):
        _put_old(context, converted, context.walk.convert(value[OLD], node["fields"][NEW], place / OLD), place / OLD)
    _check_local_origin(context, converted, place)
    # an empty block is outlier detection with Istio's defaults, which is what `enabled = true` alone asks for
    return converted if converted or enabled else MISSING


def _put_old(context: Context, converted: dict[str, object], number: object, place: Place) -> None:
    """Put the number of the old name under the new one, which takes precedence where both are set."""
    if NEW in converted and not same(converted[NEW], number):
        context.messages.warning(place, f"{NEW} is also set and takes precedence")
    elif number is not MISSING:
        converted[NEW] = number


def _check_written(context: Context, value: object, place: Place) -> Any:
    """Return a block of a manifest. istiod ignores its deprecated field, so only a warning is due."""
    converted = context.walk.convert(value, named("OutlierDetection"), place)
    if converted is not MISSING:
        if converted.get(OLD):
            context.messages.warning(place / OLD, f"is deprecated and ignored: use {NEW} or consecutiveGatewayErrors")
        _check_local_origin(context, converted, place)
    return converted


def _check_local_origin(context: Context, converted: dict[str, object], place: Place) -> None:
    if converted.get("consecutiveLocalOriginFailures") and not converted.get("splitExternalLocalOriginErrors"):
        context.messages.error(
            place / "consecutiveLocalOriginFailures", "also needs splitExternalLocalOriginErrors = true"
        )


def note_without_effect(context: Context, block: dict[str, object], place: Place) -> None:
    """Note each setting of a block that is switched off (`enabled = false`)."""
    for name in block:
        if name != "enabled" and (place / name).is_set():
            context.messages.note(place / name, "has no effect: enabled = false")
