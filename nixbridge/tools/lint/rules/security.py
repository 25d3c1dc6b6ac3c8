"""Authorization of callers, and encryption."""

from __future__ import annotations

from collections.abc import Iterator

from nixbridge.mesh.istio.authorization_policy import denies_all_tcp
from nixbridge.mesh.model.messages import NOTE, WARNING
from nixbridge.mesh.model.record_data import Record
from nixbridge.tools.lint.rule import Remark, rule
from nixbridge.tools.lint.rules.environment import is_production, level_for
from nixbridge.tools.lint.rules.hosts import items, namespace_of, sets, text_of
from nixbridge.tools.lint.view import View

#: Builder -> the parameter that holds its mutual TLS mode.
MODES = {"mkIstioMesh": "mtlsMode", "mkMeshConfig": "defaultMtlsPolicy", "mkPeerAuthentication": "mtlsMode"}
WEAK = {"PERMISSIVE": "plain text is also accepted", "DISABLE": "nothing is encrypted"}


@rule(
    "NB012",
    "allow-without-rules",
    WARNING,
    wrong='mkAuthorizationPolicy "default" { action = "ALLOW"; }',
    right='mkAuthorizationPolicy "default" { rules = [ { from = [ { source.namespaces = [ "production" ]; } ]; } ]; }',
)
def allow_without_rules(view: View) -> Iterator[Remark]:
    """An ALLOW policy without rules allows nothing: it denies every request in its scope.

    An ALLOW policy denies every request that none of its rules matches. The documentation of Nixernetes contains such a policy. If you
    want to deny everything, keep it and suppress this rule with a comment; to allow everything, write `rules = [ { } ];`.
    """
    for record in view.of("mkAuthorizationPolicy"):
        if record.get("action") in (None, "ALLOW") and record.get("rules") in (None, []) and not record.get("provider"):
            scope = "the selected pods" if record.get("selector") else f"the namespace {namespace_of(record)}"
            yield Remark(
                record / "rules",
                f"ALLOW without rules denies every request to {scope}",
                hint="to allow everything: rules = [ { } ];",
            )


@rule(
    "NB020",
    "policy-allows-everybody",
    WARNING,
    wrong='mkAuthorizationPolicy "default" { rules = [ { } ]; }',
    right='mkAuthorizationPolicy "default" { rules = [ { to = [ { operation.methods = [ "GET" ]; } ]; } ]; }',
)
def policy_allows_everybody(view: View) -> Iterator[Remark]:
    """An ALLOW policy has a rule that matches every request.

    This makes the other rules pointless and gives up least privilege. With action CUSTOM, such a rule sends every request to the provider.
    """
    for record in view.of("mkAuthorizationPolicy"):
        if record.get("action") in (None, "ALLOW") and not record.get("provider"):
            for index, one in enumerate(items(record.get("rules"))):
                if one == {}:
                    yield Remark(record / "rules" / index, "this rule matches every request, so it allows everybody")


@rule(
    "NB021",
    "plain-text-accepted",
    WARNING,
    wrong='mkIstioMesh "production" { mtlsMode = "PERMISSIVE"; }',
    right='mkIstioMesh "production" { mtlsMode = "STRICT"; }',
)
def plain_text_accepted(view: View) -> Iterator[Remark]:
    """Mutual TLS is not enforced where it should be.

    PERMISSIVE accepts plain text in addition to TLS and is meant for migrations. It is also the default of mkIstioMesh and mkMeshConfig. In
    production (recognized by a name, a namespace, a label `environment`, or `installMode`), this is a warning, as is a policy that weakens
    a STRICT mesh. If the environment is unknown, an explicit mode is a note. Development, test and staging environments are not reported.
    """
    strict = any(_is_strict(record) for record in view.all_of("mkIstioMesh", "mkMeshConfig"))
    covered = any(_is_mesh_wide_strict(record) for record in view.all_of("mkPeerAuthentication"))
    for record in view.of(*MODES):
        place = record / MODES[record.builder]
        mode = text_of(place.value)
        if mode not in WEAK or record.get("enableMtls") is False or record.get("meshType") == "linkerd":
            continue
        policy = record.builder == "mkPeerAuthentication"
        level = level_for(record)
        if policy and strict:
            yield Remark(place, f"the mesh is STRICT, but with {mode} here {WEAK[mode]}", level=WARNING)
        # outside production the builder's default is not worth a note; a mesh-wide STRICT policy replaces what the mesh says
        elif level is not None and not (covered and not policy) and (level == WARNING or place.is_set()):
            where = " in production" if level == WARNING else ""
            yield Remark(
                place, f"{mode}{where}: {WEAK[mode]}", hint='use "STRICT" once all clients have sidecars', level=level
            )


def _is_strict(record: Record) -> bool:
    return record.get(MODES[record.builder]) == "STRICT" and record.get("enableMtls") is not False


def _is_mesh_wide_strict(record: Record) -> bool:
    return record.get("mtlsMode") == "STRICT" and not record.get("selector") and namespace_of(record) == "istio-system"


@rule(
    "NB022",
    "no-mutual-tls",
    WARNING,
    wrong='mkIstioMesh "mesh" { enableMtls = false; mtlsMode = "STRICT"; }',
    right='mkIstioMesh "mesh" { enableMtls = true; mtlsMode = "STRICT"; }',
)
def no_mutual_tls(view: View) -> Iterator[Remark]:
    """Mutual TLS is disabled in a record that also sets its mode, or that is for production.

    `enableMtls = false` takes precedence, and the mode is ignored. The mode is also ignored without `enablePeerAuthentication`, which
    renders the mesh-wide policy.
    """
    for record in view.of("mkIstioMesh", "mkLinkerdMesh"):
        if record.get("enablePeerAuthentication") is False and record.get("mtlsMode") == "STRICT":
            yield Remark(record / "enablePeerAuthentication", "is false, so the mode STRICT is not rendered")
        if record.get("enableMtls") is False:
            mode = record / "mtlsMode"
            if record.builder == "mkIstioMesh" and mode.is_set():
                yield Remark(mode, f"enableMtls is false, so the mode {mode.value} is ignored")
            elif is_production(record):
                yield Remark(record / "enableMtls", "no mutual TLS in production")


@rule(
    "NB023",
    "no-authorization",
    NOTE,
    wrong='mkIstioMesh "production" { mtlsMode = "STRICT"; enableAuthorizationPolicy = false; }',
    right='mkIstioMesh "production" { mtlsMode = "STRICT"; enableAuthorizationPolicy = true; }',
)
def no_authorization(view: View) -> Iterator[Remark]:
    """Authorization policies are disabled in production.

    Without them, every workload in the mesh may call every other.
    """
    for record in view.of("mkIstioMesh", "mkLinkerdMesh"):
        name = "enableAuthorizationPolicy" if record.builder == "mkIstioMesh" else "enablePolicy"
        if record.get(name) is False and is_production(record):
            yield Remark(record / name, "no authorization policies in production")


@rule(
    "NB024",
    "long-lived-certificates",
    NOTE,
    wrong='mkLinkerdMesh "mesh" { mtlsRotationDays = 3650; }',
    right='mkLinkerdMesh "mesh" { mtlsRotationDays = 365; }',
)
def long_lived_certificates(view: View) -> Iterator[Remark]:
    """Certificates are rotated less than once a year.

    The longer a certificate is valid, the longer a stolen one can be used, and the less often rotation is exercised.
    """
    for record in view.of("mkLinkerdMesh"):
        days = record.get("mtlsRotationDays")
        if isinstance(days, int) and days > 365:
            yield Remark(record / "mtlsRotationDays", f"certificates are valid for {days} days")


@rule(
    "NB025",
    "identity-without-mutual-tls",
    WARNING,
    wrong="""
[
  (mkPeerAuthentication "default" { namespace = "shop"; mtlsMode = "DISABLE"; })
  (mkAuthorizationPolicy "web" { namespace = "shop"; rules = [ { from = [ { source.namespaces = [ "front" ]; } ]; } ]; })
]
""",
    right="""
[
  (mkPeerAuthentication "default" { namespace = "shop"; mtlsMode = "STRICT"; })
  (mkAuthorizationPolicy "web" { namespace = "shop"; rules = [ { from = [ { source.namespaces = [ "front" ]; } ]; } ]; })
]
""",
    also=("KIA0105",),
)
def identity_without_mutual_tls(view: View) -> Iterator[Remark]:
    """A policy checks the identity of callers, but mutual TLS is disabled.

    Principals, namespaces and service accounts come from the certificate of the caller. Without mutual TLS they are unknown: neither ALLOW
    rules nor DENY rules that use them ever match.
    """
    off = {
        namespace_of(r)
        for r in view.all_of("mkPeerAuthentication")
        if r.get("mtlsMode") == "DISABLE" and not r.get("selector")
    }
    everywhere = any(r.get("enableMtls") is False or r.get("mtlsMode") == "DISABLE" for r in view.all_of("mkIstioMesh"))
    for record in view.of("mkAuthorizationPolicy"):
        if not everywhere and namespace_of(record) not in off:
            continue
        for one in sets(record / "rules"):
            for origin in sets(one / "from"):
                source = origin.value.get("source")
                asked = [name for name in IDENTITIES if isinstance(source, dict) and source.get(name)]
                if asked:
                    yield Remark(origin / "source" / asked[0], f"{asked[0]} need mutual TLS, which is disabled here")


@rule(
    "NB026",
    "denies-all-tcp",
    NOTE,
    wrong='mkAuthorizationPolicy "web" { action = "DENY"; rules = [ { to = [ { operation.paths = [ "/admin*" ]; } ]; } ]; }',
    right="""
mkAuthorizationPolicy "web" {
  action = "DENY";
  rules = [ { to = [ { operation = { paths = [ "/admin*" ]; ports = [ "8080" ]; }; } ]; } ];
}
""",
)
def deny_of_http_attributes(view: View) -> Iterator[Remark]:
    """A DENY rule has only HTTP conditions, and therefore denies every connection to ports that are not HTTP.

    For plain TCP connections, Istio removes the conditions that exist only for HTTP (paths, methods, hosts, tokens), and the rest of the
    DENY rule matches everything. If the pods have other ports, add `ports` to the rule.
    """
    for record in view.of("mkAuthorizationPolicy"):
        for one in sets(record / "rules") if record.get("action") == "DENY" else ():
            if denies_all_tcp(one.value):
                yield Remark(one, "also denies every connection to non-HTTP ports", hint="add the ports")


#: The conditions on what a caller's certificate contains.
IDENTITIES = (
    "principals",
    "notPrincipals",
    "namespaces",
    "notNamespaces",
    "serviceAccounts",
    "notServiceAccounts",
)
