"""Authorization where the mesh is Linkerd: Servers, AuthorizationPolicies and the identities that they authenticate.

(linkerd.io, reference: Authorization Policy; CRDs of linkerd/linkerd2: Server v1beta3, AuthorizationPolicy, MeshTLSAuthentication,
NetworkAuthentication v1alpha1, HTTPRoute)
"""

from __future__ import annotations

import re

from nixbridge.mesh.model.manifest import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.draft import Draft
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place

POLICY = "policy.linkerd.io"
DEFAULT_POLICY = "config.linkerd.io/default-inbound-policy"
#: How a service account of Istio's (`cluster.local/ns/shop/sa/web`) is named by Linkerd's identity.
_PRINCIPAL = re.compile(r"([^/]+)/ns/([^/]+)/sa/([^/]+)")
_IDENTITY = "{account}.{namespace}.serviceaccount.identity.linkerd.{domain}"
EVERYBODY = ["0.0.0.0/0", "::/0"]


class PolicyParts:
    """The objects that one Istio-shaped policy becomes, numbered where there are several of a kind."""

    def __init__(self, draft: Draft, messages: Messages) -> None:
        self.draft = draft
        self.messages = messages
        self.found: list[Manifest] = []

    def add(self, kind: str, version: str, spec: JsonObject, suffix: str, group: str = POLICY) -> dict[str, str]:
        """Add an object; return the reference to it."""
        metadata = self.draft.metadata
        name = f"{metadata.name}{suffix}"
        self.found.append(
            Manifest(
                kind,
                name,
                metadata.namespace,
                {"spec": spec},
                self.draft.place,
                api_version=f"{group}/{version}",
                labels=metadata.labels,
                annotations=metadata.annotations,
            )
        )
        return {"group": group, "kind": kind, "name": name}

    def server(self, selector: JsonObject, port: int, *, http: bool) -> dict[str, str]:
        """Add the Server of a port of the selected pods."""
        spec = {"podSelector": selector, "port": port, "proxyProtocol": "HTTP/1" if http else "unknown"}
        return self.add("Server", "v1beta3", spec, f"-{port}")


def linkerd_authorization(messages: Messages, draft: Draft, policy: Manifest) -> list[Manifest]:
    """Convert an AuthorizationPolicy of Istio to Linkerd's resources; report errors for anything that Linkerd cannot express."""
    spec = policy.body["spec"]
    if spec.get("action", "ALLOW") != "ALLOW":
        messages.error(draft.at("action"), f"Linkerd's policies only allow: {spec['action']} has no counterpart")
        return []
    parts = PolicyParts(draft, messages)
    selector = spec.get("selector", {"matchLabels": {}})
    ports = sorted({int(port) for rule in spec.get("rules", []) for port in _ports(rule)})
    if not ports:
        messages.error(draft.at("rules"), "Linkerd's Server is for one port: name the ports in to.operation.ports")
        return []
    for port in ports:
        rules = [
            (index, rule) for index, rule in enumerate(spec["rules"]) if not _ports(rule) or str(port) in _ports(rule)
        ]
        http = any(_http_matches(rule, messages, draft.at("rules") / index) for index, rule in rules)
        server = parts.server(selector, port, http=http)
        for index, rule in rules:
            _allow(parts, server, rule, f"-{port}-{index + 1}", draft.at("rules") / index)
    return parts.found


def _ports(rule: JsonObject) -> list[str]:
    return [port for one in rule.get("to", []) for port in one.get("operation", {}).get("ports", [])]


def _allow(parts: PolicyParts, server: dict[str, str], rule: JsonObject, suffix: str, place: Place) -> None:
    """Add the AuthorizationPolicy of one rule, with the identities that it authenticates and, for methods and paths, a route."""
    if rule.get("when"):
        parts.messages.error(place / "when", "has no counterpart in Linkerd's policies")
    matches = _http_matches(rule, parts.messages, place)
    target = server
    if matches:
        spec = {"parentRefs": [server], "rules": [{"matches": matches}]}
        target = parts.add("HTTPRoute", "v1beta3", spec, suffix)
    # Linkerd asks for all authentications of a policy, Istio for one of the sources: each source is a policy of its own
    sources = [one.get("source", {}) for one in rule.get("from", [])] or [{}]
    for index, source in enumerate(sources):
        own = f"{suffix}-{index + 1}" if len(sources) > 1 else suffix
        references = _authentications(parts, source, own, place / "from" / index / "source")
        spec = {"targetRef": target, "requiredAuthenticationRefs": references}
        parts.add("AuthorizationPolicy", "v1alpha1", spec, own)


def _authentications(parts: PolicyParts, source: JsonObject, suffix: str, place: Place) -> list[dict[str, str]]:
    """Add the identities of one source, whose conditions must all hold; return the references."""
    identities: list[str] = []
    networks: list[str] = []
    for name, values in source.items():
        if name == "principals":
            identities += [_identity(value, place / name, parts.messages) for value in values]
        elif name == "namespaces":
            identities += [_IDENTITY.format(account="*", namespace=value, domain="cluster.local") for value in values]
        elif name == "ipBlocks":
            networks += values
        else:
            parts.messages.error(place / name, "has no counterpart in Linkerd's policies")
    if "principals" in source and "namespaces" in source:
        parts.messages.error(place, "Linkerd takes one of several identities: name principals or namespaces, not both")
    references = []
    if identities:
        references.append(parts.add("MeshTLSAuthentication", "v1alpha1", {"identities": identities}, suffix))
    # a rule without sources allows everybody, while one that names only identities need not look at networks
    if networks or not identities:
        spec = {"networks": [{"cidr": cidr} for cidr in networks or EVERYBODY]}
        references.append(parts.add("NetworkAuthentication", "v1alpha1", spec, suffix))
    return references


def _identity(principal: str, place: Place, messages: Messages) -> str:
    found = _PRINCIPAL.fullmatch(principal)
    if principal == "*":
        return "*"
    if found is None:
        messages.error(place, f"'{principal}' does not name a service account: cluster.local/ns/NAMESPACE/sa/NAME")
        return principal
    return _IDENTITY.format(domain=found[1], namespace=found[2], account=found[3])


def _http_matches(rule: JsonObject, messages: Messages, place: Place) -> list[dict[str, object]]:
    """Return the matches of a route: one for each pair of a path and a method."""
    found: list[dict[str, object]] = []
    for index, one in enumerate(rule.get("to", [])):
        operation = one.get("operation", {})
        for name in operation:
            if name not in ("methods", "paths", "ports"):
                messages.error(place / "to" / index / "operation" / name, "has no counterpart in Linkerd's policies")
        for path in operation.get("paths", [None]):
            for method in operation.get("methods", [None]):
                match: JsonObject = {"path": _path(path)} if path is not None else {}
                if method is not None:
                    match["method"] = method
                found += [match] if match else []
    return found


def _path(path: str) -> dict[str, str]:
    # not PathPrefix, which ends at a slash: `/api*` of Istio takes /apis too
    if path.endswith("*"):
        return {"type": "RegularExpression", "value": re.escape(path[:-1]) + ".*"}
    if path.startswith("*"):
        return {"type": "RegularExpression", "value": ".*" + re.escape(path[1:])}
    return {"type": "Exact", "value": path}


def linkerd_peer_authentication(messages: Messages, draft: Draft, policy: Manifest) -> list[Manifest]:
    """Convert a PeerAuthentication of Istio to Linkerd's resources. Linkerd always uses mutual TLS; STRICT rejects everything else."""
    spec = policy.body["spec"]
    ports = spec.get("portLevelMtls", {})
    mode = spec.get("mtls", {}).get("mode", "UNSET")
    place = draft.at("mtlsMode")
    modes = [("mtlsMode", mode), *(("portLevelMtls", one.get("mode")) for one in ports.values())]
    for name, wanted in modes:
        if wanted == "DISABLE":
            messages.error(draft.at(name), "Linkerd's mutual TLS cannot be switched off")
    parts = PolicyParts(draft, messages)
    for port, one in sorted(ports.items()):
        if one.get("mode") == "STRICT":
            server = parts.server(spec["selector"], int(port), http=False)
            identities = parts.add("MeshTLSAuthentication", "v1alpha1", {"identities": ["*"]}, f"-{port}")
            allowed = {"targetRef": server, "requiredAuthenticationRefs": [identities]}
            parts.add("AuthorizationPolicy", "v1alpha1", allowed, f"-{port}")
    if mode in ("STRICT", "PERMISSIVE") and "selector" in spec:
        messages.lost(place, f"for single pods, set their annotation {DEFAULT_POLICY}")
    elif mode in ("STRICT", "PERMISSIVE"):
        wanted = "all-authenticated" if mode == "STRICT" else "all-unauthenticated"
        namespace = draft.metadata.namespace or "default"
        parts.found.append(Manifest("Namespace", namespace, None, {}, place, annotations={DEFAULT_POLICY: wanted}))
    return parts.found
