"""Manifests with their defaults written out, as the API server would complete them."""

from __future__ import annotations

from nixbridge.mesh.schema.field_tables import GROUPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject

#: Kind -> field of the spec -> what a missing one means. (istio/api: the first value of each enumeration)
DEFAULTS = {
    "ServiceEntry": {"location": "MESH_EXTERNAL", "resolution": "NONE"},
    "AuthorizationPolicy": {"action": "ALLOW"},
}
#: Versions of the API that Istio's CRDs have served, the newest first; a kind means the same in all of them.
VERSIONS = ("v1", "v1beta1", "v1alpha3", "v1alpha1")
#: Selectors that select everything where they are empty, as a missing one does.
SELECTORS = ("selector",)
#: Fields that say nothing when they are empty.
_METADATA = ("labels", "annotations", "creationTimestamp")


def written_out(manifest: JsonObject, api_version: str) -> tuple[JsonObject, list[str]]:
    """Return a manifest with defaults written out, in another version of its API, and a line for each change."""
    changes: list[str] = []
    whole = {name: value for name, value in manifest.items() if not (name == "status" and value in (None, {}))}
    group, _, version = str(manifest["apiVersion"]).rpartition("/")
    if group == GROUPS.get(manifest["kind"]) and _is_older(version, api_version.rpartition("/")[2]):
        whole["apiVersion"] = api_version
        changes.append(f"the apiVersion was {manifest['apiVersion']}")
    if isinstance(whole.get("metadata"), dict):
        whole["metadata"] = {
            name: value
            for name, value in whole["metadata"].items()
            if value is not None and not (name in _METADATA and not value)
        }
    if whole.get("spec", {}) is None or "spec" not in whole:
        whole["spec"] = {}
    if isinstance(whole["spec"], dict):
        whole["spec"] = _spec(manifest["kind"], whole["spec"], changes)
    return whole, changes


def _is_older(version: str, other: str) -> bool:
    return version in VERSIONS and VERSIONS.index(version) > VERSIONS.index(other)


def _spec(kind: str, spec: dict[str, object], changes: list[str]) -> dict[str, object]:
    written = {name: value for name, value in spec.items() if value is not None and value != []}
    for name in SELECTORS:
        if name in written and written[name] in ({}, {"matchLabels": {}}):
            del written[name]
            changes.append(f"the empty {name}, which selects every workload, is omitted")
    for name, value in DEFAULTS.get(kind, {}).items():
        if name not in written:
            written[name] = value
            changes.append(f"{name} was not set; {value} is its default")
    return written
