"""The blocks of a traffic policy: of a DestinationRule, a subset, a port.

(proto: TrafficPolicy; hook: validateTrafficPolicy)
"""

from __future__ import annotations

from nixbridge.mesh.istio.destination_rule.load_balancer import check_load_balancer, convert_load_balancer
from nixbridge.mesh.istio.destination_rule.outlier_detection import convert_outlier_detection
from nixbridge.mesh.model.kubernetes_names import fqdn, is_ip
from nixbridge.mesh.model.record_data import MISSING
from nixbridge.mesh.schema.field_tables import named, resolve
from nixbridge.mesh.schema.field_walk import is_empty, unknown_text
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context
    from nixbridge.mesh.schema.field_tables import Node

    #: name of a block -> its value and where it comes from
    Blocks: TypeAlias = dict[str, tuple[Any, Place]]

CONFIG_MAP = "configmap://"
TRAFFIC_POLICY, PORT_POLICY = "TrafficPolicy", "PortTrafficPolicy"


def blocks_of(context: Context, value: object, place: Place) -> Blocks:
    """Return the blocks of a policy as the user wrote it; none for null or `{ }`, which istiod refuses in a manifest."""
    if value == {} and context.verbatim:
        context.messages.error(place, "must set at least one field")
    if is_empty(value):
        return {}
    if not isinstance(value, dict):
        context.messages.error(place, f"must be a set but is {type_text(value)}")
        return {}
    return {name: (block, place / name) for name, block in value.items()}


def convert_blocks(
    context: Context, blocks: Blocks, place: Place, reference: str = TRAFFIC_POLICY
) -> dict[str, object]:
    """Return the policy as Istio takes it; empty where nothing is left of it."""
    fields = named(reference)["fields"]
    policy: dict[str, object] = {}
    for name, (value, here) in sorted(blocks.items()):
        if name not in fields:
            context.messages.error(here, unknown_text(name, fields))
        elif not context.walk.is_left_out(name, value):
            converted = _convert_block(context, name, value, fields[name], here)
            # an empty outlierDetection is one with Istio's defaults
            kept = name == "outlierDetection" or not context.walk.is_left_out(name, converted)
            if converted is not MISSING and kept:
                policy[name] = converted
    _check(context, policy, blocks)
    return policy


def _convert_block(context: Context, name: str, value: object, node: Node, place: Place) -> Any:
    if name == "outlierDetection":
        return convert_outlier_detection(context, value, place)
    if name == "loadBalancer":
        return convert_load_balancer(context, value, place)
    if name == "portLevelSettings":
        return _convert_ports(context, value, place)
    before = context.messages.errors
    converted = context.walk.convert(value, node, place)
    if converted is not MISSING and context.messages.errors == before and name in _CHECKS:
        _CHECKS[name](context, converted, place)
    return converted


def _convert_ports(context: Context, value: object, place: Place) -> Any:
    if not isinstance(value, list):
        context.messages.error(place, f"must be a list but is {type_text(value)}")
        return MISSING
    result = []
    for index, item in enumerate(value):
        here = place / index
        settings = convert_blocks(context, blocks_of(context, item, here), here, PORT_POLICY)
        if is_empty(item if not isinstance(item, dict) else item.get("port")):
            context.messages.error(here / "port", "is required")
        elif not settings.keys() - {"port"}:
            context.messages.error(here, "sets nothing for its port")
        result.append(settings)
    return result


def _check(context: Context, policy: JsonObject, blocks: Blocks) -> None:
    if "tunnel" in policy and "proxyProtocol" in policy:
        context.messages.error(blocks["tunnel"][1], "tunnel and proxyProtocol exclude each other")
    if "loadBalancer" in policy:
        check_load_balancer(context, policy["loadBalancer"], blocks["loadBalancer"][1], policy.get("outlierDetection"))


def _check_connection_pool(context: Context, pool: JsonObject, place: Place) -> None:
    if "tcp" not in pool and "http" not in pool:
        context.messages.error(place, "needs tcp or http")
    http = pool.get("http", {})
    for name in ("interval", "timeout") if "http2KeepAlive" in http else ():
        if name not in http["http2KeepAlive"]:
            context.messages.error(place / "http" / "http2KeepAlive" / name, "is required")
    if http.get("h2UpgradePolicy") == "UPGRADE" and http.get("useClientProtocol"):
        context.messages.error(place / "http" / "h2UpgradePolicy", "UPGRADE and useClientProtocol exclude each other")


def _check_tls(context: Context, tls: JsonObject, place: Place) -> None:
    """Check the settings of TLS to a host. (hook: ValidateTLS)"""
    _check_config_map(context, tls.get("credentialName", ""), place / "credentialName")
    mode = tls.get("mode", "DISABLE")
    files = [name for name in ("clientCertificate", "privateKey", "caCertificates", "caCrl") if tls.get(name)]
    if tls.get("insecureSkipVerify"):
        verified = ["caCertificates", "subjectAltNames", *(["credentialName"] if mode == "SIMPLE" else [])]
        for name in verified if mode in ("SIMPLE", "MUTUAL") else ():
            if tls.get(name):
                context.messages.error(place / name, "it has no effect together with insecureSkipVerify")
    if mode in ("SIMPLE", "MUTUAL") and tls.get("credentialName"):
        for name in files:
            context.messages.error(place / name, "the certificates come from credentialName")
    elif mode == "MUTUAL":
        for name in ("clientCertificate", "privateKey"):
            if not tls.get(name):
                context.messages.error(place / name, "is required with mode MUTUAL")


def _check_config_map(context: Context, name: str, place: Place) -> None:
    """Check a CA certificate in a ConfigMap: `configmap://NAMESPACE/NAME`, in the rule's own namespace."""
    if not name.startswith(CONFIG_MAP):
        return
    namespace, separator, rest = name.removeprefix(CONFIG_MAP).partition("/")
    own = place.record.get("namespace")
    if not separator or not namespace or not rest:
        context.messages.error(place, f"'{name}' is not of the form {CONFIG_MAP}NAMESPACE/NAME")
    elif namespace != own:
        context.messages.error(place, f"the ConfigMap must be in the rule's own namespace: {CONFIG_MAP}{own}/{rest}")


def _check_tunnel(context: Context, tunnel: JsonObject, place: Place) -> None:
    """Check the settings of a tunnel. (hook: validateTunnelSettings)"""
    if tunnel.get("protocol", "") not in ("", "CONNECT", "POST"):
        context.messages.error(place / "protocol", f"'{tunnel['protocol']}' is neither CONNECT nor POST")
    host = tunnel.get("targetHost", "")
    wrong = None if is_ip(host) else fqdn(host)
    if wrong:
        context.messages.error(place / "targetHost", wrong)


_CHECKS = {"connectionPool": _check_connection_pool, "tls": _check_tls, "tunnel": _check_tunnel}


def block_node(name: str) -> Node:
    """Return the field tree of a block."""
    return resolve(named(TRAFFIC_POLICY)["fields"][name])
