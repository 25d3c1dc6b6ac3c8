"""Tracing providers of an Istio mesh: where spans go. (proto: MeshConfig.ExtensionProvider)"""

from __future__ import annotations

import re

from nixbridge.mesh.installation.helm_releases import ISTIOD
from nixbridge.mesh.installation.mesh_settings import choice, text
from nixbridge.mesh.model.kubernetes_names import fqdn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.installation.helm_releases import Mesh
    from nixbridge.mesh.model.record_data import Place, Record
    from nixbridge.mesh.model.render_context import Context

#: Provider -> its service, where no address is given, and the port that Envoy speaks to.
PROVIDERS = {
    "jaeger": ("jaeger-collector", 4317),
    "zipkin": ("zipkin", 9411),
    "datadog": ("datadog-agent", 8126),
    "opentelemetry": ("opentelemetry-collector", 4317),
}
#: Providers whose address may be left to the mesh: the others' is a guess.
USUAL = ("jaeger", "zipkin")
ZIPKIN_PORT = 9411
#: Jaeger's own protocols, which Envoy does not speak.
JAEGER_PORTS = (14268, 14250, 6831, 6832)
_ADDRESS = re.compile(r"([^:/\s]+)(?::(\d{1,5}))?")


def mesh_tracing(context: Context, mesh: Mesh, record: Record) -> None:
    """Put the tracing of a mkIstioMesh record alone into the values: a provider at its usual address in the mesh's namespace."""
    provider = choice(context, record, "tracingProvider")
    if provider is None:
        return
    place = record / "tracingProvider"
    service, port = PROVIDERS[provider]
    if provider not in USUAL:
        context.messages.warning(place, f"no address is given: {service}.{mesh.namespace} is assumed")
    _put(context, mesh, provider, full_service(service, mesh.namespace), port, place)


def observability_tracing(context: Context, mesh: Mesh, record: Record) -> str | None:
    """Return the provider that a mkObservabilityConfig record asks for, put into the values; its name, or None after an error."""
    provider = choice(context, record, "tracingProvider")
    if provider is None:
        return None
    place = record / "tracingCollectorAddress"
    service, port = PROVIDERS[provider]
    if provider == "jaeger" or (place.is_set() and record.get("tracingCollectorAddress") not in (None, "")):
        address = _address(text(context, record, "tracingCollectorAddress"))
        if address is None:
            context.messages.error(place, "is not an address (host or host:port)")
            return provider
        service, port = address[0], address[1] or port
    elif provider not in USUAL:
        context.messages.warning(
            record / "tracingProvider", f"no address is given: {service}.{mesh.namespace} is assumed"
        )
    if provider == "jaeger" and port in JAEGER_PORTS:
        spoken = PROVIDERS[provider][1]
        context.messages.lost(
            place, f"Envoy does not speak what Jaeger expects at {port}: {spoken} (OpenTelemetry) is rendered"
        )
        port = spoken
    _put(context, mesh, provider, full_service(service, mesh.namespace), port, record / "tracingProvider")
    return provider


def _address(address: str) -> tuple[str, int | None] | None:
    found = _ADDRESS.fullmatch(address)
    if found is None or fqdn(found[1]) is not None:
        return None
    port = int(found[2]) if found[2] else None
    return None if port is not None and not 1 <= port <= 65535 else (found[1], port)


def full_service(host: str, namespace: str) -> str:
    """Return `zipkin`, `zipkin.tracing`, `zipkin.tracing.svc` as full names; longer ones, and other domains, as they are."""
    parts = host.split(".")
    if len(parts) == 1:
        return f"{host}.{namespace}.svc.cluster.local"
    if len(parts) == 2:
        return f"{host}.svc.cluster.local"
    return f"{host}.cluster.local" if len(parts) == 3 and parts[2] == "svc" else host


def _put(context: Context, mesh: Mesh, provider: str, service: str, port: int, place: Place) -> None:
    kind = provider
    if provider == "jaeger":
        kind = "zipkin" if port == ZIPKIN_PORT else "opentelemetry"
    entry: dict[str, object] = {"name": provider, kind: {"service": service, "port": port}}
    mesh.put(context, ISTIOD, "meshConfig.extensionProviders", [entry], place)
    mesh.put(context, ISTIOD, "meshConfig.defaultProviders", {"tracing": [provider]}, place)
