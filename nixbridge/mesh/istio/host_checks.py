"""Checks of hosts, ports and gateways that several kinds share. (hook: istio/istio pkg/config/validation)"""

from __future__ import annotations

import re

from nixbridge.mesh.model.kubernetes_names import (
    dns_label,
    fqdn,
    host_covers,
    is_ip,
    label_key,
    label_value,
    wildcard_domain,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place


def wrong_sni_host(host: str) -> str | None:
    """Return the fault of a host of a gateway that routes by SNI, or None; names that AUTO_PASSTHROUGH generates are right.

    `outbound_.80_._.web.shop.svc.cluster.local` (hook: ValidateWildcardDomainForVirtualServiceBoundToGateway)
    """
    if not host.startswith(GENERATED):
        return wildcard_domain(host)
    parts = host.split("_")
    port, name = (parts[1].strip("."), parts[3].strip(".")) if len(parts) > 3 else ("", "")
    if any(map(str.isdigit, port)) and re.search("[a-zA-Z]", name):
        return None
    return f"'{host}' is not of the form outbound_.PORT_._.HOST"


def check_hosts(hosts: list[str], place: Place, messages: Messages, *, sni: bool = False) -> None:
    """Check that hosts are valid names or addresses, and that none covers another. (hook: ValidateVirtualService)

    `sni`: the hosts are those of a gateway that routes by SNI.
    """
    valid = True
    for index, host in enumerate(hosts):
        wrong = None if is_ip(host) else wrong_sni_host(host) if sni else wildcard_domain(host)
        if wrong:
            messages.error(place / index, wrong)
            valid = False
    if not valid:
        return
    for index, host in enumerate(hosts):
        for other in hosts[:index]:
            if host_covers(host, other):
                messages.error(place / index, f"'{host}' and '{other}' are duplicates: one covers the other")


def check_gateways(gateways: list[str], place: Place, messages: Messages) -> None:
    """Check names of gateways: `mesh`, `name` or `namespace/name`. (hook: validateGatewayNames)"""
    for index, gateway in enumerate(gateways):
        namespace, separator, name = gateway.partition("/")
        if not separator and "." in gateway:
            parts = gateway.split(".")
            messages.warning(place / index, f"'{gateway}' is a deprecated form: write {parts[1]}/{parts[0]}")
        wrong = (dns_label(namespace) or dns_label(name)) if separator else fqdn(gateway)
        if wrong:
            messages.error(place / index, wrong)


#: How the names begin that a gateway in mode AUTO_PASSTHROUGH routes by.
GENERATED = "outbound_"


def check_labels(labels: dict[str, str], place: Place, messages: Messages) -> None:
    """Check the labels that something is selected by. (hook: labels.Instance.Validate, validateWorkloadSelector)"""
    for key, value in labels.items():
        wrong = label_key(key) or label_value(value)
        if wrong:
            messages.error(place / key, wrong)


def check_selector(selector: object, place: Place, messages: Messages) -> None:
    """Check a converted `{ matchLabels }` or `{ labels }`; `place` is where the user wrote it, in either form."""
    if not isinstance(selector, dict):
        return
    if not any(selector.values()):
        messages.warning(place, "selects no labels: it applies to every workload of the namespace")
    for form, labels in selector.items():
        written = place.value
        inside = place / form if isinstance(written, dict) and isinstance(written.get(form), dict) else place
        check_labels(labels, inside, messages)
