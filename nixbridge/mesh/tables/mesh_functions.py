"""The three members of the service-mesh module that are not builders: validateServiceMesh, calculateSidecarOverhead, framework.

Nixernetes' documentation validates a record of mkIstioMesh, which has no `meshType`: upstream then fails. Here the type comes from
the record's label, fields that the record lacks are not checked, and an unknown type is one of the errors.
"""

from __future__ import annotations

from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.compare import equal
from nixbridge.language.runtime.strings import join
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_set
from nixbridge.mesh.tables.value_types import MTLS_MODES
from nixbridge.type_checking import Sentinel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.runtime.values import Lazy, Value

MESH_TYPES = ("istio", "linkerd")
MESH_LABEL = "nixernetes.io/service-mesh"
#: What a look-up gives for a field that a record does not have.
ABSENT = Sentinel("ABSENT")


def validate_service_mesh(mesh: Lazy) -> dict[str, Lazy]:
    """Return `{ valid, errors, checks }` of a mesh record."""
    # each is evaluated only when it is asked for, as upstream: one that fails must not spoil the others
    checks: dict[str, Lazy] = {
        "validMeshType": Thunk(_valid_mesh_type, mesh),
        "validMtlsMode": Thunk(_valid_mtls_mode, mesh),
        "validNamespace": Thunk(lambda: _is_not_empty(_field(mesh, "namespace"))),
        "versionNotEmpty": Thunk(lambda: _is_not_empty(_field(mesh, "version"))),
    }

    def errors() -> list[Lazy]:
        found: list[Lazy] = []
        if not force(checks["validMeshType"]):
            found.append(Thunk(lambda: _message("Invalid mesh type: ", _mesh_type(mesh))))
        if not force(checks["validMtlsMode"]):
            found.append(Thunk(lambda: _message("Invalid mTLS mode: ", _field(mesh, "mtlsMode"))))
        if not force(checks["validNamespace"]):
            found.append("Mesh namespace cannot be empty")
        if not force(checks["versionNotEmpty"]):
            found.append("Mesh version cannot be empty")
        return found

    all_errors = Thunk(errors)
    return {"valid": Thunk(lambda: not force(all_errors)), "errors": all_errors, "checks": checks}


def _field(mesh: Lazy, name: str) -> Value | ABSENT:
    """Return a field of the record, forced, or ABSENT."""
    record = expect_set(mesh)
    return force(record[name]) if name in record else ABSENT


def _mesh_type(mesh: Lazy) -> Value | ABSENT:
    """Return `meshType`, else the mesh of the record's label."""
    given = _field(mesh, "meshType")
    if given is not ABSENT:
        return given
    labels = _field(mesh, "labels")
    return force(labels[MESH_LABEL]) if isinstance(labels, dict) and MESH_LABEL in labels else ABSENT


def _valid_mesh_type(mesh: Lazy) -> bool:
    given = _mesh_type(mesh)
    return given is ABSENT or _is_one_of(given, MESH_TYPES)


def _valid_mtls_mode(mesh: Lazy) -> bool:
    # upstream asks `mesh ? mtlsMode`, which is false, and no error, for a value that is not a set
    given = _field(mesh, "mtlsMode") if isinstance(force(mesh), dict) else ABSENT
    return given is ABSENT or _is_one_of(given, MTLS_MODES)


def _is_one_of(value: Value, known: tuple[str, ...]) -> bool:
    return isinstance(value, str) and value in known


def _is_not_empty(value: Value | ABSENT) -> bool:
    return value is ABSENT or not equal(value, "")


def _message(message: str, value: Value | ABSENT) -> str:
    assert value is not ABSENT  # what is absent is valid
    return join("", [message, to_string(value)])


#: `framework`: the module's description of itself.
FRAMEWORK: dict[str, Lazy] = {
    "name": "Nixernetes Service Mesh Integration",
    "version": "1.0.0",
    "description": "Comprehensive service mesh support for Istio and Linkerd",
    "features": {
        "istio-support": "Istio service mesh installation and configuration",
        "linkerd-support": "Linkerd service mesh installation and configuration",
        "traffic-management": "Routing, load balancing, canary deployments",
        "security-policies": "mTLS, authorization, and authentication",
        "observability": "Metrics, tracing, and logging",
        "resilience": "Circuit breaking, retries, bulkheads",
        "virtual-services": "Istio VirtualService management",
        "destination-rules": "Istio DestinationRule management",
        "authorization-policies": "Fine-grained access control",
        "peer-authentication": "Mutual TLS configuration",
        "service-entries": "External service integration",
        "traffic-policies": "Circuit breaking, retries, timeouts",
    },
    "supportedMeshes": ["istio", "linkerd"],
    "supportedIstioVersions": ["1.16", "1.17", "1.18", "1.19"],
    "supportedLinkerdVersions": ["2.13", "2.14", "2.15"],
    "supportedTracingProviders": ["jaeger", "zipkin", "datadog"],
    "supportedDashboards": ["kiali", "grafana", "linkerd-viz"],
    "kubernetesVersions": ["1.24", "1.25", "1.26", "1.27", "1.28", "1.29"],
}


def calculate_sidecar_overhead(cpu_request: Lazy) -> Callable[[Lazy], Value]:
    """Return the result of `calculateSidecarOverhead cpuRequest memoryRequest`; neither argument is evaluated."""
    return lambda memory_request: {
        "cpuOverhead": cpu_request,
        "memoryOverhead": memory_request,
        "estimatedLatencyMs": 5,
        "estimatedThroughputImpact": "< 5%",
    }
