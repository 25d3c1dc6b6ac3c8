"""The order of the objects, the same object twice, and namespaces that several records ask for."""

from __future__ import annotations

from nixbridge.mesh.model.messages import ERROR
from nixbridge.mesh.model.record_data import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.manifest import Manifest
    from nixbridge.mesh.model.messages import Messages

#: A VirtualService comes after the DestinationRules, since its subsets must be there first; other kinds come last.
ORDER = (
    "Namespace",
    "ConfigMap",
    "PeerAuthentication",
    "AuthorizationPolicy",
    "ServiceEntry",
    "DestinationRule",
    "VirtualService",
    "Telemetry",
)
NAMESPACE = "Namespace"


def arrange(manifests: list[Manifest], messages: Messages) -> list[Manifest]:
    """Return the manifests by kind, namespace and name; equal objects once, namespaces merged.

    Two different objects of one name are an error.
    """
    found: dict[tuple[str, tuple[str, str, str]], Manifest] = {}
    for manifest in manifests:
        # without the version: v1 and v1beta1 of a group are the same object to the API server
        key = (manifest.api_version.rpartition("/")[0], manifest.key())
        first = found.setdefault(key, manifest)
        if first is manifest:
            continue
        if manifest.kind == NAMESPACE:
            found[key] = _merged(first, manifest, messages)
        elif not same(first.to_data(), manifest.to_data()):
            _conflict(first, manifest, "name", f"{_of(first)} is another {_named(manifest)}", messages)
    return sorted(found.values(), key=_place_in_stream)


def _place_in_stream(manifest: Manifest) -> tuple[int, str, str, str, str]:
    kind, namespace, name = manifest.key()
    index = ORDER.index(kind) if kind in ORDER else len(ORDER)
    return index, "" if kind in ORDER else kind, namespace, name, manifest.api_version


def _merged(first: Manifest, second: Manifest, messages: Messages) -> Manifest:
    """Merge two namespaces: labels and annotations add up, and a different value for one key is an error."""
    if first.whole is None and second.whole is not None:
        # the one that the user wrote may have more to it than metadata
        first, second = second, first
    for what in ("labels", "annotations"):
        ours = dict(_texts(first, what))
        for key, value in _texts(second, what).items():
            if ours.setdefault(key, value) != value:
                text = (
                    f"{_of(first)} gives the namespace '{first.name}' {what}.{key} = '{ours[key]}', this one '{value}'"
                )
                _conflict(first, second, "namespace", text, messages)
        _set_texts(first, what, ours)
    return first


def _texts(manifest: Manifest, what: str) -> JsonObject:
    if manifest.whole is None:
        return manifest.labels if what == "labels" else manifest.annotations
    texts = _metadata(manifest.whole).get(what)
    return texts if isinstance(texts, dict) else {}


def _metadata(whole: dict[str, object]) -> dict[str, object]:
    metadata = whole.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _set_texts(manifest: Manifest, what: str, texts: dict[str, object]) -> None:
    if manifest.whole is None:
        setattr(manifest, what, texts)
    elif texts:
        manifest.whole = {**manifest.whole, "metadata": {**_metadata(manifest.whole), what: texts}}


def _conflict(first: Manifest, second: Manifest, field: str, text: str, messages: Messages) -> None:
    # at the record, where one of the two is a manifest that somebody wrote: that is what can be renamed
    place = second.place or first.place
    if place is None:
        messages.about_result(ERROR, (), f"{_named(second)} occurs twice with different contents")
    elif second.place is None:
        messages.error(place, f"a manifest of the file is another {_named(second)}")
    else:
        messages.error(place.record / field if place.record.get(field) is not None else place, text)


def _of(manifest: Manifest) -> str:
    return str(manifest.place.record) if manifest.place is not None else "a manifest of the file"


def _named(manifest: Manifest) -> str:
    return f"{manifest.kind} '{'/'.join(part for part in (manifest.namespace, manifest.name) if part)}'"
