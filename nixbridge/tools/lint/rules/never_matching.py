"""Authorization policies whose conditions no request meets, or that ask for what nobody provides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from nixbridge.mesh.model.messages import NOTE, WARNING
from nixbridge.mesh.model.record_data import Place, Record
from nixbridge.tools.lint.cluster_view import Cluster, as_set, selector_of
from nixbridge.tools.lint.rule import Remark, cluster_rule, rule
from nixbridge.tools.lint.rules.hosts import items, namespace_of, sets, text_of
from nixbridge.tools.lint.view import View

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
SPIFFE = "spiffe://"
_PRINCIPAL = re.compile(r"[^/]+/ns/[^/]+/sa/[^/]+")


@rule(
    "NB124",
    "never-matches",
    WARNING,
    wrong="""
mkAuthorizationPolicy "web" {
  namespace = "shop"; action = "DENY";
  rules = [ { to = [ { operation = { methods = [ "delete" ]; paths = [ "admin/*" ]; ports = [ "8080" ]; }; } ]; } ];
}
""",
    right="""
mkAuthorizationPolicy "web" {
  namespace = "shop"; action = "DENY";
  rules = [ { to = [ { operation = { methods = [ "DELETE" ]; paths = [ "/admin/*" ]; ports = [ "8080" ]; }; } ]; } ];
}
""",
    also=("KIA0102",),
)
def never_matches(view: View) -> Iterator[Remark]:
    """A condition of a policy can never match.

    Methods are compared exactly, in capitals. Paths start with `/`. A `*` is a wildcard only at the start or the end (`{*}` and `{**}` are
    the templates for path segments). Principals do not start with `spiffe://`. A DENY rule that never matches denies nothing, and an ALLOW
    rule that never matches allows nobody.
    """
    for record in view.of("mkAuthorizationPolicy"):
        for one in sets(record / "rules"):
            for target in sets(one / "to"):
                yield from _operation(target / "operation")
            for origin in sets(one / "from"):
                yield from _source(origin / "source")
            for condition in sets(one / "when"):
                if condition.value.get("key") == "source.principal":
                    for name in ("values", "notValues"):
                        yield from _principals(condition / name)


def _operation(place: Place) -> Iterator[Remark]:
    operation = as_set(place.value)
    for name in ("methods", "notMethods"):
        for index, method in enumerate(items(operation.get(name))):
            if isinstance(method, str) and method not in METHODS and "*" not in method and "/" not in method:
                near = method.upper() if method.upper() in METHODS else None
                hint = f"write {near}" if near else None
                yield Remark(
                    place / name / index, f"'{method}' is not a method: methods are compared exactly", hint=hint
                )
    for name in ("paths", "notPaths"):
        for index, path in enumerate(items(operation.get(name))):
            wrong = _wrong_path(path) if isinstance(path, str) else None
            if wrong:
                yield Remark(place / name / index, wrong)


def _wrong_path(path: str) -> str | None:
    if path and path[0] not in "/*{":
        return f"'{path}' matches nothing: paths start with '/'"
    without = path.removeprefix("*") if path.startswith("*") else path.removesuffix("*")
    if "*" in without.replace("{**}", "").replace("{*}", ""):
        return f"'{path}': only the first or last '*' is a wildcard, the others are asterisks; use {{*}} and {{**}}"
    return None


def _source(place: Place) -> Iterator[Remark]:
    for name in ("principals", "notPrincipals"):
        yield from _principals(place / name)
    for name in ("requestPrincipals", "notRequestPrincipals"):
        for index, principal in enumerate(items(as_set(place.value).get(name))):
            if isinstance(principal, str) and principal and "/" not in principal and "*" not in principal:
                yield Remark(place / name / index, f"'{principal}' matches nothing: the form is ISSUER/SUBJECT")


def _principals(place: Place) -> Iterator[Remark]:
    for index, principal in enumerate(items(place.value)):
        if isinstance(principal, str) and principal.startswith(SPIFFE):
            text = f"'{principal}' matches nothing: principals do not start with {SPIFFE}"
            yield Remark(place / index, text, hint=f"write {principal.removeprefix(SPIFFE)}")


@rule(
    "NB125",
    "conditions-in-two-rules",
    WARNING,
    wrong="""
mkAuthorizationPolicy "web" {
  namespace = "shop";
  rules = [
    { from = [ { source.namespaces = [ "front" ]; } ]; }
    { to = [ { operation.methods = [ "GET" ]; } ]; }
  ];
}
""",
    right="""
mkAuthorizationPolicy "web" {
  namespace = "shop";
  rules = [ { from = [ { source.namespaces = [ "front" ]; } ]; to = [ { operation.methods = [ "GET" ]; } ]; } ];
}
""",
)
def conditions_in_two_rules(view: View) -> Iterator[Remark]:
    """One rule of a policy has only sources and the next one only operations: they are alternatives, not one condition.

    Such an ALLOW policy allows everybody the operations of the second rule, and the sources of the first rule every operation. In YAML, the
    cause is often a superfluous dash. Put `from` and `to` into one rule if both must hold.
    """
    for record in view.of("mkAuthorizationPolicy"):
        places = list(sets(record / "rules"))
        for first, second in pairwise(places):
            asked = [{name for name in ("from", "to", "when") if place.value.get(name)} for place in (first, second)]
            if asked in ([{"from"}, {"to"}], [{"to"}, {"from"}]):
                yield Remark(
                    second,
                    f"is an alternative to {first}: one has only sources, the other only operations",
                    hint="put both into one rule",
                )


JWT = """
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: jwt, namespace: NAMESPACE}
spec: {jwtRules: [{issuer: example.com, jwksUri: "https://example.com/keys"}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {rules: [{from: [{source: {requestPrincipals: ["example.com/*"]}}]}]}
"""


@cluster_rule(
    "NB126",
    "token-without-authentication",
    WARNING,
    wrong=JWT.replace("NAMESPACE", "docs"),
    right=JWT.replace("NAMESPACE", "shop"),
)
def token_without_authentication(cluster: Cluster) -> Iterator[Remark]:
    """A policy uses claims of a token, but no RequestAuthentication of its namespace or of the mesh validates tokens.

    Without one, requests have no principals and no claims, so the rule never matches. If the linted files contain no RequestAuthentication
    at all, this is a note, because one may be applied from elsewhere.
    """
    namespaces = {namespace_of(record) for record in cluster.of("RequestAuthentication")}
    for record in cluster.of("mkAuthorizationPolicy"):
        if namespaces & {namespace_of(record), cluster.root} or record.get("targetRefs"):
            continue
        place = _asks_for_token(record)
        if place is not None:
            # files without any RequestAuthentication may be only a part of the configuration
            level = WARNING if namespaces else NOTE
            yield Remark(place, f"no RequestAuthentication validates tokens in {namespace_of(record)}", level=level)


def _asks_for_token(record: Record) -> Place | None:
    for one in sets(record / "rules"):
        for origin in sets(one / "from"):
            if as_set(origin.value.get("source")).get("requestPrincipals"):
                return origin / "source" / "requestPrincipals"
        for condition in sets(one / "when"):
            if text_of(condition.value.get("key")).startswith("request.auth."):
                return condition / "key"
    return None


ACCOUNTS = """
{apiVersion: v1, kind: ServiceAccount, metadata: {name: front, namespace: shop}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/NAME]}}]}]}
"""


@cluster_rule(
    "NB127",
    "service-account-not-found",
    WARNING,
    wrong=ACCOUNTS.replace("NAME", "frnt"),
    right=ACCOUNTS.replace("NAME", "front"),
    also=("KIA0106", "KIA1701"),
)
def service_account_not_found(cluster: Cluster) -> Iterator[Remark]:
    """A principal is a service account that does not exist, although other ServiceAccounts of its namespace are in the linted files."""
    accounts = {(namespace_of(record), record.name) for record in cluster.of("ServiceAccount")}
    namespaces = {namespace for namespace, _ in accounts}
    for record in cluster.of("mkAuthorizationPolicy"):
        for one in sets(record / "rules"):
            for origin in sets(one / "from"):
                place = origin / "source" / "principals"
                for index, principal in enumerate(items(place.value)):
                    parts = (
                        principal.split("/") if isinstance(principal, str) and _PRINCIPAL.fullmatch(principal) else ()
                    )
                    if (
                        parts
                        and "*" not in principal
                        and parts[2] in namespaces
                        and (parts[2], parts[4]) not in accounts
                    ):
                        yield Remark(place / index, f"the ServiceAccount '{parts[4]}' does not exist in {parts[2]}")
    for record in cluster.of("WorkloadGroup"):
        name = as_set(record.get("template")).get("serviceAccount")
        where = namespace_of(record)
        if isinstance(name, str) and name and where in namespaces and (where, name) not in accounts:
            yield Remark(
                record / "template" / "serviceAccount", f"the ServiceAccount '{name}' does not exist in {where}"
            )


COVERED = """
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: [{name: web}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: cart, namespace: shop, labels: {app: cart}}, spec: {containers: [{name: cart}]}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {SELECTORrules: [{from: [{source: {namespaces: [front]}}]}]}
"""


@cluster_rule(
    "NB128",
    "workload-without-policy",
    NOTE,
    wrong=COVERED.replace("SELECTOR", "selector: {matchLabels: {app: web}}, "),
    right=COVERED.replace("SELECTOR", ""),
    also=("KIA1301",),
)
def workload_without_policy(cluster: Cluster) -> Iterator[Remark]:
    """A workload has no authorization policy, while others in its namespace have one, so everybody may call it."""
    covered: set[int] = set()
    namespaces: set[str] = set()
    for record in cluster.of("mkAuthorizationPolicy"):
        namespace = namespace_of(record)
        namespaces.add(namespace)
        covered |= {
            id(pod) for pod in cluster.pods_of(selector_of(record), None if namespace == cluster.root else namespace)
        }
    for pod in cluster.pods:
        if pod.namespace in namespaces and id(pod) not in covered:
            yield Remark(pod.record / "name", "no authorization policy applies to this workload")
