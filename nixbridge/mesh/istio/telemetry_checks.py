"""Faults that istiod's admission refuses in a Telemetry. (proto: istio.telemetry.v1alpha1.Telemetry; hook: ValidateTelemetry)"""

from __future__ import annotations

from importlib import import_module

from nixbridge.mesh.istio.host_checks import check_selector
from nixbridge.mesh.istio.target_refs import check_targets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

#: A custom tag's kind -> the field that must not be empty.
TAGS = {"literal": "value", "header": "name", "environment": "name"}


def check_telemetry(context: Context, spec: JsonObject, place: Place) -> None:
    """Report the faults of a converted spec."""
    check_selector(spec.get("selector"), place / "selector", context.messages)
    check_targets(context, spec, lambda name: place / name)
    for signal in ("metrics", "tracing", "accessLogging"):
        for index, entry in enumerate(spec.get(signal, [])):
            for number, provider in enumerate(entry.get("providers", [])):
                if provider.get("name") == "":
                    context.messages.error(place / signal / index / "providers" / number / "name", "must not be empty")
    for index, entry in enumerate(spec.get("metrics", [])):
        for number, override in enumerate(entry.get("overrides", [])):
            _check_override(context, override, place / "metrics" / index / "overrides" / number)
    _check_tracing(context, spec.get("tracing", []), place / "tracing")
    for index, entry in enumerate(spec.get("accessLogging", [])):
        expression = entry.get("filter", {}).get("expression")
        if expression and not _is_cel(expression):
            context.messages.error(
                place / "accessLogging" / index / "filter" / "expression", f"'{expression}' is not an expression of CEL"
            )


def _check_tracing(context: Context, tracing: list[JsonObject], place: Place) -> None:
    if len(tracing) > 1:
        context.messages.warning(place, "only the first of several entries is taken into account")
    for index, entry in enumerate(tracing):
        if len(entry.get("providers", [])) > 1:
            context.messages.warning(place / index / "providers", "only one provider is supported")
        for name, tag in entry.get("customTags", {}).items():
            here = place / index / "customTags" / name
            if not name:
                context.messages.error(here, "the name of a tag must not be empty")
            for kind, field in TAGS.items():
                if kind in tag and not tag[kind].get(field):
                    context.messages.error(here / kind / field, "must not be empty")


def _check_override(context: Context, override: JsonObject, place: Place) -> None:
    for name, tag in override.get("tagOverrides", {}).items():
        here = place / "tagOverrides" / name / "value"
        removes = tag.get("operation") == "REMOVE"
        if not removes and not tag.get("value"):
            context.messages.error(here, "is required with the operation UPSERT")
        elif removes and tag.get("value"):
            context.messages.error(here, "is for the operation UPSERT only")
    if override.get("match", {}).get("customMetric") == "":
        context.messages.error(place / "match" / "customMetric", "must not be empty")


def _is_cel(expression: str) -> bool:
    """Return whether CEL can parse a text, as far as the package cel-python is installed (extra: validate)."""
    try:
        cel = import_module("celpy")
    except ImportError:
        return True
    try:
        cel.Environment().compile(expression)
    except cel.CELParseError:
        return False
    return True
