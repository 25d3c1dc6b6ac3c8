"""The parameters of mkMeshConfig that gave values of an installation."""

from __future__ import annotations

from nixbridge.mesh.installation.helm_releases import CONTROL_PLANE, ISTIOD, LINKERD
from nixbridge.mesh.installation.mesh_config import (
    FIRST_DEFAULT_TRAFFIC_POLICY,
    GRACE_PERIOD,
    INBOUND_POLICIES,
    INBOUND_POLICY,
    RETRIES,
    SELECTOR,
    SNIFFING,
)
from nixbridge.mesh.model.record_data import MISSING
from nixbridge.mesh.model.releases import NEWEST_ISTIO, release_of
from nixbridge.mesh.to_nix.candidates import circuit_breaker
from nixbridge.mesh.to_nix.istio_mesh_calls import mesh_wide_mode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.to_nix.installation import Installation

BREAKER = "meshConfig.defaultTrafficPolicy.outlierDetection"
#: What the builder's default policy is in values, which do not take its perTryTimeout.
DEFAULT_RETRIES = {"attempts": 3}


def mesh_config_parameters(mesh: Installation) -> dict[str, object] | None:
    """Return the parameters that the values tell; None where nothing in them is a mkMeshConfig's."""
    if mesh.kind == LINKERD:
        return _linkerd(mesh)
    found = [mesh.at(ISTIOD, key) for key in (SELECTOR, GRACE_PERIOD, BREAKER, *SNIFFING)]
    if all(value is MISSING for value in found):
        return None
    selector, age = mesh.at(ISTIOD, SELECTOR), mesh.at(ISTIOD, GRACE_PERIOD)
    parameters: dict[str, object] = {
        "gatewaySelector": {} if selector is MISSING else {"istio": selector},
        "workloadEntryCleanupAge": None if age is MISSING else age,
    }
    if mesh.at(ISTIOD, SNIFFING[0]) is False:
        parameters["protocolDetectionEnabled"] = False
    mode = mesh_wide_mode(mesh)
    if not mesh.has_record and mode is not None:
        parameters["defaultMtlsPolicy"] = mode
    return parameters | _retries(mesh) | _circuit_breaker(mesh)


def _retries(mesh: Installation) -> dict[str, object]:
    policy = mesh.at(ISTIOD, RETRIES)
    if policy == DEFAULT_RETRIES:
        return {}
    return {"defaultRetryPolicy": None if policy is MISSING else policy}


def _circuit_breaker(mesh: Installation) -> dict[str, object]:
    block = mesh.at(ISTIOD, BREAKER)
    release = release_of(mesh.version) or NEWEST_ISTIO
    if block is MISSING and release < FIRST_DEFAULT_TRAFFIC_POLICY:
        return {}
    return {"defaultCircuitBreakerPolicy": None if block is MISSING else circuit_breaker(block)}


def _linkerd(mesh: Installation) -> dict[str, object] | None:
    policy = mesh.at(CONTROL_PLANE, INBOUND_POLICY)
    modes = [mode for mode, found in INBOUND_POLICIES.items() if found == policy]
    return {"meshType": LINKERD, "defaultMtlsPolicy": modes[0]} if modes else None
