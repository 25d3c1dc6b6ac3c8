"""The contents of a file's value: builders' records, manifests, and other values, which are not rendered.

A record is known by the mark that its builder left (`origin` of a set of the runtime, which is a dict here), else,
where it came through JSON, by the keys that no other builder has.
"""

from __future__ import annotations

from nixbridge.mesh.model.record_data import Record, value_at
from nixbridge.mesh.model.resource import is_manifest, resources_of
from nixbridge.mesh.tables.manifest_paths import RECORD_BUILDERS, defaults_of, unique_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Path, Position
    from nixbridge.mesh.model.resource import ManifestRecord

#: What else the module gives, by the keys that it has.
OTHERS = {
    "the framework's description": {"supportedMeshes", "supportedIstioVersions", "features"},
    "the result of validateServiceMesh": {"checks", "errors", "valid"},
    "the result of calculateSidecarOverhead": {"cpuOverhead", "memoryOverhead", "estimatedLatencyMs"},
}

#: Levels of sets and lists in which records and manifests are looked for: the walk is on Python's own stack.
DEEPEST = 500


class Found:
    """`records` of builders; `manifests`: sets with apiVersion and kind, by path; `others`: paths and descriptions of the rest.

    `foreign` are the manifests as records.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.manifests: list[tuple[Path, JsonObject]] = []
        self.foreign: list[ManifestRecord] = []
        self.others: list[tuple[Path, str]] = []

    @property
    def resources(self) -> list[Record]:
        """All records and manifests, which checks and rules treat alike."""
        return [*self.records, *self.foreign]


def find(value: object) -> Found:
    """Return everything in a result: plain data, completely evaluated; sets may carry `origin` and `positions`."""
    found = Found()
    _visit(value, (), found)
    return found


def _visit(value: object, path: Path, found: Found) -> None:
    if len(path) > DEEPEST:
        found.others.append((path[:1], f"what is nested deeper than {DEEPEST} levels is not looked into"))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _visit(item, (*path, index), found)
    elif not isinstance(value, dict):
        found.others.append((path, "a plain value renders to nothing"))
    elif is_manifest(value):
        found.manifests.append((path, value))
        found.foreign.extend(resources_of(value, path, positions_in(value)))
    elif (builder := builder_of(value)) is not None:
        found.records.append(Record(builder, value, defaults_of(builder, value), path, positions_in(value)))
    elif (other := _other(value)) is not None:
        found.others.append((path, f"{other} renders to nothing"))
    else:
        for name, item in value.items():
            _visit(item, (*path, name), found)


def builder_of(value: JsonObject) -> str | None:
    """Return the builder that a set is a record of; None for any other set."""
    origin = getattr(value, "origin", None)
    if origin in RECORD_BUILDERS:
        return str(origin)
    if "name" not in value:
        return None
    for builder in RECORD_BUILDERS:
        if unique_fields(builder) <= value.keys():
            return builder
    return None


def _other(value: dict[str, object]) -> str | None:
    for what, keys in OTHERS.items():
        if keys <= value.keys():
            return what
    return None


def positions_in(record: JsonObject) -> Callable[[Path], Position | None]:
    """Return the source position of the attribute at a path, which the sets on the path recorded.

    The position of the record itself is that of its builder call, which is also that of its name. An element of a list stands
    where its first attribute does.
    """

    def position(path: Path) -> Position | None:
        path = path or ("name",)
        if isinstance(path[-1], int):
            inside = getattr(value_at(record, path), "positions", None)
            return min(filter(None, inside.values()), key=tuple, default=None) if inside else None
        positions = getattr(value_at(record, path[:-1]), "positions", None)
        return positions.get(path[-1]) if positions else None

    return position
