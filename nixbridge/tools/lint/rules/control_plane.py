"""Rules about an installation of Istio: webhooks, networks, CRDs, statuses, and deprecated features."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from nixbridge.mesh.model.messages import ERROR, NOTE, WARNING
from nixbridge.mesh.model.record_data import Record
from nixbridge.tools.lint.cluster_view import GATEWAY_API, Cluster, as_set, is_manifest
from nixbridge.tools.lint.rule import Remark, cluster_rule
from nixbridge.tools.lint.rules.hosts import items, sets, text_of

WEBHOOK = """
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector}
webhooks: [{name: rev.namespace.sidecar-injector.istio.io, clientConfig: {service: {name: NAME, namespace: istio-system, path: /inject}}}]
---
{apiVersion: v1, kind: Service, metadata: {name: istiod, namespace: istio-system}, spec: {ports: [{name: https, port: 443}]}}
"""
MUTATING = "admissionregistration.k8s.io/MutatingWebhookConfiguration"
VALIDATING = "admissionregistration.k8s.io/ValidatingWebhookConfiguration"
_ISTIO_HOOK = "istio.io"


@cluster_rule(
    "NB162",
    "injector-not-found",
    ERROR,
    wrong=WEBHOOK.replace("NAME", "istiod-canary"),
    right=WEBHOOK.replace("NAME", "istiod"),
    also=("IST0139",),
)
def injector_not_found(cluster: Cluster) -> Iterator[Remark]:
    """An injection webhook refers to a Service that does not exist, or selects the same pods as another webhook.

    Without the Service, pods are not injected or cannot start. Two webhooks for the same pods inject twice.
    """
    # of Istio's configurations all webhooks, as its charts name them; other injectors are not its business
    hooks = [
        (record, hook)
        for record in cluster.of(MUTATING)
        for hook in sets(record / "webhooks")
        if any(text_of(as_set(one).get("name")).endswith(_ISTIO_HOOK) for one in items(record.get("webhooks")))
    ]
    for record, hook in hooks:
        # without any Service among the files nothing can be said of one
        service = as_set(as_set(hook.value.get("clientConfig")).get("service"))
        name, namespace = text_of(service.get("name")), text_of(service.get("namespace"))
        if service and cluster.services and (namespace, name) not in cluster.services:
            yield Remark(hook / "clientConfig", f"the Service '{name}' does not exist in {namespace}")
        for other, second in hooks:
            if (other is not record or second.path != hook.path) and _overlap(hook.value, second.value):
                yield Remark(hook, f"selects the same pods as '{second.value.get('name')}' of {other}")
                break


_LABEL_SETS: tuple[tuple[str, tuple[dict[str, str], ...]], ...] = (
    ("namespaceSelector", ({}, {"istio-injection": "enabled"}, {"istio-injection": "disabled"})),
    ("objectSelector", ({}, {"sidecar.istio.io/inject": "true"}, {"sidecar.istio.io/inject": "false"})),
)


def _overlap(one: dict[str, object], other: dict[str, object]) -> bool:
    """Return whether some labels of a namespace and a pod satisfy both webhooks."""
    # istioctl does the same: a few sets of labels stand for all, since these are the ones that selectors ask for
    revisions = {"", *_revisions(one), *_revisions(other)}
    for name, sets_of_labels in _LABEL_SETS:
        labels = [{**base, **({"istio.io/rev": rev} if rev else {})} for base in sets_of_labels for rev in revisions]
        if not any(_satisfied(one.get(name), each) and _satisfied(other.get(name), each) for each in labels):
            return False
    return True


def _revisions(hook: dict[str, object]) -> set[str]:
    found: set[str] = set()
    for name, _ in _LABEL_SETS:
        selector = as_set(hook.get(name))
        found.add(text_of(as_set(selector.get("matchLabels")).get("istio.io/rev")))
        for one in items(selector.get("matchExpressions")):
            if as_set(one).get("key") == "istio.io/rev":
                found |= {text_of(value) for value in items(as_set(one).get("values"))}
    return found - {""}


def _satisfied(selector: object, labels: dict[str, str]) -> bool:
    """Return whether labels satisfy a LabelSelector of Kubernetes; without one all do."""
    if any(labels.get(key) != value for key, value in as_set(as_set(selector).get("matchLabels")).items()):
        return False
    for one in items(as_set(selector).get("matchExpressions")):
        key, operator, values = (as_set(one).get(name) for name in ("key", "operator", "values"))
        value = labels.get(text_of(key))
        holds = {
            "In": value is not None and value in items(values),
            "NotIn": value not in items(values),
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }.get(text_of(operator), True)
        if not holds:
            return False
    return True


EXTERNAL = """
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector-external}
webhooks: [{name: rev.namespace.sidecar-injector.istio.io, clientConfig: {CONFIG}}]
"""
_EXTERNAL_NAMES = ("istio-sidecar-injector", "istio-validator", "istiod-default-validator")


@cluster_rule(
    "NB163",
    "control-plane-address",
    WARNING,
    wrong=EXTERNAL.replace("CONFIG", 'url: ""'),
    right=EXTERNAL.replace("CONFIG", 'url: "https://istiod.example.com:15017/inject"'),
    also=("IST0163", "IST0164"),
)
def control_plane_address(cluster: Cluster) -> Iterator[Remark]:
    """A webhook of Istio has no valid address of its control plane. An IP address is a note."""
    for record in cluster.of(MUTATING, VALIDATING):
        for hook in sets(record / "webhooks") if record.name.startswith(_EXTERNAL_NAMES) else ():
            config = as_set(hook.value.get("clientConfig"))
            url = config.get("url")
            if url is None:
                if not config.get("service"):
                    yield Remark(hook / "clientConfig", "has neither a url nor a service")
                continue
            host = _host_of(text_of(url))
            if not host:
                yield Remark(hook / "clientConfig" / "url", f"'{url}' is not an address of a control plane")
            elif _is_address(host):
                yield Remark(hook / "clientConfig" / "url", f"'{host}' is an IP address rather than a name", level=NOTE)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


STATUS = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {rules: [{to: [{operation: {methods: [GET]}}]}]}
status: {conditions: [{type: WaypointAccepted, status: "STATUS", reason: Invalid, message: "no waypoint"}]}
"""
#: Kind -> the conditions that are reported where they are false.
CONDITIONS = {
    "Service": ("istio.io/WaypointBound",),
    "mkServiceEntry": ("istio.io/WaypointBound",),
    "WorkloadEntry": ("istio.io/WaypointBound",),
    "mkAuthorizationPolicy": ("ZtunnelAccepted", "WaypointAccepted"),
    **{
        f"{GATEWAY_API}/{kind}": ("Accepted", "Programmed", "ResolvedRefs")
        for kind in ("Gateway", "HTTPRoute", "GRPCRoute")
    },
}


@cluster_rule(
    "NB164",
    "not-accepted",
    WARNING,
    wrong=STATUS.replace("STATUS", "False"),
    right=STATUS.replace("STATUS", "True"),
    also=("IST0171",),
)
def not_accepted(cluster: Cluster) -> Iterator[Remark]:
    """The status of a manifest that comes from a cluster reports that it was not accepted, or only in part."""
    for kind, types in CONDITIONS.items():
        for record in cluster.of(kind):
            status = as_set(getattr(record, "manifest", {}).get("status")) if is_manifest(record) else {}
            conditions = [*items(status.get("conditions"))]
            for parent in items(status.get("parents")):
                conditions += items(as_set(parent).get("conditions"))
            for condition in map(as_set, conditions):
                name, reason = text_of(condition.get("type")), text_of(condition.get("reason"))
                refused = name in types and str(condition.get("status")) == "False"
                if refused or (name == "WaypointAccepted" and reason == "PartiallyInvalid"):
                    text = f"the cluster reports {name}: {reason}: {condition.get('message')}"
                    yield Remark(record / "name", text)


NETWORKS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  meshNetworks: |
    networks: {one: {endpoints: [{fromRegistry: REGISTRY}], gateways: [{address: 10.0.0.1, port: 15443}]}}
---
apiVersion: v1
kind: Secret
metadata: {name: istio-remote-secret-east, namespace: istio-system, labels: {istio/multiCluster: "true"}}
stringData: {east: KUBECONFIG}
---
{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: default, namespace: shop}, spec: {egress: [{hosts: ["./*"]}]}}
"""


@cluster_rule(
    "NB165",
    "unknown-registry",
    ERROR,
    wrong=NETWORKS.replace("REGISTRY", "west"),
    right=NETWORKS.replace("REGISTRY", "east"),
    also=("IST0126",),
)
def unknown_registry(cluster: Cluster) -> Iterator[Remark]:
    """The mesh networks refer to a registry that is not one of the clusters.

    The clusters are this one, `Kubernetes`, and those of the secrets with the label `istio/multiCluster`.
    """
    known = {"Kubernetes", "Mock"}  # the registries that istiod has without a secret
    for secret in cluster.of("Secret"):
        if text_of(as_set(secret.get("labels")).get("istio/multiCluster")) == "true":
            known |= {*as_set(secret.get("data")), *as_set(secret.get("stringData"))}
    for record in cluster.of("ConfigMap"):
        networks = as_set(mesh_data(record, "meshNetworks").get("networks"))
        for name, network in networks.items():
            for endpoint in items(as_set(network).get("endpoints")):
                registry = as_set(endpoint).get("fromRegistry")
                if isinstance(registry, str) and registry not in known:
                    yield Remark(
                        record / "data" / "meshNetworks",
                        f"the network {name} has the registry '{registry}', which is unknown",
                    )


def mesh_data(record: Record, key: str) -> dict[str, object]:
    """Return the data of a mesh's ConfigMap at a key, read as YAML."""
    text = as_set(record.get("data")).get(key)
    if record.builder != "ConfigMap" or not isinstance(text, str):
        return {}
    try:
        from nixbridge.language.formats.yaml import read

        return as_set(read(text))
    except ValueError:
        return {}


DEPRECATED = """
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {egress: [{hosts: ["./*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLYMORE}}
"""
#: Kinds that Istio has no more, by group.
REMOVED = {
    "rbac.istio.io": ("ClusterRbacConfig", "RbacConfig", "ServiceRole", "ServiceRoleBinding"),
    "authentication.istio.io": ("MeshPolicy", "Policy"),
    "config.istio.io": ("QuotaSpec", "QuotaSpecBinding", "HTTPAPISpec", "HTTPAPISpecBinding"),
    "install.istio.io": ("IstioOperator",),
}


@cluster_rule(
    "NB166",
    "deprecated",
    WARNING,
    wrong=DEPRECATED.replace("MORE", ", egressProxy: {host: proxy}"),
    right=DEPRECATED.replace("MORE", ""),
    also=("IST0002", "KIA1007"),
)
def deprecated(cluster: Cluster) -> Iterator[Remark]:
    """A field, a kind or a tracing provider is used that Istio has deprecated or removed."""
    for record in cluster.of("Sidecar"):
        if as_set(record.get("outboundTrafficPolicy")).get("egressProxy"):
            yield Remark(record / "outboundTrafficPolicy" / "egressProxy", "is ignored")
    for record in cluster.of("mkVirtualService"):
        for route in sets(record / "httpRoutes"):
            if as_set(as_set(route.value.get("fault")).get("delay")).get("percent"):
                yield Remark(route / "fault" / "delay" / "percent", "is deprecated: use percentage")
    for record in cluster.of("apiextensions.k8s.io/CustomResourceDefinition"):
        kind = text_of(as_set(record.get("names")).get("kind"))
        if kind in REMOVED.get(text_of(record.get("group")), ()):
            yield Remark(record / "name", f"Istio has removed the kind {kind}")
    lightstep = {
        text_of(as_set(provider).get("name"))
        for record in cluster.of("ConfigMap")
        for provider in items(mesh_data(record, "mesh").get("extensionProviders"))
        if "lightstep" in as_set(provider)
    }
    for record in cluster.of("Telemetry"):
        for tracing in sets(record / "tracing"):
            for provider in sets(tracing / "providers"):
                if text_of(provider.value.get("name")) in lightstep:
                    yield Remark(provider / "name", "Lightstep's provider is deprecated: use OpenTelemetry's")


LOGGING = """
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: default, namespace: istio-system}
spec: {accessLogging: [{PROVIDERS}]}
"""


@cluster_rule(
    "NB167",
    "telemetry-without-provider",
    WARNING,
    wrong=LOGGING.replace("PROVIDERS", "match: {mode: SERVER}"),
    right=LOGGING.replace("PROVIDERS", "providers: [{name: envoy}]"),
    also=("IST0157",),
)
def telemetry_without_provider(cluster: Cluster) -> Iterator[Remark]:
    """A Telemetry requests access logs without a provider, and the mesh has no default provider: it is ignored."""
    # a default provider holds for the whole mesh
    for record in cluster.of("ConfigMap"):
        if as_set(mesh_data(record, "mesh").get("defaultProviders")).get("accessLogging"):
            return
    for record in cluster.of("Telemetry"):
        for entry in sets(record / "accessLogging"):
            if not items(entry.value.get("providers")) and entry.value.get("disabled") is not True:
                yield Remark(entry, "has no providers, and is ignored")


CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: httproutes.gateway.networking.k8s.io, annotations: {gateway.networking.k8s.io/bundle-version: VERSION}}
spec: {group: gateway.networking.k8s.io, names: {kind: HTTPRoute}}
---
{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: default, namespace: shop}, spec: {egress: [{hosts: ["./*"]}]}}
"""
#: CRD -> the oldest release of the Gateway API whose CRD Istio 1.31 reads.
OLDEST_CRDS = {"tlsroutes.gateway.networking.k8s.io": (1, 5, 0)}
OLDEST_BUNDLE = (1, 0, 0)
_BUNDLE = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@cluster_rule(
    "NB168",
    "old-gateway-api",
    WARNING,
    wrong=CRD.replace("VERSION", "v0.8.0"),
    right=CRD.replace("VERSION", "v1.4.0"),
    also=("IST0156", "IST0172", "IST0176"),
)
def old_gateway_api(cluster: Cluster) -> Iterator[Remark]:
    """The CRDs of the Gateway API are older than this release of Istio supports: its resources are not processed."""
    for record in cluster.of("apiextensions.k8s.io/CustomResourceDefinition"):
        version = text_of(as_set(record.get("annotations")).get(f"{GATEWAY_API}/bundle-version"))
        found = _BUNDLE.match(version)
        if found is None or not record.name.endswith(f".{GATEWAY_API}"):
            continue
        oldest = OLDEST_CRDS.get(record.name, OLDEST_BUNDLE)
        if tuple(map(int, found.groups())) < oldest:
            yield Remark(
                record / "annotations",
                f"{version} is older than {'.'.join(map(str, oldest))}, the oldest version that Istio supports",
            )


BLOCKED = """
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: jwt, namespace: shop}
spec: {jwtRules: [{issuer: example.com, jwksUri: "https://example.com/keys"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system}
spec: {template: {metadata: {labels: {app: istiod}}, spec: {containers: [{name: discovery, env: [ENV]}]}}}
"""
BLOCKED_RANGES = "BLOCKED_CIDRS_IN_JWKS_URIS"


@cluster_rule(
    "NB169",
    "keys-from-anywhere",
    WARNING,
    wrong=BLOCKED.replace("ENV", ""),
    right=BLOCKED.replace("ENV", f"{{name: {BLOCKED_RANGES}, value: 10.0.0.0/8}}"),
    also=("IST0175",),
)
def keys_from_anywhere(cluster: Cluster) -> Iterator[Remark]:
    """istiod fetches the keys for tokens from any address in a RequestAuthentication, including addresses inside the cluster.

    Everybody who can create a RequestAuthentication can make istiod send requests. Set BLOCKED_CIDRS_IN_JWKS_URIS on istiod.
    """
    if not cluster.has("RequestAuthentication"):
        return
    for pod in cluster.pods:
        if pod.record.builder != "Deployment" or pod.labels.get("app") != "istiod":
            continue
        variables = [
            as_set(one)
            for container in items(pod.spec.get("containers"))
            for one in items(as_set(container).get("env"))
        ]
        if not any(one.get("name") == BLOCKED_RANGES and one.get("value") for one in variables):
            yield Remark(pod.record / "name", f"{BLOCKED_RANGES} is not set, but RequestAuthentications are used")
