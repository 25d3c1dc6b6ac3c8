"""mkMeshConfig -> values of the mesh that it configures. (values: istiod, linkerd-control-plane; proto: MeshConfig)"""

from __future__ import annotations

from nixbridge.mesh.installation.helm_releases import CONTROL_PLANE, ISTIOD, LINKERD
from nixbridge.mesh.installation.mesh_settings import check_known, choice, flag, text, without_counterpart
from nixbridge.mesh.istio.destination_rule.outlier_detection import convert_outlier_detection
from nixbridge.mesh.istio.virtual_service.retries import convert_retries
from nixbridge.mesh.model.durations import wrong_duration
from nixbridge.mesh.model.record_data import MISSING
from nixbridge.mesh.schema.field_walk import is_empty
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.installation.helm_releases import Mesh
    from nixbridge.mesh.model.record_data import Record
    from nixbridge.mesh.model.render_context import Context

BUILDER = "mkMeshConfig"
#: proto: MeshConfig.default_traffic_policy.
FIRST_DEFAULT_TRAFFIC_POLICY = (1, 31)
SELECTOR, RETRIES = "meshConfig.ingressSelector", "meshConfig.defaultHttpRetryPolicy"
INBOUND_POLICY = "proxy.defaultInboundPolicy"
SNIFFING = ("pilot.enableProtocolSniffingForOutbound", "pilot.enableProtocolSniffingForInbound")
GRACE_PERIOD = "pilot.env.PILOT_WORKLOAD_ENTRY_GRACE_PERIOD"
#: mTLS mode -> Linkerd's policy for traffic that no other policy decides on.
INBOUND_POLICIES = {"PERMISSIVE": "all-unauthenticated", "STRICT": "all-authenticated"}
WITHOUT_LINKERD = (
    "protocolDetectionEnabled",
    "gatewaySelector",
    "serviceDiscoveryType",
    "defaultCircuitBreakerPolicy",
    "defaultRetryPolicy",
    "defaultTimeout",
    "enableWorkloadEntryCleanup",
    "workloadEntryCleanupAge",
)


def mesh_type(context: Context, record: Record) -> str | None:
    """Return `istio` or `linkerd`; None after an error."""
    return choice(context, record, "meshType")


def fill_mesh_config(context: Context, mesh: Mesh, record: Record) -> None:
    """Put the record's settings into the mesh's values."""
    check_known(context, record, record.defaults)
    if mesh.kind == LINKERD:
        _linkerd(context, mesh, record)
    else:
        _istio(context, mesh, record)


def _istio(context: Context, mesh: Mesh, record: Record) -> None:
    _gateway_selector(context, mesh, record)
    _circuit_breaker(context, mesh, record)
    _retries(context, mesh, record)
    _workload_entries(context, mesh, record)
    if not flag(context, record, "protocolDetectionEnabled"):
        place = record / "protocolDetectionEnabled"
        if all(mesh.knows(ISTIOD, key) for key in SNIFFING):
            for key in SNIFFING:
                mesh.put(context, ISTIOD, key, False, place)
        else:
            context.messages.lost(place, "cannot be switched off since Istio 1.19: declare the protocol of each port")
    if text(context, record, "serviceDiscoveryType") != "kubernetes":
        context.messages.warning(
            record / "serviceDiscoveryType", "istiod reads the registry of Kubernetes; no other registry is rendered"
        )
    no_timeout = {"defaultTimeout": "Istio has no mesh-wide request timeout; set it in VirtualServices"}
    without_counterpart(context, record, no_timeout)


def _gateway_selector(context: Context, mesh: Mesh, record: Record) -> None:
    selector, place = record.get("gatewaySelector"), record / "gatewaySelector"
    if is_empty(selector):
        return
    if not isinstance(selector, dict):
        context.messages.error(place, f"must be a set but is {type_text(selector)}")
        return
    for name, value in selector.items():
        if name != "istio":
            context.messages.warning(place / name, "meshConfig.ingressSelector supports only the label istio")
        elif isinstance(value, str):
            mesh.put(context, ISTIOD, SELECTOR, value, place / name)
        else:
            context.messages.error(place / name, f"must be a string but is {type_text(value)}")


def _circuit_breaker(context: Context, mesh: Mesh, record: Record) -> None:
    place = record / "defaultCircuitBreakerPolicy"
    if mesh.release < FIRST_DEFAULT_TRAFFIC_POLICY:
        reason = "Istio has no mesh-wide circuit breaking before 1.31; set it in DestinationRules"
        without_counterpart(context, record, {"defaultCircuitBreakerPolicy": reason})
        return
    block = convert_outlier_detection(context, record.get("defaultCircuitBreakerPolicy"), place)
    if block is not MISSING:
        mesh.put(context, ISTIOD, "meshConfig.defaultTrafficPolicy", {"outlierDetection": block}, place)


def _retries(context: Context, mesh: Mesh, record: Record) -> None:
    place = record / "defaultRetryPolicy"
    policy = convert_retries(context, record.get("defaultRetryPolicy"), place)
    if policy is MISSING:
        return
    if policy.pop("perTryTimeout", None) is not None:
        context.messages.lost(place / "perTryTimeout", "meshConfig.defaultHttpRetryPolicy ignores it")
    mesh.put(context, ISTIOD, RETRIES, policy, place)


def _workload_entries(context: Context, mesh: Mesh, record: Record) -> None:
    if not flag(context, record, "enableWorkloadEntryCleanup"):
        context.messages.warning(record / "enableWorkloadEntryCleanup", "Istio always cleans up")
    if is_empty(record.get("workloadEntryCleanupAge")):
        return
    age, place = text(context, record, "workloadEntryCleanupAge"), record / "workloadEntryCleanupAge"
    wrong = wrong_duration(age, least=0)
    if wrong:
        context.messages.error(place, wrong)
    mesh.put(context, ISTIOD, GRACE_PERIOD, age, place)


def _linkerd(context: Context, mesh: Mesh, record: Record) -> None:
    reason = "Linkerd has no mesh-wide setting for it"
    without_counterpart(context, record, dict.fromkeys(WITHOUT_LINKERD, reason))
    mode, place = choice(context, record, "defaultMtlsPolicy"), record / "defaultMtlsPolicy"
    if mode in INBOUND_POLICIES:
        mesh.put(context, CONTROL_PLANE, INBOUND_POLICY, INBOUND_POLICIES[mode], place)
    elif mode is not None:
        context.messages.warning(place, f"Linkerd has no such policy: {' and '.join(INBOUND_POLICIES)} have one")
