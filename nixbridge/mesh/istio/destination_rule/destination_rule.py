"""mkDestinationRule -> DestinationRule.

(proto: istio.networking.v1alpha3.DestinationRule; hook: ValidateDestinationRule)
"""

from __future__ import annotations

from nixbridge.mesh.istio.destination_rule.traffic_policy_blocks import blocks_of, convert_blocks
from nixbridge.mesh.istio.host_checks import check_labels, check_selector
from nixbridge.mesh.model.draft import Draft, check_export_to, plain_fields
from nixbridge.mesh.model.kubernetes_names import host_label, wildcard_domain
from nixbridge.mesh.model.manifest import Manifest, istio_manifest
from nixbridge.mesh.model.record_data import MISSING
from nixbridge.mesh.schema.field_tables import node_at, resolve
from nixbridge.mesh.schema.field_walk import is_empty
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.istio.destination_rule.traffic_policy_blocks import Blocks
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

KIND = "DestinationRule"


class DestinationRuleDraft(Draft):
    """A draft whose traffic policy is taken apart into blocks, which a mkTrafficPolicy may replace or add."""

    __slots__ = ("blocks",)

    def take_apart(self, context: Context) -> None:
        """Set `blocks` from the record's trafficPolicy."""
        self.blocks: Blocks = blocks_of(context, self.get("trafficPolicy"), self.at("trafficPolicy"))


def render_destination_rule(context: Context, draft: DestinationRuleDraft) -> Manifest:
    """Return the object that a draft is, every fault reported."""
    messages = context.messages
    spec = plain_fields(context, draft, KIND, ("trafficPolicy", "subsets"))
    if is_empty(draft.get("host")):
        messages.error(draft.at("host"), "is required")
    wrong = wildcard_domain(spec["host"]) if "host" in spec else None
    if wrong:
        messages.error(draft.at("host"), wrong)
    policy = convert_blocks(context, draft.blocks, draft.at("trafficPolicy"))
    if policy:
        spec["trafficPolicy"] = policy
    subsets = _convert_subsets(context, draft.get("subsets"), draft.at("subsets"))
    if subsets:
        spec["subsets"] = subsets
    check_export_to(context, spec, draft)
    check_selector(spec.get("workloadSelector"), draft.at("workloadSelector"), messages)
    targets = spec.get("exportTo", [])
    if "workloadSelector" in spec and targets and any(item not in (".", draft.metadata.namespace) for item in targets):
        messages.error(draft.at("exportTo"), "a rule with a workloadSelector applies only to its own namespace")
    return istio_manifest(KIND, draft.metadata, spec, draft.place, context.istio)


def _convert_subsets(context: Context, subsets: object, place: Place) -> list[dict[str, object]]:
    if is_empty(subsets):
        return []
    if not isinstance(subsets, list):
        context.messages.error(place, f"must be a list but is {type_text(subsets)}")
        return []
    names: set[str] = set()
    result = []
    for index, subset in enumerate(subsets):
        converted = _convert_subset(context, subset, place / index)
        name = converted.get("name")
        if name in names:
            context.messages.error(place / index / "name", f"duplicate subset '{name}'")
        if name is not None:
            names.add(name)
        result.append(converted)
    return result


def _convert_subset(context: Context, subset: object, place: Place) -> JsonObject:
    """Return a subset: its traffic policy is one of Nixernetes' shape, the rest is Istio's."""
    node = resolve(node_at(KIND, ["subsets"]))["items"]
    plain = (
        {name: value for name, value in subset.items() if name != "trafficPolicy"}
        if isinstance(subset, dict)
        else subset
    )
    converted = context.walk.convert(plain, node, place)
    if converted is MISSING or not isinstance(subset, dict):
        return {}
    wrong = host_label(converted["name"]) if "name" in converted else None
    if wrong:
        context.messages.error(place / "name", wrong)
    check_labels(converted.get("labels", {}), place / "labels", context.messages)
    here = place / "trafficPolicy"
    policy = convert_blocks(context, blocks_of(context, subset.get("trafficPolicy"), here), here)
    if policy:
        converted["trafficPolicy"] = policy
    return dict(converted)
