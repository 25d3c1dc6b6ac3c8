"""Properties of every record: nothing that was set is lost, the same input gives the same output, and YAML reads back equal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nixbridge import dumps
from nixbridge.language.formats.plain_yaml import dump_stream
from nixbridge.mesh.model.record_data import path_text
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import Rendering, render
from nixbridge.tools.evaluation_options import Options as Evaluation
from tests.rendered_files import read_result

durations = st.integers(1, 900).map(lambda seconds: f"{seconds}s") | st.sampled_from(["250ms", "1m30s", "2h"])
counts = st.integers(1, 2000)
words = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
hosts = st.builds("{}.{}".format, words, words)
ports = st.integers(1, 65535)
labels = st.dictionaries(words, words | st.sampled_from(["1.10", "2e1", "on", "null", "0o17"]), max_size=3)
modes = st.sampled_from(["UNSET", "DISABLE", "PERMISSIVE", "STRICT"])
destinations = words | hosts | st.fixed_dictionaries({"host": words}, optional={"port": ports, "subset": words})
conditions = st.sampled_from(["exact", "prefix"]).flatmap(lambda kind: st.fixed_dictionaries({kind: words}))
http_routes = st.fixed_dictionaries(
    {"route": st.lists(st.fixed_dictionaries({"destination": destinations, "weight": counts}), min_size=1, max_size=3)},
    optional={
        "name": words,
        "timeout": durations,
        "match": st.lists(
            st.fixed_dictionaries({}, optional={"uri": conditions, "headers": st.dictionaries(words, conditions)}),
            max_size=2,
        ),
        "fault": st.fixed_dictionaries(
            {"delay": st.fixed_dictionaries({"fixedDelay": durations, "percentage": st.integers(1, 100)})}
        ),
        "mirror": destinations,
    },
)
retries = st.fixed_dictionaries(
    {"attempts": counts}, optional={"perTryTimeout": durations, "retryOn": st.just("5xx,reset")}
)
breakers = st.fixed_dictionaries(
    {},
    optional={
        "consecutiveErrors": counts,
        "interval": durations,
        "minRequestVolume": counts,
        "maxEjectionPercent": st.integers(1, 100),
    },
)
pools = st.fixed_dictionaries(
    {"tcp": st.fixed_dictionaries({"maxConnections": counts}, optional={"connectTimeout": durations})}
)
balancers = st.sampled_from(["ROUND_ROBIN", "RANDOM", "LEAST_REQUEST"])

#: builder -> what may be set of it
CONFIGURATIONS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "mkVirtualService": {
        "namespace": words,
        "hosts": st.lists(hosts, min_size=1, max_size=1),
        "httpRoutes": st.lists(http_routes, max_size=3),
        "timeout": durations,
        "retries": retries,
        "labels": labels,
    },
    "mkDestinationRule": {
        "namespace": words,
        "host": hosts,
        "trafficPolicy": st.fixed_dictionaries(
            {}, optional={"outlierDetection": breakers, "connectionPool": pools, "loadBalancer": balancers}
        ),
        "subsets": st.lists(
            st.fixed_dictionaries({"name": words, "labels": labels}), max_size=3, unique_by=lambda s: s["name"]
        ),
        "labels": labels,
    },
    "mkTrafficPolicy": {
        "circuitBreaker": breakers,
        "connectionPool": pools,
        "loadBalancer": balancers,
        "retries": retries,
        "timeout": durations,
    },
    "mkPeerAuthentication": {"namespace": words, "mtlsMode": modes, "selector": labels, "labels": labels},
    "mkServiceEntry": {
        "hosts": st.lists(hosts, min_size=1, max_size=1),
        "resolution": st.just("DNS"),
        "ports": st.lists(
            st.fixed_dictionaries({"number": ports, "protocol": st.just("HTTP")}, optional={"name": words}),
            max_size=2,
            unique_by=lambda port: port["number"],
        ).filter(lambda found: len({port.get("name", port["number"]) for port in found}) == len(found)),
        "subjectAltNames": st.lists(hosts, max_size=2),
    },
    "mkIstioMesh": {
        "version": st.sampled_from(["1.16.7", "1.20.3", "1.24.0", "1.31.2"]),
        "namespace": words,
        "installMode": st.sampled_from(["production", "minimal"]),
        "mtlsMode": modes,
        "cpuRequest": counts.map("{}m".format),
        "memoryLimit": counts.map("{}Mi".format),
        "sidecarInjectionNamespaces": st.lists(words, max_size=2),
        "sidecarProxyImage": words,
        "tracingProvider": st.sampled_from(["zipkin", "datadog"]),
        "labels": labels,
    },
    "mkLinkerdMesh": {
        "version": st.sampled_from(["2.13.4", "2.14.10"]),
        "namespace": words,
        "replicas": counts,
        "mtlsRotationDays": counts,
        "cpuRequest": counts.map("{}m".format),
        "excludeNamespaces": st.lists(words, max_size=3),
        "proxyImage": words,
    },
    "mkMeshConfig": {
        "defaultCircuitBreakerPolicy": breakers,
        "defaultRetryPolicy": retries,
        "defaultTimeout": durations,
        "defaultMtlsPolicy": modes,
        "workloadEntryCleanupAge": durations,
        "gatewaySelector": labels,
        "serviceDiscoveryType": words,
    },
    "mkObservabilityConfig": {
        "tracingCollectorAddress": st.builds("{}:{}".format, words, ports),
        "accessLogFormat": st.just("%PROTOCOL% %RESPONSE_CODE%"),
        "logLevel": st.sampled_from(["trace", "debug", "error", "critical"]),
        "metricsPort": ports,
        "dashboardPort": ports,
    },
}

#: What stands in a manifest under another name, or is what it is by leaving something out.
SAID_OTHERWISE = {"production", "minimal", "PERMISSIVE", "critical", "LEAST_CONN"}

configurations = st.sampled_from(sorted(CONFIGURATIONS)).flatmap(
    lambda builder: st.tuples(st.just(builder), words, st.fixed_dictionaries({}, optional=CONFIGURATIONS[builder]))
)


def text_of(builder: str, name: str, configuration: Any) -> str:
    """The builder's call in Nix."""
    return f'{builder} "{name}" ({dumps(configuration)})'


def rendering_of(text: str, folder: Path) -> tuple[Rendering, Any]:
    """The rendering of a Nix file, and its records as JSON reads them."""
    file = folder / "file.nix"
    file.write_text(text, encoding="utf-8")
    result = read_result(str(file), Evaluation(cache=False, positions=True), {})
    return render(find(result), Options()), json.loads(json.dumps(result))


def leaves(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every text and number with its path."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from leaves(value, (*path, index))
    elif isinstance(data, (str, int, float)) and not isinstance(data, bool):
        yield path, data


def is_there(value: Any, texts: list[str]) -> bool:
    """Return whether the value is inside a text of a manifest: an address is there in two parts, host and port."""
    return all(any(part in text for text in texts) for part in str(value).split(":"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples."""
    return tmp_path_factory.mktemp("render")


@settings(max_examples=80, deadline=None)
@given(configurations)
def test_every_record(folder: Path, call: tuple[str, str, dict[str, Any]]) -> None:
    builder, name, configuration = call
    rendering, record = rendering_of(text_of(builder, name, configuration), folder)
    lines = [str(message) for message in rendering.messages]
    if rendering.failed:
        # generated records may contradict themselves; then nothing is rendered, and something is said
        assert rendering.manifests == []
        return

    # through JSON, without mark and positions, it is the same
    again = render(find(record), Options())
    assert again.manifests == rendering.manifests
    assert [str(message) for message in again.messages] == lines

    # YAML reads back equal
    assert list(yaml.safe_load_all(dump_stream(rendering.manifests))) == rendering.manifests

    # nothing that was set is lost
    texts = [str(value) for manifest in rendering.manifests for _, value in leaves(manifest)]
    paths = [message.path for message in rendering.messages]
    for path, value in leaves(configuration):
        said = any(path_text(path[:length]) in paths for length in range(1, len(path) + 1))
        assert said or value in SAID_OTHERWISE or is_there(value, texts), (path, value, lines)
