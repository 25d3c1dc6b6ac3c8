"""Services, deployments and pods as Istio reads them: ports by their names, users, sidecars."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from nixbridge.mesh.model.messages import ERROR, NOTE, WARNING
from nixbridge.mesh.model.record_data import Record
from nixbridge.tools.lint.cluster_view import Cluster, Pod, as_set, labels_of
from nixbridge.tools.lint.rule import Remark, cluster_rule
from nixbridge.tools.lint.rules.hosts import items, namespace_of, sets, text_of

#: Protocols that a port may be named by, as `http` or `http-web`. (istio/istio pkg/config/kube/conversion.go)
NAMED = (
    *("tcp", "udp", "grpc", "grpc-web", "http", "http_proxy", "http2", "https", "tls", "mongo", "redis", "mysql"),
    *("hbone", "double-hbone"),
)
#: Ports whose protocol is known without a name: mail and databases, where the server speaks first.
WELL_KNOWN = (25, 53, 3306, 27017)
SIDECAR_USER, PROXY = 1337, "istio-proxy"
INJECTION, REVISION, MODE, SIDECAR = (
    "istio-injection",
    "istio.io/rev",
    "istio.io/dataplane-mode",
    "sidecar.istio.io/inject",
)
LINKERD = "linkerd.io/inject"
SYSTEM = ("istio-system", "kube-system", "kube-public", "kube-node-lease")

NAMES = "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {TYPEports: [{name: NAME, port: 80}]}}"


@cluster_rule(
    "NB150",
    "port-without-protocol",
    NOTE,
    wrong=NAMES.replace("NAME", "web").replace("TYPE", ""),
    right=NAMES.replace("NAME", "http-web").replace("TYPE", ""),
    also=("IST0118", "KIA0601", "KIA0602"),
)
def port_without_protocol(cluster: Cluster) -> Iterator[Remark]:
    """The name of a Service port does not tell its protocol.

    Istio then inspects the first bytes of each connection, which fails for protocols in which the server speaks first. Name the port
    `<protocol>` or `<protocol>-<anything>`, or set `appProtocol`.
    """
    for record in cluster.of("Service"):
        if namespace_of(record) in SYSTEM or record.get("type") == "ExternalName":
            continue
        for port in sets(record / "ports"):
            name = text_of(port.value.get("name"))
            if not _tells(name, port.value):
                yield Remark(
                    port,
                    f"the name '{name}' does not identify the protocol"
                    if name
                    else "has no name that identifies the protocol",
                )


def _tells(name: str, port: dict[str, object]) -> bool:
    if text_of(port.get("protocol")) in ("UDP", "SCTP") or port.get("port") in WELL_KNOWN:
        return True
    protocol = text_of(port.get("appProtocol")) or name
    # Kubernetes' own values of appProtocol have a domain, Istio's have none
    protocol = protocol.removeprefix("kubernetes.io/").removeprefix("istio.io/").lower()
    # Kubernetes' own names of HTTP/2 and WebSocket (appProtocol)
    if protocol in ("h2c", "ws", "wss"):
        return True
    return any(
        protocol == known or (protocol.startswith(f"{known}-") and not port.get("appProtocol")) for known in NAMED
    )


@cluster_rule(
    "NB151",
    "tcp-port-of-external-name",
    WARNING,
    wrong=NAMES.replace("NAME", "tcp").replace("TYPE", "type: ExternalName, externalName: example.com, "),
    right=NAMES.replace("NAME", "http").replace("TYPE", "type: ExternalName, externalName: example.com, "),
    also=("IST0150",),
)
def tcp_port_of_external_name(cluster: Cluster) -> Iterator[Remark]:
    """A Service of type ExternalName has a port whose name is not a protocol with host names.

    A TCP port of such a Service applies to all addresses, so it may capture connections to other hosts.
    """
    for record in cluster.of("Service"):
        for port in sets(record / "ports") if record.get("type") == "ExternalName" else ():
            name = text_of(port.value.get("name"))
            if name in ("", "tcp") or not _tells(name, port.value):
                yield Remark(port, f"the port of an external name is called '{name}': use the name of its protocol")


SERVICES = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: [{name: http, port: 80}]}}
---
apiVersion: v1
kind: Service
metadata: {name: web-beside, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http-beside, PORT}]}
"""


@cluster_rule(
    "NB152",
    "services-disagree",
    WARNING,
    wrong=SERVICES.replace("PORT", "port: 81, targetPort: 80"),
    right=SERVICES.replace("PORT", "port: 81, targetPort: 8081"),
    also=("IST0116", "IST0137"),
)
def services_disagree(cluster: Cluster) -> Iterator[Remark]:
    """Two Services of a workload map different numbers to the same port of its pods, or give one number two protocols.

    A sidecar has only one listener per port, so one of the Services does not work.
    """
    for pod in cluster.pods:
        # not of Pods, each of which would repeat what its Deployment has
        if pod.record.builder != "Deployment" or not _in_mesh(cluster, pod):
            continue
        by_number: dict[Any, set[str]] = {}
        by_target: dict[str, dict[Any, str]] = {}
        for service in cluster.services_of(pod):
            for port in items(service.get("ports")):
                number = as_set(port).get("port")
                by_number.setdefault(number, set()).add(text_of(as_set(port).get("protocol")) or "TCP")
                target = as_set(port).get("targetPort") or number
                by_target.setdefault(str(target), {})[number] = service.name
        for number, protocols in by_number.items():
            if len(protocols) > 1:
                yield Remark(
                    pod.record / "name", f"its Services have port {number} as {' and '.join(sorted(protocols))}"
                )
        for target, ports in by_target.items():
            if len(ports) > 1:
                shown = ", ".join(f"{name}:{number}" for number, name in ports.items())
                yield Remark(pod.record / "name", f"its Services lead to port {target} by different numbers: {shown}")


def _in_mesh(cluster: Cluster, pod: Pod) -> bool:
    """Return whether a pod gets a sidecar; where nothing tells, it may."""
    annotations = as_set(as_set(as_set(pod.record.get("template")).get("metadata")).get("annotations"))
    if str(pod.labels.get(SIDECAR, annotations.get(SIDECAR, ""))).lower() == "false":
        return False
    namespace = cluster.namespaces.get(pod.namespace)
    return namespace is None or labels_of(namespace).get(INJECTION) != "disabled"


USER = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {securityContext: {runAsUser: USER}, containers: [{name: web, image: "example.com/web:1"}]}
"""


@cluster_rule(
    "NB153",
    "user-of-the-sidecar",
    WARNING,
    wrong=USER.replace("USER", "1337"),
    right=USER.replace("USER", "1000"),
    also=("IST0144",),
)
def user_of_the_sidecar(cluster: Cluster) -> Iterator[Remark]:
    """An application runs as user 1337, which is the user of the sidecar.

    Traffic of this user is not redirected to the sidecar, so the application bypasses the mesh.
    """
    for pod in cluster.pods:
        place = pod.record / pod.at[0] / pod.at[1] if pod.at else None
        contexts = [
            pod.spec,
            *(as_set(one) for one in items(pod.spec.get("containers")) if as_set(one).get("name") != PROXY),
        ]
        if any(as_set(one.get("securityContext")).get("runAsUser") == SIDECAR_USER for one in contexts):
            yield Remark(place or pod.record / "name", "runs as user 1337, the user of the sidecar")


IMAGE = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: INJECTION}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: shop}
spec: {template: {metadata: {labels: {app: gateway}}, spec: {containers: [{name: istio-proxy, image: auto}]}}}
"""


@cluster_rule(
    "NB154",
    "image-not-injected",
    WARNING,
    wrong=IMAGE.replace("INJECTION", "disabled"),
    right=IMAGE.replace("INJECTION", "enabled"),
    also=("IST0146", "IST0147"),
)
def image_not_injected(cluster: Cluster) -> Iterator[Remark]:
    """A proxy image is `auto`, but the injector will not replace it.

    The injector replaces it only in pods with injection enabled by a label of the pod or its namespace. A running Pod with this image was
    not injected.
    """
    for pod in cluster.pods:
        containers = [as_set(one) for one in items(pod.spec.get("containers"))]
        if not any(one.get("name") == PROXY and one.get("image") == "auto" for one in containers):
            continue
        if pod.record.builder == "Pod":
            yield Remark(
                pod.record / "name", "the image 'auto' was not replaced: the pod was not injected", level=ERROR
            )
        elif not _is_injected(cluster, pod):
            yield Remark(pod.record / "name", f"the image 'auto' is not replaced: no injection into {pod.namespace}")


def _is_injected(cluster: Cluster, pod: Pod) -> bool:
    if str(pod.labels.get(SIDECAR)).lower() == "true":
        return True
    namespace = cluster.namespaces.get(pod.namespace)
    # without any Namespace among the files nothing is known of their labels
    if namespace is None:
        return not cluster.namespaces
    labels = labels_of(namespace)
    return labels.get(INJECTION) == "enabled" or REVISION in labels


NOT_INJECTED = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {CONTAINERS}}
"""


@cluster_rule(
    "NB155",
    "pod-without-sidecar",
    WARNING,
    wrong=NOT_INJECTED.replace("CONTAINERS", "containers: [{name: web, image: web}]"),
    right=NOT_INJECTED.replace(
        "CONTAINERS", "containers: [{name: web, image: web}, {name: istio-proxy, image: proxyv2}]"
    ),
    also=("IST0103",),
)
def pod_without_sidecar(cluster: Cluster) -> Iterator[Remark]:
    """A Pod in a namespace with injection has no sidecar.

    It was created before the namespace was labeled, or while the injector was unavailable. Recreate it.
    """
    for pod in cluster.pods:
        namespace = cluster.namespaces.get(pod.namespace)
        if pod.record.builder != "Pod" or namespace is None or labels_of(namespace).get(INJECTION) != "enabled":
            continue
        annotations = as_set(pod.record.get("annotations"))
        # the injector leaves pods on the network of their host alone: the sidecar would redirect the host's traffic
        if str(pod.labels.get(SIDECAR, annotations.get(SIDECAR, ""))).lower() == "false" or pod.spec.get("hostNetwork"):
            continue
        containers = [*items(pod.spec.get("containers")), *items(pod.spec.get("initContainers"))]
        if not any(as_set(one).get("name") == PROXY and as_set(one).get("image") for one in containers):
            yield Remark(pod.record / "name", f"has no sidecar, although injection is enabled in {pod.namespace}")


LABELS = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {LABELS}}}"


@cluster_rule(
    "NB156",
    "injected-in-two-ways",
    WARNING,
    wrong=LABELS.replace("LABELS", "istio-injection: enabled, istio.io/rev: canary"),
    right=LABELS.replace("LABELS", "istio.io/rev: canary"),
    also=("IST0123", "KIA1311", "KIA1314", "KIA1315", "KIA1316"),
)
def injected_in_two_ways(cluster: Cluster) -> Iterator[Remark]:
    """A namespace or a workload has labels for more than one data plane: `istio-injection`, `istio.io/rev`, ambient mode.

    `istio-injection` takes precedence over a revision, and a sidecar over ambient mode. Remove the labels that do not apply.
    """
    for record in cluster.of("Namespace"):
        labels = labels_of(record)
        both = [name for name in (INJECTION, REVISION, MODE) if name in labels]
        # `istio-injection: disabled` next to another label is a decision, not a contradiction
        if len(both) > 1 and labels.get(INJECTION, "enabled") == "enabled":
            yield Remark(record / "labels", f"has {' and '.join(both)}: only one of them applies to its pods")
    for pod in cluster.pods:
        namespace = cluster.namespaces.get(pod.namespace)
        ambient = pod.labels.get(MODE, labels_of(namespace).get(MODE) if namespace is not None else None) == "ambient"
        proxied = any(as_set(one).get("name") == PROXY for one in items(pod.spec.get("containers")))
        if ambient and (str(pod.labels.get(SIDECAR)).lower() == "true" or proxied):
            yield Remark(pod.record / "name", "is in ambient mode but requests a sidecar")


@cluster_rule(
    "NB157",
    "namespace-not-injected",
    NOTE,
    wrong=LABELS.replace("LABELS", "team: web"),
    right=LABELS.replace("LABELS", "team: web, istio-injection: disabled")
    + "\n---\n"
    + "{apiVersion: v1, kind: Namespace, metadata: {name: emojivoto, annotations: {linkerd.io/inject: enabled}}}",
    also=("IST0102", "IST0148"),
)
def namespace_not_injected(cluster: Cluster) -> Iterator[Remark]:
    """A Namespace has no label that enables or disables sidecar injection.

    Without a label, its pods have no sidecars, unless the mesh injects by default. Add `istio-injection: enabled` or `disabled`.
    A namespace with Linkerd's annotation `linkerd.io/inject` is not reported.
    """
    injected = {
        name
        for mesh in cluster.of("mkIstioMesh")
        for name in items(mesh.get("sidecarInjectionNamespaces"))
        if isinstance(name, str)
    }
    for record in cluster.of("Namespace"):
        decided = {INJECTION, REVISION, MODE} & labels_of(record).keys() or LINKERD in as_set(record.get("annotations"))
        if record.name not in (*SYSTEM, cluster.root, *injected) and not decided:
            yield Remark(record / "name", "has no label for injection: its pods get no sidecar")


SERVED = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, ports: [{containerPort: NUMBER}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
"""


@cluster_rule(
    "NB158",
    "port-that-nobody-serves",
    NOTE,
    wrong=SERVED.replace("NUMBER", "8081"),
    right=SERVED.replace("NUMBER", "8080"),
    also=("KIA0701",),
)
def port_that_nobody_serves(cluster: Cluster) -> Iterator[Remark]:
    """A Service leads to a port that none of its pods declares.

    Declaring the ports of a container is optional, so this is a note, but the number is often a typing error.
    """
    for record in cluster.of("Service"):
        selector = as_set(record.get("selector"))
        pods = cluster.pods_of(selector, namespace_of(record)) if selector else []
        declared = {
            key
            for pod in pods
            for container in items(pod.spec.get("containers"))
            for port in items(as_set(container).get("ports"))
            for key in (as_set(port).get("containerPort"), as_set(port).get("name"))
            if key is not None
        }
        # pods that declare no port may serve any
        for port in sets(record / "ports") if declared else ():
            target = port.value.get("targetPort") or port.value.get("port")
            if target not in declared and not isinstance(target, (dict, list)):
                yield Remark(port, f"its pods do not declare the port {target}")


MISMATCH = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector, namespace: istio-system}
data: {values: '{"global": {"hub": "example.com/istio", "tag": "1.31.0", "proxy": {"image": "proxyv2"}}}'}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: istio-proxy, image: "example.com/istio/proxyv2:TAG"}]}
"""
INJECTOR = "istio-sidecar-injector"


@cluster_rule(
    "NB159",
    "old-sidecar",
    WARNING,
    wrong=MISMATCH.replace("TAG", "1.30.2"),
    right=MISMATCH.replace("TAG", "1.31.0"),
    also=("IST0158",),
)
def old_sidecar(cluster: Cluster) -> Iterator[Remark]:
    """Pods of a namespace have an older proxy image than the injector would use, as after an upgrade before they are restarted."""
    images = {
        record.name: _injected_image(record) for record in cluster.of("ConfigMap") if record.name.startswith(INJECTOR)
    }
    for namespace in cluster.of("Namespace") if images else ():
        labels = labels_of(namespace)
        revision = text_of(labels.get(REVISION))
        if labels.get(INJECTION) != "enabled" and not revision:
            continue
        # each revision has an injector of its own, whose ConfigMap ends with its name
        image = images.get(f"{INJECTOR}-{revision}" if revision not in ("", "default") else INJECTOR)
        old = [
            pod.record.name for pod in cluster.pods if pod.namespace == namespace.name and image and _is_old(pod, image)
        ]
        if old:
            yield Remark(namespace / "name", f"the proxies of {', '.join(sorted(old))} do not have the image {image}")


def _injected_image(record: Record) -> str | None:
    try:
        values = as_set(json.loads(text_of(as_set(record.get("data")).get("values"))))
    except (ValueError, RecursionError):
        return None
    given = as_set(values.get("global"))
    image = text_of(as_set(given.get("proxy")).get("image"))
    return image if "/" in image else f"{given.get('hub')}/{image}:{given.get('tag')}"


def _is_old(pod: Pod, image: str) -> bool:
    annotations = as_set(pod.record.get("annotations"))
    if pod.record.builder != "Pod" or annotations.get("sidecar.istio.io/proxyImage"):
        return False
    containers = [*items(pod.spec.get("containers")), *items(pod.spec.get("initContainers"))]
    proxies = [text_of(as_set(one).get("image")) for one in containers if as_set(one).get("name") == PROXY]
    variants = tuple(f"{image}-{variant}" for variant in ("distroless", "debug"))
    return any(proxy not in (image, *variants) for proxy in proxies)
