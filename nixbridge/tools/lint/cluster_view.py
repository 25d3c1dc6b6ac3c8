"""The linted files as one cluster, with indexes for the rules, each built once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from nixbridge.mesh.model.resource import ManifestRecord
from nixbridge.tools.lint.rules.hosts import CLUSTER, HostIndex, full_names, items, namespace_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nixbridge.mesh.model.record_data import Record
    from nixbridge.tools.lint.rule import Remark

T = TypeVar("T")

#: Kinds that make pods of a template.
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")
ROOT_NAMESPACE = "istio-system"
#: What selects the ingress gateway that Istio's own charts install, and the ports of its Service.
USUAL_INGRESS = {"istio": "ingressgateway"}
USUAL_PORTS = (80, 443, 15021, 15443, 31400)
#: The API group of Kubernetes' own gateways and routes.
GATEWAY_API = "gateway.networking.k8s.io"


class Pod:
    """A pod, or the template of a workload's pods. `at` is the path of the pod's spec in the record."""

    def __init__(self, record: Record, labels: dict[str, object], spec: dict[str, object], at: tuple[str, ...]) -> None:
        self.record, self.labels, self.spec, self.at = record, labels, spec, at
        self.namespace = namespace_of(record)


class Cluster:
    """The records of every file of a run."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = list(records)
        self._by_builder: dict[str, list[Record]] = {}
        for record in self.records:
            self._by_builder.setdefault(record.builder, []).append(record)
        self._made: dict[Callable[[Cluster], Any], Any] = {}

    def of(self, *builders: str) -> Iterator[Record]:
        """Yield the records of these builders, or manifests of these kinds."""
        for builder in builders:
            yield from self._by_builder.get(builder, ())

    def has(self, *builders: str) -> bool:
        """Return whether there is any of these kinds: only then is one that is missing worth a word."""
        return any(builder in self._by_builder for builder in builders)

    def made(self, make: Callable[[Cluster], T]) -> T:
        """Return the result of `make` for the cluster, computed once."""
        if make not in self._made:
            self._made[make] = make(self)
        found: T = self._made[make]
        return found

    def remarks(self, find: Callable[[Cluster], Iterable[Remark]]) -> dict[int, list[Remark]]:
        """Return the remarks that a rule makes on the whole cluster, by the identity of the record."""
        return self.made(_ByRecord(find))

    @cached_property
    def root(self) -> str:
        """The namespace whose policies hold for the whole mesh."""
        mesh = next(self.of("mkIstioMesh"), None)
        return ROOT_NAMESPACE if mesh is None else text_of(mesh.get("namespace")) or ROOT_NAMESPACE

    @cached_property
    def namespaces(self) -> dict[str, Record]:
        """The Namespace manifests, by name."""
        return {record.name: record for record in self.of("Namespace")}

    @cached_property
    def services(self) -> dict[tuple[str, str], Record]:
        """The Services of Kubernetes, by namespace and name."""
        return {(namespace_of(record), record.name): record for record in self.of("Service")}

    @cached_property
    def service_namespaces(self) -> frozenset[str]:
        """The namespaces that a Service is in."""
        return frozenset(namespace for namespace, _ in self.services)

    @cached_property
    def pods(self) -> list[Pod]:
        """Pods, and the templates of workloads."""
        found = [Pod(record, labels_of(record), as_set(record.fields), ()) for record in self.of("Pod")]
        for record in self.of(*WORKLOADS):
            template = as_set(record.get("template"))
            labels = as_set(as_set(template.get("metadata")).get("labels"))
            found.append(Pod(record, labels, as_set(template.get("spec")), ("template", "spec")))
        return found

    @cached_property
    def _pods_by_label(self) -> dict[tuple[str | None, str, str], list[Pod]]:
        """Pods by namespace, key and value of each label; None means all namespaces."""
        index: dict[tuple[str | None, str, str], list[Pod]] = {}
        for pod in self.pods:
            for key, value in pod.labels.items():
                # twice, so that mesh-wide selectors need not merge the lists of all namespaces
                for namespace in (None, pod.namespace):
                    index.setdefault((namespace, key, str(value)), []).append(pod)
        return index

    def pods_of(self, selector: object, namespace: str | None = None) -> list[Pod]:
        """Return the pods that a selector takes, in one namespace or in all."""
        candidates = self.pods
        # every label of the selector leads to a list that has all pods in question: the shortest is looked through
        for key, value in as_set(selector).items():
            some = self._pods_by_label.get((namespace, key, str(value)), [])
            candidates = min(candidates, some, key=len)
        return [
            pod
            for pod in candidates
            if selects(selector, pod.labels) and (namespace is None or pod.namespace == namespace)
        ]

    def services_of(self, pod: Pod) -> list[Record]:
        """Return the Services that lead to a pod."""
        index = self.made(_services_by_label)
        found = {
            id(service): service
            for key, value in pod.labels.items()
            for service in index.get((pod.namespace, key, str(value)), ())
            if selects(service.get("selector"), pod.labels)
        }
        return list(found.values())

    @cached_property
    def entries(self) -> HostIndex[Record]:
        """ServiceEntries by their hosts."""
        index: HostIndex[Record] = HostIndex()
        for record in self.of("mkServiceEntry"):
            for host in items(record.get("hosts")):
                if isinstance(host, str):
                    index.add(full_names(host, namespace_of(record)), record)
        return index

    def service_of(self, host: str, namespace: str) -> Record | None:
        """Return the Service that a host is, for a record of a namespace."""
        for name in full_names(host, namespace):
            parts = name.removesuffix(CLUSTER).split(".")
            if name.endswith(CLUSTER) and len(parts) == 2 and (parts[1], parts[0]) in self.services:
                return self.services[parts[1], parts[0]]
        return None

    def named(self, kind: str, name: str, namespace: str) -> Record | None:
        """Return a manifest or record by its kind, name and namespace."""
        return self.made(_by_name).get((kind, namespace, name))


class _ByRecord:
    """A rule's function over a cluster as one that sorts its remarks; equal for the same function."""

    def __init__(self, find: Callable[[Cluster], Iterable[Remark]]) -> None:
        self.find = find

    def __call__(self, cluster: Cluster) -> dict[int, list[Remark]]:
        found: dict[int, list[Remark]] = {}
        for remark in self.find(cluster):
            found.setdefault(id(remark.place.record), []).append(remark)
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByRecord) and self.find is other.find

    def __hash__(self) -> int:
        return hash(self.find)


def _by_name(cluster: Cluster) -> dict[tuple[str, str, str], Record]:
    # reversed, so that of several records with one name the first counts
    return {(record.builder, namespace_of(record), record.name): record for record in reversed(cluster.records)}


def _services_by_label(cluster: Cluster) -> dict[tuple[str, str, str], list[Record]]:
    """Return Services by namespace and one label of their selector: a pod of theirs has it."""
    index: dict[tuple[str, str, str], list[Record]] = {}
    for service in cluster.of("Service"):
        # one label is enough to find it; `services_of` compares the others
        for key, value in list(as_set(service.get("selector")).items())[:1]:
            index.setdefault((namespace_of(service), key, str(value)), []).append(service)
    return index


def as_set(value: object) -> dict[str, object]:
    """Return a value that is a set, or an empty set for any other value."""
    return value if isinstance(value, dict) else {}


def labels_of(record: Record) -> dict[str, object]:
    """Return the labels of a record."""
    return as_set(record.get("labels"))


def selects(selector: object, labels: dict[str, object]) -> bool:
    """Return whether labels have all that a plain selector asks for."""
    return all(labels.get(key) == value for key, value in as_set(selector).items())


def selector_of(record: Record) -> dict[str, object]:
    """Return the labels that a policy selects workloads by; empty where it is for its whole namespace."""
    selector = as_set(record.get("selector")) or as_set(record.get("workloadSelector"))
    for form in ("matchLabels", "labels"):
        if isinstance(selector.get(form), dict):
            return as_set(selector[form])
    return {key: value for key, value in selector.items() if isinstance(value, str)}


def is_manifest(record: Record) -> bool:
    """Return whether somebody wrote the manifest of a record."""
    return isinstance(record, ManifestRecord)
