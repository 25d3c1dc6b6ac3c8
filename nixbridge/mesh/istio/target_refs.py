"""References from a policy to its targets. (hook: validateOneOfSelectorType, validatePolicyTargetReference)"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

#: group, kind
TARGETS = (
    ("gateway.networking.k8s.io", "Gateway"),
    ("gateway.networking.k8s.io", "GatewayClass"),
    ("", "Service"),
    ("core", "Service"),
    ("networking.istio.io", "ServiceEntry"),
)
MOST_TARGETS = 16


def check_targets(context: Context, spec: JsonObject, at: Callable[[str], Place]) -> None:
    """Check that there is at most one of selector, targetRef and targetRefs, and that a policy can be attached to what it names.

    `at` gives the place of a field.
    """
    given = [name for name in ("selector", "targetRef", "targetRefs") if name in spec]
    if len(given) > 1:
        context.messages.error(at(given[1]), f"{' and '.join(given[:2])} exclude each other")
    if "targetRef" in spec:
        _check_target(context, spec["targetRef"], at("targetRef"))
    targets = spec.get("targetRefs", [])
    if len(targets) > MOST_TARGETS:
        context.messages.error(at("targetRefs"), f"has more than {MOST_TARGETS} items")
    for index, target in enumerate(targets):
        _check_target(context, target, at("targetRefs") / index)


def _check_target(context: Context, target: dict[str, object], place: Place) -> None:
    if target.get("namespace"):
        context.messages.error(place / "namespace", "must not be set: a policy applies in its own namespace")
    if target.get("name") == "":
        context.messages.error(place / "name", "is required")
    if "kind" in target and (target.get("group", ""), target["kind"]) not in TARGETS:
        known = ", ".join(f"{group}/{kind}".lstrip("/") for group, kind in TARGETS if group != "core")
        context.messages.error(place / "kind", f"is none of what a policy can be attached to: {known}")
