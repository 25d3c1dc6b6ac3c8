"""Load balancing. (proto: LoadBalancerSettings; hook: validateLoadBalancer, ValidateLocalityLbSetting)"""

from __future__ import annotations

from nixbridge.mesh.model.durations import wrong_duration
from nixbridge.mesh.model.record_data import MISSING
from nixbridge.mesh.schema.field_tables import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

DEPRECATED, INSTEAD = "LEAST_CONN", "LEAST_REQUEST"
#: Of each group one at most. (CRD: oneOf)
HASH_KEYS = ("httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName")
HASH_ALGORITHMS = ("ringHash", "maglev")
#: hook: Maglev tables are primes below this.
MAGLEV_LIMIT = 5_000_011
TOPOLOGY = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone")


def convert_load_balancer(context: Context, value: object, place: Place) -> Any:
    """Return a name (`"ROUND_ROBIN"`, in any case) or a set as `{ simple }` or the fields of the set; MISSING after an error."""
    here = place
    if context.verbatim:
        return context.walk.convert(value, named("LoadBalancerSettings"), place)
    if isinstance(value, dict) and isinstance(value.get("simple"), str):
        here, value = place / "simple", {**value, "simple": _raised(context, value["simple"], place / "simple")}
    elif isinstance(value, str):
        value = _raised(context, value, here)
        if value == "":
            return MISSING
        converted = context.walk.convert(value, named("LoadBalancerSettings")["fields"]["simple"], here)
        return MISSING if converted is MISSING else {"simple": converted}
    return context.walk.convert(value, named("LoadBalancerSettings"), place)


def _raised(context: Context, name: str, place: Place) -> str:
    if name.upper() == DEPRECATED:
        context.messages.note(place, f"{DEPRECATED} is deprecated: {INSTEAD} is rendered")
        return INSTEAD
    return name.upper()


def check_load_balancer(context: Context, balancer: JsonObject, place: Place, outlier: object) -> None:
    """Check a converted block; `outlier` is the outlier detection of the same policy, which failover needs."""
    if "consistentHash" in balancer:
        _check_hash(context, balancer["consistentHash"], place / "consistentHash")
    if "warmup" in balancer and "warmupDurationSecs" in balancer:
        context.messages.error(place / "warmupDurationSecs", "warmup is also set: remove one of the two")
    locality, zone_aware = balancer.get("localityLbSetting"), balancer.get("zoneAwareLbSetting")
    if locality is not None and zone_aware is not None:
        context.messages.error(
            place / "zoneAwareLbSetting", "zoneAwareLbSetting and localityLbSetting exclude each other"
        )
    if locality is not None:
        _check_locality(context, locality, place / "localityLbSetting", outlier)
    if zone_aware is not None:
        _check_zone_aware(context, zone_aware, place / "zoneAwareLbSetting", outlier)


def _check_hash(context: Context, settings: JsonObject, place: Place) -> None:
    # a protobuf oneof each: YAML with two of them would be rejected while it is parsed
    for group in (HASH_KEYS, HASH_ALGORITHMS):
        given = [name for name in group if name in settings]
        if len(given) > 1:
            context.messages.error(place, f"only one of {', '.join(given)} is allowed")
    if settings.get("minimumRingSize"):
        context.messages.warning(place / "minimumRingSize", "is deprecated: use ringHash.minimumRingSize")
    for name in HASH_ALGORITHMS:
        if settings.get("minimumRingSize") and name in settings:
            context.messages.error(place / "minimumRingSize", f"is deprecated and excludes {name}")
    cookie = settings.get("httpCookie", {})
    if cookie.get("name") == "":
        context.messages.error(place / "httpCookie" / "name", "is required")
    _check_attributes(context, cookie.get("attributes", []), place / "httpCookie" / "attributes")
    wrong = wrong_duration(cookie["ttl"], least=0) if cookie.get("ttl") else None
    if wrong:
        context.messages.error(place / "httpCookie" / "ttl", wrong)
    size = settings.get("maglev", {}).get("tableSize", 0)
    if "maglev" in settings and (size >= MAGLEV_LIMIT or not _is_prime(size)):
        context.messages.error(place / "maglev" / "tableSize", f"{size} is not a prime below {MAGLEV_LIMIT}")


def _check_attributes(context: Context, attributes: list[JsonObject], place: Place) -> None:
    names: set[str] = set()
    for index, attribute in enumerate(attributes):
        name = attribute.get("name", "")
        if not name:
            context.messages.error(place / index / "name", "is required")
        elif name in names:
            context.messages.error(place / index / "name", f"duplicate cookie attribute '{name}'")
        names.add(name)


def _is_prime(number: int) -> bool:
    """Return whether Envoy takes a number for a prime, as it does 1."""
    return number > 0 and all(number % factor for factor in range(2, int(number**0.5) + 1))


def _check_locality(context: Context, setting: JsonObject, place: Place, outlier: object) -> None:
    messages = context.messages
    failover, priority = setting.get("failover", []), setting.get("failoverPriority", [])
    if "distribute" in setting and failover:
        messages.error(place / "distribute", "distribute and failover exclude each other")
    for index, label in enumerate(priority):
        if failover and label in TOPOLOGY:
            messages.error(place / "failoverPriority" / index, f"'{label}' and failover exclude each other")
    if (failover or priority) and outlier is None:
        messages.warning(place, "failover also needs outlierDetection")
    for index, step in enumerate(failover):
        _check_failover(context, step, place / "failover" / index)
    rules = setting.get("distribute", [])
    _check_localities(context, [rule.get("from", "") for rule in rules], place / "distribute", ordered=True)
    for index, rule in enumerate(rules):
        here = place / "distribute" / index / "to"
        # unlike the weights of routes, istiod rejects any other sum here
        if sum(rule.get("to", {}).values()) != 100:
            messages.error(here, f"the weights sum to {sum(rule.get('to', {}).values())}, but must sum to 100")
        _check_localities(context, list(rule.get("to", {})), here, ordered=False)


def _check_zone_aware(context: Context, setting: JsonObject, place: Place, outlier: object) -> None:
    """Check zone-aware settings. (hook: ValidateZoneAwareLbSetting)"""
    failover, priority = setting.get("failover", []), setting.get("failoverPriority", [])
    for index, label in enumerate(priority):
        if label in TOPOLOGY:
            text = f"'{label}' is superfluous: regions and zones are handled automatically"
            context.messages.error(place / "failoverPriority" / index, text)
    if (failover or priority) and outlier is None:
        context.messages.warning(place, "failover also needs outlierDetection")
    for index, step in enumerate(failover):
        _check_failover(context, step, place / "failover" / index)


def _check_failover(context: Context, step: dict[str, str], place: Place) -> None:
    start, end = step.get("from", ""), step.get("to", "")
    if start == end:
        context.messages.error(place, "from and to must be different regions")
    for name, region in (("from", start), ("to", end)):
        if "/" in region or "*" in region:
            context.messages.error(
                place / name, f"'{region}' is not a region: zones and wildcards are not allowed here"
            )


def _check_localities(context: Context, localities: list[str], place: Place, *, ordered: bool) -> None:
    """Check localities: `region/zone/subzone`, `*` at the end; none within another. (hook: validateLocalities)

    `ordered`: hosts are tried in this order, so a wildcard may follow a host that it covers.
    """
    seen: list[list[str]] = []
    for locality in localities:
        parts = locality.split("/", 2)
        if "*" in locality[:-1] or "" in parts:
            context.messages.error(place, f"'{locality}' is not a locality (region/zone/subzone, '*' at the end only)")
            continue
        whole = [part for part in parts if part != "*"]
        for other in seen:
            length = len(other) if ordered and parts[-1] == "*" else min(len(whole), len(other))
            if whole[:length] == other[:length]:
                context.messages.error(place, f"'{locality}' overlaps with another one")
                break
        seen.append(whole)
