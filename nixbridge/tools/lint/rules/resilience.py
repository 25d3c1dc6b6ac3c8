"""Timeouts, retries, circuit breaking."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from nixbridge.mesh.model.durations import milliseconds
from nixbridge.mesh.model.messages import NOTE, WARNING
from nixbridge.mesh.model.record_data import MISSING, Place
from nixbridge.tools.lint.rule import Remark, rule
from nixbridge.tools.lint.rules.hosts import routes, sets, text_of
from nixbridge.tools.lint.view import View

#: Routes with one of these send no request on.
WITHOUT_REQUEST = ("redirect", "directResponse", "delegate")


def length(value: object) -> Fraction | None:
    """Return a duration in milliseconds; None if it is missing or invalid."""
    found = milliseconds(value) if isinstance(value, str) and value else None
    return found if found else None


@rule(
    "NB030",
    "no-timeout",
    NOTE,
    wrong="""
mkVirtualService "web" {
  timeout = null;
  httpRoutes = [ { route = [ { destination.host = "web"; } ]; } ];
}
""",
    right="""
mkVirtualService "web" {
  timeout = "10s";
  httpRoutes = [ { route = [ { destination.host = "web"; } ]; } ];
}
""",
)
def no_timeout(view: View) -> Iterator[Remark]:
    """Requests of a route never time out.

    Neither the route nor the record has a timeout, so a server that hangs blocks its clients. An explicit `"0s"` disables the timeout and
    is not reported. Redirects, direct responses and delegates send no requests.
    """
    for record in view.of("mkVirtualService"):
        if record.get("timeout") not in (None, ""):
            continue
        found = list(routes(record, "httpRoutes"))
        for route in found:
            sends = not any(name in route.value for name in WITHOUT_REQUEST)
            if sends and route.value.get("timeout") in (None, ""):
                yield Remark(route, "requests never time out")
        if not found and not record.get("tcpRoutes") and not record.get("tlsRoutes"):
            yield Remark(record / "timeout", "requests never time out")


@rule(
    "NB031",
    "retries-outlast-timeout",
    WARNING,
    wrong='mkVirtualService "web" { timeout = "5s"; retries = { attempts = 3; perTryTimeout = "10s"; }; }',
    right="""
mkVirtualService "web" {
  timeout = "30s"; retries = { attempts = 3; perTryTimeout = "10s"; };
  httpRoutes = [ { route = [ { destination.host = "web"; } ]; } ];
}
""",
)
def retries_outlast_timeout(view: View) -> Iterator[Remark]:
    """A single attempt may take longer than the whole request.

    The timeout covers all attempts. If `perTryTimeout` is longer, it never applies: the first slow attempt uses up the time, and no retry
    is made. If all attempts together may exceed the timeout, the last ones are cut off, which is a note.
    """
    for record in view.of("mkVirtualService", "mkTrafficPolicy"):
        places = list(routes(record, "httpRoutes"))
        # timeouts and retries are for HTTP; in a record without routes they are those of the default route
        if places or not (record.get("tcpRoutes") or record.get("tlsRoutes")):
            places.insert(0, Place(record))
        for place in places:
            own = place.value if place.path else record.fields
            # a route that sets neither has those of its record, which are compared once
            if place.path and not ({"timeout", "retries"} & own.keys()):
                continue
            timeout = length(own.get("timeout", record.get("timeout")))
            retries = own.get("retries", record.get("retries"))
            remark = _compare(place / "retries" if "retries" in own else place / "timeout", timeout, retries)
            if remark is not None:
                yield remark


def _compare(place: Place, timeout: Fraction | None, retries: object) -> Remark | None:
    if not isinstance(retries, dict) or retries.get("enabled") is False or timeout is None:
        return None
    once, attempts = length(retries.get("perTryTimeout")), retries.get("attempts")
    if once is None or not isinstance(attempts, int) or attempts < 1:
        return None
    here = place / "perTryTimeout" if isinstance(place.value, dict) else place
    if once > timeout:
        return Remark(here, f"perTryTimeout {retries['perTryTimeout']} is longer than the timeout of the whole request")
    if once * attempts > timeout:
        text = f"{attempts} attempts of {retries['perTryTimeout']} exceed the timeout: the last ones are cut off"
        return Remark(here, text, level=NOTE)
    return None


@rule(
    "NB032",
    "no-circuit-breaking",
    NOTE,
    wrong='mkDestinationRule "web" { trafficPolicy = { loadBalancer = "ROUND_ROBIN"; }; }',
    right="""
mkDestinationRule "web" {
  trafficPolicy = { loadBalancer = "ROUND_ROBIN"; outlierDetection = { consecutiveErrors = 5; interval = "30s"; }; };
}
""",
)
def no_circuit_breaking(view: View) -> Iterator[Remark]:
    """A traffic policy replaces the default policy and omits circuit breaking.

    A given `trafficPolicy` replaces the builder's default as a whole, including `outlierDetection`. Without it, a failing endpoint keeps
    receiving its share of the requests. A mkTrafficPolicy for the host also provides circuit breaking.
    """
    named = {
        name
        for other in view.all_of("mkTrafficPolicy")
        for name in (other.get("host"), other.name)
        if isinstance(name, str)
    }
    for record in view.of("mkDestinationRule"):
        policy = record.get("trafficPolicy")
        helped = record.name in named or text_of(record.get("host")) in named
        # judged by the builder's own default: a rule that is a manifest has none to lose
        replaces = "outlierDetection" in (record.defaults.get("trafficPolicy") or ())
        if replaces and isinstance(policy, dict) and not policy.get("outlierDetection") and not helped:
            place = record / "trafficPolicy"
            yield Remark(place, "no outlierDetection: the default circuit breaking is lost")


@rule(
    "NB033",
    "switched-off-but-set",
    NOTE,
    wrong='mkTrafficPolicy "web" { circuitBreaker = { enabled = false; consecutiveErrors = 3; }; }',
    right='mkTrafficPolicy "web" { circuitBreaker = { enabled = true; consecutiveErrors = 3; }; } // { host = "web"; }',
)
def switched_off_but_set(view: View) -> Iterator[Remark]:
    """A feature is disabled but also configured.

    The settings have no effect. Remove them or enable the feature.
    """
    for record in view.of(*SWITCHES):
        for switch, settings in SWITCHES[record.builder].items():
            if record.get(switch) is False:
                for name in settings:
                    if (record / name).is_set():
                        yield Remark(record / name, f"has no effect: {switch} is false")
    for record in view.of("mkTrafficPolicy"):
        for block in ("circuitBreaker", "retries", "rateLimiting"):
            value = record.get(block)
            if isinstance(value, dict) and value.get("enabled") is False:
                for name in value:
                    if name != "enabled" and value[name] not in (None, [], {}) and (record / block / name).is_set():
                        yield Remark(record / block / name, f"has no effect: {block}.enabled is false")


#: Builder -> switch -> what it switches off. (`enableMtls` has a rule of its own.)
SWITCHES: dict[str, dict[str, tuple[str, ...]]] = {
    "mkIstioMesh": {
        "enableTracing": ("tracingProvider",),
        "enableSidecarInjection": ("sidecarInjectionNamespaces",),
    },
    "mkLinkerdMesh": {"enableTracing": ("tracingCollector",), "enableControlPlane": ("replicas", "enableHA")},
    "mkObservabilityConfig": {
        "tracingEnabled": ("tracingProvider", "tracingSamplingRate", "tracingCollectorAddress", "tracingPort"),
        "accessLogEnabled": ("accessLogFormat",),
        "dashboardEnabled": ("dashboardProvider", "dashboardPort"),
        "prometheusEnabled": ("prometheusPort",),
    },
    "mkMeshConfig": {"enableWorkloadEntryCleanup": ("workloadEntryCleanupAge",)},
}


@rule(
    "NB034",
    "unbounded-retries",
    WARNING,
    wrong='mkVirtualService "web" { retries = { attempts = 25; perTryTimeout = "1s"; }; }',
    right="""
mkVirtualService "web" {
  retries = { attempts = 3; perTryTimeout = "1s"; };
  httpRoutes = [ { route = [ { destination.host = "web"; } ]; } ];
}
""",
)
def unbounded_retries(view: View) -> Iterator[Remark]:
    """The number of retries is so high that they can turn a short outage into a long one.

    Every failing request is sent again up to `attempts` times, at each hop of a chain of services. More than 10 attempts are rarely
    intended.
    """
    for record in view.of("mkVirtualService", "mkTrafficPolicy", "mkMeshConfig"):
        field = "defaultRetryPolicy" if record.builder == "mkMeshConfig" else "retries"
        places = [record / field, *(route / "retries" for route in routes(record, "httpRoutes"))]
        for place in places:
            attempts = place.value.get("attempts") if isinstance(place.value, dict) else MISSING
            if isinstance(attempts, int) and attempts > 10:
                yield Remark(place / "attempts", f"{attempts} attempts per request would overload a failing service")


@rule(
    "NB035",
    "ejects-everything",
    NOTE,
    wrong='mkTrafficPolicy "web" { circuitBreaker = { consecutiveErrors = 5; maxEjectionPercent = 100; }; }',
    right='mkTrafficPolicy "web" { circuitBreaker = { consecutiveErrors = 5; maxEjectionPercent = 50; }; } // { host = "web"; }',
)
def ejects_everything(view: View) -> Iterator[Remark]:
    """Circuit breaking may eject every endpoint of a host.

    With `maxEjectionPercent = 100`, a fault that affects all endpoints leaves none to answer requests.
    """
    for record in view.of("mkDestinationRule", "mkTrafficPolicy", "mkMeshConfig"):
        places = [
            record / "trafficPolicy" / "outlierDetection",
            record / "circuitBreaker",
            record / "defaultCircuitBreakerPolicy",
        ]
        places += [subset / "trafficPolicy" / "outlierDetection" for subset in sets(record / "subsets")]
        for place in places:
            if isinstance(place.value, dict) and place.value.get("maxEjectionPercent") == 100:
                yield Remark(place / "maxEjectionPercent", "all endpoints may be ejected at once")


@rule(
    "NB036",
    "limits-nothing",
    WARNING,
    wrong='mkTrafficPolicy "web" { rateLimiting = { enabled = true; actions = [ ]; }; }',
    right='mkTrafficPolicy "web" { rateLimiting = { enabled = false; actions = [ ]; }; } // { host = "web"; }',
)
def limits_nothing(view: View) -> Iterator[Remark]:
    """Rate limiting is enabled without actions, so it limits nothing."""
    for record in view.of("mkTrafficPolicy"):
        limits = record.get("rateLimiting")
        if isinstance(limits, dict) and limits.get("enabled") is True and not limits.get("actions"):
            yield Remark(record / "rateLimiting", "enabled without actions, so it limits nothing")
