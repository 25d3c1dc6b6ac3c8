"""mkObservabilityConfig -> a mesh-wide Telemetry and values.

(proto: istio.telemetry.v1alpha1.Telemetry; values: istiod, linkerd-viz)
"""

from __future__ import annotations

from decimal import Decimal

from nixbridge.mesh.installation.helm_releases import CONTROL_PLANE, ISTIOD, VIZ
from nixbridge.mesh.installation.mesh_settings import check_known, choice, flag, text, without_counterpart
from nixbridge.mesh.installation.plain_settings import report_lost
from nixbridge.mesh.istio.host_checks import check_selector
from nixbridge.mesh.istio.target_refs import check_targets
from nixbridge.mesh.istio.tracing import observability_tracing
from nixbridge.mesh.model.manifest import Manifest, Metadata, istio_manifest
from nixbridge.mesh.model.record_data import MISSING, Place
from nixbridge.mesh.model.resource import METADATA
from nixbridge.mesh.schema.field_tables import KINDS, node_at
from nixbridge.mesh.schema.field_walk import is_empty
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.installation.helm_releases import Mesh
    from nixbridge.mesh.model.record_data import Record
    from nixbridge.mesh.model.render_context import Context

BUILDER, KIND = "mkObservabilityConfig", "Telemetry"
#: Level -> that of the sidecars, that of istiod.
LOG_LEVELS = {
    "trace": ("trace", "debug"),
    "debug": ("debug", "debug"),
    "info": ("info", "info"),
    "warn": ("warning", "warn"),
    "warning": ("warning", "warn"),
    "error": ("error", "error"),
    "critical": ("critical", "fatal"),
    "off": ("off", "none"),
}
#: Level -> that of Linkerd's control plane and proxies.
LINKERD_LOG_LEVELS = {
    "trace": "trace",
    "debug": "debug",
    "info": "info",
    "warn": "warn",
    "warning": "warn",
    "error": "error",
}
#: Switches of the dashboard, which ask for nothing when they are off.
DASHBOARD_SWITCHES = {
    "dashboardEnabled": "the dashboard has its own chart",
    "topologyEnabled": "belongs to the dashboard",
}
WITHOUT_LINKERD = {
    "tracingProvider": "Linkerd's charts have no tracing provider to choose here",
    "tracingSamplingRate": "Linkerd leaves sampling to the ingress",
    "tracingCollectorAddress": "mkLinkerdMesh has tracingCollector for it",
    "accessLogFormat": "Linkerd's proxies choose with the annotation config.linkerd.io/access-log",
}
LINKERD_SWITCHES = {
    **DASHBOARD_SWITCHES,
    "tracingEnabled": "mkLinkerdMesh has enableTracing for it",
    "accessLogEnabled": "an annotation of pods and namespaces: config.linkerd.io/access-log",
}
OFF_METRICS = [{"match": {"metric": "ALL_METRICS"}, "disabled": True}]


def observability(context: Context, mesh: Mesh, record: Record) -> list[Manifest]:
    """Put the record's settings into the mesh's values, and return the Telemetry (none for Linkerd)."""
    if mesh.kind == "linkerd":
        check_known(context, record, record.defaults)
        _linkerd(context, mesh, record)
        return []
    known = {*record.defaults, *METADATA, *(KINDS[KIND]["fields"].keys() - {"tracing", "metrics", "accessLogging"})}
    check_known(context, record, known)
    spec = {
        "accessLogging": _access_log(context, mesh, record),
        "metrics": _metrics(context, record),
        "tracing": _tracing(context, mesh, record),
    }
    for name in ("selector", "targetRef", "targetRefs"):
        if not is_empty(record.get(name)):
            converted = context.walk.convert(record.get(name), node_at(KIND, [name]), record / name)
            if converted is not MISSING:
                spec[name] = converted
    check_selector(spec.get("selector"), record / "selector", context.messages)
    check_targets(context, spec, lambda name: record / name)
    _log_level(context, mesh, record)
    _switches(context, record, DASHBOARD_SWITCHES)
    report_lost(context, record)
    metadata = Metadata(Place(record), context.messages, mesh.namespace)
    return [istio_manifest(KIND, metadata, spec, Place(record), context.istio)]


def _switches(context: Context, record: Record, reasons: dict[str, str]) -> None:
    """Report the switches that are on and have no counterpart; one that is off asks for nothing."""
    for name, reason in reasons.items():
        if flag(context, record, name):
            context.messages.lost(record / name, reason)


def _metrics(context: Context, record: Record) -> list[dict[str, object]]:
    metrics, prometheus = flag(context, record, "metricsEnabled"), flag(context, record, "prometheusEnabled")
    entry: dict[str, object] = {"providers": [{"name": "prometheus"}]}
    if metrics and not prometheus:
        context.messages.warning(
            record / "prometheusEnabled", "no other metrics provider exists: all metrics are switched off"
        )
    if not metrics or not prometheus:
        entry["overrides"] = OFF_METRICS
    return [entry]


def _access_log(context: Context, mesh: Mesh, record: Record) -> list[dict[str, object]]:
    layout, place = text(context, record, "accessLogFormat"), record / "accessLogFormat"
    if layout.lower() == "json":
        mesh.put(context, ISTIOD, "meshConfig.accessLogEncoding", "JSON", place)
    # Envoy puts nothing between entries: without a newline all would be one line
    elif layout.lower() not in ("default", "text", ""):
        mesh.put(context, ISTIOD, "meshConfig.accessLogFormat", layout.removesuffix("\n") + "\n", place)
    if flag(context, record, "accessLogEnabled"):
        return [{"providers": [{"name": "envoy"}]}]
    return [{"disabled": True}]


def _tracing(context: Context, mesh: Mesh, record: Record) -> list[dict[str, object]]:
    rate = _sampling(context, record)
    if not flag(context, record, "tracingEnabled"):
        for name in ("tracingProvider", "tracingSamplingRate", "tracingCollectorAddress"):
            if (record / name).is_set():
                context.messages.warning(record / name, "has no effect: tracingEnabled is false")
        return [{"disableSpanReporting": True}]
    entry: dict[str, object] = {}
    provider = observability_tracing(context, mesh, record)
    if provider is not None:
        entry["providers"] = [{"name": provider}]
    if rate is not None:
        entry["randomSamplingPercentage"] = rate
    mesh.put(context, ISTIOD, "meshConfig.enableTracing", True, record / "tracingEnabled")
    return [entry]


def _sampling(context: Context, record: Record) -> int | float | None:
    """Return a share (0..1) as a percentage, multiplied in decimal: 0.07 is 7, not 7.000000000000001."""
    rate, place = record.get("tracingSamplingRate"), record / "tracingSamplingRate"
    if rate is None:
        return None
    if not isinstance(rate, (int, float)) or isinstance(rate, bool):
        context.messages.error(place, f"must be a number but is {type_text(rate)}")
        return None
    if not 0 <= rate <= 1:
        context.messages.error(place, f"{rate} is not between 0 and 1")
        return None
    percentage = Decimal(repr(rate)) * 100
    return int(percentage) if percentage == int(percentage) else float(percentage)


def _log_level(context: Context, mesh: Mesh, record: Record) -> None:
    level, place = choice(context, record, "logLevel"), record / "logLevel"
    if level is not None:
        sidecars, istiod = LOG_LEVELS[level]
        mesh.put(context, ISTIOD, "global.proxy.logLevel", sidecars, place)
        mesh.put(context, ISTIOD, "global.logging.level", f"default:{istiod}", place)


def _linkerd(context: Context, mesh: Mesh, record: Record) -> None:
    level, place = choice(context, record, "logLevel", tuple(LINKERD_LOG_LEVELS)), record / "logLevel"
    if level is not None:
        mesh.put(context, CONTROL_PLANE, "controllerLogLevel", LINKERD_LOG_LEVELS[level], place)
        # as in the chart's own default, the libraries of the proxy stay at warn
        mesh.put(context, CONTROL_PLANE, "proxy.logLevel", f"warn,linkerd={LINKERD_LOG_LEVELS[level]}", place)
    metrics, prometheus = flag(context, record, "metricsEnabled"), flag(context, record, "prometheusEnabled")
    # the message about a lost value is shown at the switch that is off
    decides = "metricsEnabled" if not metrics else "prometheusEnabled"
    mesh.put(context, VIZ, "prometheus.enabled", metrics and prometheus, record / decides)
    _switches(context, record, LINKERD_SWITCHES)
    without_counterpart(context, record, WITHOUT_LINKERD)
    report_lost(context, record)
