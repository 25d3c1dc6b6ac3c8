"""`nixbridge schema`: what rendering takes is valid, what it refuses for its shape is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nixbridge.mesh.schema.builder_schema import all_schemas, builder_schema
from nixbridge.mesh.schema.chart_values import istiod_keys, keys_of
from nixbridge.mesh.schema.crd_fields import FieldTrees
from nixbridge.mesh.tables.builder_list import TABLES, table
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.lint.run import Linting

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
CONFIGURATIONS = [
    *sorted((FIXTURES / "manifests").glob("*.nix")),
    *(path for path in sorted((FIXTURES / "documentation").glob("mk*.nix")) if "stands" not in path.stem),
]


@pytest.mark.parametrize("name", [*TABLES])
def test_the_schema_of_a_builder_is_a_schema(name: str) -> None:
    schema = builder_schema(table(name))
    Draft202012Validator.check_schema(schema)
    assert {parameter.name for parameter in table(name).parameters} == set(schema["properties"])


def test_one_document_has_the_schemas_of_all() -> None:
    schema = all_schemas()
    Draft202012Validator.check_schema(schema)
    assert list(schema["$defs"])[: len(TABLES)] == [*TABLES]
    for name, given in WRONG:
        one = Draft202012Validator(schema | {"$ref": f"#/$defs/{name}"})
        assert one.is_valid({}) and not one.is_valid(given)


@pytest.mark.parametrize("name", [*TABLES])
def test_the_defaults_are_valid(name: str) -> None:
    schema = builder_schema(table(name))
    defaults = {field: told["default"] for field, told in schema["properties"].items() if "default" in told}
    Draft202012Validator(schema).validate(defaults)


@pytest.mark.parametrize("file", CONFIGURATIONS, ids=lambda path: path.stem)
def test_rendered_values_are_valid(file: Path) -> None:
    (linted,) = Linting(Options(cache=False, positions=True), lambda text: None).lint([str(file)])
    assert linted.view is not None
    for call in linted.view.calls:
        given = json.loads(json.dumps(call.given.fields))
        Draft202012Validator(builder_schema(call.builder)).validate(given)


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("mkVirtualService", {"hots": []}),
    ("mkVirtualService", {"httpRoutes": [{"mach": []}]}),
    ("mkVirtualService", {"httpRoutes": [{"route": [{"destination": {"host": "a", "port": {"number": 70000}}}]}]}),
    ("mkVirtualService", {"retries": {"attempts": "3"}}),
    ("mkVirtualService", {"timeout": "30"}),
    ("mkDestinationRule", {"trafficPolicy": {"outlierDetection": {"consecutiveError": 5}}}),
    ("mkDestinationRule", {"subsets": [{"labels": {}}]}),
    ("mkAuthorizationPolicy", {"rules": [{"form": []}]}),
    ("mkAuthorizationPolicy", {"action": "PERMIT"}),
    ("mkPeerAuthentication", {"portLevelMtls": {"80": {"mode": "strict"}}}),
    ("mkServiceEntry", {"ports": [{"name": "https"}]}),
    ("mkTrafficPolicy", {"loadBalancer": "FASTEST"}),
    ("mkObservabilityConfig", {"tracingSamplingRate": 2}),
    ("mkIstioMesh", {"enableMtls": "yes"}),
]


@pytest.mark.parametrize(("name", "given"), WRONG, ids=[f"{name}-{given}" for name, given in WRONG])
def test_invalid_values_are_rejected(name: str, given: dict[str, Any]) -> None:
    assert not Draft202012Validator(builder_schema(table(name))).is_valid(given)


@pytest.mark.skipif(
    "NIXBRIDGE_SOURCES" not in os.environ, reason="NIXBRIDGE_SOURCES (istio-api, istio, linkerd) is not set"
)
def test_the_tables_match_their_sources() -> None:
    folder = Path(os.environ["NIXBRIDGE_SOURCES"])
    command = [sys.executable, "-m", "nixbridge.mesh.schema.generate", "--check"]
    command += [f"--{name}={folder / name}" for name in ("istio-api", "istio", "linkerd")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def crd(**properties: object) -> dict[str, object]:
    """A CRD of AuthorizationPolicy whose spec has these properties."""
    schema = {"openAPIV3Schema": {"properties": {"spec": {"type": "object", "properties": properties}}}}
    versions = [{"name": "v1", "served": True, "schema": schema}]
    return {"spec": {"group": "security.istio.io", "names": {"kind": "AuthorizationPolicy"}, "versions": versions}}


def test_a_field_is_known_since_the_first_release_that_has_it() -> None:
    trees = FieldTrees()
    trees.add("1.20", [crd(mode={"type": "string", "enum": ["A"]})])
    duration = {"type": "string", "x-kubernetes-validations": [{"rule": "duration(self) >= duration('1ms')"}]}
    trees.add("1.21", [crd(mode={"type": "string", "enum": ["A", "B"]}, wait=duration)])
    tree = trees.kinds["AuthorizationPolicy"]["fields"]
    assert tree["wait"] == {"type": "duration", "since": "1.21"}
    assert tree["mode"] == {"type": "string", "enum": ["A", "B"], "enum_since": {"B": "1.21"}}
    assert trees.served["AuthorizationPolicy"] == {"v1": ["1.20", "1.21"]}


def test_the_keys_of_a_chart_are_paths_to_its_values() -> None:
    values = {"a": {"b": 1}, "list": [1], "empty": {}, "labels": {"x.y/z": "1"}, "nothing": None}
    assert sorted(keys_of(values)) == ["a.b", "empty.*", "labels.*", "list.*", "nothing.*"]
    assert istiod_keys({"defaults": {"replicaCount": 1, "global": {"hub": ""}, "meshConfig": {"a": 1}}}) == {
        *("pilot.replicaCount", "global.hub", "meshConfig.*"),
    }
