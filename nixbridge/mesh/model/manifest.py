"""One object on its way to the cluster: metadata checked, keys in order, and the records it came from."""

from __future__ import annotations

from nixbridge.mesh.model.kubernetes_names import dns_label, dns_subdomain, label_key, label_value
from nixbridge.mesh.model.releases import api_version
from nixbridge.mesh.schema.field_tables import GROUPS
from nixbridge.mesh.schema.field_walk import is_empty
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.releases import Release


class Manifest:
    """A Kubernetes object. `body` follows the metadata (`{"spec": ...}`); `place` is its record.

    A manifest that the user wrote has no place and is passed through unchanged.
    """

    __slots__ = ("annotations", "api_version", "body", "kind", "labels", "name", "namespace", "place", "whole")

    def __init__(
        self,
        kind: str,
        name: str,
        namespace: str | None,
        body: JsonObject,
        place: Place | None,
        *,
        api_version: str = "v1",
        labels: dict[str, str] | None = None,
        annotations: dict[str, str] | None = None,
        whole: dict[str, object] | None = None,
    ) -> None:
        self.kind = kind
        self.name = name
        self.namespace = namespace
        self.body = body
        self.place = place
        self.api_version = api_version
        self.labels = labels or {}
        self.annotations = annotations or {}
        self.whole = whole

    def key(self) -> tuple[str, str, str]:
        """Return kind, namespace and name, which tell one object of a cluster from another."""
        return self.kind, self.namespace or "", self.name

    def to_data(self) -> JsonObject:
        """Return the object: apiVersion, kind, metadata, then the body with its keys sorted."""
        if self.whole is not None:
            return self.whole
        metadata: JsonObject = {"name": self.name}
        if self.namespace is not None:
            metadata["namespace"] = self.namespace
        if self.labels:
            metadata["labels"] = sorted_keys(self.labels)
        if self.annotations:
            metadata["annotations"] = sorted_keys(self.annotations)
        # kubectl's order of the top level, everything below sorted, so that renders can be compared as text
        return {"apiVersion": self.api_version, "kind": self.kind, "metadata": metadata, **sorted_keys(self.body)}


class Metadata:
    """Name, namespace, labels and annotations of a record, checked."""

    __slots__ = ("annotations", "labels", "name", "namespace")

    def __init__(self, record_place: Place, messages: Messages, namespace: str | None = None) -> None:
        record = record_place.record
        self.name = checked_name(record / "name", messages)
        if not is_empty(record.get("namespace")):
            namespace = checked_namespace(record / "namespace", messages)
        self.namespace = namespace
        self.labels = checked_labels(record / "labels", messages)
        self.annotations = checked_annotations(record / "annotations", messages)


def istio_manifest(
    kind: str, metadata: Metadata, spec: JsonObject, place: Place, release: Release, name: str | None = None
) -> Manifest:
    """Return an object of one of Istio's kinds, in the API version of the release."""
    return Manifest(
        kind,
        name or metadata.name,
        metadata.namespace,
        {"spec": spec},
        place,
        api_version=api_version(kind, GROUPS[kind], release),
        labels=metadata.labels,
        annotations=metadata.annotations,
    )


def checked_name(place: Place, messages: Messages) -> str:
    """Return the name of an object unchanged. An invalid name is an error and is never corrected."""
    name = place.value
    wrong = dns_subdomain(name) if isinstance(name, str) else f"must be a string but is {type_text(name)}"
    if wrong:
        messages.error(place, wrong)
    return str(name)


def checked_namespace(place: Place, messages: Messages) -> str:
    """Return the name of a namespace."""
    name = place.value
    wrong = dns_label(name) if isinstance(name, str) else f"must be a string but is {type_text(name)}"
    if wrong:
        messages.error(place, wrong)
    return str(name)


def checked_labels(place: Place, messages: Messages) -> dict[str, str]:
    """Return the labels there, empty where there are none. A key or a value that Kubernetes would refuse is an error."""
    return _checked_texts(place, messages, values_are_labels=True)


def checked_annotations(place: Place, messages: Messages) -> dict[str, str]:
    """Return the annotations there, empty where there are none. Keys are those of labels, and any text is a value."""
    return _checked_texts(place, messages, values_are_labels=False)


def _checked_texts(place: Place, messages: Messages, *, values_are_labels: bool) -> dict[str, str]:
    texts = place.value
    if not isinstance(texts, dict):
        # null and `[ ]` say nothing, as everywhere in a record
        if place.record.get(str(place.path[0])) not in (None, []):
            messages.error(place, f"must be a set but is {type_text(texts)}")
        return {}
    for key, value in texts.items():
        wrong = label_key(key)
        if wrong is None and not isinstance(value, str):
            wrong = f"must be a string but is {type_text(value)}" + (
                f': write "{value}"' if isinstance(value, int) else ""
            )
        if wrong is None and values_are_labels:
            wrong = label_value(value)
        if wrong:
            messages.error(place / key, wrong)
    return dict(texts)


def sorted_keys(data: object) -> Any:
    """Return the same data, the keys of every set in order."""
    if isinstance(data, dict):
        return {key: sorted_keys(data[key]) for key in sorted(data)}
    if isinstance(data, list):
        return [sorted_keys(item) for item in data]
    return data
