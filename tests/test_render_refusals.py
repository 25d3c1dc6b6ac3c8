"""Settings that the API server or istiod would refuse, or that would mean something else, are errors at their place."""

from __future__ import annotations

import pytest

from nixbridge import evaluate
from nixbridge.errors.exceptions import UsageError
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import Rendering, render


def rendered(expression: str, **options: str) -> Rendering:
    """The rendering of what an expression gives."""
    return render(find(evaluate(expression)), Options(**options))  # type: ignore[arg-type]


def errors(expression: str, **options: str) -> list[str]:
    """The paths of the errors, with what they say."""
    result = rendered(expression, **options)
    assert result.manifests == [] or not result.failed
    return [f"{message.path}: {message.text}" for message in result.messages if message.level == "error"]


def service(attributes: str) -> str:
    """A VirtualService with a route of its own unless the attributes give one."""
    return f'mkVirtualService "web" {{ {attributes} }}'


def route(attributes: str) -> str:
    """A VirtualService of one HTTP route."""
    return service(f"httpRoutes = [ {{ {attributes} }} ];")


def rule(policy: str) -> str:
    """A DestinationRule of a traffic policy."""
    return f'mkDestinationRule "web" {{ trafficPolicy = {{ {policy} }}; }}'


def policy(attributes: str) -> str:
    """An AuthorizationPolicy."""
    return f'mkAuthorizationPolicy "p" {{ {attributes} }}'


def entry(attributes: str) -> str:
    """A ServiceEntry that is right except the attributes."""
    right = 'hosts = [ "a.com" ]; resolution = "DNS"; ports = [ { number = 443; name = "tls"; protocol = "TLS"; } ];'
    return f'mkServiceEntry "e" ({{ {right} }} // {{ {attributes} }})'


TO = 'route = [ { destination = "a"; } ];'
REFUSED: dict[str, tuple[str, str]] = {
    # metadata
    "a name": ('mkPeerAuthentication "Web" { }', "name: 'Web' is not a DNS subdomain"),
    "a namespace": ('mkPeerAuthentication "a" { namespace = "a.b"; }', "namespace: 'a.b' is not a DNS label"),
    "a label's type": ('mkPeerAuthentication "a" { labels.b = 1; }', "labels.b: must be a string but is an integer"),
    "a label's key": ('mkPeerAuthentication "a" { labels."b c" = ""; }', "labels.\"b c\": 'b c' is not a key of a label"),
    "a label's value": ('mkPeerAuthentication "a" { labels.b = "c d"; }', "labels.b: 'c d' is not a value of a label"),
    "an attribute that the kind lacks": (
        'mkDestinationRule "a" { } // { workloadSelecter = { a = "b"; }; }',
        "workloadSelecter: unknown field 'workloadSelecter' (did you mean workloadSelector?)",
    ),
    # fields
    "an unknown field": (
        route("mach = [ ];" + TO),
        "httpRoutes[0].mach: unknown field 'mach' (did you mean match?)",
    ),
    "a wrong type": (route('route = "a";'), "httpRoutes[0].route: must be a list but is a string"),
    "a list of a wrong type": (service("hosts = [ 1 ];"), "hosts[0]: must be a string but is an integer"),
    "an enum": (rule('tls.mode = "simple";'), "trafficPolicy.tls.mode: 'simple' is not one of"),
    "a duration": (service('timeout = "5";'), "timeout: '5' is not a duration"),
    "a duration that is too exact": (service('timeout = "1.5ms";'), "timeout: '1.5ms' is more exact"),
    "a negative duration": (service('timeout = "-1s";'), "timeout: '-1s' is negative"),
    # routes
    "redirect beside route": (
        route('redirect.uri = "/";' + TO),
        "httpRoutes[0].redirect: redirect and route exclude each other",
    ),
    "directResponse beside route": (
        route("directResponse.status = 200;" + TO),
        "httpRoutes[0].directResponse: directResponse and route exclude each other",
    ),
    "no action": (route('name = "x";'), "httpRoutes[0].route: a route, redirect or directResponse is required"),
    "a redirect to nowhere": (route("redirect.redirectCode = 301;"), "httpRoutes[0].redirect: needs a uri"),
    "a redirect's status": (
        route('redirect = { uri = "/"; redirectCode = 200; };'),
        "httpRoutes[0].redirect.redirectCode: 200 is not within 300..399",
    ),
    "a fault of nothing": (route("fault = { };" + TO), "httpRoutes[0].fault: needs a delay or an abort"),
    "a percentage": (
        route('fault.delay = { fixedDelay = "1s"; percentage = 101; };' + TO),
        "httpRoutes[0].fault.delay.percentage: 101 is not within 0..100",
    ),
    "mirror beside mirrors": (
        route('mirror = "b"; mirrors = [ { destination = "c"; } ];' + TO),
        "httpRoutes[0].mirror: mirror and mirrors exclude each other",
    ),
    "a negative weight": (
        route('route = [ { destination = "a"; weight = -1; } ];'),
        "httpRoutes[0].route[0].weight: -1 is negative",
    ),
    "weights that sum to 0": (
        route('route = [ { destination = "a"; weight = 0; } { destination = "b"; weight = 0; } ];'),
        "httpRoutes[0].route: the weights sum to 0",
    ),
    "a port": (
        route('route = [ { destination = { host = "a"; port = 65536; }; } ];'),
        "httpRoutes[0].route[0].destination.port: 65536 is not within 1..65535",
    ),
    "a destination's host": (
        route('route = [ { destination = "a_b"; } ];'),
        "httpRoutes[0].route[0].destination: 'a_b' is not a DNS name",
    ),
    "a host": (service('hosts = [ "a b" ];'), "hosts[0]: 'a b' is not a DNS name"),
    "a host twice": (service('hosts = [ "a" "a" ];'), "hosts[1]: 'a' and 'a' are duplicates"),
    "a host that begins with a hyphen": (service('hosts = [ "-a.com" ];'), "hosts[0]: '-a.com' is not a DNS name"),
    "a host within a wildcard": (service('hosts = [ "*.a.com" "b.a.com" ];'), "hosts[1]: 'b.a.com' and '*.a.com'"),
    "every host without gateways": (service('hosts = [ "*" ];' + f"httpRoutes = [ {{ {TO} }} ];"), "hosts[0]: '*' needs"),
    "a regular expression": (
        route('match = [ { uri.regex = "(?=a)"; } ];' + TO),
        "httpRoutes[0].match[0].uri.regex: is not a regular expression of RE2, which Istio reads: '(?=' is not in RE2",
    ),
    "two conditions in one": (
        route('match = [ { uri = { exact = "/"; prefix = "/"; }; } ];' + TO),
        "httpRoutes[0].match[0].uri: only one of exact, prefix is allowed",
    ),
    "an empty prefix": (
        route('match = [ { headers.a.prefix = ""; } ];' + TO),
        "httpRoutes[0].match[0].headers.a.prefix: an empty prefix is refused",
    ),
    "a claim without gateways": (
        route('match = [ { headers."@request.auth.claims.sub".exact = "a"; } ];' + TO),
        'httpRoutes[0].match[0].headers."@request.auth.claims.sub": matching a JWT claim needs gateways',
    ),
    "a claim of no name": (
        route('match = [ { headers."@request.auth.claims".exact = "a"; } ];' + TO),
        "httpRoutes[0].match[0].headers.\"@request.auth.claims\": '@request.auth.claims' is not a name",
    ),
    "a response that is too large": (
        route(f'directResponse = {{ status = 200; body.string = "{"a" * (1024 * 1024 + 1)}"; }};'),
        "httpRoutes[0].directResponse.body: has 1048577 bytes",
    ),
    "a header that Envoy keeps": (
        route('headers.request.set.":path" = "/";' + TO),
        "httpRoutes[0].headers.request.set.\":path\": ':path'",
    ),
    "a condition of retries": (
        service('retries = { attempts = 1; retryOn = "5xx,connect"; };'),
        "retries.retryOn: 'connect' is neither a condition",
    ),
    "retries without attempts": (service('retries.perTryTimeout = "1s";'), "retries.attempts: is required"),
    "SNI outside of the hosts": (
        service('tlsRoutes = [ { match = [ { sniHosts = [ "b" ]; } ]; route = [ { destination = "a"; } ]; } ];'),
        "tlsRoutes[0].match[0].sniHosts[0]: 'b' is not within hosts (web)",
    ),
    "exportTo twice": (service('exportTo = [ "default" "." ];'), "exportTo[1]: '.' is listed twice"),
    "everybody and somebody": (service('exportTo = [ "*" "a" ];'), "exportTo[0]: '*' must stand alone"),
    # destination rules
    "two subsets of one name": (
        'mkDestinationRule "a" { subsets = [ { name = "b"; } { name = "b"; } ]; }',
        "subsets[1].name: duplicate subset 'b'",
    ),
    "a subset's name": ('mkDestinationRule "a" { subsets = [ { name = "v1.1"; } ]; }', "subsets[0].name: 'v1.1' is no"),
    "a load balancer": (rule('loadBalancer = "RANDON";'), "trafficPolicy.loadBalancer: 'RANDON' is not one of"),
    "an ejected share": (
        rule("outlierDetection.maxEjectionPercent = 101;"),
        "trafficPolicy.outlierDetection.maxEjectionPercent: 101 is not within 0..100",
    ),
    "local failures that are not split": (
        rule("outlierDetection.consecutiveLocalOriginFailures = 3;"),
        "trafficPolicy.outlierDetection.consecutiveLocalOriginFailures: also needs splitExternalLocalOriginErrors",
    ),
    "HTTP/2 forced and not": (
        rule('connectionPool.http = { h2UpgradePolicy = "UPGRADE"; useClientProtocol = true; };'),
        "trafficPolicy.connectionPool.http.h2UpgradePolicy: UPGRADE and useClientProtocol exclude each other",
    ),
    "a port level without port": (
        rule('portLevelSettings = [ { loadBalancer = "RANDOM"; } ];'),
        "trafficPolicy.portLevelSettings[0].port: is required",
    ),
    "mutual TLS without certificates": (
        rule('tls = { mode = "MUTUAL"; privateKey = "/k"; };'),
        "trafficPolicy.tls.clientCertificate: is required with mode MUTUAL",
    ),
    "two hash keys": (
        rule('loadBalancer.consistentHash = { useSourceIp = true; httpHeaderName = "a"; };'),
        "trafficPolicy.loadBalancer.consistentHash: only one of httpHeaderName, useSourceIp is allowed",
    ),
    "localities of less than everything": (
        rule('loadBalancer.localityLbSetting.distribute = [ { from = "a/*"; to."b/*" = 99; } ];'),
        "trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to: the weights sum to 99",
    ),
    "a locality after what covers it": (
        rule(
            'loadBalancer.localityLbSetting.distribute = [ { from = "*"; to.b = 100; } { from = "a/*"; to.b = 100; } ];'
        ),
        "trafficPolicy.loadBalancer.localityLbSetting.distribute: 'a/*' overlaps",
    ),
    # authorization
    "DENY without rules": (policy('action = "DENY";'), "rules: DENY without rules never applies"),
    "CUSTOM without provider": (policy('action = "CUSTOM"; rules = [ { } ];'), "provider: is required"),
    "a provider of DENY": (policy('action = "DENY"; provider = "x"; rules = [ { } ];'), "provider: the action DENY has no provider"),
    "an unknown field in a rule": (policy("rules = [ { form = [ ]; } ];"), "rules[0].form: unknown field 'form' (did you"),
    "an empty from": (policy("rules = [ { from = [ ]; } ];"), "rules[0].from: must not be empty"),
    "an empty source": (policy("rules = [ { from = [ { source = { }; } ]; } ];"), "rules[0].from[0].source: must not be"),
    "an empty operation": (policy("rules = [ { to = [ { operation = { }; } ]; } ];"), "rules[0].to[0].operation: must not"),
    "an address": (
        policy('rules = [ { from = [ { source.ipBlocks = [ "10.0.0" ]; } ]; } ];'),
        "rules[0].from[0].source.ipBlocks[0]: '10.0.0' is neither",
    ),
    "an attribute of a condition": (
        policy('rules = [ { when = [ { key = "request.header[a]"; values = [ "b" ]; } ]; } ];'),
        "rules[0].when[0].key: 'request.header[a]' is not an attribute",
    ),
    "what an authorizer is not asked": (
        policy('action = "CUSTOM"; provider = "x"; rules = [ { from = [ { source.namespaces = [ "a" ]; } ]; } ];'),
        "rules[0].from[0].source.namespaces: Istio does not support it with action CUSTOM",
    ),
    "a port that is too large": (
        policy('rules = [ { to = [ { operation.ports = [ "00080" "0655351" ]; } ]; } ];'),
        "rules[0].to[0].operation.ports[1]: '0655351' is not a port (0..65535)",
    ),
    "null in a rule": (policy("rules = [ { from = null; } ];"), "rules[0].from: null is refused here"),
    "a selector beside targetRefs": (
        policy('selector.a = "b"; rules = [ { } ];') + ' // { targetRefs = [ { kind = "Service"; name = "x"; } ]; }',
        "targetRefs: selector and targetRefs exclude each other",
    ),
    "a dry run that is neither true nor false": (
        policy("rules = [ { } ];") + ' // { annotations."istio.io/dry-run" = "yes"; }',
        "annotations.\"istio.io/dry-run\": 'yes' is neither true nor false",
    ),
    "a dry run of an authorizer": (
        policy('provider = "a"; rules = [ { } ];') + ' // { annotations."istio.io/dry-run" = "true"; }',
        'annotations."istio.io/dry-run": the action CUSTOM has no dry run',
    ),
    "a dry run of another kind": (
        'mkDestinationRule "a" { } // { annotations."istio.io/dry-run" = "true"; }',
        'annotations."istio.io/dry-run": is for authorization policies only',
    ),
    # mTLS
    "a mode": ('mkPeerAuthentication "a" { mtlsMode = "strict"; }', "mtlsMode: 'strict' is not one of"),
    "ports without selector": (
        'mkPeerAuthentication "a" { portLevelMtls."80" = "STRICT"; }',
        "portLevelMtls: needs a selector",
    ),
    "a port that is none": (
        'mkPeerAuthentication "a" { selector.b = "c"; portLevelMtls.http = "STRICT"; }',
        "portLevelMtls.http: 'http' is not a port",
    ),
    # service entries
    "every host": (entry('hosts = [ "*" ];'), "hosts[0]: '*' is refused"),
    "a protocol": (entry('ports = [ { number = 1; name = "a"; protocol = "HTPP"; } ];'), "ports[0].protocol: 'HTPP'"),
    "a port's number": (entry('ports = [ { number = 0; name = "a"; } ];'), "ports[0].number: 0 is not within 1..65535"),
    "two ports of one number": (
        entry('ports = [ { number = 1; name = "a"; } { number = 1; name = "b"; } ];'),
        "ports[1].number: '1' is listed twice",
    ),
    "NONE with endpoints": (entry('resolution = "NONE"; endpoints = [ "1.2.3.4" ];'), "endpoints: resolution NONE takes no"),
    "a static name": (entry('resolution = "STATIC"; endpoints = [ "a.com" ];'), "endpoints[0]: 'a.com' is not an IP address"),
    "two endpoints in turn": (
        entry('resolution = "DNS_ROUND_ROBIN"; endpoints = [ "a.com" "b.com" ];'),
        "endpoints: resolution DNS_ROUND_ROBIN takes one endpoint at most",
    ),
    "nothing to resolve": (entry('endpoints = [ { network = "n"; } ];'), "endpoints[0].address: is required"),
    "a wildcard to resolve": (entry('hosts = [ "*.a.com" ];'), "hosts[0]: '*.a.com' cannot be resolved"),
    "several hosts on plain TCP": (
        entry('hosts = [ "a.com" "b.com" ]; ports = [ { number = 1; name = "a"; protocol = "TCP"; } ];'),
        "ports[0]: several hosts need a protocol",
    ),
    "an endpoint's port": (
        entry('endpoints = [ { address = "a.com"; ports.http = 1; } ];'),
        "endpoints[0].ports.http: the entry has no port 'http'",
    ),
    # meshes
    "an install mode": ('mkIstioMesh "m" { installMode = "demmo"; }', "installMode: 'demmo' is not one of"),
    "a switch": ('mkIstioMesh "m" { enableMtls = "yes"; }', "enableMtls: must be true or false but is a string"),
    "a quantity": ('mkIstioMesh "m" { cpuLimit = "2 cores"; }', "cpuLimit: '2 cores' is n"),
    "a version": ('mkLinkerdMesh "m" { version = "latest"; }', "version: 'latest' is n"),
    "a mesh type": ('mkMeshConfig "m" { meshType = "consul"; }', "meshType: 'consul' is not one of istio, linkerd"),
    "a sampling rate": (
        'mkObservabilityConfig "o" { tracingSamplingRate = 1.1; }',
        "tracingSamplingRate: 1.1 is not between 0 and 1",
    ),
    "a selector beside targetRefs of telemetry": (
        'mkObservabilityConfig "o" { } // { selector.a = "b"; targetRefs = [ { kind = "Service"; name = "x"; } ]; }',
        "targetRefs: selector and targetRefs exclude each other",
    ),
    "two modes for one mesh": (
        '[ (mkIstioMesh "m" { mtlsMode = "STRICT"; }) (mkMeshConfig "m" { defaultMtlsPolicy = "DISABLE"; }) ]',
        "defaultMtlsPolicy: DISABLE is asked for, and STRICT by mkIstioMesh \"m\": mtlsMode",
    ),
    "two values for one key": (
        '[ (mkIstioMesh "m" { enableRetries = false; }) (mkMeshConfig "m" { defaultRetryPolicy.attempts = 2; }) ]',
        'defaultRetryPolicy: mkIstioMesh "m": enableRetries asks for another meshConfig.defaultHttpRetryPolicy',
    ),
    "a configuration of which mesh": (
        '[ (mkIstioMesh "a" { }) (mkIstioMesh "b" { namespace = "c"; }) (mkMeshConfig "d" { }) ]',
        "name: does not name a mesh",
    ),
    # the stream
    "two objects of one name": (
        '[ (mkPeerAuthentication "a" { }) (mkPeerAuthentication "a" { mtlsMode = "DISABLE"; }) ]',
        "name: mkPeerAuthentication \"a\" is another PeerAuthentication 'default/a'",
    ),
    "two labels of one namespace": (
        '[ (mkIstioMesh "a" { labels.b = "1"; }) (mkIstioMesh "c" { labels.b = "2"; version = "1.17.0"; }) ]',
        "namespace: mkIstioMesh \"a\" gives the namespace 'istio-system' labels.b = '1', this one '2'",
    ),
    "nothing to render": ("{ a = 1; }", ": the result contains neither a builder's record nor a manifest"),
}  # fmt: skip


@pytest.mark.parametrize(("expression", "wanted"), REFUSED.values(), ids=REFUSED)
def test_it_is_rejected(expression: str, wanted: str) -> None:
    found = errors(expression)
    assert len([text for text in found if text.startswith(wanted)]) == 1, found


TAKEN = {
    "an empty prefix of a path": route('match = [ { uri.prefix = ""; } ];' + TO),
    "absence of a header": route('match = [ { withoutHeaders.a.regex = "*"; } ];' + TO),
    "a regular expression of a route that delegates": route(
        'match = [ { uri.regex = "/a.*"; } ]; delegate.name = "a";'
    ),
    "no condition of retries": route('retries = { attempts = 1; retryOn = ""; };' + TO),
    "a wildcard within a label": service('hosts = [ "*-a.com" ];'),
    "a subset in upper case": 'mkDestinationRule "a" { subsets = [ { name = "V1"; } ]; }',
    "a port in upper case": entry('ports = [ { number = 80; name = "HTTP"; } ];'),
    "a wildcard after what it covers": rule(
        'loadBalancer.localityLbSetting.distribute = [ { from = "a/*"; to.b = 100; } { from = "*"; to.b = 100; } ];'
    ),
    "an endpoint of another network": entry('resolution = "STATIC"; endpoints = [ { network = "n"; } ];'),
    "a dry run": policy("rules = [ { } ];") + ' // { annotations."istio.io/dry-run" = "true"; }',
}


@pytest.mark.parametrize("expression", TAKEN.values(), ids=TAKEN)
def test_values_that_istiod_accepts_are_rendered(expression: str) -> None:
    assert errors(expression) == []


@pytest.mark.parametrize(
    ("release", "first", "expression"),
    [
        ("1.18", "1.19", route('mirrors = [ { destination = "b"; } ];' + TO)),
        ("1.19", "1.20", policy("rules = [ { } ];") + ' // { targetRef = { kind = "Service"; name = "x"; }; }'),
        ("1.20", "1.21", rule("connectionPool.http.maxConcurrentStreams = 5;")),
        ("1.22", "1.23", route('corsPolicy.unmatchedPreflights = "IGNORE";' + TO)),
        ("1.23", "1.24", rule('loadBalancer = { simple = "RANDOM"; warmup.duration = "1s"; };')),
        ("1.24", "1.25", policy('rules = [ { from = [ { source.serviceAccounts = [ "a" ]; } ]; } ];')),
        ("1.26", "1.27", rule("retryBudget.percent = 20;")),
        ("1.27", "1.28", entry('resolution = "DYNAMIC_DNS"; hosts = [ "*.a.com" ];')),
    ],
)
def test_fields_are_rejected_only_for_releases_that_lack_them(release: str, first: str, expression: str) -> None:
    (found,) = errors(expression, istio_version=release)
    assert f"needs Istio {first} or later; this renders for {release}" in found
    assert errors(expression, istio_version=first) == []


def test_all_errors_are_reported() -> None:
    found = errors(service('timeout = "x"; hosts = [ "a b" ]; exportTo = [ "*" "*" ];'))
    assert [text.partition(":")[0] for text in found] == [
        "hosts[0]",
        "exportTo[0]",
        "exportTo[1]",
        "exportTo[1]",
        "timeout",
    ]


def test_strict_makes_errors_of_warnings() -> None:
    expression = policy("")
    assert not rendered(expression).failed
    result = render(find(evaluate(expression)), Options(strict=True))
    assert result.failed and result.manifests == []


@pytest.mark.parametrize("version", ["", "one", "1.15", "1.99"])
def test_unknown_releases_are_usage_errors(version: str) -> None:
    with pytest.raises(UsageError, match="--istio-version"):
        Options(istio_version=version)


@pytest.mark.parametrize(
    "expression",
    [
        route(f'headers.request.set.a = "{"%" * 5001}(";' + TO),
        f'mkIstioMesh "m" {{ cpuLimit = "{"1" * 100_000}x"; }}',
        service(f'timeout = "{"1" * 100_000}x";'),
        service(f'hosts = [ "{"a" * 100_000}_" ];'),
        route(f'match = [ {{ uri.regex = "{"(a*)*" * 100_000}"; }} ];' + TO),
    ],
    ids=["header", "quantity", "duration", "host", "regex"],
)
def test_long_texts_are_checked_quickly(expression: str) -> None:
    assert errors(expression)
