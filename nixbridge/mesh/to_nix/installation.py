"""The resources that together are one installed mesh: ConfigMaps of Helm values by mesh, and its other resources in the stream."""

from __future__ import annotations

from nixbridge.language.formats import yaml
from nixbridge.mesh.installation.helm_releases import BASE, CHARTS, ISTIO, LINKERD
from nixbridge.mesh.model.config_map import CHART, FILE, MESH_VERSION, RELEASE
from nixbridge.mesh.model.record_data import MISSING, value_at
from nixbridge.mesh.tables.builder_list import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.formats.document import JsonObject

#: Helm repositories, named as the products.
REPOSITORIES = (ISTIO, LINKERD)


class Installation:
    """`kind`: istio or linkerd; `values`: Helm release -> its values, which `config_maps` hold; `others`: all of the stream."""

    def __init__(self, kind: str, name: str, config_map: JsonObject, others: list[JsonObject]) -> None:
        metadata = config_map["metadata"]
        self.kind = kind
        self.name = name
        self.namespace: str = metadata["namespace"]
        self.version: str | None = metadata["annotations"].get(MESH_VERSION)
        labels = metadata.get("labels")
        self.labels: JsonObject = labels if isinstance(labels, dict) else {}
        self.values: dict[str, JsonObject] = {}
        self.config_maps: list[JsonObject] = []
        self.others = others

    @property
    def has_record(self) -> bool:
        """Return whether a mesh made it. A configuration alone has values of one release, without a mesh's labels."""
        return bool(self.labels) or BASE in self.values

    def at(self, helm_release: str, key: str) -> Any:
        """Return the value of a key (`global.proxy.image`); MISSING where there is none."""
        return value_at(self.values.get(helm_release, {}), tuple(key.split(".")))

    def plain_settings(self, builder: str) -> dict[str, object]:
        """Return the parameters of a mesh's builder that its table sends to Helm values as they are."""
        found: dict[str, object] = {}
        for parameter in table(builder).parameters:
            if parameter.values:
                helm_release, _, key = parameter.values[0].partition("/")
                found[parameter.name] = self.at(helm_release, key)
        return known(**found)

    def find(self, kind: str, name: str, namespace: str | None = None) -> dict[str, object] | None:
        """Return a manifest of the stream."""
        for manifest in self.others:
            metadata = manifest["metadata"]
            if manifest["kind"] == kind and metadata.get("name") == name and metadata.get("namespace") == namespace:
                return manifest
        return None


def installations(manifests: list[JsonObject]) -> list[Installation]:
    """Return the meshes that the ConfigMaps of Helm values among the manifests install, in their order."""
    found: dict[tuple[str, str, str], Installation] = {}
    for manifest in manifests:
        release = _release_in(manifest)
        if release is None:
            continue
        metadata = manifest["metadata"]
        kind = str(metadata["annotations"].get(CHART)).partition("/")[0]
        name = metadata["name"].removesuffix(f"-{release}-values")
        if kind not in REPOSITORIES or not isinstance(metadata.get("namespace"), str):
            continue
        key = (kind, name, metadata["namespace"])
        installation = found.setdefault(key, Installation(kind, name, manifest, manifests))
        installation.values[release] = _values_of(manifest)
        installation.config_maps.append(manifest)
    return list(found.values())


def _release_in(manifest: dict[str, object]) -> str | None:
    """Return the Helm release that a ConfigMap has the values of; None for any other manifest."""
    release = value_at(manifest, ("metadata", "annotations", RELEASE))
    name = value_at(manifest, ("metadata", "name"))
    if manifest["kind"] != "ConfigMap" or not isinstance(release, str) or release not in CHARTS:
        return None
    return release if isinstance(name, str) and name.endswith(f"-{release}-values") else None


def _values_of(config_map: dict[str, object]) -> dict[str, object]:
    text = value_at(config_map, ("data", FILE))
    try:
        values = yaml.read(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        values = None
    return values if isinstance(values, dict) else {}


def known(**parameters: object) -> dict[str, object]:
    """Return the parameters that a value was found for."""
    return {name: value for name, value in parameters.items() if value is not MISSING}
