"""The 13 functions give what Nixernetes' own module gives under real Nix (recorded), except for the documented deviation.

A builder's table drives record, documentation, checks, schema and manifests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nixbridge import dumps, evaluate
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import Rendering, render
from nixbridge.mesh.schema.builder_schema import builder_schema
from nixbridge.mesh.tables import manifest_paths as tables
from nixbridge.mesh.tables.builder_docs import OTHERS, documentation
from nixbridge.mesh.tables.builder_list import BUILDERS, TABLES, table
from nixbridge.mesh.tables.call_check import findings
from nixbridge.mesh.tables.parameter import Parameter
from tests.cases import check_case, rows


@pytest.mark.parametrize("case", [*rows("builders/cases.jsonl")])
def test_calls_return_the_recorded_values(case: dict[str, Any], tmp_path: Path) -> None:
    if "deviation" in case:
        pytest.skip(f"upstream fails here and nixbridge follows the documentation: {case['deviation']}")
    check_case(case, tmp_path)


def test_there_are_thirteen_functions() -> None:
    assert len(BUILDERS) == 13


@pytest.mark.parametrize("name", [*TABLES])
def test_examples_of_builders_run(name: str) -> None:
    record = evaluate(table(name).example)
    assert set(record) == {"name", *(parameter.name for parameter in table(name).parameters)}


@pytest.mark.parametrize("name", [*OTHERS])
def test_examples_of_other_functions_run(name: str) -> None:
    (example,) = re.findall(r"```nix\n(.*?)```", OTHERS[name][1], re.DOTALL)
    assert evaluate(example) in ("OK", "CPU: 100m, Memory: 256Mi", True)


@pytest.mark.parametrize("name", [*TABLES])
def test_defaults_are_allowed_values(name: str) -> None:
    for parameter in table(name).parameters:
        if parameter.one_of:
            assert parameter.default in parameter.one_of, parameter.name


def rendering_of(builder: str, given: dict[str, Any]) -> Rendering:
    """The rendering of a call."""
    return render(find(evaluate(f'{builder} "a" ({dumps(given)})')), Options())


@pytest.fixture
def add_parameter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, Parameter], None]]:
    """Adds a line to a builder's table for the time of a test."""
    remembered = (tables.manifest_paths, tables.unique_fields, tables._fields)

    def add(name: str, parameter: Parameter) -> None:
        monkeypatch.setattr(table(name), "parameters", (*table(name).parameters, parameter))
        for function in remembered:
            function.cache_clear()

    yield add
    monkeypatch.undo()
    for function in remembered:
        function.cache_clear()


#: builder, a line for its table, a value, a text of the manifests or messages that it leads to
LINES: list[tuple[str, Parameter, Any, str]] = [
    (
        "mkVirtualService",
        Parameter("gateways", ["mesh"], "gateways that it is bound to", type="names", manifest="gateways"),
        ["edge/public"],
        "'gateways': ['edge/public']",
    ),
    (
        "mkIstioMesh",
        Parameter("hub", "docker.io/istio", "where images come from", type="text", values=("istiod/global.hub",)),
        "example.com/istio",
        "hub: example.com/istio",
    ),
    (
        "mkLinkerdMesh",
        Parameter("enableMagic", False, "magic", type="boolean", lost="Linkerd has no magic"),
        True,
        'warning: mkLinkerdMesh "a": enableMagic: Linkerd has no magic',
    ),
]


@pytest.mark.parametrize(("builder", "parameter", "value", "wanted"), LINES, ids=[line[1].name for line in LINES])
def test_a_parameter_is_one_row_of_its_table(
    builder: str, parameter: Parameter, value: Any, wanted: str, add_parameter: Callable[[str, Parameter], None]
) -> None:
    add_parameter(builder, parameter)
    name = parameter.name
    assert evaluate(f'(builtins.getAttr "{name}" ({builder} "a" {{ }}))') == parameter.default
    assert f"| `{name}` |" in documentation(table(builder))
    assert [problem.path for problem in findings(table(builder), {name: 7})][:1] == [(name,)]
    assert builder_schema(table(builder))["properties"][name]["description"] == parameter.doc
    rendering = rendering_of(builder, {name: value})
    assert wanted in "\n".join([*map(str, rendering.messages), *map(str, rendering.manifests)]).replace("\\n", "\n")


@pytest.mark.parametrize("value", ["30s\n", "30"], ids=["newline", "no-unit"])
def test_a_value_has_its_form_from_beginning_to_end(value: str) -> None:
    assert findings(table("mkVirtualService"), {"timeout": "30s"}) == []
    (problem,) = findings(table("mkVirtualService"), {"timeout": value})
    assert problem.text == f"'{value}' is not a valid duration, such as 30s"


#: Type of a parameter -> another value than any default.
ANOTHER: dict[str, Any] = {
    "integer": 7, "count": 7, "number": 7, "share": 0.7, "port": 777, "text": "other", "namespace": "other",
    "quantity": "7m", "duration": "7s", "host": "other.com", "hosts": ["other.com"], "names": ["other.com"],
    "namespaces": ["other"], "visibility": ["other"], "labels": {"other": "other"}, "selector": {"other": "other"},
    "http routes": [{"route": [{"destination": "other"}]}], "tcp routes": [{"route": [{"destination": "other"}]}],
    "tls routes": [{"match": [{"sniHosts": ["a"]}], "route": [{"destination": "other"}]}], "retries": {"attempts": 7},
    "traffic policy": {"loadBalancer": "RANDOM"}, "connection pool": {"tcp": {"maxConnections": 7}},
    "circuit breaker": {"consecutiveErrors": 7}, "rate limits": {"enabled": True}, "load balancer": "RANDOM",
    "subsets": [{"name": "other"}], "authorization rules": [{}], "provider": "other", "port modes": {"77": "STRICT"},
    "service ports": [{"number": 77, "protocol": "HTTP"}], "endpoints": ["1.2.3.4"],
}  # fmt: skip
VERSIONS = {"mkIstioMesh": "1.29.0", "mkLinkerdMesh": "2.13.0"}


def another_value(builder: str, parameter: Parameter) -> Any:
    """A value that is allowed and differs from the default."""
    if parameter.one_of:
        return next(value for value in parameter.one_of if value != parameter.default)
    if parameter.type == "boolean":
        return not parameter.default
    return VERSIONS[builder] if parameter.type == "version" else ANOTHER[parameter.type]


@pytest.mark.parametrize("name", [*TABLES])
def test_every_parameter_affects_the_rendering_or_the_messages(name: str) -> None:
    plain = rendering_of(name, {})
    for parameter in table(name).parameters:
        changed = rendering_of(name, {parameter.name: another_value(name, parameter)})
        before, after = (
            (rendering.manifests, [str(message) for message in rendering.messages]) for rendering in (plain, changed)
        )
        assert before != after, parameter.name
