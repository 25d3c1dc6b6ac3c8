"""A record during its conversion to an Istio object: its plain fields, which a traffic policy may still change."""

from __future__ import annotations

from nixbridge.mesh.model.kubernetes_names import dns_label
from nixbridge.mesh.model.manifest import Metadata
from nixbridge.mesh.model.record_data import MISSING, Place
from nixbridge.mesh.model.resource import METADATA
from nixbridge.mesh.schema.field_tables import KINDS, node_at
from nixbridge.mesh.schema.field_walk import unknown_text
from nixbridge.mesh.tables.manifest_paths import manifest_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Record
    from nixbridge.mesh.model.render_context import Context

#: The annotation by which an AuthorizationPolicy is tried without effect; istiod refuses it elsewhere.
DRY_RUN = "istio.io/dry-run"
#: Annotations that istiod sets on objects of its own, and refuses on others'. (hook: validateMetadata)
RESERVED_ANNOTATIONS = (
    "internal.istio.io/webhook-always-reject",
    "internal.istio.io/parents",
    "internal.istio.io/parent-namespace",
)


class Draft:
    """A record's fields, each with the place it comes from: a traffic policy puts its own in, with its own places."""

    __slots__ = ("fields", "metadata", "place")

    def __init__(self, context: Context, record: Record, namespace: str | None = None) -> None:
        self.place = Place(record)
        self.metadata = Metadata(self.place, context.messages, namespace)
        self.fields: dict[str, tuple[Any, Place]] = {
            name: (value, record / name) for name, value in record.fields.items() if name not in METADATA
        }

    def get(self, name: str) -> Any:
        """Return the field's value; null where there is no such field."""
        return self.fields[name][0] if name in self.fields else None

    def at(self, name: str) -> Place:
        """Return the place that the field comes from."""
        return self.fields[name][1] if name in self.fields else self.place / name


def plain_fields(context: Context, draft: Draft, kind: str, special: Collection[str] = ()) -> JsonObject:
    """Return the spec out of the fields that go to one path, as the builder's table says, and of those added with `//` that the kind has.

    `special` are the fields that the caller renders itself. A field that neither knows is an error.
    """
    if DRY_RUN in draft.metadata.annotations and kind != "AuthorizationPolicy":
        context.messages.error(draft.at("annotations") / DRY_RUN, "is for authorization policies only")
    for name in RESERVED_ANNOTATIONS:
        if name in draft.metadata.annotations:
            context.messages.error(draft.at("annotations") / name, "is reserved for istiod itself")
    paths = manifest_paths(draft.place.record.builder)
    spec: JsonObject = {}
    for name, (value, place) in draft.fields.items():
        if name in special:
            continue
        # fields without a parameter, which are added with `//`, have Istio's own names
        path = paths.get(name) or ([name] if name in KINDS[kind]["fields"] else None)
        if path is None:
            known = (
                {*KINDS[kind]["fields"]} if context.verbatim else {*paths, *KINDS[kind]["fields"], *METADATA, *special}
            )
            context.messages.error(place, unknown_text(name, known))
        elif not context.walk.is_left_out(name, value):
            converted = context.walk.convert(value, node_at(kind, path), place)
            if converted is not MISSING and not context.walk.is_left_out(name, converted):
                put(spec, path, converted)
    return spec


def put(spec: JsonObject, path: list[str], value: object) -> None:
    """Set the value at a path of nested sets."""
    for name in path[:-1]:
        spec = spec.setdefault(name, {})
    spec[path[-1]] = value


def check_export_to(context: Context, spec: JsonObject, draft: Draft, *, nobody: bool = False) -> None:
    """Check `exportTo`: `.`, `*` or namespaces, none of them twice, `*` alone; with `nobody` also `~`, alone. (hook: validateExportTo)"""
    from_here = draft.at("exportTo")
    targets: list[str] = spec.get("exportTo", [])
    seen: set[str] = set()
    for index, target in enumerate(targets):
        place = from_here / index
        # `.` is the object's own namespace, so `[ "." "shop" ]` in shop says the same twice
        meant = draft.metadata.namespace or "." if target == "." else target
        if meant in seen:
            context.messages.error(place, f"'{target}' is listed twice")
        seen.add(meant)
        if target in ("*", "~") and len(targets) > 1:
            context.messages.error(place, f"'{target}' must stand alone")
        if target == "~" and not nobody:
            context.messages.error(place, "'~' is for service entries only")
        elif target not in (".", "*", "~"):
            wrong = dns_label(target)
            if wrong:
                context.messages.error(place, f"{wrong}; '.' and '*' are also allowed")
