"""The endpoints of a ServiceEntry. (proto: WorkloadEntry; hook: validateWorkloadEntry; CEL rules of the CRD)"""

from __future__ import annotations

from nixbridge.mesh.istio.host_checks import check_labels
from nixbridge.mesh.model.kubernetes_names import fqdn, host_label, is_ip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.draft import Draft
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

UNIX = "unix://"


def long_endpoints(endpoints: list[object]) -> list[object]:
    """Return the endpoints with every address in a set: a string stands for one."""
    return [{"address": item} if isinstance(item, str) else item for item in endpoints]


def check_endpoints(context: Context, draft: Draft, spec: JsonObject) -> None:
    """Check the converted endpoints of an entry against its ports and its resolution."""
    service_ports = {port["name"] for port in spec.get("ports", [])}
    for index, endpoint in enumerate(spec.get("endpoints", [])):
        place = draft.at("endpoints") / index
        _check_address(context, endpoint, place, spec["resolution"], len(service_ports))
        check_labels(endpoint.get("labels", {}), place / "labels", context.messages)
        for name in endpoint.get("ports", {}):
            wrong = host_label(name)
            if wrong is None and name not in service_ports:
                wrong = f"the entry has no port '{name}'"
            if wrong:
                context.messages.error(place / "ports" / name, wrong)


def _check_address(context: Context, endpoint: JsonObject, place: Place, resolution: str, service_ports: int) -> None:
    address: str = endpoint.get("address", "")
    here = place / "address"
    if not address:
        if not endpoint.get("network") or resolution != "STATIC":
            context.messages.error(here, "is required")
        else:
            context.messages.warning(here, f"is not set, only the network '{endpoint['network']}'")
        return
    wrong = None
    if address.startswith(UNIX):
        socket = address.removeprefix(UNIX)
        if resolution != "STATIC":
            wrong = "a Unix socket needs resolution STATIC"
        elif not socket.startswith(("/", "@")) or socket.endswith("/"):
            wrong = f"'{address}' is not a Unix socket (an absolute path to a file)"
        elif endpoint.get("ports"):
            wrong = "a Unix socket has no ports"
        elif service_ports != 1:
            wrong = "a Unix socket needs an entry of exactly one port"
    elif resolution == "STATIC":
        wrong = None if is_ip(address) else f"'{address}' is not an IP address, as resolution STATIC needs"
    elif not is_ip(address):
        wrong = fqdn(address)
    if wrong:
        context.messages.error(here, wrong)
