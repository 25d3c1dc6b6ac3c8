"""The 13 functions of the service-mesh module by name; each table is loaded when its builder is used."""

from __future__ import annotations

from importlib import import_module

from nixbridge.runtime.thunk import Thunk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.builders.parameter import Builder

#: Builder -> the module and the name of its table.
TABLES = {
    "mkIstioMesh": ("istio_mesh", "ISTIO_MESH"),
    "mkLinkerdMesh": ("linkerd_mesh", "LINKERD_MESH"),
    "mkVirtualService": ("virtual_service", "VIRTUAL_SERVICE"),
    "mkDestinationRule": ("destination_rule", "DESTINATION_RULE"),
    "mkTrafficPolicy": ("traffic_policy", "TRAFFIC_POLICY"),
    "mkAuthorizationPolicy": ("authorization_policy", "AUTHORIZATION_POLICY"),
    "mkPeerAuthentication": ("peer_authentication", "PEER_AUTHENTICATION"),
    "mkServiceEntry": ("service_entry", "SERVICE_ENTRY"),
    "mkObservabilityConfig": ("observability_config", "OBSERVABILITY_CONFIG"),
    "mkMeshConfig": ("mesh_config", "MESH_CONFIG"),
}

#: All 13 names.
BUILDERS = (*TABLES, "validateServiceMesh", "calculateSidecarOverhead", "framework")


def table(name: str) -> Builder:
    """The table of a builder. Raises KeyError for what is no builder with parameters."""
    module, constant = TABLES[name]
    found: Builder = getattr(import_module(f"nixbridge.builders.{module}"), constant)
    return found


def builder_value(name: str) -> Any:
    """One of the 13 as a Nix value. Raises KeyError for another name."""
    if name in TABLES:
        return import_module("nixbridge.builders.record").builder_function(table(name))
    module, attribute = {
        "validateServiceMesh": ("validation", "validate_service_mesh"),
        "calculateSidecarOverhead": ("sidecar_overhead", "calculate_sidecar_overhead"),
        "framework": ("framework", "FRAMEWORK"),
    }[name]
    return getattr(import_module(f"nixbridge.builders.{module}"), attribute)


def service_mesh(value_of: Callable[[str], Any] = builder_value) -> dict[str, Any]:
    """The set of the 13; `value_of` gives each."""
    return {name: Thunk(value_of, name) for name in BUILDERS}
