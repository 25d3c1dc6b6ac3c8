"""The call that may render to a manifest: its fields go back to the parameters that the builders' tables send there.

These calls are only candidates: verify.py renders them and compares the result with the manifests.
"""

from __future__ import annotations

import copy

from nixbridge.language.formats.nix_source import Call
from nixbridge.mesh.istio.destination_rule.outlier_detection import NEW, OLD
from nixbridge.mesh.istio.virtual_service.http_route import WITHOUT_REQUEST
from nixbridge.mesh.model.record_data import MISSING, same
from nixbridge.mesh.model.resource import BUILDER_OF, METADATA, ROUTES, take_at
from nixbridge.mesh.schema.field_walk import LABEL_FORMS, is_empty
from nixbridge.mesh.tables.builder_list import table
from nixbridge.mesh.tables.manifest_paths import defaults_of, manifest_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from nixbridge.language.formats.document import JsonObject


#: What a manifest has at its top that a record can say.
TOP = ("apiVersion", "kind", "metadata", "spec")
#: Settings of HTTP routes that a record gives to every route without its own.
SHARED = ("timeout", "retries")
#: What a cluster adds to whatever it stores.
OF_THE_CLUSTER = (
    "status",
    "metadata.creationTimestamp",
    "metadata.generation",
    "metadata.managedFields",
    "metadata.resourceVersion",
    "metadata.selfLink",
    "metadata.uid",
)


def unsaid(manifest: dict[str, object]) -> Iterator[str]:
    """Yield why no call at all can render to a manifest of a kind that a builder makes."""
    metadata = manifest.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    beyond = [name for name in manifest if name not in TOP]
    beyond += [f"metadata.{name}" for name in metadata if name not in METADATA]
    for name in beyond:
        yield (
            f"{name}: it is set by the cluster, not by a builder"
            if name in OF_THE_CLUSTER
            else f"{name}: no builder sets it"
        )
    if not isinstance(metadata.get("name"), str):
        yield "metadata.name: a call needs a name"
    if not isinstance(manifest.get("spec"), dict):
        yield "spec: must be a set"


def candidate(manifest: JsonObject) -> Call:
    """Return the call for a manifest with defaults written out."""
    builder = BUILDER_OF[manifest["kind"]]
    metadata, spec = manifest["metadata"], copy.deepcopy(manifest["spec"])
    parameters: JsonObject = {name: metadata.get(name) for name in ("namespace", "labels")}
    for name, path in manifest_paths(builder).items():
        parameters[name] = _short(_taken(spec, path))
    parameters |= _SPECIAL[builder](spec) if builder in _SPECIAL else {}
    added = {"annotations": metadata["annotations"]} if "annotations" in metadata else {}
    return shortest_call(builder, metadata["name"], parameters, added | spec)


def shortest_call(builder: str, name: str, parameters: dict[str, object], added: dict[str, object]) -> Call:
    """Return the call without the parameters that are the builder's defaults, the rest in the order of its table."""
    defaults = defaults_of(builder, {**parameters, "name": name})
    ordered = {p.name: parameters[p.name] for p in table(builder).parameters if p.name in parameters}
    said = {
        key: value
        for key, value in ordered.items()
        if not same(value, defaults[key]) and not (value is None and is_empty(defaults[key]))
    }
    return Call(builder, name, said, added)


def _taken(spec: dict[str, object], path: list[str]) -> Any:
    """Remove and return the value at a path of a spec; null, which a parameter without a value has, where there is none."""
    value = take_at(spec, path)
    return None if value is MISSING else value


def _short(value: object) -> Any:
    """Return `{ matchLabels = { app = "x"; }; }` as `{ app = "x"; }`."""
    if isinstance(value, dict) and len(value) == 1:
        ((name, labels),) = value.items()
        if name in LABEL_FORMS and isinstance(labels, dict) and labels:
            return labels
    return value


def _virtual_service(spec: dict[str, object]) -> dict[str, object]:
    parameters = {name: _taken(spec, [field]) for name, field in ROUTES.items()}
    return parameters | _take_out(parameters["httpRoutes"])


def _take_out(routes: object) -> dict[str, object]:
    """Return the record's timeout and retries; routes lose their own where it is the same. Empty where no route takes any."""
    if not isinstance(routes, list):
        return {}
    takers = [
        route for route in routes if isinstance(route, dict) and not any(name in route for name in WITHOUT_REQUEST)
    ]
    if not takers:
        return {}
    taken = {}
    for name in SHARED:
        taken[name] = _shared(name, takers)
        for route in takers:
            if name in route and same(route[name], taken[name]):
                del route[name]
    return taken


def _shared(name: str, routes: list[JsonObject]) -> Any:
    """Return the commonest value, of several the builder's default, else the first; null where a route has none, as it must not get one."""
    if any(name not in route for route in routes):
        return None
    parameter = table("mkVirtualService").parameter(name)
    assert parameter is not None
    values = [route[name] for route in routes]
    return max(values, key=lambda value: (sum(same(value, other) for other in values), same(value, parameter.default)))


def _destination_rule(spec: dict[str, object]) -> dict[str, object]:
    policy, subsets = _taken(spec, ["trafficPolicy"]), _taken(spec, ["subsets"])
    for subset in subsets if isinstance(subsets, list) else ():
        if isinstance(subset, dict) and "trafficPolicy" in subset:
            subset["trafficPolicy"] = _nixernetes_policy(subset["trafficPolicy"])
    return {"trafficPolicy": _nixernetes_policy(policy), "subsets": subsets}


def _nixernetes_policy(policy: object) -> Any:
    """Return a traffic policy in the builder's words, also of its ports."""
    if not isinstance(policy, dict):
        return policy
    words = dict(policy)
    if "outlierDetection" in words:
        words["outlierDetection"] = circuit_breaker(words["outlierDetection"])
    if isinstance(words.get("portLevelSettings"), list):
        words["portLevelSettings"] = [_nixernetes_policy(settings) for settings in words["portLevelSettings"]]
    return words


def circuit_breaker(block: object) -> Any:
    """Return outlier detection in the builder's words: `consecutiveErrors`; an empty block is one that is `enabled`."""
    if not isinstance(block, dict):
        return block
    return {OLD if name == NEW else name: value for name, value in block.items()} or {"enabled": True}


def _authorization_policy(spec: dict[str, object]) -> dict[str, object]:
    provider = _taken(spec, ["provider"])
    if isinstance(provider, dict) and provider.keys() == {"name"}:
        provider = provider["name"]
    return {"provider": provider, **{name: _taken(spec, [name]) for name in ("action", "rules")}}


#: What goes to no plain path (builders' tables: `manifest` is None).
_SPECIAL: dict[str, Callable[[JsonObject], JsonObject]] = {
    "mkVirtualService": _virtual_service,
    "mkDestinationRule": _destination_rule,
    "mkAuthorizationPolicy": _authorization_policy,
}
