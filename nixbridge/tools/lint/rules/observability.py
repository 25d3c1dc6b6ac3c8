"""Tracing, metrics, logs; services outside the mesh."""

from __future__ import annotations

from collections.abc import Iterator

from nixbridge.mesh.model.messages import NOTE, WARNING
from nixbridge.tools.lint.rule import Remark, rule
from nixbridge.tools.lint.rules.environment import is_production, level_for
from nixbridge.tools.lint.rules.hosts import items, sets
from nixbridge.tools.lint.view import View


@rule(
    "NB050",
    "every-request-traced",
    WARNING,
    wrong='mkObservabilityConfig "production" { tracingSamplingRate = 1.0; }',
    right='mkObservabilityConfig "production" { tracingSamplingRate = 0.01; }',
)
def every_request_traced(view: View) -> Iterator[Remark]:
    """Every request is traced in production.

    The sampling rate is a share: 1 means 100 %. According to the documentation, sampling keeps the overhead below 1 %. If the environment
    is unknown, this is a note; development, test and staging environments are not reported.
    """
    for record in view.of("mkObservabilityConfig"):
        rate, level = record.get("tracingSamplingRate"), level_for(record)
        if record.get("tracingEnabled") is False or level is None:
            continue
        if isinstance(rate, (int, float)) and not isinstance(rate, bool) and 0.5 <= rate <= 1:
            where = " in production" if level == WARNING else ""
            text = f"{rate:.0%} of all requests are traced{where}"
            yield Remark(
                record / "tracingSamplingRate", text, hint="0.01 is the default", level=level if rate == 1 else NOTE
            )


#: Switches of what lets one see.
SIGHTS = (
    "metricsEnabled",
    "tracingEnabled",
    "accessLogEnabled",
    "enableMetrics",
    "enableTracing",
    "enablePrometheus",
)


@rule(
    "NB051",
    "blind-in-production",
    NOTE,
    wrong='mkObservabilityConfig "production" { metricsEnabled = false; }',
    right='mkObservabilityConfig "production" { metricsEnabled = true; }',
)
def blind_in_production(view: View) -> Iterator[Remark]:
    """Metrics, tracing or access logs are disabled in production.

    Failures there cannot be observed or traced back to a caller.
    """
    for record in view.of("mkObservabilityConfig", "mkIstioMesh", "mkLinkerdMesh"):
        for name in SIGHTS:
            if record.get(name) is False and is_production(record):
                yield Remark(record / name, "is off in production")


@rule(
    "NB060",
    "static-without-endpoints",
    WARNING,
    wrong='mkServiceEntry "api.example.com" { ports = [ { name = "https"; number = 443; protocol = "TLS"; } ]; }',
    right='mkServiceEntry "api.example.com" { resolution = "DNS"; ports = [ { name = "https"; number = 443; protocol = "TLS"; } ]; }',
)
def static_without_endpoints(view: View) -> Iterator[Remark]:
    """An external service has static resolution but no endpoints.

    `STATIC` is the builder's default. Without endpoints, requests cannot be delivered; `DNS` resolves the name of the host.
    """
    for record in view.of("mkServiceEntry"):
        if record.get("resolution") == "STATIC" and not record.get("endpoints") and not record.get("workloadSelector"):
            yield Remark(
                record / "resolution", "STATIC without endpoints cannot be resolved", hint='did you mean "DNS"?'
            )


@rule(
    "NB061",
    "no-ports",
    WARNING,
    wrong='mkServiceEntry "api.example.com" { resolution = "DNS"; }',
    right='mkServiceEntry "api.example.com" { resolution = "DNS"; ports = [ { name = "https"; number = 443; protocol = "TLS"; } ]; }',
)
def no_ports(view: View) -> Iterator[Remark]:
    """A service entry has no ports, so it cannot be reached."""
    for record in view.of("mkServiceEntry"):
        if not items(record.get("ports")):
            yield Remark(record / "ports", "without ports it cannot be reached")


@rule(
    "NB062",
    "plain-http-at-443",
    WARNING,
    wrong='mkServiceEntry "api.example.com" { resolution = "DNS"; ports = [ { name = "web"; number = 443; protocol = "HTTP"; } ]; }',
    right='mkServiceEntry "api.example.com" { resolution = "DNS"; ports = [ { name = "web"; number = 443; protocol = "HTTPS"; } ]; }',
)
def plain_http_at_443(view: View) -> Iterator[Remark]:
    """Port 443 is declared as plain HTTP.

    The sidecar then tries to read TLS as HTTP, and every connection fails. `HTTPS` and `TLS` pass it through. `HTTP` is correct only with a
    DestinationRule that originates TLS.
    """
    for record in view.of("mkServiceEntry"):
        for port in sets(record / "ports"):
            number, protocol = port.value.get("number"), str(port.value.get("protocol", "")).upper()
            if number == 443 and protocol in ("HTTP", "HTTP2", "GRPC") and "targetPort" not in port.value:
                yield Remark(port / "protocol", f"{protocol} at port 443", hint='did you mean "HTTPS"?')
