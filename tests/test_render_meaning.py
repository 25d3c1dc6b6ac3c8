"""The manifests that a record's settings become, and messages about those that become nothing."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from nixbridge import evaluate
from nixbridge.mesh.model.record_data import MISSING, value_at
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import Rendering, render


def rendered(expression: str, **options: str) -> Rendering:
    """The rendering of what an expression gives; it must not fail."""
    result = render(find(evaluate(expression)), Options(**options))  # type: ignore[arg-type]
    assert not result.failed, [str(message) for message in result.messages]
    return result


def said(result: Rendering, level: str) -> list[str]:
    """The paths of the messages of a level."""
    return [message.path for message in result.messages if message.level == level]


def object_of(result: Rendering, kind: str, name: str) -> dict[str, Any]:
    """The one object of a kind and name."""
    (found,) = (item for item in result.manifests if item["kind"] == kind and item["metadata"]["name"] == name)
    return found


def values_of(result: Rendering, mesh: str, release: str) -> dict[str, Any]:
    """The values of a Helm release."""
    text = object_of(result, "ConfigMap", f"{mesh}-{release}-values")["data"]["values.yaml"]
    values: dict[str, Any] = yaml.safe_load(text)
    return values


TO = 'route = [ { destination = "a"; } ];'
#: expression, kind, name, path in the object, what is there (None: nothing)
BECOMES: dict[str, tuple[str, str, str, str, Any]] = {
    "a route that is not there": ('mkVirtualService "a" { }', "VirtualService", "a", "spec.http", [
        {"retries": {"attempts": 3, "perTryTimeout": "10s"}, "route": [{"destination": {"host": "a"}}], "timeout": "30s"},
    ]),
    "a zero timeout": (
        f'mkVirtualService "a" {{ timeout = "0s"; httpRoutes = [ {{ {TO} }} ]; }}',
        "VirtualService", "a", "spec.http.0.timeout", None,
    ),
    "a route's own zero timeout": (
        f'mkVirtualService "a" {{ timeout = "5s"; httpRoutes = [ {{ timeout = "0s"; {TO} }} {{ {TO} }} ]; }}',
        "VirtualService", "a", "spec.http.0.timeout", None,
    ),
    "presence of a header": (
        f'mkVirtualService "a" {{ httpRoutes = [ {{ match = [ {{ withoutHeaders.x = {{ }}; }} ]; {TO} }} ]; }}',
        "VirtualService", "a", "spec.http.0.match", [{"withoutHeaders": {"x": {}}}],
    ),
    "an empty match": (
        f'mkVirtualService "a" {{ httpRoutes = [ {{ match = [ {{ }} ]; fault = null; {TO} }} ]; }}',
        "VirtualService", "a", "spec.http.0.match", [{}],
    ),
    "a deprecated share": (
        f'mkVirtualService "a" {{ httpRoutes = [ {{ mirror = "b"; mirrorPercent = 5; {TO} }} ]; }}',
        "VirtualService", "a", "spec.http.0.mirrorPercentage", {"value": 5},
    ),
    "a breaker that is on by default": (
        'mkDestinationRule "a" { trafficPolicy.outlierDetection.enabled = true; }',
        "DestinationRule", "a", "spec.trafficPolicy", {"outlierDetection": {}},
    ),
    "a breaker that is off": (
        'mkDestinationRule "a" { trafficPolicy.outlierDetection = { enabled = false; consecutiveErrors = 9; }; }',
        "DestinationRule", "a", "spec", {"host": "a"},
    ),
    "a load balancer in lower case": (
        'mkDestinationRule "a" { trafficPolicy.loadBalancer = "random"; }',
        "DestinationRule", "a", "spec.trafficPolicy.loadBalancer", {"simple": "RANDOM"},
    ),
    "an empty pool": (
        'mkDestinationRule "a" { trafficPolicy = { connectionPool.tcp = { }; loadBalancer = "RANDOM"; }; }',
        "DestinationRule", "a", "spec.trafficPolicy", {"connectionPool": {"tcp": {}}, "loadBalancer": {"simple": "RANDOM"}},
    ),
    "a selector in the long form": (
        'mkPeerAuthentication "a" { selector.matchLabels.b = "c"; }',
        "PeerAuthentication", "a", "spec.selector", {"matchLabels": {"b": "c"}},
    ),
    "a selector added to a service entry": (
        'mkServiceEntry "a" { hosts = [ "a.com" ]; } // { workloadSelector.b = "c"; }',
        "ServiceEntry", "a", "spec.workloadSelector", {"labels": {"b": "c"}},
    ),
    "a selector added to a rule": (
        'mkDestinationRule "a" { } // { workloadSelector.b = "c"; annotations.d = "e"; }',
        "DestinationRule", "a", "spec.workloadSelector", {"matchLabels": {"b": "c"}},
    ),
    "ports of an operation": (
        'mkAuthorizationPolicy "a" { rules = [ { to = [ { operation = { ports = [ 80 "443" ]; }; } ]; } ]; }',
        "AuthorizationPolicy", "a", "spec.rules.0.to.0.operation.ports", ["80", "443"],
    ),
    "a port without name or protocol": (
        'mkServiceEntry "a" { hosts = [ "a.com" ]; resolution = "DNS"; ports = [ { number = 5; } ]; }',
        "ServiceEntry", "a", "spec.ports", [{"name": "port-5", "number": 5}],
    ),
    "a sampling rate in decimal": (
        'mkObservabilityConfig "a" { tracingSamplingRate = 0.07; }',
        "Telemetry", "a", "spec.tracing.0.randomSamplingPercentage", 7,
    ),
    "no spans": (
        'mkObservabilityConfig "a" { tracingEnabled = false; }',
        "Telemetry", "a", "spec.tracing", [{"disableSpanReporting": True}],
    ),
    "no metrics": (
        'mkObservabilityConfig "a" { metricsEnabled = false; }', "Telemetry", "a", "spec.metrics",
        [{"overrides": [{"disabled": True, "match": {"metric": "ALL_METRICS"}}], "providers": [{"name": "prometheus"}]}],
    ),
    "a mesh without mTLS": (
        'mkIstioMesh "m" { enableMtls = false; }',
        "PeerAuthentication", "default", "spec", {"mtls": {"mode": "DISABLE"}},
    ),
    "a configuration's mode over a mesh's default": (
        '[ (mkIstioMesh "m" { }) (mkMeshConfig "m" { defaultMtlsPolicy = "STRICT"; }) ]',
        "PeerAuthentication", "default", "spec", {"mtls": {"mode": "STRICT"}},
    ),
    "a namespace that is injected into": (
        'mkIstioMesh "m" { sidecarInjectionNamespaces = [ "a" ]; enableSidecarInjection = false; }',
        "Namespace", "a", "metadata.labels", {"istio-injection": "disabled"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("expression", "kind", "name", "path", "wanted"), BECOMES.values(), ids=BECOMES)
def test_renderings(expression: str, kind: str, name: str, path: str, wanted: Any) -> None:
    found = object_of(rendered(expression), kind, name)
    keys = tuple(int(key) if key.isdigit() else key for key in path.split("."))
    assert value_at(found, keys) == (MISSING if wanted is None else wanted)


#: expression, Helm release of the mesh "m", path in the values, what is there (None: nothing)
VALUES: dict[str, tuple[str, str, str, Any]] = {
    "the demo profile": ('mkIstioMesh "m" { version = "1.21.0"; }', "istiod", "profile", "demo"),
    "no profile for production": (
        'mkIstioMesh "m" { version = "1.21.0"; installMode = "production"; }', "istiod", "profile", None,
    ),
    "a profile": ('mkIstioMesh "m" { version = "1.24.0"; profile = "ambient"; }', "istiod", "profile", "ambient"),
    "kinds that are off": (
        'mkIstioMesh "m" { version = "1.24.0"; enableGateway = false; enablePeerAuthentication = false; }',
        "istio-base", "base.excludedCRDs",
        ["gateways.networking.istio.io", "peerauthentications.security.istio.io"],
    ),
    "sniffing that is off": (
        '[ (mkIstioMesh "m" { }) (mkMeshConfig "m" { protocolDetectionEnabled = false; }) ]',
        "istiod", "pilot.enableProtocolSniffingForInbound", False,
    ),
    "a mesh's retries": (
        '[ (mkIstioMesh "m" { enableRetries = false; }) (mkMeshConfig "m" { }) ]',
        "istiod", "meshConfig.defaultHttpRetryPolicy", {"attempts": 0},
    ),
    "a format of access logs": (
        '[ (mkIstioMesh "m" { }) (mkObservabilityConfig "m" { accessLogFormat = "%PROTOCOL%"; }) ]',
        "istiod", "meshConfig.accessLogFormat", "%PROTOCOL%\n",
    ),
    "Jaeger's Zipkin port": (
        '[ (mkIstioMesh "m" { }) (mkObservabilityConfig "m" { tracingCollectorAddress = "j.t.svc:9411"; }) ]',
        "istiod", "meshConfig.extensionProviders",
        [{"name": "jaeger", "zipkin": {"port": 9411, "service": "j.t.svc.cluster.local"}}],
    ),
    "a log level": (
        '[ (mkIstioMesh "m" { }) (mkObservabilityConfig "m" { logLevel = "critical"; }) ]',
        "istiod", "global.logging.level", "default:fatal",
    ),
    "Linkerd without high availability": ('mkLinkerdMesh "m" { }', "linkerd-control-plane", "highAvailability", None),
    "Linkerd's version": (
        'mkLinkerdMesh "m" { controlPlaneVersion = "edge-24.8.2"; installMode = "edge"; }',
        "linkerd-control-plane", "linkerdVersion", "edge-24.8.2",
    ),
    "Linkerd's tracing from 2.19 on": (
        'mkLinkerdMesh "m" { version = "2.19.0"; tracingCollector = "otel.t:4317"; }',
        "linkerd-control-plane", "proxy.tracing", {"collector": {"endpoint": "otel.t:4317"}, "enabled": True},
    ),
    "Linkerd's logs": (
        '[ (mkLinkerdMesh "m" { }) (mkObservabilityConfig "m" { logLevel = "debug"; }) ]',
        "linkerd-control-plane", "proxy.logLevel", "warn,linkerd=debug",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("expression", "release", "path", "wanted"), VALUES.values(), ids=VALUES)
def test_the_values_of_a_mesh(expression: str, release: str, path: str, wanted: Any) -> None:
    found = value_at(values_of(rendered(expression), "m", release), tuple(path.split(".")))
    assert found == (MISSING if wanted is None else wanted)


WARNED: dict[str, tuple[str, list[str]]] = {
    "rules that let nobody in": ('mkAuthorizationPolicy "a" { }', ["rules"]),
    "a provider": ('mkAuthorizationPolicy "a" { provider = "b"; rules = [ { } ]; }', ["provider"]),
    "static, of nothing": ('mkServiceEntry "a" { ports = [ { number = 1; name = "b"; } ]; }', ["resolution"]),
    "two counts of errors": (
        'mkDestinationRule "a" { trafficPolicy.outlierDetection = { consecutiveErrors = 1; consecutive5xxErrors = 2; }; }',
        ["trafficPolicy.outlierDetection.consecutiveErrors"],
    ),
    "retries that are off": (
        f'mkVirtualService "a" {{ retries = {{ attempts = 0; perTryTimeout = "1s"; }}; httpRoutes = [ {{ {TO} }} ]; }}',
        ["retries.perTryTimeout"],
    ),
    "a timeout that no route takes": (
        f'mkVirtualService "a" {{ timeout = "5s"; httpRoutes = [ {{ timeout = "1s"; {TO} }} ]; }}', ["timeout"],
    ),
    "a switch that Istio has not": ('mkIstioMesh "m" { enableTimeouts = false; }', ["enableTimeouts"]),
    "a network policy before its time": ('mkIstioMesh "m" { enableNetworkPolicy = true; }', ["enableNetworkPolicy"]),
    "kinds that are off before their time": ('mkIstioMesh "m" { enableGateway = false; }', ["enableGateway"]),
    "an address that is guessed": ('mkIstioMesh "m" { tracingProvider = "datadog"; }', ["tracingProvider"]),
    "an attribute that means nothing": ('mkIstioMesh "m" { } // { colour = "red"; }', ["colour"]),
    "a mesh type that is right": ('mkIstioMesh "m" { } // { meshType = "istio"; }', []),
    "no Kiali": ('mkIstioMesh "m" { enableKiali = false; }', []),
    "no dashboard": ('mkObservabilityConfig "a" { dashboardEnabled = false; topologyEnabled = false; }', []),
    "Prometheus alone off": ('mkObservabilityConfig "a" { prometheusEnabled = false; }', ["prometheusEnabled"]),
    "stable, which there is not one of": ('mkLinkerdMesh "m" { version = "2.16.0"; enableJaeger = false; }', ["installMode"]),
    "edge that is none": ('mkLinkerdMesh "m" { installMode = "edge"; }', ["version"]),
    "rate limiting": (
        'mkTrafficPolicy "a" { rateLimiting.enabled = true; } // { host = "b"; }', ["rateLimiting"],
    ),
    "a policy that names no host": ('mkTrafficPolicy "a" { }', ["host"]),
    "a delay of nothing": (
        f'mkVirtualService "a" {{ httpRoutes = [ {{ fault.delay.percentage = 5; {TO} }} ]; }}',
        ["httpRoutes[0].fault.delay"],
    ),
    "a large response": (
        f'mkVirtualService "a" {{ httpRoutes = [ {{ directResponse = {{ status = 200; body.string = "{"a" * 102_401}"; }}; }} ]; }}',
        ["httpRoutes[0].directResponse.body"],
    ),
    "a port that is not translated": (
        'mkServiceEntry "a.com" { resolution = "NONE"; ports = [ { number = 80; name = "a"; protocol = "HTTP"; targetPort = 8080; } ]; }',
        ["ports[0].targetPort"],
    ),
    "workloads that are not selected": (
        'mkServiceEntry "a.com" { resolution = "NONE"; ports = [ { number = 80; name = "a"; protocol = "HTTP"; } ]; } '
        '// { workloadSelector.a = "b"; }',
        ["workloadSelector"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("expression", "wanted"), WARNED.values(), ids=WARNED)
def test_warnings(expression: str, wanted: list[str]) -> None:
    assert said(rendered(expression), "warning") == wanted


def test_a_policy_is_merged_into_the_resources_of_its_host() -> None:
    result = rendered("""[
      (mkTrafficPolicy "a" { loadBalancer = "RANDOM"; timeout = "1s"; })
      (mkDestinationRule "a" { namespace = "n"; trafficPolicy.loadBalancer = "LEAST_REQUEST"; })
    ]""")
    policy = object_of(result, "DestinationRule", "a")["spec"]["trafficPolicy"]
    assert policy["loadBalancer"] == {"simple": "LEAST_REQUEST"} and policy["outlierDetection"]
    added = object_of(result, "VirtualService", "a")
    assert added["metadata"]["namespace"] == "n" and added["spec"]["http"][0]["timeout"] == "1s"
    assert "loadBalancer" in said(result, "note")


def test_a_disabled_mesh_and_its_resources_render_to_nothing() -> None:
    result = rendered('[ (mkIstioMesh "m" { enabled = false; }) (mkMeshConfig "m" { }) ]')
    assert result.manifests == [] and said(result, "note") == ["enabled", "name"]


def test_a_minimal_mesh_has_no_gateways() -> None:
    names = [item["metadata"]["name"] for item in rendered('mkIstioMesh "m" { installMode = "minimal"; }').manifests]
    assert names == ["istio-system", "m-istio-base-values", "m-istiod-values", "default"]


def test_an_external_mesh_has_no_istiod() -> None:
    result = rendered('mkIstioMesh "m" { enableIstiod = false; cpuLimit = "1"; }')
    assert "m-istiod-values" not in [item["metadata"]["name"] for item in result.manifests]
    assert said(result, "warning") == ["cpuLimit"]


def test_a_mesh_wide_policy_record_is_kept() -> None:
    result = rendered('[ (mkIstioMesh "m" { }) (mkPeerAuthentication "all" { namespace = "istio-system"; }) ]')
    policies = [item["metadata"]["name"] for item in result.manifests if item["kind"] == "PeerAuthentication"]
    assert policies == ["all"]


def test_the_lowest_mesh_version_determines_the_api() -> None:
    expression = """[
      (mkIstioMesh "a" { version = "1.24.0"; })
      (mkIstioMesh "b" { version = "1.20.0"; namespace = "b"; })
      (mkPeerAuthentication "c" { })
    ]"""
    assert object_of(rendered(expression), "PeerAuthentication", "c")["apiVersion"] == "security.istio.io/v1beta1"
    newer = rendered(expression, istio_version="1.22")
    assert object_of(newer, "PeerAuthentication", "c")["apiVersion"] == "security.istio.io/v1"
    annotations = object_of(newer, "ConfigMap", "b-istiod-values")["metadata"]["annotations"]
    assert annotations["nixernetes.io/mesh-version"] == "1.22"
    assert "nixernetes.io/helm-version" not in annotations


def test_manifests_are_passed_through_and_namespaces_merged() -> None:
    result = rendered("""{
      own = { apiVersion = "v1"; kind = "Namespace"; metadata = { name = "istio-system"; labels.a = "b"; }; spec.finalizers = [ ]; };
      secret = { apiVersion = "v1"; kind = "Secret"; metadata.name = "s"; data = { }; };
      mesh = mkIstioMesh "m" { };
    }""")
    namespace = object_of(result, "Namespace", "istio-system")
    assert namespace["spec"] == {"finalizers": []}
    assert namespace["metadata"]["labels"] == {
        "a": "b",
        "istio-version": "1.17.0",
        "nixernetes.io/service-mesh": "istio",
    }
    assert result.manifests[-1] == {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {}}


def test_equal_objects_are_rendered_once() -> None:
    assert len(rendered('[ (mkPeerAuthentication "a" { }) [ (mkPeerAuthentication "a" { }) ] ]').manifests) == 1
