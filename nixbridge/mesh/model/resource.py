"""Manifests as records, so that checks and rules work the same for builders' records and handwritten manifests.

A manifest of a kind that a builder makes gets that builder's fields (`spec.http` is `httpRoutes`), every other one the
fields of its spec. Messages show the path in the manifest.
"""

from __future__ import annotations

from nixbridge.mesh.model.record_data import MISSING, Record, value_at
from nixbridge.mesh.schema.field_tables import GROUPS, KINDS
from nixbridge.mesh.tables.builder_list import table
from nixbridge.mesh.tables.manifest_paths import RECORD_BUILDERS, manifest_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Path, Position

#: Istio's kind -> the builder that makes objects of it.
BUILDER_OF = {table(builder).kind: builder for builder in RECORD_BUILDERS if table(builder).kind in KINDS}
METADATA = ("name", "namespace", "labels", "annotations")
#: Fields of a VirtualService's record that hold routes -> the field of its spec.
ROUTES = {"httpRoutes": "http", "tcpRoutes": "tcp", "tlsRoutes": "tls"}
#: API groups whose kinds are known by the kind alone.
_KUBERNETES = ("", "apps", "batch")
_ISTIO = ".istio.io"
#: Lists of Kubernetes nest no deeper than somebody means them to.
_DEEPEST_LIST = 10


class ManifestRecord(Record):
    """A manifest. `builder` is the one whose fields it has, or a name for its kind: `Gateway`, `gateway.networking.k8s.io/Gateway`."""

    __slots__ = ("kind", "manifest", "manifest_position", "misnamed", "top")

    def __init__(
        self,
        builder: str,
        fields: JsonObject,
        manifest: JsonObject,
        where: Path,
        manifest_position: Callable[[Path], Position | None],
    ) -> None:
        super().__init__(builder, fields, {}, where, self._position_of_field)
        self.kind: str = manifest["kind"]
        self.manifest = manifest
        self.manifest_position = manifest_position
        #: names in the spec that only the builder has: the cluster knows no `httpRoutes`
        self.misnamed: list[str] = []
        #: fields next to the spec: `data`, `webhooks`, `status`
        self.top: frozenset[str] = frozenset()
        if not isinstance(fields.get("name"), str):
            self.name = ""

    def _position_of_field(self, path: Path) -> Position | None:
        return self.manifest_position(self.written_path(path) if path else ("metadata", "name"))

    def as_written(self) -> ManifestRecord:
        """Return the manifest with its own fields (`metadata`, `spec`), so that no name of the spec hides one of the metadata."""
        record = ManifestRecord(self.builder, self.manifest, self.manifest, self.where, self.manifest_position)
        record.name, record.top = self.name, frozenset(self.manifest)
        return record

    @property
    def title(self) -> str:
        """The kind of the object."""
        return self.kind

    def written_path(self, path: Path) -> Path:
        """Return where in the manifest a field is."""
        return path if not path or path[0] in self.top else path_in_manifest(self.builder, path)


def is_manifest(value: object) -> bool:
    """Return whether a value is an object of Kubernetes: a set with an apiVersion and a kind."""
    return isinstance(value, dict) and isinstance(value.get("apiVersion"), str) and isinstance(value.get("kind"), str)


def resources_of(
    manifest: dict[str, object], where: Path, position: Callable[[Path], Position | None]
) -> Iterator[ManifestRecord]:
    """Yield a manifest as a record; the items of a List one by one. `position` finds the place of a path in the manifest."""
    items = manifest.get("items")
    if manifest["apiVersion"] != "v1" or manifest["kind"] != "List" or not isinstance(items, list):
        yield _record(manifest, where, position)
        return
    if len([key for key in where if key == "items"]) >= _DEEPEST_LIST:
        return
    for index, item in enumerate(items):
        if is_manifest(item):
            inner = ("items", index)
            yield from resources_of(item, (*where, *inner), lambda path, inner=inner: position((*inner, *path)))  # type: ignore[misc]


def _record(manifest: dict[str, object], where: Path, position: Callable[[Path], Position | None]) -> ManifestRecord:
    builder = shape_of(manifest)
    metadata, spec = manifest.get("metadata"), manifest.get("spec")
    fields: dict[str, object] = {}
    if isinstance(metadata, dict):
        fields |= {name: metadata[name] for name in METADATA if metadata.get(name) is not None}
        # the API server appends random characters to generateName; for checks of names the prefix is enough
        if isinstance(metadata.get("generateName"), str):
            fields.setdefault("name", metadata["generateName"].rstrip("-."))
    # fields are moved from `left` to the record's names; what remains are fields that no parameter covers
    left = dict(spec) if isinstance(spec, dict) else {}
    if builder in RECORD_BUILDERS:
        for name, path in manifest_paths(builder).items():
            value = take_at(left, path)
            if value is not None and value is not MISSING:
                fields[name] = value
        for name, field in ROUTES.items() if builder == BUILDER_OF["VirtualService"] else ():
            if left.get(field) is not None:
                fields[name] = left.pop(field)
    # a field of the spec under the name of a parameter would look as if the builder had set it: checks report it instead
    misnamed = [name for name in left if name in fields or name in METADATA or _is_parameter(builder, name)]
    fields |= {name: value for name, value in left.items() if name not in misnamed and value is not None}
    top = {
        name: value
        for name, value in manifest.items()
        if builder not in RECORD_BUILDERS and name not in (*fields, "apiVersion", "kind", "metadata", "spec")
    }
    record = ManifestRecord(builder, fields | top, manifest, where, position)
    record.misnamed, record.top = misnamed, frozenset(top)
    return record


def _is_parameter(builder: str, name: str) -> bool:
    return (
        builder in RECORD_BUILDERS and table(builder).parameter(name) is not None and name not in _spec_fields(builder)
    )


def _spec_fields(builder: str) -> dict[str, object]:
    fields: dict[str, object] = KINDS[table(builder).kind]["fields"]
    return fields


def shape_of(manifest: JsonObject) -> str:
    """Return the builder whose fields a manifest has, or the name of its kind."""
    group = manifest["apiVersion"].rpartition("/")[0]
    kind: str = manifest["kind"]
    if kind in BUILDER_OF and group == GROUPS[kind]:
        return BUILDER_OF[kind]
    if group in _KUBERNETES or group.endswith(_ISTIO):
        return kind
    return f"{group}/{kind}"


def take_at(spec: dict[str, object], path: list[str]) -> Any:
    """Remove and return the value at a path of a spec, or MISSING. Sets on the path that become empty are removed as well."""
    first, *rest = path
    if not rest:
        return spec.pop(first, MISSING)
    inner = spec.get(first)
    if not isinstance(inner, dict) or value_at(inner, tuple(rest)) is MISSING:
        return MISSING
    # a copy: the manifest itself is rendered as it was written
    inner = spec[first] = dict(inner)
    value = take_at(inner, rest)
    if not inner:
        del spec[first]
    return value


def path_in_manifest(builder: str, path: Path) -> Path:
    """Return where in the manifest a value of the record is: `httpRoutes[0]` is `spec.http[0]`."""
    if not path:
        return ("metadata", "name")
    name, *inner = path
    field = str(name)
    if field in METADATA:
        return ("metadata", *path)
    way = manifest_paths(builder).get(field) if builder in RECORD_BUILDERS else None
    if way is None:
        way = [ROUTES.get(field, field) if builder == BUILDER_OF["VirtualService"] else field]
    return ("spec", *way, *inner)
