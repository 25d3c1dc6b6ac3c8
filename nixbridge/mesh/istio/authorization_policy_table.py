"""mkAuthorizationPolicy: who may call whom."""

from __future__ import annotations

from nixbridge.mesh.tables.parameter import Builder, Parameter

AUTHORIZATION_POLICY = Builder(
    "mkAuthorizationPolicy",
    kind="AuthorizationPolicy",
    doc="who may call whom",
    example="""\
mkAuthorizationPolicy "allow-traffic" {
  namespace = "production";
  action = "ALLOW";

  selector = { "app" = "web"; };

  rules = [
    {
      from = [
        { source = { principals = ["cluster.local/ns/production/sa/frontend"]; }; }
      ];
      to = [
        { operation = { methods = ["GET" "POST"]; }; }
      ];
    }
  ];
}
""",
    parameters=(
        Parameter("namespace", "default", "Kubernetes namespace", type="namespace"),
        Parameter("rules", [], "the requests that it applies to", type="authorization rules"),
        Parameter(
            "action",
            "ALLOW",
            "the action for requests that a rule matches",
            type="text",
            one_of=("ALLOW", "DENY", "AUDIT", "CUSTOM"),
        ),
        Parameter("selector", {}, "labels of the pods that it applies to", type="selector", manifest="selector"),
        Parameter("provider", None, "external authorizer, for the action CUSTOM", type="provider"),
        Parameter("labels", {}, "labels of the generated objects", type="labels", documented=False),
    ),
)
