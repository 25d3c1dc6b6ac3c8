"""Fields of a VirtualService that the Gateway API does not have are reported, and never dropped."""

from __future__ import annotations

import pytest

from nixbridge import evaluate
from nixbridge.mesh.gateway_api.gateway_routes import duration_text
from nixbridge.mesh.gateway_api.route_target import service_of
from nixbridge.mesh.model.messages import ERROR, WARNING
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import render

ROUTE = 'route = [ { destination = { host = "web"; port.number = 80; }; } ];'


def routes(inner: str, more: str = "") -> str:
    """A VirtualService with one HTTP route, and what is added to it."""
    return (
        f'mkVirtualService "web" {{ timeout = null; retries = null; httpRoutes = [ {{ {inner} }} ]; }} // {{ {more} }}'
    )


#: What is written -> the level and the path of the message about it.
REPORTED = {
    "subset": (routes('route = [ { destination = { host = "web"; subset = "v1"; port.number = 80; }; } ];'), ERROR, "destination.subset"),
    "backend-without-port": (routes('route = [ { destination.host = "web"; } ];'), ERROR, "destination.port"),
    "backend-outside-the-cluster": (
        routes('route = [ { destination = { host = "api.example.com"; port.number = 80; }; } ];'),
        ERROR,
        "destination.host",
    ),
    "host-that-is-not-a-service": (routes(ROUTE, 'hosts = [ "*.example.com" ];'), ERROR, "hosts"),
    "match-by-source-labels": (routes(f'match = [ {{ sourceLabels.app = "a"; }} ]; {ROUTE}'), ERROR, "match[0].sourceLabels"),
    "match-by-port": (routes(f"match = [ {{ port = 80; }} ]; {ROUTE}"), ERROR, "match[0].port"),
    "method-by-regex": (routes(f'match = [ {{ method.regex = "G.*"; }} ]; {ROUTE}'), ERROR, "match[0].method"),
    "prefix-of-half-an-element": (routes(f'match = [ {{ uri.prefix = "/v2"; }} ]; {ROUTE}'), WARNING, "match[0].uri.prefix"),
    "fault": (routes(f"fault.abort = {{ httpStatus = 500; percentage.value = 100; }}; {ROUTE}"), ERROR, "fault"),
    "direct-response": (routes("directResponse.status = 503;"), ERROR, "directResponse"),
    "regex-rewrite": (
        routes(f'rewrite.uriRegexRewrite = {{ match = "/a"; rewrite = "/b"; }}; {ROUTE}'),
        ERROR,
        "rewrite.uriRegexRewrite",
    ),
    "rewrite-without-prefix": (routes(f'rewrite.uri = "/a"; {ROUTE}'), WARNING, "rewrite.uri"),
    "redirect-status": (routes("redirect = { uri = \"/a\"; redirectCode = 304; };"), ERROR, "redirect.redirectCode"),
    "origin-by-prefix": (
        routes(f'corsPolicy.allowOrigins = [ {{ prefix = "https://a"; }} ]; {ROUTE}'),
        ERROR,
        "corsPolicy.allowOrigins[0]",
    ),
    "retries": (routes(f"retries.attempts = 3; {ROUTE}"), WARNING, "retries.attempts"),
    "export-to": (routes(ROUTE, 'exportTo = [ "." ];'), WARNING, "exportTo"),
    "tcp-by-subnet": (
        'mkVirtualService "db" { tcpRoutes = [ { match = [ { destinationSubnets = [ "10.0.0.0/8" ]; } ]; '
        'route = [ { destination = { host = "db"; port.number = 1; }; } ]; } ]; }',
        ERROR,
        "match[0].destinationSubnets",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("expression", "level", "path"), REPORTED.values(), ids=REPORTED)
def test_a_field_without_counterpart_is_reported(expression: str, level: str, path: str) -> None:
    rendering = render(find(evaluate(expression)), Options(gateway_api=True))
    assert any(message.level == level and f"{path}:" in str(message) for message in rendering.messages), [
        str(message) for message in rendering.messages
    ]


@pytest.mark.parametrize(
    ("policy", "path"),
    [
        pytest.param('mkAuthorizationPolicy "a" { action = "DENY"; rules = [ { } ]; }', "action", id="deny"),
        pytest.param('mkAuthorizationPolicy "a" { rules = [ { } ]; }', "rules", id="no-port"),
        pytest.param(
            'mkAuthorizationPolicy "a" { rules = [ { to = [ { operation = { ports = [ "80" ]; hosts = [ "a" ]; }; } ]; } ]; }',
            "rules[0].to[0].operation.hosts",
            id="hosts",
        ),
        pytest.param('mkPeerAuthentication "a" { mtlsMode = "DISABLE"; }', "mtlsMode", id="mtls-off"),
    ],
)
def test_unsupported_policies_are_reported_for_linkerd(policy: str, path: str) -> None:
    rendering = render(find(evaluate(f'[ (mkLinkerdMesh "m" {{ }}) ({policy}) ]')), Options())
    assert any(message.level == ERROR and f"{path}:" in str(message) for message in rendering.messages)


@pytest.mark.parametrize(
    ("record", "path"),
    [
        pytest.param(
            'mkIstioMesh "m" { profile = "ambient"; version = "1.20.0"; }', "profile", id="release-before-ambient"
        ),
        pytest.param(
            '[ (mkIstioMesh "m" { profile = "ambient"; version = "1.30.0"; }) (mkAuthorizationPolicy "a" '
            '{ selector.app = "a"; rules = [ { to = [ { operation.methods = [ "GET" ]; } ]; } ]; }) ]',
            "selector",
            id="ztunnel-cannot-see-http",
        ),
    ],
)
def test_unsupported_features_are_reported_for_ambient(record: str, path: str) -> None:
    rendering = render(find(evaluate(record)), Options())
    assert any(message.level == ERROR and f"{path}:" in str(message) for message in rendering.messages)


@pytest.mark.parametrize(
    ("written", "text"), [("90s", "1m30s"), ("1500ms", "1s500ms"), ("2h", "2h"), ("0.5s", "500ms")]
)
def test_durations_have_the_format_of_the_gateway_api(written: str, text: str) -> None:
    assert duration_text(written) == text


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("web", ("web", "shop")),
        ("web.ops", ("web", "ops")),
        ("web.ops.svc.cluster.local", ("web", "ops")),
        ("a.b.com", None),
    ],
)
def test_a_host_names_a_service(host: str, service: tuple[str, str] | None) -> None:
    assert service_of(host, "shop") == service
