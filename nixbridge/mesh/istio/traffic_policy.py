"""mkTrafficPolicy -> into the DestinationRule and the VirtualService of its host; Istio has no such kind.

Its host is, first that applies: its own `host` (added with `//`); a host in this render that equals its name, or that a
DestinationRule or VirtualService of its name has; the only host in this render; its name.
"""

from __future__ import annotations

from nixbridge.mesh.istio.destination_rule.destination_rule import DestinationRuleDraft
from nixbridge.mesh.istio.destination_rule.outlier_detection import note_without_effect
from nixbridge.mesh.model.draft import Draft
from nixbridge.mesh.model.kubernetes_names import wildcard_domain
from nixbridge.mesh.model.record_data import same
from nixbridge.mesh.model.resource import METADATA
from nixbridge.mesh.schema.field_walk import is_empty, unknown_text
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.mesh.istio.destination_rule.traffic_policy_blocks import Blocks
    from nixbridge.mesh.model.record_data import Place, Record
    from nixbridge.mesh.model.render_context import Context

BUILDER = "mkTrafficPolicy"
#: Field of the record -> block of a DestinationRule's traffic policy.
BLOCKS = {"circuitBreaker": "outlierDetection", "connectionPool": "connectionPool", "loadBalancer": "loadBalancer"}
#: Fields that go to a VirtualService.
ROUTE_FIELDS = ("timeout", "retries")


class Resources:
    """The DestinationRules and VirtualServices of a render, while policies still join them."""

    def __init__(self, rules: list[DestinationRuleDraft], services: list[Draft]) -> None:
        self.rules = rules
        self.services = services
        # which policy a resource got something from: a second one is surprising
        self.joined: dict[int, Record] = {}

    def hosts(self) -> dict[str, None]:
        """Return every host that a rule or service names, in the order of the result."""
        found: dict[str, None] = {}
        for rule in self.rules:
            if isinstance(rule.get("host"), str):
                found[rule.get("host")] = None
        for service in self.services:
            for host in _texts(service.get("hosts")):
                found[host] = None
        return found

    def named(self, name: str) -> str | None:
        """Return the host of a DestinationRule or VirtualService of that name."""
        for rule in self.rules:
            if rule.metadata.name == name and isinstance(rule.get("host"), str):
                host: str = rule.get("host")
                return host
        for service in self.services:
            hosts = _texts(service.get("hosts"))
            if service.metadata.name == name and hosts:
                return hosts[0]
        return None


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def apply_policies(context: Context, resources: Resources) -> None:
    """Merge every mkTrafficPolicy record into the resources of its host, adding resources that are missing."""
    # all hosts are found before any policy is applied: a resource that one adds must not be a host for the next
    hosts = resources.hosts()
    targets = [(record, _host_of(context, record, resources, hosts)) for record in context.of(BUILDER)]
    for record, host in targets:
        if host is not None:
            _apply(context, record, host, resources)


def _host_of(context: Context, record: Record, resources: Resources, hosts: dict[str, None]) -> str | None:
    place = record / "host"
    own = record.get("host")
    if not is_empty(own):
        wrong = wildcard_domain(own) if isinstance(own, str) else f"must be a string but is {type_text(own)}"
        if wrong:
            context.messages.error(place, wrong)
            return None
        return str(own)
    if record.name in hosts:
        return record.name
    found = resources.named(record.name)
    if found is not None:
        return found
    if len(hosts) == 1:
        (only,) = hosts
        context.messages.warning(
            place, f"the policy names no host: '{only}', the only one here, is taken (add // {{ host = ...; }})"
        )
        return only
    context.messages.warning(place, "the policy names no host: its name is taken (add // { host = ...; })")
    return record.name


def _apply(context: Context, record: Record, host: str, resources: Resources) -> None:
    _check_fields(context, record)
    blocks: Blocks = {
        block: (record.get(name), record / name) for name, block in BLOCKS.items() if not is_empty(record.get(name))
    }
    rules = [rule for rule in resources.rules if rule.get("host") == host and _in_namespace(record, rule)]
    services = [
        service
        for service in resources.services
        if host in _texts(service.get("hosts")) and _in_namespace(record, service)
    ]
    joined = [*rules, *services]
    namespace = joined[0].metadata.namespace if joined else "default"
    for rule in rules:
        _join_rule(context, record, rule, blocks, resources)
    for service in services:
        _join_service(context, record, service, resources)
    if not rules and blocks:
        _add_rule(context, record, host, namespace, blocks, resources)
    if not services and any(not is_empty(record.get(name)) for name in ROUTE_FIELDS):
        _add_service(context, record, host, namespace, resources)


def _check_fields(context: Context, record: Record) -> None:
    known = (*METADATA, *BLOCKS, *ROUTE_FIELDS, "rateLimiting", "host")
    for name in record.fields:
        if name not in known:
            context.messages.error(record / name, unknown_text(name, known))
    limiting = record.get("rateLimiting")
    place = record / "rateLimiting"
    if is_empty(limiting):
        return
    if not isinstance(limiting, dict):
        context.messages.error(place, f"must be a set but is {type_text(limiting)}")
    elif limiting.get("enabled") or not is_empty(limiting.get("actions")):
        context.messages.warning(place, "Istio has no resource for it (an EnvoyFilter is needed): nothing is rendered")


def _in_namespace(record: Record, draft: Draft) -> bool:
    wanted = record.get("namespace")
    return is_empty(wanted) or wanted == draft.metadata.namespace


def _join_rule(
    context: Context, record: Record, rule: DestinationRuleDraft, blocks: Blocks, resources: Resources
) -> None:
    first = resources.joined.setdefault(id(rule), record)
    # a rule with no policy of its own has its builder's default one, which the first policy replaces as a whole
    if first is record and not rule.at("trafficPolicy").is_set():
        rule.blocks = dict(blocks)
        return
    for name, (value, place) in blocks.items():
        kept = rule.blocks.get(name)
        if kept is None or is_empty(kept[0]):
            rule.blocks[name] = (value, place)
        elif not same(kept[0], value):
            context.messages.note(place, f"{kept[1].record} has its own {name}, which stays")


def _join_service(context: Context, record: Record, service: Draft, resources: Resources) -> None:
    first = resources.joined.setdefault(id(service), record)
    for name in ROUTE_FIELDS:
        value, place = _route_field(context, record, name)
        # likewise: what the record does not set is the builder's default
        if first is record and not service.at(name).is_set():
            service.fields[name] = (value, place)
        elif not same(service.get(name), value):
            context.messages.note(place, f"{service.at(name).record} has its own {name}, which stays")


def _route_field(context: Context, record: Record, name: str) -> tuple[Any, Place]:
    """Return the policy's timeout or retries; `retries.enabled` is a switch: false is Istio's `attempts: 0`."""
    value, place = record.get(name), record / name
    if name != "retries" or not isinstance(value, dict):
        return value, place
    enabled = value.get("enabled", True)
    if enabled is not None and not isinstance(enabled, bool):
        context.messages.error(place / "enabled", f"must be true or false but is {type_text(enabled)}")
    if enabled is False:
        note_without_effect(context, value, place)
        return {"attempts": 0}, place
    return {key: item for key, item in value.items() if key != "enabled"}, place


def _add_rule(
    context: Context, record: Record, host: str, namespace: str | None, blocks: Blocks, resources: Resources
) -> None:
    rule = DestinationRuleDraft(context, record, namespace)
    rule.fields = {"host": (host, record / "host")}
    rule.blocks = blocks
    resources.joined[id(rule)] = record
    resources.rules.append(rule)


def _add_service(context: Context, record: Record, host: str, namespace: str | None, resources: Resources) -> None:
    place = record / "host"
    service = Draft(context, record, namespace)
    service.fields = {
        "hosts": ([host], place),
        "httpRoutes": ([{"route": [{"destination": {"host": host}}]}], place),
        **{name: _route_field(context, record, name) for name in ROUTE_FIELDS},
    }
    resources.joined[id(service)] = record
    resources.services.append(service)
