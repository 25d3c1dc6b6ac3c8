"""mkTrafficPolicy: resilience: circuit breaking, retries, timeouts."""

from __future__ import annotations

from nixbridge.mesh.tables.parameter import Builder, Parameter

TRAFFIC_POLICY = Builder(
    "mkTrafficPolicy",
    kind="traffic policy",
    doc="resilience: circuit breaking, retries, timeouts",
    example="""\
mkTrafficPolicy "default-policy" {
  circuitBreaker = {
    enabled = true;
    consecutiveErrors = 5;
    interval = "30s";
    baseEjectionTime = "30s";
    maxEjectionPercent = 50;
  };

  retries = {
    enabled = true;
    attempts = 3;
    perTryTimeout = "10s";
    retryOn = "5xx,reset,connect-failure";
  };

  timeout = "30s";

  connectionPool = {
    tcp = { maxConnections = 100; };
    http = { http1MaxPendingRequests = 100; };
  };

  loadBalancer = "ROUND_ROBIN";
}
""",
    parameters=(
        Parameter(
            "circuitBreaker",
            {
                "baseEjectionTime": "30s",
                "consecutiveErrors": 5,
                "enabled": True,
                "interval": "30s",
                "maxEjectionPercent": 50,
                "minRequestVolume": 5,
            },
            "when endpoints are taken out",
            type="circuit breaker",
        ),
        Parameter(
            "retries",
            {
                "attempts": 3,
                "enabled": True,
                "perTryTimeout": "10s",
                "retryOn": "5xx,reset,connect-failure,retriable-4xx",
            },
            "retry policy",
            type="retries",
        ),
        Parameter("timeout", "30s", "request timeout", type="duration"),
        Parameter(
            "connectionPool",
            {
                "http": {"h2UpgradePolicy": "UPGRADE", "http1MaxPendingRequests": 100, "maxRequestsPerConnection": 2},
                "tcp": {"maxConnections": 100},
            },
            "limits of connections and requests",
            type="connection pool",
        ),
        Parameter(
            "loadBalancer",
            "ROUND_ROBIN",
            "load balancing algorithm",
            type="load balancer",
            one_of=("UNSPECIFIED", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST", "LEAST_CONN"),
        ),
        Parameter("rateLimiting", {"actions": [], "enabled": False}, "rate limits", type="rate limits"),
    ),
)
