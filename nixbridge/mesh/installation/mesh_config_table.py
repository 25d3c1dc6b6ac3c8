"""mkMeshConfig: defaults for a whole mesh."""

from __future__ import annotations

from nixbridge.mesh.tables.parameter import Builder, Parameter
from nixbridge.mesh.tables.value_types import MTLS_MODES

MESH_CONFIG = Builder(
    "mkMeshConfig",
    kind="mesh configuration",
    doc="defaults for a whole mesh",
    example="""\
mkMeshConfig "production" {
  meshType = "istio";

  protocolDetectionEnabled = true;

  serviceDiscoveryType = "kubernetes";

  defaultCircuitBreakerPolicy = {
    consecutiveErrors = 5;
    interval = "30s";
    baseEjectionTime = "30s";
  };

  defaultRetryPolicy = {
    attempts = 3;
    perTryTimeout = "10s";
  };

  defaultTimeout = "30s";

  defaultMtlsPolicy = "PERMISSIVE";
}
""",
    parameters=(
        Parameter("meshType", "istio", "which mesh", type="text", one_of=("istio", "linkerd")),
        Parameter("protocolDetectionEnabled", True, "detect protocols automatically", type="boolean"),
        Parameter(
            "gatewaySelector",
            {"istio": "ingressgateway"},
            "labels of the ingress gateway",
            type="labels",
            documented=False,
        ),
        Parameter("serviceDiscoveryType", "kubernetes", "how services are discovered", type="text"),
        Parameter(
            "defaultCircuitBreakerPolicy",
            {"baseEjectionTime": "30s", "consecutiveErrors": 5, "interval": "30s"},
            "circuit breaking by default",
            type="circuit breaker",
        ),
        Parameter("defaultRetryPolicy", {"attempts": 3, "perTryTimeout": "10s"}, "retries by default", type="retries"),
        Parameter("defaultTimeout", "30s", "request timeout by default", type="duration"),
        Parameter(
            "defaultMtlsPolicy",
            "PERMISSIVE",
            "mutual TLS mode by default",
            type="text",
            one_of=MTLS_MODES,
        ),
        Parameter(
            "enableWorkloadEntryCleanup", True, "clean up stale workload entries", type="boolean", documented=False
        ),
        Parameter(
            "workloadEntryCleanupAge",
            "24h",
            "age at which workload entries are cleaned up",
            type="duration",
            documented=False,
        ),
    ),
)
