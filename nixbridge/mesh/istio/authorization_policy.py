"""mkAuthorizationPolicy -> AuthorizationPolicy.

(proto: istio.security.v1beta1.AuthorizationPolicy; hook: ValidateAuthorizationPolicy)
"""

from __future__ import annotations

import re

from nixbridge.mesh.istio.host_checks import check_selector
from nixbridge.mesh.istio.target_refs import check_targets
from nixbridge.mesh.model.draft import DRY_RUN, Draft, plain_fields
from nixbridge.mesh.model.kubernetes_names import subnet
from nixbridge.mesh.model.manifest import Manifest, istio_manifest
from nixbridge.mesh.model.quantities import is_whole_number
from nixbridge.mesh.model.record_data import MISSING
from nixbridge.mesh.schema.field_tables import node_at, resolve
from nixbridge.mesh.schema.field_walk import is_empty
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

KIND = "AuthorizationPolicy"
SPECIAL = ("action", "provider", "rules")

#: What Go takes for a Boolean. (strconv.ParseBool)
TRUTHS = ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")
#: What an external authorizer is not asked about. (hook)
NOT_WITH_CUSTOM = tuple(
    name
    for positive in ("namespaces", "serviceAccounts", "trustDomains", "principals", "requestPrincipals")
    for name in (positive, f"not{positive[0].upper()}{positive[1:]}")
)
KEYS_NOT_WITH_CUSTOM = re.compile(r"source\.(?:namespace|serviceAccount|trustDomain|principal)|request\.auth\..*")
#: Attributes of a condition (istio/istio pkg/config/security): what their values are, where that is checked.
KEYS = {
    "source.ip": "ip", "remote.ip": "ip", "destination.ip": "ip", "destination.port": "port", "source.namespace": "",
    "source.principal": "", "request.auth.principal": "", "request.auth.audiences": "", "request.auth.presenter": "",
    "connection.sni": "", "source.serviceAccount": "account", "source.trustDomain": "wildcard",
}  # fmt: skip
#: Attributes of Istio's first authorization API -> what says it today.
FORMER_KEYS = {
    "destination.namespace": "the policy's own namespace",
    "destination.labels": "selector",
    "destination.name": "selector",
    "destination.user": "selector",
}
#: What is known of a plain TCP connection. (hook: a DENY rule without any of it denies every TCP connection)
OF_CONNECTIONS = tuple(
    name
    for positive in ("principals", "namespaces", "serviceAccounts", "ipBlocks", "remoteIpBlocks")
    for name in (positive, f"not{positive[0].upper()}{positive[1:]}")
)
PORTS = ("ports", "notPorts")
LONGEST_ACCOUNT, MOST_ACCOUNTS = 320, 16
KEYS_WITH_NAME = re.compile(r"(?:request\.headers|request\.auth\.claims|experimental\.envoy\.filters\.).*\[.+\]")
#: `{*}` stands for a segment of a path, `{**}` for the rest of it; otherwise a segment has these characters. (RFC 3986: pchar)
_SEGMENT, _REST = "{*}", "{**}"
_LITERAL = re.compile(r"[a-zA-Z0-9\-._~%!$&'()+,;:@=]+")


def render_authorization_policy(context: Context, draft: Draft) -> Manifest:
    """Return the object that a draft is, every fault reported."""
    spec = plain_fields(context, draft, KIND, SPECIAL)
    action = _action(context, draft)
    provider = _provider(context, draft)
    if provider is not None:
        spec["provider"] = {"name": provider}
        action = _action_with_provider(context, draft, action)
    elif action == "CUSTOM":
        context.messages.error(draft.at("provider"), "is required with action CUSTOM")
    spec["action"] = action
    rules = _rules(context, draft, action)
    if rules:
        spec["rules"] = rules
    elif is_empty(draft.get("rules")):
        _without_rules(context, draft, action)
    check_selector(spec.get("selector"), draft.at("selector"), context.messages)
    check_targets(context, spec, draft.at)
    _check_dry_run(context, draft, action)
    return istio_manifest(KIND, draft.metadata, spec, draft.place, context.istio)


def _action(context: Context, draft: Draft) -> str:
    if is_empty(draft.get("action")):
        return "ALLOW"
    converted = context.walk.convert(draft.get("action"), node_at(KIND, ["action"]), draft.at("action"))
    return "ALLOW" if converted is MISSING else str(converted)


def _provider(context: Context, draft: Draft) -> str | None:
    if is_empty(draft.get("provider")):
        return None
    converted = context.walk.convert(draft.get("provider"), node_at(KIND, ["provider"]), draft.at("provider"))
    if converted is MISSING:
        return None
    if not converted.get("name"):
        context.messages.error(draft.at("provider"), "needs a name")
        return None
    return str(converted["name"])


def _action_with_provider(context: Context, draft: Draft, action: str) -> str:
    # a record that names a provider means CUSTOM, and ALLOW is only its default; a manifest is taken as it is
    if action == "ALLOW" and not context.verbatim:
        context.messages.warning(draft.at("provider"), "only the action CUSTOM has a provider: CUSTOM is rendered")
    elif action != "CUSTOM":
        context.messages.error(draft.at("provider"), f"the action {action} has no provider")
    return "CUSTOM"


def _check_dry_run(context: Context, draft: Draft, action: str) -> None:
    """Check the value of the annotation for dry runs. (hook: checkDryRunAnnotation)"""
    wanted = draft.metadata.annotations.get(DRY_RUN)
    place = draft.at("annotations") / DRY_RUN
    if wanted is None:
        return
    if wanted not in TRUTHS:
        context.messages.error(place, f"'{wanted}' is neither true nor false")
    elif action not in ("ALLOW", "DENY"):
        context.messages.error(place, f"the action {action} has no dry run; ALLOW and DENY do")


def _without_rules(context: Context, draft: Draft, action: str) -> None:
    place, every = draft.at("rules"), "rules = [ { } ]"
    if action in ("ALLOW", "AUDIT") and context.verbatim:
        return
    if action == "ALLOW":
        text = f"ALLOW without rules denies every request in its scope; {every} allows every request"
        context.messages.warning(place, text)
    elif action == "AUDIT":
        context.messages.warning(place, f"AUDIT without rules audits nothing; {every} audits every request")
    else:
        context.messages.error(place, f"{action} without rules never applies; {every} applies to every request")


def _rules(context: Context, draft: Draft, action: str) -> list[dict[str, object]]:
    """Return the rules as they are, ports as strings: nothing is taken out, since `{ }` matches everything."""
    rules, place = draft.get("rules"), draft.at("rules")
    if is_empty(rules):
        return []
    if not isinstance(rules, list):
        context.messages.error(place, f"must be a list but is {type_text(rules)}")
        return []
    walk = context.walk.keeping_empty()
    node = resolve(node_at(KIND, ["rules"]))["items"]
    result = []
    for index, rule in enumerate(rules):
        before = context.messages.errors
        converted = walk.convert(rule, node, place / index)
        if context.messages.errors == before:
            _check_rule(converted, place / index, context.messages, custom=action == "CUSTOM")
            if action == "DENY" and denies_all_tcp(converted):
                text = "also denies every connection to TCP ports, because its conditions exist only for HTTP; add the ports"
                context.messages.warning(place / index, text)
        if converted is not MISSING:
            result.append(converted)
    return result


def denies_all_tcp(rule: dict[str, object]) -> bool:
    """Return whether a DENY rule asks for nothing that a TCP connection has, so that it matches every one."""
    sources, operations = _inner(rule.get("from"), "source"), _inner(rule.get("to"), "operation")
    asked, known = (operations, PORTS) if operations else (sources, OF_CONNECTIONS)
    return bool(asked) and not any(isinstance(item, dict) and item.get(name) for item in asked for name in known)


def _inner(items: object, name: str) -> list[object]:
    return [item.get(name) for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _check_rule(rule: JsonObject, place: Place, messages: Messages, *, custom: bool) -> None:
    for name, inner, check in (("from", "source", _check_source), ("to", "operation", _check_operation)):
        if rule.get(name) == []:
            messages.error(place / name, "must not be empty: leave it out")
        for index, item in enumerate(rule.get(name, [])):
            here = place / name / index
            if inner not in item:
                messages.error(here / inner, "is required")
            elif not any(item[inner].values()):
                messages.error(here / inner, "must not be empty")
            else:
                _check_texts(item[inner], here / inner, messages)
                check(item[inner], here / inner, messages, custom)
    for index, condition in enumerate(rule.get("when", [])):
        _check_condition(condition, place / "when" / index, messages, custom=custom)


def _check_texts(lists: dict[str, list[str]], place: Place, messages: Messages) -> None:
    for name, texts in lists.items():
        for index, text in enumerate(texts):
            if text == "":
                messages.error(place / name / index, "must not be empty")


def _check_source(source: dict[str, list[str]], place: Place, messages: Messages, custom: bool) -> None:
    for name in ("ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks"):
        _check_values("ip", source.get(name, []), place / name, messages)
    for prefix in ("serviceAccounts", "notServiceAccounts"):
        if len(source.get(prefix, [])) > MOST_ACCOUNTS:
            messages.error(place / prefix, f"has more than {MOST_ACCOUNTS} items")
        _check_values("account", source.get(prefix, []), place / prefix, messages)
    for name in ("trustDomains", "notTrustDomains"):
        _check_values("trust domain", source.get(name, []), place / name, messages)
    own = [name for name in ("serviceAccounts", "notServiceAccounts") if source.get(name)]
    others = [name for name in ("principals", "notPrincipals", "namespaces", "notNamespaces") if source.get(name)]
    if own and others:
        messages.error(place / own[0], f"{own[0]} and {others[0]} exclude each other")
    for name in NOT_WITH_CUSTOM if custom else ():
        if source.get(name):
            messages.error(place / name, "Istio does not support it with action CUSTOM")


def _check_operation(operation: dict[str, list[str]], place: Place, messages: Messages, custom: bool) -> None:
    for name in ("ports", "notPorts"):
        _check_values("port", operation.get(name, []), place / name, messages)
    for name in ("paths", "notPaths"):
        for index, path in enumerate(operation.get(name, [])):
            wrong = wrong_path(path)
            if wrong:
                messages.error(place / name / index, wrong)


def wrong_path(path: str) -> str | None:
    """Return the fault of a path that may have templates, or None. (hook: CheckValidPathTemplate)"""
    has_template = _SEGMENT in path or _REST in path
    rest_seen = False
    for segment in path.strip("/").split("/"):
        if segment in (_SEGMENT, _REST):
            if rest_seen:
                return f"'{path}': {_REST} stands for the rest of the path, so it must be last"
            rest_seen = segment == _REST
        elif "{" in segment or "}" in segment:
            return f"'{path}': {_SEGMENT} and {_REST} are the only templates, each a whole segment"
        elif has_template and not _LITERAL.fullmatch(segment):
            return f"'{path}': '{segment}' is not allowed together with a template"
    return None


def _check_condition(condition: JsonObject, place: Place, messages: Messages, *, custom: bool) -> None:
    key: str = condition.get("key", "")
    if key not in KEYS and not KEYS_WITH_NAME.fullmatch(key):
        instead = FORMER_KEYS.get(key.partition("[")[0])
        known = f": use {instead}" if instead else ""
        messages.error(place / "key", f"'{key}' is not an attribute of Istio{known}" if key else "must not be empty")
        return
    if custom and KEYS_NOT_WITH_CUSTOM.fullmatch(key):
        messages.error(place / "key", f"Istio does not support '{key}' with action CUSTOM")
    if not condition.get("values") and not condition.get("notValues"):
        messages.error(place / "values", "values or notValues are required")
    for name in ("values", "notValues"):
        values = condition.get(name, [])
        _check_texts({name: values}, place, messages)
        _check_values(KEYS.get(key, ""), values, place / name, messages)


def _check_values(kind: str, values: list[str], place: Place, messages: Messages) -> None:
    for index, value in enumerate(values):
        wrong = _FORMS[kind](value) if value and kind in _FORMS else None
        if wrong:
            messages.error(place / index, wrong)


def _wrong_port(port: str) -> str | None:
    return None if is_whole_number(port, 65535) else f"'{port}' is not a port (0..65535)"


def _wrong_account(account: str) -> str | None:
    """Return the fault of a service account. (hook: CheckServiceAccount)"""
    parts = account.split("/")
    valid = len(account) <= LONGEST_ACCOUNT and len(parts) <= 2 and all(parts) and "*" not in account
    return None if valid else f"'{account}' is not a service account (name or namespace/name)"


def _wrong_wildcard(text: str) -> str | None:
    """Return the fault of a value with wildcards. (hook: CheckWildcardValues)"""
    valid = text.count("*") <= 1 and ("*" not in text or text.startswith("*") or text.endswith("*"))
    return None if valid else f"'{text}' may have one '*', at the start or the end"


def _wrong_trust_domain(domain: str) -> str | None:
    return f"'{domain}': a trust domain must not contain '/'" if "/" in domain else _wrong_wildcard(domain)


_FORMS = {
    "ip": subnet,
    "port": _wrong_port,
    "account": _wrong_account,
    "wildcard": _wrong_wildcard,
    "trust domain": _wrong_trust_domain,
}
