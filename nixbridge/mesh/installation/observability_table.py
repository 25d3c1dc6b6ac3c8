"""mkObservabilityConfig: metrics, tracing, access logs and dashboards of a mesh."""

from __future__ import annotations

from nixbridge.mesh.tables.parameter import Builder, Parameter

OBSERVABILITY_CONFIG = Builder(
    "mkObservabilityConfig",
    kind="observability",
    doc="metrics, tracing, access logs and dashboards of a mesh",
    example="""\
mkObservabilityConfig "production" {
  metricsEnabled = true;
  prometheusEnabled = true;
  prometheusPort = 9090;

  tracingEnabled = true;
  tracingProvider = "jaeger";
  tracingCollectorAddress = "jaeger-collector:14268";
  tracingSamplingRate = 0.01;

  accessLogEnabled = true;
  accessLogFormat = "default";
  logLevel = "info";

  dashboardEnabled = true;
  dashboardProvider = "kiali";
  dashboardPort = 20001;

  topologyEnabled = true;
}
""",
    parameters=(
        Parameter("metricsEnabled", True, "collect metrics", type="boolean"),
        Parameter(
            "metricsPort",
            15000,
            "port of the metrics",
            type="port",
            documented=False,
            lost="no counterpart: Envoy's admin port is 15000, metrics are scraped at 15020",
        ),
        Parameter("prometheusEnabled", True, "metrics for Prometheus", type="boolean"),
        Parameter("prometheusPort", 9090, "port of Prometheus", type="port", lost="belongs to the Prometheus server"),
        Parameter("tracingEnabled", True, "distributed tracing", type="boolean"),
        Parameter(
            "tracingProvider",
            "jaeger",
            "tracing backend",
            type="text",
            one_of=("jaeger", "zipkin", "datadog", "opentelemetry"),
        ),
        Parameter(
            "tracingPort",
            6831,
            "port of the tracing agent",
            type="port",
            documented=False,
            lost="belongs to the Jaeger agent, which sidecars do not use",
        ),
        Parameter("tracingSamplingRate", 0.01, "share of requests that are traced", type="share"),
        Parameter("tracingCollectorAddress", "jaeger-collector:14268", "address of the trace collector", type="text"),
        Parameter("accessLogEnabled", True, "write access logs", type="boolean"),
        Parameter("accessLogFormat", "default", "format of the access log", type="text"),
        Parameter(
            "logLevel",
            "info",
            "log level",
            type="text",
            one_of=("trace", "debug", "info", "warn", "warning", "error", "critical", "off"),
        ),
        Parameter("dashboardEnabled", True, "a dashboard, installed by its own chart", type="boolean"),
        Parameter("dashboardProvider", "kiali", "dashboard", type="text", lost="the dashboard has its own chart"),
        Parameter("dashboardPort", 20001, "port of the dashboard", type="port", lost="belongs to the dashboard"),
        Parameter("topologyEnabled", True, "topology in the dashboard", type="boolean"),
    ),
)
