"""mkVirtualService: how requests to a host are routed."""

from __future__ import annotations

from nixbridge.mesh.tables.parameter import Builder, FirstArgument, Parameter

VIRTUAL_SERVICE = Builder(
    "mkVirtualService",
    kind="VirtualService",
    doc="how requests to a host are routed",
    example="""\
mkVirtualService "web-service" {
  namespace = "production";
  hosts = ["web" "web.svc.cluster.local"];

  httpRoutes = [
    {
      match = [{ uri = { prefix = "/v2"; }; }];
      route = [
        {
          destination = {
            host = "web";
            subset = "v2";
            port = { number = 8080; };
          };
          weight = 10;
        }
        {
          destination = {
            host = "web";
            subset = "v1";
            port = { number = 8080; };
          };
          weight = 90;
        }
      ];
      timeout = "30s";
      retries = { attempts = 3; perTryTimeout = "10s"; };
    }
  ];

  timeout = "30s";
}
""",
    parameters=(
        Parameter("namespace", "default", "Kubernetes namespace", type="namespace"),
        Parameter("hosts", FirstArgument(in_list=True), "host names", type="hosts", manifest="hosts"),
        Parameter("httpRoutes", [], "HTTP routing rules", type="http routes"),
        Parameter("tcpRoutes", [], "TCP routing rules", type="tcp routes"),
        Parameter("tlsRoutes", [], "TLS routing rules by SNI", type="tls routes", documented=False),
        Parameter("timeout", "30s", "request timeout", type="duration"),
        Parameter("retries", {"attempts": 3, "perTryTimeout": "10s"}, "retry policy", type="retries"),
        Parameter("exportTo", [], "namespaces that see it", type="visibility", manifest="exportTo"),
        Parameter("labels", {}, "labels of the generated objects", type="labels", documented=False),
    ),
)
