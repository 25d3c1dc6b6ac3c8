"""Checks of hosts, ports and gateways that several kinds share. (hook: istio/istio pkg/config/validation)"""

from __future__ import annotations

from nixbridge.mesh.model.names import dns_label, fqdn, host_covers, is_ip, label_key, label_value, wildcard_domain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place


def check_hosts(hosts: list[str], place: Place, messages: Messages) -> None:
    """Valid names or addresses, none of them covered by another. (hook: ValidateVirtualService)"""
    valid = True
    for index, host in enumerate(hosts):
        wrong = None if is_ip(host) else wildcard_domain(host)
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
    """`mesh`, `name` or `namespace/name`. (hook: validateGatewayNames)"""
    for index, gateway in enumerate(gateways):
        namespace, separator, name = gateway.partition("/")
        wrong = (dns_label(namespace) or dns_label(name)) if separator else fqdn(gateway)
        if wrong:
            messages.error(place / index, wrong)


def check_labels(labels: dict[str, str], place: Place, messages: Messages) -> None:
    """The labels that something is selected by. (hook: labels.Instance.Validate, validateWorkloadSelector)"""
    for key, value in labels.items():
        wrong = label_key(key) or label_value(value)
        if wrong:
            messages.error(place / key, wrong)


def check_selector(selector: object, place: Place, messages: Messages) -> None:
    """A converted `{ matchLabels }` or `{ labels }`; `place` is where the user wrote it, in either form."""
    if not isinstance(selector, dict):
        return
    for form, labels in selector.items():
        written = place.value
        inside = place / form if isinstance(written, dict) and isinstance(written.get(form), dict) else place
        check_labels(labels, inside, messages)
