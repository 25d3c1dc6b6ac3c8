"""mkPeerAuthentication: mutual TLS of the selected pods."""

from __future__ import annotations

from nixbridge.mesh.tables.parameter import Builder, Parameter
from nixbridge.mesh.tables.value_types import MTLS_MODES

PEER_AUTHENTICATION = Builder(
    "mkPeerAuthentication",
    kind="PeerAuthentication",
    doc="mutual TLS of the selected pods",
    example="""\
mkPeerAuthentication "default-mtls" {
  namespace = "production";
  mtlsMode = "STRICT";

  selector = { "app" = "web"; };

  portLevelMtls = {
    "8443" = { mode = "STRICT"; };
    "8080" = { mode = "PERMISSIVE"; };
  };
}
""",
    parameters=(
        Parameter("namespace", "default", "Kubernetes namespace", type="namespace"),
        Parameter(
            "mtlsMode",
            "STRICT",
            "mutual TLS mode",
            type="text",
            one_of=MTLS_MODES,
            manifest="mtls.mode",
        ),
        Parameter("portLevelMtls", {}, "mutual TLS modes by port", type="port modes", manifest="portLevelMtls"),
        Parameter("selector", {}, "labels of the pods that it applies to", type="selector", manifest="selector"),
        Parameter("labels", {}, "labels of the generated objects", type="labels", documented=False),
    ),
)
