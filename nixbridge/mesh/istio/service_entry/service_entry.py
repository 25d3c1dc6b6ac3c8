"""mkServiceEntry -> ServiceEntry. (proto: istio.networking.v1alpha3.ServiceEntry; hook: ValidateServiceEntry)"""

from __future__ import annotations

from nixbridge.mesh.istio.host_checks import check_selector
from nixbridge.mesh.istio.service_entry.endpoints import check_endpoints, long_endpoints
from nixbridge.mesh.model.draft import Draft, check_export_to, plain_fields
from nixbridge.mesh.model.kubernetes_names import fqdn, host_label, subnet, wildcard_domain
from nixbridge.mesh.model.manifest import Manifest, istio_manifest
from nixbridge.mesh.schema.field_walk import is_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

KIND = "ServiceEntry"
#: Which protocols tell hosts apart (istio/istio pkg/config/protocol); all that Istio knows, in lower case.
WITH_HOST_NAMES = ("http", "http2", "grpc", "grpc-web", "http_proxy", "https", "tls", "hbone")
PROTOCOLS = (*WITH_HOST_NAMES, "tcp", "udp", "mongo", "redis", "mysql")
#: Protocols that Istio handles as TCP (istio/istio pkg/config/protocol: IsTCP), and those of DYNAMIC_DNS.
TCP_PROTOCOLS = ("tcp", "https", "tls", "mongo", "redis", "mysql")
DYNAMIC_PROTOCOLS = ("http", "http2", "grpc", "tls")
#: Resolutions by which hosts are looked up.
RESOLVED = ("DNS", "DNS_ROUND_ROBIN")
USE_WAYPOINT, ALLOCATE = "istio.io/use-waypoint", "networking.istio.io/enable-autoallocate-ip"
#: The first release in which istiod allocates addresses by default.
FIRST_ALLOCATED = (1, 25)
#: Bounds of the CRD.
MOST_HOSTS, LONGEST_ADDRESS = 256, 64


def render_service_entry(context: Context, draft: Draft) -> Manifest:
    """Return the object that a draft is, every fault reported."""
    before = context.messages.errors
    if isinstance(draft.get("endpoints"), list) and not context.verbatim:
        draft.fields["endpoints"] = (long_endpoints(draft.get("endpoints")), draft.at("endpoints"))
    if not context.verbatim:
        _name_ports(context, draft)
    spec = plain_fields(context, draft, KIND)
    spec.setdefault("location", "MESH_EXTERNAL")
    spec.setdefault("resolution", "NONE")
    if context.messages.errors == before:
        _check_hosts(context, draft, spec)
        _check_ports(context, draft, spec)
        _check_resolution(context, draft, spec)
        _check_hosts_at_address(context, draft, spec)
        check_endpoints(context, draft, spec)
    check_export_to(context, spec, draft, nobody=True)
    check_selector(spec.get("workloadSelector"), draft.at("workloadSelector"), context.messages)
    return istio_manifest(KIND, draft.metadata, spec, draft.place, context.istio)


def _name_ports(context: Context, draft: Draft) -> None:
    """Name every port, which Istio requires: a missing name is made of protocol and number."""
    ports, place = draft.get("ports"), draft.at("ports")
    if not isinstance(ports, list):
        return
    named: list[object] = []
    for index, port in enumerate(ports):
        if isinstance(port, dict) and is_empty(port.get("name")) and isinstance(port.get("number"), int):
            protocol = port.get("protocol")
            name = f"{protocol if isinstance(protocol, str) and protocol else 'port'}-{port['number']}".lower().replace(
                "_", "-"
            )
            context.messages.note(place / index / "name", f"Istio requires one: {name}")
            named.append({**port, "name": name})
        else:
            named.append(port)
    draft.fields["ports"] = (named, place)


def _check_hosts(context: Context, draft: Draft, spec: JsonObject) -> None:
    place, hosts = draft.at("hosts"), spec.get("hosts", [])
    if not hosts:
        context.messages.error(place, "is required")
    if len(hosts) > MOST_HOSTS:
        context.messages.error(place, f"has more than {MOST_HOSTS} items")
    for index, host in enumerate(hosts):
        wrong = "'*' is refused: name a domain" if host == "*" else wildcard_domain(host)
        if wrong:
            context.messages.error(place / index, wrong)
        elif host in hosts[:index]:
            context.messages.warning(place / index, f"duplicate host '{host}'")
        elif "*" in host and not host.startswith("*.") and spec["resolution"] != "DYNAMIC_DNS":
            context.messages.warning(
                place / index, f"'{host}' is a partial wildcard: only '*.' and a domain is allowed"
            )
    place = draft.at("addresses")
    for index, address in enumerate(spec.get("addresses", [])):
        wrong = subnet(address)
        if wrong is None and "/" in address and spec["resolution"] not in ("NONE", "STATIC"):
            wrong = "a CIDR block needs resolution NONE or STATIC"
        if wrong is None and len(address) > LONGEST_ADDRESS:
            wrong = f"is longer than {LONGEST_ADDRESS} characters"
        if wrong:
            context.messages.error(place / index, wrong)


def _check_ports(context: Context, draft: Draft, spec: JsonObject) -> None:
    place, ports = draft.at("ports"), spec.get("ports", [])
    if not ports and not context.verbatim:
        context.messages.warning(place, "without ports it cannot be reached through this entry")
    addresses_given = bool(spec.get("addresses")) or _is_allocated(context, draft, spec)
    for index, port in enumerate(ports):
        _check_port(context, port, place / index)
        if not addresses_given and port.get("protocol", "") in ("", "TCP"):
            context.messages.warning(
                place / index, "a TCP port needs addresses: without them it applies to every address"
            )
        if "targetPort" in port and spec["resolution"] == "NONE" and not context.verbatim:
            context.messages.warning(place / index / "targetPort", "has no effect with resolution NONE")
        for name in ("name", "number"):
            if any(port.get(name) == other.get(name) for other in ports[:index]):
                context.messages.error(place / index / name, f"'{port.get(name)}' is listed twice")
        plain = port.get("protocol", "").lower() not in WITH_HOST_NAMES
        if len(spec.get("hosts", [])) > 1 and spec["resolution"] != "NONE" and plain:
            context.messages.error(
                place / index, "several hosts need a protocol that tells them apart (HTTP, TLS, ...)"
            )


def _is_allocated(context: Context, draft: Draft, spec: dict[str, object]) -> bool:
    """Return whether istiod gives the hosts addresses of their own, as it does by default since 1.25."""
    wanted = draft.metadata.labels.get(ALLOCATE, "true").lower() != "false"
    return context.istio >= FIRST_ALLOCATED and wanted and spec["resolution"] != "NONE"


def _check_hosts_at_address(context: Context, draft: Draft, spec: JsonObject) -> None:
    """Check that one address has one host, as only HTTP can distinguish several. (hook: validateServiceEntry)"""
    hosts, addresses = spec.get("hosts", []), spec.get("addresses", [])
    protocols = {port.get("protocol", "").lower() for port in spec.get("ports", [])}
    if len(hosts) > 1 and addresses and spec["resolution"] in RESOLVED and protocols & set(TCP_PROTOCOLS):
        context.messages.warning(draft.at("addresses"), "several hosts share the address, and a TCP or TLS port")


def _check_port(context: Context, port: JsonObject, place: Place) -> None:
    wrong = host_label(port["name"])
    if wrong:
        context.messages.error(place / "name", wrong)
    protocol = port.get("protocol", "")
    if protocol and protocol.lower() not in PROTOCOLS:
        known = ", ".join(name.upper() for name in PROTOCOLS)
        context.messages.error(place / "protocol", f"'{protocol}' is not one of {known}")


def _check_resolution(context: Context, draft: Draft, spec: JsonObject) -> None:
    place, resolution = draft.at("resolution"), spec["resolution"]
    endpoints = spec.get("endpoints", [])
    if "workloadSelector" in spec and "endpoints" in spec:
        context.messages.error(draft.at("workloadSelector"), "workloadSelector and endpoints exclude each other")
    elif "workloadSelector" in spec and resolution == "NONE":
        context.messages.warning(draft.at("workloadSelector"), "has no effect with resolution NONE")
    if resolution == "STATIC" and not endpoints and "workloadSelector" not in spec and not context.verbatim:
        context.messages.warning(
            place, "STATIC without endpoints and workloadSelector resolves to nothing: DNS was probably meant"
        )
    if resolution == "NONE" and endpoints:
        context.messages.error(draft.at("endpoints"), "resolution NONE takes no endpoints")
    if resolution == "DNS_ROUND_ROBIN" and len(endpoints) > 1:
        context.messages.error(draft.at("endpoints"), "resolution DNS_ROUND_ROBIN takes one endpoint at most")
    if resolution in RESOLVED and not endpoints:
        for index, host in enumerate(spec.get("hosts", [])):
            if fqdn(host):
                context.messages.error(
                    draft.at("hosts") / index, f"'{host}' cannot be resolved: name a host or endpoints"
                )
    if resolution == "DYNAMIC_DNS":
        _check_dynamic_dns(context, draft, spec)


def _check_dynamic_dns(context: Context, draft: Draft, spec: JsonObject) -> None:
    """Check DYNAMIC_DNS, which resolves hosts request by request: nothing else may say where the service is."""
    messages = context.messages
    for index, host in enumerate(spec.get("hosts", [])):
        if not host.startswith("*"):
            messages.error(draft.at("hosts") / index, f"'{host}' must be a wildcard with resolution DYNAMIC_DNS")
    for name in ("addresses", "endpoints"):
        if spec.get(name):
            messages.error(draft.at(name), f"resolution DYNAMIC_DNS takes no {name}")
    for index, port in enumerate(spec.get("ports", [])):
        if port.get("protocol", "").lower() not in DYNAMIC_PROTOCOLS:
            known = ", ".join(protocol.upper() for protocol in DYNAMIC_PROTOCOLS)
            messages.error(draft.at("ports") / index / "protocol", f"resolution DYNAMIC_DNS needs one of {known}")
    waypoint = draft.metadata.labels.get(USE_WAYPOINT, "none")
    if spec["location"] == "MESH_INTERNAL" and waypoint.lower() not in ("", "none"):
        messages.error(
            draft.at("location"), f"MESH_INTERNAL with resolution DYNAMIC_DNS excludes the label {USE_WAYPOINT}"
        )
