"""mkServiceEntry: a service outside the mesh."""

from __future__ import annotations

from nixbridge.mesh.tables.parameter import Builder, FirstArgument, Parameter

SERVICE_ENTRY = Builder(
    "mkServiceEntry",
    kind="ServiceEntry",
    doc="a service outside the mesh",
    example="""\
mkServiceEntry "external-api" {
  namespace = "production";

  hosts = ["api.example.com"];

  location = "MESH_EXTERNAL";

  ports = [
    { name = "https"; number = 443; protocol = "HTTPS"; }
  ];

  resolution = "DNS";

  subjectAltNames = ["api.example.com"];
}
""",
    parameters=(
        Parameter("namespace", "default", "Kubernetes namespace", type="namespace"),
        Parameter("hosts", FirstArgument(in_list=True), "host names", type="hosts", manifest="hosts"),
        Parameter(
            "location",
            "MESH_EXTERNAL",
            "inside or outside the mesh",
            type="text",
            one_of=("MESH_EXTERNAL", "MESH_INTERNAL"),
            manifest="location",
        ),
        Parameter("ports", [], "ports of the service", type="service ports", manifest="ports"),
        Parameter(
            "resolution",
            "STATIC",
            "how the endpoints are found",
            type="text",
            one_of=("NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"),
            manifest="resolution",
        ),
        Parameter("endpoints", [], "where the service is", type="endpoints", manifest="endpoints"),
        Parameter("exportTo", [], "namespaces that see it", type="visibility", documented=False, manifest="exportTo"),
        Parameter(
            "subjectAltNames",
            [],
            "names that the server certificate must have one of",
            type="names",
            manifest="subjectAltNames",
        ),
        Parameter("labels", {}, "labels of the generated objects", type="labels", documented=False),
    ),
)
