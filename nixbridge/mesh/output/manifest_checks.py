"""Manifests that somebody wrote, checked as the builders' records are: they go through as they are, or not at all."""

from __future__ import annotations

from nixbridge.mesh.istio.authorization_policy import render_authorization_policy
from nixbridge.mesh.istio.destination_rule.destination_rule import DestinationRuleDraft, render_destination_rule
from nixbridge.mesh.istio.peer_authentication import render_peer_authentication
from nixbridge.mesh.istio.service_entry.service_entry import render_service_entry
from nixbridge.mesh.istio.telemetry_checks import check_telemetry
from nixbridge.mesh.istio.virtual_service.virtual_service import render_virtual_service
from nixbridge.mesh.model.draft import Draft
from nixbridge.mesh.model.record_data import Place
from nixbridge.mesh.model.resource import BUILDER_OF
from nixbridge.mesh.schema.field_tables import GROUPS, KINDS
from nixbridge.mesh.schema.field_walk import unknown_text
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.mesh.model.manifest import Manifest
    from nixbridge.mesh.model.render_context import Context
    from nixbridge.mesh.model.resource import ManifestRecord

#: What renders a record checks it on the way.
_CHECKS: dict[str, Callable[[Context, Draft], Manifest]] = {
    "VirtualService": render_virtual_service,
    "AuthorizationPolicy": render_authorization_policy,
    "PeerAuthentication": render_peer_authentication,
    "ServiceEntry": render_service_entry,
}


def check_manifest(context: Context, record: ManifestRecord) -> None:
    """Report errors that the cluster would report for a manifest of a known kind; other kinds are not checked."""
    kind = record.kind
    if kind not in KINDS or record.manifest["apiVersion"].rpartition("/")[0] != GROUPS[kind]:
        return
    spec, place = record.manifest.get("spec"), record.as_written() / "spec"
    if spec is not None and not isinstance(spec, dict):
        context.messages.error(place, f"must be a set but is {type_text(spec)}")
        return
    if not isinstance(record.manifest.get("metadata"), dict):
        context.messages.error(Place(record), "has no metadata")
        return
    if kind in BUILDER_OF:
        for name in record.misnamed:
            context.messages.error(place / name, unknown_text(name, KINDS[kind]["fields"], "field of the spec"))
        _check_record(context.for_manifests(), record)
    else:
        _check_fields(context.for_manifests(), kind, spec or {}, place)


def _check_record(context: Context, record: ManifestRecord) -> None:
    """Check a manifest that has a builder's fields the way that builder's records are checked."""
    if record.kind == "DestinationRule":
        rule = DestinationRuleDraft(context, record)
        rule.take_apart(context)
        render_destination_rule(context, rule)
    else:
        _CHECKS[record.kind](context, Draft(context, record))


def _check_fields(context: Context, kind: str, spec: dict[str, object], place: Place) -> None:
    """Check the spec of a kind that no builder makes by its field tree."""
    before = context.messages.errors
    converted = context.walk.convert(spec, KINDS[kind], place)
    if kind == "Telemetry" and context.messages.errors == before:
        check_telemetry(context, converted, place)
