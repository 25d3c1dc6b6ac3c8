"""mkDestinationRule: load balancing, connection pools and subsets of a host."""

from __future__ import annotations

from nixbridge.mesh.tables.parameter import Builder, FirstArgument, Parameter

DESTINATION_RULE = Builder(
    "mkDestinationRule",
    kind="DestinationRule",
    doc="load balancing, connection pools and subsets of a host",
    example="""\
mkDestinationRule "web-service" {
  namespace = "production";
  host = "web";

  trafficPolicy = {
    connectionPool = {
      tcp = { maxConnections = 100; };
      http = { http1MaxPendingRequests = 100; };
    };
    outlierDetection = {
      consecutiveErrors = 5;
      interval = "30s";
      baseEjectionTime = "30s";
    };
  };

  subsets = [
    {
      name = "v1";
      labels = { version = "v1"; };
    }
    {
      name = "v2";
      labels = { version = "v2"; };
    }
  ];
}
""",
    parameters=(
        Parameter("namespace", "default", "Kubernetes namespace", type="namespace"),
        Parameter("host", FirstArgument(), "host name", type="host", manifest="host"),
        Parameter(
            "trafficPolicy",
            {
                "connectionPool": {"http": {"http1MaxPendingRequests": 100}, "tcp": {"maxConnections": 100}},
                "outlierDetection": {"baseEjectionTime": "30s", "consecutiveErrors": 5, "interval": "30s"},
            },
            "load balancing, connection pool, outlier detection",
            type="traffic policy",
        ),
        Parameter("subsets", [], "named subsets of the endpoints, by labels", type="subsets"),
        Parameter("exportTo", [], "namespaces that see it", type="visibility", manifest="exportTo"),
        Parameter("labels", {}, "labels of the generated objects", type="labels", documented=False),
    ),
)
