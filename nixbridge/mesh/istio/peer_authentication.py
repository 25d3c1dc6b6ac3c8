"""mkPeerAuthentication -> PeerAuthentication.

(proto: istio.security.v1beta1.PeerAuthentication; hook: ValidatePeerAuthentication)
"""

from __future__ import annotations

from nixbridge.mesh.istio.host_checks import check_selector
from nixbridge.mesh.model.draft import Draft, plain_fields
from nixbridge.mesh.model.manifest import Manifest, istio_manifest
from nixbridge.mesh.schema.field_walk import is_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.model.render_context import Context

KIND = "PeerAuthentication"


def render_peer_authentication(context: Context, draft: Draft) -> Manifest:
    """Return the object that a draft is, every fault reported."""
    spec = plain_fields(context, draft, KIND)
    place = draft.at("portLevelMtls")
    ports = draft.get("portLevelMtls")
    for port in ports if isinstance(ports, dict) else ():
        if not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535) or port.startswith("0"):
            context.messages.error(place / port, f"'{port}' is not a port (1..65535)")
    if ports == {} and context.verbatim:
        context.messages.error(place, "must not be empty: leave it out")
    if not is_empty(ports) and is_empty(draft.get("selector")):
        context.messages.error(place, "needs a selector: ports are those of workloads")
    check_selector(spec.get("selector"), draft.at("selector"), context.messages)
    return istio_manifest(KIND, draft.metadata, spec, draft.place, context.istio)
