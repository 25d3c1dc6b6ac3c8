"""Conditions, shares and policies in few words."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject

#: Longer texts are cut: a label is to be read at a glance.
LONGEST = 60
#: At most this many conditions of several are listed.
MOST_CONDITIONS = 3
#: A principal: its trust domain, the namespace, the service account.
_SERVICE_ACCOUNT = re.compile(r"[^/]+/ns/([^/]+)/sa/([^/]+)")


def cut(text: str) -> str:
    """Return `text`, or its beginning."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def share_text(weight: int, total: int) -> str:
    """Return a weight's share: `5%`, `33.3%`."""
    return f"{round(100 * weight / total, 1):g}%" if total else ""


def match_text(rule: JsonObject, protocol: str, number: int | None = None) -> str:
    """Return the conditions of a rule, and the faults that it injects, a line each; `number` is that of one of several."""
    matches = [_http_match(match) if protocol == "http" else _level_4_match(match) for match in rule.get("match", [])]
    lines = [cut(match) for match in matches if match]
    if len(lines) > MOST_CONDITIONS:
        lines = [*lines[:MOST_CONDITIONS], f"or {len(lines) - MOST_CONDITIONS} more"]
    if number is not None:
        first, *rest = lines or ["every request" if number == 1 else "otherwise"]
        lines = [f"{number}. {first}", *rest]
    fault = rule.get("fault", {})
    for name, what in (("delay", "fixedDelay"), ("abort", "httpStatus")):
        if name in fault:
            share = fault[name].get("percentage", {}).get("value", 100)
            lines.append(f"{name} {fault[name].get(what, '')} ({share:g}%)")
    return "\n".join(lines)


def _http_match(match: JsonObject) -> str:
    parts = []
    for name in ("method", "authority", "scheme"):
        if name in match:
            parts.append(_string_match(match[name]))
    if "uri" in match:
        parts.append(_string_match(match["uri"]))
    for kind, sign in (("headers", ""), ("queryParams", "?"), ("withoutHeaders", "not ")):
        parts += [f"{sign}{name}{_condition(value)}" for name, value in match.get(kind, {}).items()]
    if "port" in match:
        parts.append(f":{match['port']}")
    parts += [f"from {key}={value}" for key, value in match.get("sourceLabels", {}).items()]
    return " ".join(parts)


def _level_4_match(match: JsonObject) -> str:
    parts = list(match.get("sniHosts", []))
    if "port" in match:
        parts.append(f":{match['port']}")
    parts += [f"from {key}={value}" for key, value in match.get("sourceLabels", {}).items()]
    return " ".join(parts)


def _string_match(match: dict[str, str]) -> str:
    if "prefix" in match:
        return f"{match['prefix']}*"
    return f"~{match['regex']}" if "regex" in match else match.get("exact", "*")


def _condition(match: dict[str, str]) -> str:
    return f"={_string_match(match)}" if match else ""


def traffic_policy_lines(policy: JsonObject) -> list[str]:
    """Return a line each for the load balancing, circuit breaking, limits and TLS of a traffic policy."""
    lines = []
    balancer = policy.get("loadBalancer", {})
    if "simple" in balancer:
        lines.append(balancer["simple"])
    elif "consistentHash" in balancer:
        lines.append(f"hash of {', '.join(balancer['consistentHash'])}")
    outlier = policy.get("outlierDetection")
    if outlier is not None:
        errors = outlier.get("consecutive5xxErrors", 5)
        lines.append(f"out after {errors} errors for {outlier.get('baseEjectionTime', '30s')}")
    limit = policy.get("connectionPool", {}).get("tcp", {}).get("maxConnections")
    if limit is not None:
        lines.append(f"{limit} connections at most")
    mode = policy.get("tls", {}).get("mode")
    return [*lines, f"TLS {mode}"] if mode else lines


def policy_lines(spec: JsonObject) -> list[str]:
    """Return the sources and operations of an AuthorizationPolicy, a line each."""
    rules = spec.get("rules", [])
    if not rules:
        return ["nobody"]
    lines = []
    for rule in rules[:MOST_CONDITIONS]:
        sources = [_source(item["source"]) for item in rule.get("from", [])]
        operations = [_operation(item["operation"]) for item in rule.get("to", [])]
        conditions = [condition["key"] for condition in rule.get("when", [])]
        parts = [*(f"from {text}" for text in sources), *operations, *(f"when {key}" for key in conditions)]
        # one rule has room for a line each, several have one each
        texts = parts if len(rules) == 1 else [" ".join(parts)]
        lines += [cut(text) for text in texts if text] or ["every request"]
    return [*lines, f"and {len(rules) - MOST_CONDITIONS} more"] if len(rules) > MOST_CONDITIONS else lines


def _source(source: dict[str, list[str]]) -> str:
    parts = []
    for name, values in source.items():
        shown = ", ".join(_principal(value) if name.lower().endswith("principals") else value for value in values)
        parts.append(f"not {shown}" if name.startswith("not") else shown)
    return " ".join(parts)


def _principal(principal: str) -> str:
    """Shorten `cluster.local/ns/shop/sa/web` to `shop/web`; other texts are returned unchanged."""
    found = _SERVICE_ACCOUNT.fullmatch(principal)
    return f"{found[1]}/{found[2]}" if found else principal


def _operation(operation: dict[str, list[str]]) -> str:
    order = ("methods", "hosts", "paths", "ports")
    parts = [("port " if name == "ports" else "") + " ".join(operation[name]) for name in order if operation.get(name)]
    negated = [name for name in operation if name.startswith("not")]
    return " ".join([*parts, *(f"not {' '.join(operation[name])}" for name in negated)])
