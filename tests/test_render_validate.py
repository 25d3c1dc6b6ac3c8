"""`render --validate` refuses what an API server with the CRDs would, and nothing else."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from nixbridge.errors.exceptions import UsageError
from nixbridge.mesh.schema.cel_rules import Rules
from nixbridge.mesh.schema.crd_validation import Check, validate_manifests

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
CRDS = str(FIXTURES / "crds" / "istio.yaml")

needs_cel = pytest.mark.skipif(importlib.util.find_spec("celpy") is None, reason="needs nixbridge[validate]")


def problems(kind: str, spec: Any, version: str = "v1") -> list[str]:
    """The problems of an object of one of the kinds, without its name."""
    group = "networking.istio.io"
    manifest = {"apiVersion": f"{group}/{version}", "kind": kind, "metadata": {"name": "a", "namespace": "b"}}
    found = validate_manifests([{**manifest, "spec": yaml.safe_load(spec)}], CRDS).refused
    assert all(problem.startswith(f"{kind} b/a: ") for problem in found)
    return [problem.removeprefix(f"{kind} b/a: ") for problem in found]


VALID = [
    ("VirtualService", "{hosts: [a], http: [{route: [{destination: {host: a, port: {number: 80}}, weight: 5}]}]}"),
    ("VirtualService", '{http: [{timeout: 1m30s, match: [{headers: {a: {}, b: {exact: ""}}}]}]}'),
    ("VirtualService", "{http: [{retries: {attempts: 1, perTryTimeout: 2s, retryRemoteLocalities: null}}]}"),
    ("ServiceEntry", "{hosts: [a], ports: [{name: a, number: 1}, {name: b, number: 2}], resolution: DNS}"),
    ("ServiceEntry", "{hosts: [a], resolution: STATIC, endpoints: [{address: 'unix:///run/a'}, {network: n}]}"),
]


@needs_cel
@pytest.mark.parametrize(("kind", "spec"), VALID, ids=range(len(VALID)))
def test_values_that_a_cluster_accepts(kind: str, spec: str) -> None:
    assert problems(kind, spec) == []


REFUSED = {
    "an unknown field": ("VirtualService", "{http: [{mach: []}]}", "spec.http[0].mach: unknown field"),
    "a wrong type": ("VirtualService", "{hosts: a}", "spec.hosts: must be of type array"),
    "a Boolean is not an integer": (
        "VirtualService",
        "{http: [{retries: {attempts: true}}]}",
        "spec.http[0].retries.attempts: must be of type integer",
    ),
    "null": ("VirtualService", "{http: [{timeout: null}]}", "spec.http[0].timeout: must not be null"),
    "a required field": (
        "VirtualService",
        "{http: [{route: [{destination: {}}]}]}",
        "spec.http[0].route[0].destination.host: is required",
    ),
    "a number that is too large": (
        "VirtualService",
        "{http: [{route: [{destination: {host: a}, weight: 3000000000}]}]}",
        "spec.http[0].route[0].weight: 3000000000 is out of bounds",
    ),
    "a negative number": (
        "VirtualService",
        "{http: [{route: [{destination: {host: a, port: {number: -1}}}]}]}",
        "spec.http[0].route[0].destination.port.number: -1 is out of bounds",
    ),
    "two of oneOf": (
        "VirtualService",
        "{http: [{match: [{headers: {a: {exact: x, prefix: y}}}]}]}",
        "spec.http[0].match[0].headers.a: matches 2 of oneOf, where 1 is right",
    ),
    "a rule on a duration": (
        "VirtualService",
        "{http: [{timeout: 0s}]}",
        "spec.http[0].timeout: must be a valid duration greater than 1ms",
    ),
    "an enum": (
        "ServiceEntry",
        "{hosts: [a], resolution: dns}",
        "spec.resolution: 'dns' is not one of NONE, STATIC, DNS",
    ),
    "too few items": ("ServiceEntry", "{hosts: []}", "spec.hosts: has a size of 0: minItems is 1"),
    "a pattern": (
        "ServiceEntry",
        "{hosts: [a], ports: [{name: A, number: 1}]}",
        "spec.ports[0].name: 'A' does not match ^[a-z0-9-]+$",
    ),
    "two items of one key": (
        "ServiceEntry",
        "{hosts: [a], ports: [{name: a, number: 1}, {name: a, number: 2}]}",
        "spec.ports[1]: duplicate element",
    ),
    "a rule on an item": ("ServiceEntry", "{hosts: ['*']}", "spec.hosts[0]: hostname cannot be wildcard"),
    "a rule on an object": (
        "ServiceEntry",
        "{hosts: [a], resolution: DNS, endpoints: [{}]}",
        "spec.endpoints[0]: Address is required",
    ),
    "a rule on the whole": ("ServiceEntry", "{hosts: [a], endpoints: [{network: n}]}", "spec: NONE mode cannot set"),
    "a rule with a function of Kubernetes": (
        "ServiceEntry",
        "{hosts: [a], resolution: DNS, endpoints: [{address: 'unix://a'}]}",
        "spec.endpoints[0].address: UDS must be an absolute path or abstract socket",
    ),
}


@needs_cel
@pytest.mark.parametrize(("kind", "spec", "wanted"), REFUSED.values(), ids=REFUSED)
def test_values_that_a_cluster_rejects(kind: str, spec: str, wanted: str) -> None:
    (found,) = problems(kind, spec)
    assert found.startswith(wanted)


@needs_cel
def test_versions_that_are_not_served() -> None:
    manifest = {"apiVersion": "networking.istio.io/v1alpha3", "kind": "VirtualService", "metadata": {"name": "a"}}
    (found,) = validate_manifests([manifest], CRDS).refused
    assert "v1alpha3 is not served (v1 are)" in found


@needs_cel
def test_other_groups_are_not_checked() -> None:
    assert (
        validate_manifests([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}], CRDS).refused == []
    )


#: rule, a value that keeps it, one that breaks it: the forms of Istio's rules, and what Kubernetes adds to CEL
RULES: dict[str, tuple[str, Any, Any]] = {
    "ports as keys": ("self.all(key, 0 < int(key) && int(key) <= 65535)", {"80": 1}, {"70000": 1}),
    "a list without duplicates": (
        "self.all(a, self.exists_one(b, a.number == b.number))",
        [{"number": 1}, {"number": 2}],
        [{"number": 1}, {"number": 1}],
    ),
    "one of some": (
        "(has(self.a) ? 1 : 0) + (has(self.b) ? 1 : 0) <= 1",
        {"a": 1},
        {"a": 1, "b": 2},
    ),
    "pairs": (
        "[self.group, self.kind] in [['', 'Service']]",
        {"group": "", "kind": "Service"},
        {"group": "", "kind": "a"},
    ),
    "a duration that is none": ("duration(self) >= duration('1ms')", "1m30s", "soon"),
    "the scheme of a URL": ("url(self).getScheme() in ['http', 'https']", "https://a.com/b", "ftp://a.com"),
    "a URL that is none": ("url(self).getHost() == 'a.com'", "http://u@a.com/b", "a.com"),
    "addresses": ("isIP(self) || isCIDR(self)", "10.0.0.0/8", "10.0.0"),
    "strings": (
        "self.trim().upperAscii().replace('A', 'b').charAt(self.indexOf('a')) == 'b' && self.lastIndexOf('a') == 0",
        "a ",
        "ba",
    ),
    "lists of strings": ("self.split(',').join('.').lowerAscii() == 'a.b'", "A,b", "a,c"),
    "a field that is called like a word of CEL": (
        "!has(self.__namespace__) || self.__namespace__ != ''",
        {"namespace": "a"},
        {"namespace": ""},
    ),
}


@needs_cel
@pytest.mark.parametrize(("rule", "kept", "broken"), RULES.values(), ids=RULES)
def test_rules_are_evaluated(rule: str, kept: Any, broken: Any) -> None:
    rules = Rules()
    assert list(rules.broken([{"rule": rule}], kept)) == []
    assert len(list(rules.broken([{"rule": rule}], broken))) == 1
    assert not rules.skipped


@needs_cel
def test_numbers_are_checked_against_the_schema() -> None:
    schema = {"type": "number", "x-kubernetes-validations": [{"rule": "self <= 100.0", "message": "too much"}]}
    check = Check(Rules())
    assert list(check.problems(5, schema, ())) == [] and list(check.problems(101, schema, ())) == [((), "too much")]


@needs_cel
@pytest.mark.parametrize("rule", ["self.isSorted()", "self.?a.hasValue()"])
def test_unparsable_rules_are_skipped_with_a_warning(rule: str) -> None:
    rules = Rules()
    assert list(rules.broken([{"rule": rule}], {"a": 1})) == [] and list(rules.skipped) == [rule]


#: A pattern as an API server reads it, a text that it takes, one that it does not.
PATTERNS: dict[str, tuple[str, str, str]] = {
    "the end is not before a newline": (r"^a$", "a", "a\n"),
    "Go's end of the text": (r"^a\z", "a", "a\n"),
    "a dollar that is meant": (r"^[]$\]]+\$", "]$$", "a$"),
}


@needs_cel
@pytest.mark.parametrize(("pattern", "taken", "refused"), PATTERNS.values(), ids=PATTERNS)
def test_patterns_are_read_as_go_reads_them(pattern: str, taken: str, refused: str) -> None:
    rules = Rules()
    schema = {"type": "string", "pattern": pattern}
    found = [list(Check(rules).problems(text, schema, ())) for text in (taken, refused)]
    assert found == [[], [((), f"'{refused}' does not match {pattern}")]] and not rules.skipped


@needs_cel
@pytest.mark.parametrize("pattern", [r"^\pL+$", "[[:alpha:]]", "(?i-m:a)(?U)"])
def test_patterns_that_only_go_reads_are_skipped_with_a_warning(pattern: str) -> None:
    rules = Rules()
    assert list(Check(rules).problems("a", {"type": "string", "pattern": pattern}, ())) == []
    assert list(rules.skipped) == [pattern]


def test_without_cel_python_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "celpy", None)
    with pytest.raises(UsageError) as raised:
        validate_manifests([], CRDS)
    assert "cel-python" in raised.value.message and "nixbridge[validate]" in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("data", "wanted"),
    [(b"kind: Namespace\n", "no CustomResourceDefinition"), (b"\xff\n", "cannot be read: 'utf-8' codec")],
    ids=["none", "bytes"],
)
def test_a_file_without_crds_is_an_error(data: bytes, wanted: str, tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=wanted):
        validate_manifests([], str(path))
