"""Names, hosts, labels and addresses as Kubernetes and Istio take them. Each check returns the fault, or None.

Sources: Kubernetes' apimachinery `util/validation`; istio/istio `pkg/config/validation/agent`, `pkg/config/labels`.
"""

from __future__ import annotations

import ipaddress
import re

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
# Istio takes host labels in any case
_HOST_LABEL = re.compile(r"[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?")
_WILDCARD_LABEL = re.compile(r"\*|(?:\*-?)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?")
_QUALIFIED = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
# RFC 7230: tchar
_HEADER = re.compile(r"[-!#$%&'*+.^_`|~A-Za-z0-9]+")

SUBDOMAIN_RULE = "lower-case letters, digits, '-' and '.', a letter or digit first and last, 253 characters at most"
HOST_LABEL_RULE = "letters, digits and '-', a letter or digit first and last, 63 characters at most"
LABEL_RULE = "lower-case letters, digits and '-', a letter or digit first and last, 63 characters at most"


def dns_label(text: str) -> str | None:
    """Return the fault of a DNS label (RFC 1123), such as the name of a namespace."""
    if len(text) <= 63 and _LABEL.fullmatch(text):
        return None
    return f"'{text}' is not a DNS label ({LABEL_RULE})"


def host_label(text: str) -> str | None:
    """Return the fault of a DNS label in any case, as Istio takes it for subsets and names of ports. (istio/istio pkg/config/labels)"""
    if len(text) <= 63 and _HOST_LABEL.fullmatch(text):
        return None
    return f"'{text}' is not a DNS label ({HOST_LABEL_RULE})"


def dns_subdomain(text: str) -> str | None:
    """Return the fault of a DNS subdomain (RFC 1123), such as the name of an object."""
    if len(text) <= 253 and all(_LABEL.fullmatch(part) for part in text.split(".")):
        return None
    return f"'{text}' is not a DNS subdomain ({SUBDOMAIN_RULE})"


def fqdn(text: str) -> str | None:
    """Return the fault of a domain name without a wildcard."""
    if not text:
        return "an empty text is not a DNS name"
    if len(text) > 255:
        return f"'{text}' is longer than a DNS name may be (255 characters)"
    return _labels(text, text)


def wildcard_domain(text: str) -> str | None:
    """Return the fault of a domain name whose first label may be a wildcard."""
    if not text:
        return "an empty text is not a DNS name"
    if len(text) > 255:
        return f"'{text}' is longer than a DNS name may be (255 characters)"
    first, separator, rest = text.partition(".")
    if len(first) > 63 or not _WILDCARD_LABEL.fullmatch(first):
        return f"'{text}' is not a DNS name ('{first}' is not allowed in one)"
    return _labels(rest, text) if separator else None


def _labels(domain: str, whole: str) -> str | None:
    parts = domain.split(".")
    if parts[-1].isdigit():
        return f"'{whole}' is not a DNS name (its last label is a number)"
    if len(parts) > 1 and parts[-1] == "":
        parts.pop()
    for part in parts:
        if len(part) > 63 or not _HOST_LABEL.fullmatch(part):
            return f"'{whole}' is not a DNS name ('{part}' is not allowed in one)"
    return None


def host_covers(one: str, other: str) -> bool:
    """Return whether two hosts name something in common. (Istio's host.Name.Matches: `*.com` and `a.com` do)"""
    if one.startswith("*") and other.startswith("*"):
        short, long = sorted((one[1:], other[1:]), key=len)
        return long.endswith(short)
    if one.startswith("*"):
        return other.endswith(one[1:])
    if other.startswith("*"):
        return one.endswith(other[1:])
    return one == other


def host_within(inner: str, outer: str) -> bool:
    """Return whether `outer` names everything that `inner` names. (Istio's host.Name.SubsetOf)"""
    if inner.startswith("*") and outer.startswith("*"):
        return inner[1:].endswith(outer[1:])
    if inner.startswith("*"):
        return False
    return inner.endswith(outer[1:]) if outer.startswith("*") else inner == outer


def label_key(text: str) -> str | None:
    """Return the fault of the key of a label or annotation: `name` or `domain/name`."""
    prefix, separator, name = text.rpartition("/")
    if separator and dns_subdomain(prefix):
        return f"'{text}' is not a key of a label: '{prefix}' before the '/' is not a DNS subdomain"
    if len(name) > 63 or not _QUALIFIED.fullmatch(name):
        return f"'{text}' is not a key of a label (letters, digits, '-', '_', '.', 63 characters at most, after an optional domain/)"
    return None


def label_value(text: str) -> str | None:
    """Return the fault of the value of a label, which may be empty."""
    if not text or (len(text) <= 63 and _QUALIFIED.fullmatch(text)):
        return None
    return f"'{text}' is not a value of a label (letters, digits, '-', '_', '.', a letter or digit first and last, 63 characters at most)"


def header_name(text: str) -> str | None:
    """Return the fault of the name of an HTTP header."""
    return None if _HEADER.fullmatch(text) else f"'{text}' is not a name of an HTTP header"


def is_ip(text: str) -> bool:
    """Return whether a text is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def subnet(text: str) -> str | None:
    """Return the fault of an IP address or a CIDR block."""
    try:
        if "/" in text:
            if not text.rpartition("/")[2].isdigit():
                raise ValueError  # Python takes a mask there as well
            ipaddress.ip_network(text, strict=False)
        else:
            ipaddress.ip_address(text)
    except ValueError:
        return f"'{text}' is neither an IP address nor a CIDR block"
    return None
