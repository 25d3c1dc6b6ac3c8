"""mkIstioMesh: an Istio service mesh."""

from __future__ import annotations

from nixbridge.mesh.tables.parameter import Builder, Parameter
from nixbridge.mesh.tables.value_types import MTLS_MODES

ISTIO_MESH = Builder(
    "mkIstioMesh",
    kind="Istio installation",
    doc="an Istio service mesh",
    overlay={"nixernetes.io/service-mesh": "istio", "istio-version": "$version"},
    example="""\
mkIstioMesh "production" {
  namespace = "istio-system";
  version = "1.17.0";

  installMode = "demo";
  profile = "default";

  enableIngressGateway = true;
  enableEgressGateway = true;
  enableIstiod = true;

  enableMtls = true;
  mtlsMode = "STRICT";
  enableAuthorizationPolicy = true;

  enableTracing = true;
  tracingProvider = "jaeger";
  enableKiali = true;

  enableRateLimiting = true;
  enableCircuitBreaking = true;

  enableSidecarInjection = true;
  sidecarInjectionNamespaces = ["default" "production"];
}
""",
    parameters=(
        Parameter("enabled", True, "whether the mesh is installed", type="boolean", documented=False),
        Parameter("namespace", "istio-system", "Kubernetes namespace", type="namespace"),
        Parameter("version", "1.17.0", "version to install", type="version"),
        Parameter(
            "installMode", "demo", "the components to install", type="text", one_of=("demo", "production", "minimal")
        ),
        Parameter(
            "profile",
            "default",
            "configuration profile of the charts",
            type="text",
            one_of=("default", "ambient", "demo", "minimal", "openshift", "preview", "remote", "stable"),
        ),
        Parameter("enableIngressGateway", True, "install an ingress gateway", type="boolean"),
        Parameter("enableEgressGateway", True, "install an egress gateway", type="boolean"),
        Parameter("enableIstiod", True, "install istiod, the control plane", type="boolean"),
        Parameter("enableVirtualService", True, "install the CRD of VirtualService", type="boolean", documented=False),
        Parameter(
            "enableDestinationRule", True, "install the CRD of DestinationRule", type="boolean", documented=False
        ),
        Parameter("enableGateway", True, "install the CRD of Gateway", type="boolean", documented=False),
        Parameter(
            "enableMtls",
            True,
            "mutual TLS; false switches it off",
            type="boolean",
            values=("istiod/meshConfig.enableAutoMtls",),
        ),
        Parameter(
            "mtlsMode",
            "PERMISSIVE",
            "mutual TLS mode",
            type="text",
            one_of=MTLS_MODES,
        ),
        Parameter("enableAuthorizationPolicy", True, "authorization policies", type="boolean"),
        Parameter(
            "enablePeerAuthentication",
            True,
            "render a mesh-wide PeerAuthentication with mtlsMode",
            type="boolean",
            documented=False,
        ),
        Parameter(
            "enableMetrics",
            True,
            "metrics of the sidecars",
            type="boolean",
            documented=False,
            values=("istiod/telemetry.enabled",),
        ),
        Parameter(
            "enableTracing", True, "distributed tracing", type="boolean", values=("istiod/meshConfig.enableTracing",)
        ),
        Parameter(
            "tracingProvider",
            "jaeger",
            "tracing backend",
            type="text",
            one_of=("jaeger", "zipkin", "datadog", "opentelemetry"),
        ),
        Parameter("enableKiali", True, "the Kiali dashboard, installed by its own chart", type="boolean"),
        Parameter(
            "enablePrometheus",
            True,
            "metrics for Prometheus",
            type="boolean",
            values=(
                "istiod/telemetry.v2.prometheus.enabled",
                "istiod/meshConfig.enablePrometheusMerge",
            ),
        ),
        Parameter(
            "enableRateLimiting",
            True,
            "rate limiting (Istio has no switch for it)",
            type="boolean",
            lost="Istio has no switch for it",
        ),
        Parameter(
            "enableCircuitBreaking",
            True,
            "circuit breaking (Istio has no switch for it)",
            type="boolean",
            lost="Istio has no switch for it; set it in DestinationRules",
        ),
        Parameter(
            "enableRetries", True, "retries mesh-wide; false switches them off", type="boolean", documented=False
        ),
        Parameter(
            "enableTimeouts",
            True,
            "timeouts (Istio has no switch for them)",
            type="boolean",
            documented=False,
            lost="Istio has no switch for it: VirtualServices carry them",
        ),
        Parameter(
            "cpuRequest",
            "100m",
            "CPU request of a proxy",
            type="quantity",
            documented=False,
            values=("istiod/global.proxy.resources.requests.cpu",),
        ),
        Parameter(
            "memoryRequest",
            "256Mi",
            "memory request of a proxy",
            type="quantity",
            documented=False,
            values=("istiod/global.proxy.resources.requests.memory",),
        ),
        Parameter(
            "cpuLimit",
            "2000m",
            "CPU limit of a proxy",
            type="quantity",
            documented=False,
            values=("istiod/global.proxy.resources.limits.cpu",),
        ),
        Parameter(
            "memoryLimit",
            "1024Mi",
            "memory limit of a proxy",
            type="quantity",
            documented=False,
            values=("istiod/global.proxy.resources.limits.memory",),
        ),
        Parameter("enableSidecarInjection", True, "inject sidecars automatically", type="boolean"),
        Parameter("sidecarInjectionNamespaces", [], "namespaces in which sidecars are injected", type="namespaces"),
        Parameter(
            "sidecarProxyImage",
            "proxyv2",
            "image of the sidecar proxy",
            type="text",
            documented=False,
            values=("istiod/global.proxy.image",),
        ),
        Parameter("enableServiceEntry", True, "install the CRD of ServiceEntry", type="boolean", documented=False),
        Parameter("enableWorkloadEntry", True, "install the CRD of WorkloadEntry", type="boolean", documented=False),
        Parameter("enableNetworkPolicy", False, "network policies of the charts", type="boolean", documented=False),
        Parameter("labels", {}, "labels of the generated objects", type="labels", documented=False),
        Parameter("annotations", {}, "annotations of the namespace", type="labels", documented=False),
    ),
)
