"""The 13 functions of the service-mesh module by name; each table is loaded when its builder is used."""

from __future__ import annotations

from nixbridge.language.runtime.thunk import Thunk
from nixbridge.late_import import import_late

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.runtime.values import Lazy, Value
    from nixbridge.mesh.tables.parameter import Builder

#: Builder -> the module and the name of its table.
TABLES = {
    "mkIstioMesh": ("nixbridge.mesh.istio.istio_mesh_table", "ISTIO_MESH"),
    "mkLinkerdMesh": ("nixbridge.mesh.linkerd.linkerd_mesh_table", "LINKERD_MESH"),
    "mkVirtualService": ("nixbridge.mesh.istio.virtual_service.virtual_service_table", "VIRTUAL_SERVICE"),
    "mkDestinationRule": ("nixbridge.mesh.istio.destination_rule.destination_rule_table", "DESTINATION_RULE"),
    "mkTrafficPolicy": ("nixbridge.mesh.istio.traffic_policy_table", "TRAFFIC_POLICY"),
    "mkAuthorizationPolicy": ("nixbridge.mesh.istio.authorization_policy_table", "AUTHORIZATION_POLICY"),
    "mkPeerAuthentication": ("nixbridge.mesh.istio.peer_authentication_table", "PEER_AUTHENTICATION"),
    "mkServiceEntry": ("nixbridge.mesh.istio.service_entry.service_entry_table", "SERVICE_ENTRY"),
    "mkObservabilityConfig": ("nixbridge.mesh.installation.observability_table", "OBSERVABILITY_CONFIG"),
    "mkMeshConfig": ("nixbridge.mesh.installation.mesh_config_table", "MESH_CONFIG"),
}

#: The other functions -> the module and the name of the value.
OTHERS = {
    "validateServiceMesh": ("nixbridge.mesh.tables.mesh_functions", "validate_service_mesh"),
    "calculateSidecarOverhead": ("nixbridge.mesh.tables.mesh_functions", "calculate_sidecar_overhead"),
    "framework": ("nixbridge.mesh.tables.mesh_functions", "FRAMEWORK"),
}

#: All 13 names.
BUILDERS = (*TABLES, *OTHERS)


def table(name: str) -> Builder:
    """Return the table of a builder. Raises KeyError for a name that is not a builder with parameters."""
    module, constant = TABLES[name]
    found: Builder = getattr(import_late(module), constant)
    return found


def builder_value(name: str) -> Value:
    """Return one of the 13 as a Nix value. Raises KeyError for another name."""
    value: Value
    if name in TABLES:
        value = import_late("nixbridge.mesh.tables.builder_record").builder_function(table(name))
    else:
        module, attribute = OTHERS[name]
        value = getattr(import_late(module), attribute)
    return value


def service_mesh(value_of: Callable[[str], Lazy] = builder_value) -> dict[str, Lazy]:
    """Return the set of the 13; `value_of` gives each."""
    return {name: Thunk(value_of, name) for name in BUILDERS}
