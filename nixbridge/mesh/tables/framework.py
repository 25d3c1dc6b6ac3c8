"""`framework`: the module's description of itself."""

from __future__ import annotations

FRAMEWORK = {
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
