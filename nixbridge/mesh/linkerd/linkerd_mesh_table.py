"""mkLinkerdMesh: a Linkerd service mesh."""

from __future__ import annotations

from nixbridge.mesh.tables.parameter import Builder, IfSet, Parameter

LINKERD_MESH = Builder(
    "mkLinkerdMesh",
    kind="Linkerd installation",
    doc="a Linkerd service mesh",
    overlay={"nixernetes.io/service-mesh": "linkerd", "linkerd-version": "$version"},
    example="""\
mkLinkerdMesh "production" {
  namespace = "linkerd";
  version = "2.14.0";

  installMode = "stable";

  enableControlPlane = true;
  enableDataPlane = true;
  enableViz = true;
  enableJaeger = true;

  enableMtls = true;
  mtlsRotationDays = 365;
  enablePolicy = true;

  enableTracing = true;
  tracingCollector = "jaeger";

  enableHA = true;
  replicas = 3;

  enableAutoInject = true;
  excludeNamespaces = ["kube-system" "kube-public"];
}
""",
    parameters=(
        Parameter("enabled", True, "whether the mesh is installed", type="boolean", documented=False),
        Parameter("namespace", "linkerd", "Kubernetes namespace", type="namespace"),
        Parameter("version", "2.14.0", "version to install", type="version"),
        Parameter("installMode", "stable", "release channel", type="text", one_of=("stable", "edge")),
        Parameter("controlPlaneVersion", "2.14.0", "version of the control plane", type="version", documented=False),
        Parameter("enableControlPlane", True, "install the control plane", type="boolean"),
        Parameter(
            "enableDataPlane",
            True,
            "install data plane proxies",
            type="boolean",
            lost="the data plane is what the injector adds to pods",
        ),
        Parameter("enableViz", True, "install the dashboard (viz)", type="boolean"),
        Parameter("enableJaeger", True, "install Jaeger for traces", type="boolean"),
        Parameter("proxyImage", "linkerd-proxy", "image of the proxy", type="text", documented=False),
        Parameter("proxyImageVersion", "2.14.0", "version of the proxy image", type="version", documented=False),
        Parameter(
            "cpuRequest",
            "10m",
            "CPU request of a proxy",
            type="quantity",
            documented=False,
            values=("linkerd-control-plane/proxy.resources.cpu.request",),
        ),
        Parameter(
            "cpuLimit",
            "100m",
            "CPU limit of a proxy",
            type="quantity",
            documented=False,
            values=("linkerd-control-plane/proxy.resources.cpu.limit",),
        ),
        Parameter(
            "memoryRequest",
            "32Mi",
            "memory request of a proxy",
            type="quantity",
            documented=False,
            values=("linkerd-control-plane/proxy.resources.memory.request",),
        ),
        Parameter(
            "memoryLimit",
            "250Mi",
            "memory limit of a proxy",
            type="quantity",
            documented=False,
            values=("linkerd-control-plane/proxy.resources.memory.limit",),
        ),
        Parameter("enableMtls", True, "mutual TLS", type="boolean", lost="Linkerd's mTLS is always on"),
        Parameter(
            "mtlsRotationDays",
            365,
            "certificate rotation period in days",
            type="count",
            lost="the trust anchor and issuer certificates are handed to the chart; rotate them there",
        ),
        Parameter(
            "enablePolicy",
            True,
            "policies that say which workload may call which",
            type="boolean",
            lost="the policy controller is always there",
        ),
        Parameter("enableMetrics", True, "metrics, by the Prometheus of viz", type="boolean", documented=False),
        Parameter("enableTracing", True, "distributed tracing", type="boolean"),
        Parameter("tracingCollector", "jaeger", "where traces are sent", type="text"),
        Parameter(
            "enableServiceTopology",
            True,
            "topology in the dashboard",
            type="boolean",
            documented=False,
            lost="belongs to the dashboard of linkerd-viz",
        ),
        Parameter("enableHA", False, "high availability: three replicas where none are given", type="boolean"),
        Parameter("replicas", IfSet("enableHA", 3, 1), "replicas of the control plane", type="count"),
        Parameter(
            "enableAutoInject",
            True,
            "inject proxies automatically",
            type="boolean",
            lost="Linkerd injects where the annotation linkerd.io/inject: enabled is; annotate your namespaces",
        ),
        Parameter(
            "injectAnnotation",
            "linkerd.io/inject",
            "annotation that asks for injection",
            type="text",
            documented=False,
            lost="Linkerd's annotation has a fixed name",
        ),
        Parameter(
            "excludeNamespaces", ["kube-system", "kube-public"], "namespaces that are left out", type="namespaces"
        ),
        Parameter("enableNetworkPolicy", False, "network policies", type="boolean", documented=False),
        Parameter(
            "policyControllerReplicas",
            1,
            "replicas of the policy controller",
            type="count",
            documented=False,
            lost="the policy controller runs in the destination pods (controllerReplicas)",
        ),
        Parameter("labels", {}, "labels of the generated objects", type="labels", documented=False),
        Parameter("annotations", {}, "annotations of the namespace", type="labels", documented=False),
    ),
)
