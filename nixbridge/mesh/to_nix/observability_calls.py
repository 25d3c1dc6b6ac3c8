"""The parameters of mkObservabilityConfig that gave a mesh-wide Telemetry and values of an installation."""

from __future__ import annotations

from decimal import Decimal

from nixbridge.mesh.installation.helm_releases import CONTROL_PLANE, ISTIOD
from nixbridge.mesh.installation.observability_config import LINKERD_LOG_LEVELS, LOG_LEVELS
from nixbridge.mesh.istio.tracing import PROVIDERS, full_service
from nixbridge.mesh.model.record_data import MISSING, value_at
from nixbridge.mesh.to_nix.installation import known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.to_nix.installation import Installation

#: Lists of a Telemetry's spec that a record describes with switches; the rest of the spec is added to it.
SIGNALS = ("accessLogging", "metrics", "tracing")
CLUSTER = ".svc.cluster.local"


def observability_parameters(mesh: Installation, telemetry: dict[str, object]) -> dict[str, object]:
    """Return the parameters that a Telemetry and the values tell together."""
    spec = telemetry.get("spec")
    parameters = {
        "accessLogEnabled": value_at(spec, ("accessLogging", 0, "disabled")) is not True,
        "metricsEnabled": value_at(spec, ("metrics", 0, "overrides")) is MISSING,
        **_tracing(mesh, spec),
        **_access_log_format(mesh),
    }
    level = (mesh.at(ISTIOD, "global.proxy.logLevel"), mesh.at(ISTIOD, "global.logging.level"))
    names = [name for name, (sidecars, istiod) in LOG_LEVELS.items() if level == (sidecars, f"default:{istiod}")]
    return parameters | ({"logLevel": names[0]} if names else {})


def added_to_telemetry(telemetry: JsonObject) -> JsonObject:
    """Return the fields of a Telemetry that have no parameter: labels, annotations, targets."""
    metadata, spec = telemetry["metadata"], telemetry.get("spec")
    added = {name: metadata[name] for name in ("labels", "annotations") if name in metadata}
    rest = spec if isinstance(spec, dict) else {}
    return added | {name: value for name, value in rest.items() if name not in SIGNALS}


def linkerd_observability_parameters(mesh: Installation) -> dict[str, object] | None:
    """Return the parameters that Linkerd's values tell; None where nothing in them is a mkObservabilityConfig's."""
    found = mesh.at(CONTROL_PLANE, "controllerLogLevel")
    names = [name for name, level in LINKERD_LOG_LEVELS.items() if level == found]
    return {"logLevel": names[0]} if names else None


def _tracing(mesh: Installation, spec: object) -> dict[str, object]:
    entry = value_at(spec, ("tracing", 0))
    if value_at(entry, ("disableSpanReporting",)) is True:
        return {"tracingEnabled": False}
    percentage = value_at(entry, ("randomSamplingPercentage",))
    rate = None if percentage is MISSING else _share(percentage)
    provider = value_at(entry, ("providers", 0, "name"))
    return known(tracingProvider=provider, tracingSamplingRate=rate) | _address(mesh, provider)


def _share(percentage: object) -> object:
    """Return a percentage as a share, 7 -> 0.07, computed in decimal: as floats, 0.7 / 100 is 0.006999999999999999."""
    if not isinstance(percentage, (int, float)) or isinstance(percentage, bool):
        return percentage
    return float(Decimal(repr(percentage)) / 100)


def _address(mesh: Installation, provider: object) -> dict[str, object]:
    """Return the collector's address, as short as it may be; none where it is the provider's usual one."""
    entry = value_at(mesh.at(ISTIOD, "meshConfig.extensionProviders"), (0,))
    kinds = [value for value in entry.values() if isinstance(value, dict)] if isinstance(entry, dict) else []
    service, port = (value_at(kinds, (0, name)) for name in ("service", "port"))
    if not isinstance(provider, str) or provider not in PROVIDERS or not isinstance(service, str):
        return {}
    usual, usual_port = PROVIDERS[provider]
    if (service, port) == (full_service(usual, mesh.namespace), usual_port):
        return {}
    short = service.removesuffix(CLUSTER) if service.count(".") == CLUSTER.count(".") + 1 else service
    return {"tracingCollectorAddress": f"{short.removesuffix(f'.{mesh.namespace}')}:{port}"}


def _access_log_format(mesh: Installation) -> dict[str, object]:
    if mesh.at(ISTIOD, "meshConfig.accessLogEncoding") == "JSON":
        return {"accessLogFormat": "json"}
    layout = mesh.at(ISTIOD, "meshConfig.accessLogFormat")
    return {"accessLogFormat": layout.removesuffix("\n")} if isinstance(layout, str) else {}
