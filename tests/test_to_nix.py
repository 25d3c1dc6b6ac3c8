"""`nixbridge to-nix`: data comes back from the Nix that is written, and resources from the calls."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixbridge import NixError, loads
from nixbridge.language.evaluation.provenance import marked_document
from nixbridge.language.formats import nix_source
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import Rendering, render
from nixbridge.mesh.to_nix.convert import convert
from nixbridge.mesh.to_nix.not_in_nix import refusals
from nixbridge.mesh.to_nix.read_documents import read_documents
from nixbridge.mesh.to_nix.verify import alike
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options as EvaluationOptions
from nixbridge.tools.inputs import Evaluation
from tests.command import run_text
from tests.real_nix import real_nix
from tests.test_render import EXAMPLES
from tests.test_render_properties import configurations, text_of

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "to_nix"

LETTERS = "a'$${}\\\"\n\n \tü#"
texts = st.text(st.sampled_from(LETTERS), max_size=14) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8
)
names = texts.filter(lambda name: name not in ("outPath", "__toString"))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
data = st.recursive(
    scalars, lambda inside: st.lists(inside, max_size=4) | st.dictionaries(names, inside, max_size=4), max_leaves=20
)


def nix_of(documents: list[Any], **options: Any) -> str:
    """The Nix text of documents."""
    return nix_source.write(convert(documents, Options(**options)).expression)


def rendering_of(text: str, **options: Any) -> Rendering:
    """The rendering of a Nix text."""
    evaluation = Evaluation(EvaluationOptions(cache=False), "/", write_message=lambda text: None)
    result = evaluation.read(Source(text), marked_document)
    return render(find(result), Options(**options))


def manifests_of(text: str, **options: Any) -> list[dict[str, Any]]:
    """Return the manifests that a Nix text renders to."""
    rendering = rendering_of(text, **options)
    assert not rendering.failed, [str(message) for message in rendering.messages]
    return rendering.manifests


@settings(max_examples=100, deadline=None)
@given(data)
def test_written_data_evaluates_to_itself(document: Any) -> None:
    assert loads(nix_of([document])) == document


@pytest.mark.skipif(real_nix() is None, reason="no real Nix here")
def test_real_nix_reads_what_is_written() -> None:
    dice = random.Random(166)
    document = ["".join(dice.choices(LETTERS, k=dice.randrange(16))) for _ in range(2000)]
    program = real_nix()
    assert program is not None
    command = [program, "--eval", "--strict", "--json", "-E", "-"]
    done = subprocess.run(command, input=nix_of([document]), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == document


@pytest.mark.parametrize("name", ["data.yaml", "resources.manifests"])
def test_layout(name: str) -> None:
    path = FIXTURES / name
    source = Source(path.read_text(encoding="utf-8"))
    assert nix_of(read_documents(source, is_json=False)) == path.with_suffix(".nix").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("a: 1\n---\na: 2\n", [{"a": 1}, {"a": 2}]),
        ("---\n# a template that gave nothing\n---\na: 1\n---\n", [{"a": 1}]),
        ("--- null\n", [None]),
        ("8080: a\non: b\n~: c\n1.10: d\n", [{"8080": "a", "on": "b", "~": "c", "1.10": "d"}]),
        (
            "- 2024-01-01\n- 12:30\n- 190:20:30.15\n- 0x1F\n- !!timestamp 2024-01-01\n",
            [["2024-01-01", "12:30", "190:20:30.15", 31, "2024-01-01"]],
        ),
        (
            "a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\ne: *x\n",
            [{"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}, "e": {"b": 1, "c": 2}}],
        ),
        ('{"a": [1, 1.0, 1e2, "\\u00fc"]}', [{"a": [1, 1.0, 100.0, "ü"]}]),
        ("{a: 1}", [{"a": 1}]),
    ],
)
def test_contents_of_texts(text: str, documents: list[Any]) -> None:
    assert json.dumps(read_documents(Source(text), is_json=None)) == json.dumps(documents)


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("a: 1\n  b: 2\n", 2, 4, "mapping values are not allowed here"),
        ("a: [1, 2\nb: 3\n", 2, 2, "expected ',' or ']'"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "duplicate key 'a'"),
        ("ü: {b: 1, b: 2}\n", 1, 11, "duplicate key 'b'"),
        ("? [a]\n: 1\n", 1, 3, "a key must be a text"),
        ("a: !Ref b\n", 1, 4, "a value of type !Ref, which Nix does not have"),
        ("a: *b\n", 1, 4, "undefined alias 'b'"),
        ("a: &a [*a]\n", 1, 4, "recursive"),
        ("a: \x07\n", 1, 4, "U+0007"),
        ("a: \udcff\n", 1, 4, "not UTF-8: byte 0xFF"),
        ('{"a": 1,\n "b": {"c": ["c", {"d": 1, "d": 2}]}}', 2, 28, 'duplicate key "d"'),
        ('{"a": "NaN", "b": NaN}', 1, 19, "NaN is not a number"),
        ('{"a": 1 "b": 2}', 1, 9, "expecting ',' delimiter"),
    ],
)
def test_errors_have_positions(text: str, line: int, column: int, said: str) -> None:
    with pytest.raises(NixError) as caught:
        read_documents(Source(text), is_json=text.startswith('{"'))
    assert said in caught.value.message
    assert caught.value.position is not None
    found, start = caught.value.position[1:]
    assert (found, len(text.split("\n")[found - 1].encode("utf-8", "replace")[: start - 1].decode()) + 1) == (
        line,
        column,
    )


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a: " + "[" * 300 + "]" * 300,
        "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
    ],
    ids=["json", "yaml", "aliases"],
)
def test_too_large_documents_are_rejected(text: str) -> None:
    with pytest.raises(NixError, match=r"deeper|more than"):
        read_documents(Source(text), is_json=None)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"a": [{"b c": 2**63}]}, 'a[0]."b c": 9223372036854775808 does not fit'),
        ({"a": 10**5000}, "a: the integer does not fit"),
        ([0.0, float("-inf")], "[1]: -inf has no Nix text"),
        ({"a": "\0"}, "a: a Nix string holds no null character"),
        ({"a": {"\ud800": 1}}, "a: '\\ud800' holds a lone surrogate"),
    ],
)
def test_values_that_nix_cannot_represent_are_reported_by_path(document: Any, said: str) -> None:
    (line,) = refusals(document)
    assert line.startswith(said)


def by_name(manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Manifests in one order: a stream has its own."""
    return sorted(manifests, key=lambda m: (m["kind"], m["metadata"].get("namespace") or "", m["metadata"]["name"]))


def check_way_back(manifests: list[dict[str, Any]], **options: Any) -> int:
    """Checks that the Nix of manifests renders to them again; gives how many of them stay data."""
    conversion = convert(manifests, Options(**options))
    again = manifests_of(nix_source.write(conversion.expression), **options)
    for wanted, made in zip(by_name(manifests), by_name(again), strict=True):
        assert alike(wanted, made), (wanted, made)
    return len(conversion.kept)


def options_of(example: Path) -> dict[str, str]:
    """The options that the first line of a worked example names."""
    words = example.read_text(encoding="utf-8").splitlines()[0].split()[2:]
    return {name.lstrip("-").replace("-", "_"): value for name, value in zip(words[0::2], words[1::2], strict=True)}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_manifests_of_a_worked_example_become_calls(example: Path) -> None:
    manifests = read_documents(Source(example.with_suffix(".manifests").read_text(encoding="utf-8")), is_json=False)
    assert check_way_back(manifests, **options_of(example)) == 0


def test_resources_are_rendered_back_whether_or_not_they_become_calls() -> None:
    documents = read_documents(Source((FIXTURES / "resources.manifests").read_text(encoding="utf-8")), is_json=False)
    manifests = [item for document in documents for item in document.get("items", [document])]
    assert check_way_back(manifests) == 2
    messages = (FIXTURES / "resources.messages").read_text(encoding="utf-8").splitlines()
    assert [f"warning: {line}" for line in convert(documents, Options()).kept] == messages


def test_rendered_calls_are_converted_back() -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=60, deadline=None)
    @given(st.lists(configurations, min_size=1, max_size=3, unique_by=lambda call: call[0]))
    def come_back(calls: list[tuple[str, str, dict[str, Any]]]) -> None:
        rendering = rendering_of(f"[ {' '.join(f'({text_of(*call)})' for call in calls)} ]")
        if not rendering.failed:  # generated records may contradict themselves
            counts["manifests"] += len(rendering.manifests)
            counts["kept"] += check_way_back(rendering.manifests)

    come_back()
    assert counts["manifests"] > 100
    assert counts["kept"] <= counts["manifests"] * 0.02


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ('mkIstioMesh "m" { }', ["mkIstioMesh"]),
        (
            '[ (mkIstioMesh "m" { enableMtls = false; }) (mkMeshConfig "m" { }) (mkObservabilityConfig "o" { }) ]',
            ["mkIstioMesh", "mkMeshConfig", "mkObservabilityConfig"],
        ),
        ('mkMeshConfig "m" { defaultMtlsPolicy = "STRICT"; }', ["mkMeshConfig"]),
        (
            'mkObservabilityConfig "o" { tracingEnabled = false; metricsEnabled = false; } // { selector.app = "a"; }',
            ["mkObservabilityConfig"],
        ),
        (
            '[ (mkIstioMesh "m" { }) (mkPeerAuthentication "all" { namespace = "istio-system"; }) ]',
            ["mkIstioMesh", "mkPeerAuthentication"],
        ),
        (
            '[ (mkIstioMesh "m" { version = "1.20.0"; }) (mkVirtualService "v" { }) ]',
            ["mkIstioMesh", "mkVirtualService"],
        ),
        ('mkLinkerdMesh "l" { installMode = "edge"; version = "24.2.4"; enableViz = false; }', ["mkLinkerdMesh"]),
        (
            '[ (mkLinkerdMesh "l" { enableHA = true; }) (mkObservabilityConfig "l" { logLevel = "debug"; }) ]',
            ["mkLinkerdMesh", "mkObservabilityConfig"],
        ),
    ],
)
def test_meshes_are_rendered_back(text: str, calls: list[str]) -> None:
    manifests = manifests_of(text)
    assert check_way_back(manifests) == 0
    expression = convert(manifests, Options()).expression
    assert [call.function for call in (expression if isinstance(expression, list) else [expression])] == calls


def test_a_mesh_is_converted_completely_or_not_at_all() -> None:
    manifests = manifests_of('mkIstioMesh "m" { version = "1.31.0"; }')
    del manifests[0]
    kept = convert(manifests, Options()).kept
    assert kept[0] == (
        'ConfigMap "istio-system/m-istio-base-values" stays data: '
        "Namespace 'istio-system' would also be rendered, but is not in the input"
    )
    assert check_way_back(manifests) == len(kept) == 4


def test_meshes_of_two_releases_do_not_change_one_another() -> None:
    older = manifests_of('mkIstioMesh "a" { namespace = "a"; }')
    newer = manifests_of('mkIstioMesh "b" { namespace = "b"; version = "1.31.0"; }')
    assert check_way_back(older + newer) > 0


SERVICE = {
    "apiVersion": "networking.istio.io/v1",
    "kind": "VirtualService",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"hosts": ["web"], "http": [{"route": [{"destination": {"host": "web"}}]}]},
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": {}}, "status: it is set by the cluster, not by a builder"),
        ({"metadata": {"name": "web", "uid": "1"}}, "metadata.uid: it is set by the cluster, not by a builder"),
        ({"metadata": {"name": "web", "finalizers": []}}, "metadata.finalizers: no builder sets it"),
        ({"metadata": {"namespace": "shop"}}, "metadata.name: a call needs a name"),
        ({"spec": None}, "spec: must be a set"),
        (
            {"spec": {**SERVICE["spec"], "http": [{"rout": []}]}},
            "spec.http[0].rout: unknown field 'rout' (did you mean route?)",
        ),
        (
            {"spec": {**SERVICE["spec"], "exportTo": []}},
            "spec.exportTo: the input has an empty list, but nothing would be rendered",
        ),
        ({"metadata": {"name": "Web"}}, "metadata.name: 'Web' is not a DNS subdomain"),
        (
            {"apiVersion": "networking.istio.io/v1beta1"},
            "apiVersion: the input has 'networking.istio.io/v1beta1', but 'networking.istio.io/v1' would be rendered"
            " (with --istio-version 1.21 it becomes a call)",
        ),
        (
            {"apiVersion": "networking.istio.io/v1alpha3"},
            "apiVersion: the input has 'networking.istio.io/v1alpha3', but 'networking.istio.io/v1' would be rendered",
        ),
        ({"kind": "Gateway"}, "no builder makes only a Gateway"),
    ],
)
def test_resources_that_no_call_renders_stay_data_with_a_reason(change: dict[str, Any], reason: str) -> None:
    manifest = {**SERVICE, **change}
    conversion = convert([manifest], Options(), exact=True)
    (kept,) = conversion.kept
    assert kept.split(" stays data: ")[1].startswith(reason)
    text = nix_source.write(conversion.expression)
    assert text.startswith(f"# stays data: {reason}")
    assert loads(text) == manifest


def test_other_kinds_silently_stay_data() -> None:
    conversion = convert([{**SERVICE, "apiVersion": "appmesh.k8s.aws/v1beta2"}, {"kind": "web"}], Options())
    assert conversion.kept == []


def test_an_older_release_is_named_in_the_text() -> None:
    older = {**SERVICE, "apiVersion": "networking.istio.io/v1beta1"}
    assert check_way_back([older], istio_version="1.20") == 0
    assert nix_of([older], istio_version="1.20").startswith("# nixbridge render --istio-version 1.20\nmkVirtualService")


def command(*words: str, text: str) -> subprocess.CompletedProcess[str]:
    """Runs `nixbridge to-nix -` with a text."""
    return run_text("to-nix", "-", *words, input=text)


def test_the_command_writes_all_or_nothing(tmp_path: Path) -> None:
    target = tmp_path / "out.nix"
    target.write_text("kept")
    failed = command("-o", str(target), text='{"a": [9223372036854775808]}')
    assert (failed.returncode, failed.stdout, target.read_text()) == (1, "", "kept")
    assert failed.stderr == "error: the standard input: a[0]: 9223372036854775808 does not fit into Nix's 64 bits\n"
    done = command("-o", str(target), text="outPath: /x\n")
    assert (done.returncode, target.read_text()) == (0, '{\n  outPath = "/x";\n}\n')
    assert done.stderr.startswith("warning: outPath: ")


#: What a manifest leaves to a default, and the line of the comment that tells it.
LEFT_OUT = {
    "no-location": (
        {"kind": "ServiceEntry", "spec": {"hosts": ["a.example"], "resolution": "DNS"}},
        "location was not set; MESH_EXTERNAL is its default",
    ),
    "no-resolution": (
        {"kind": "ServiceEntry", "spec": {"hosts": ["a.example"], "location": "MESH_INTERNAL"}},
        "resolution was not set; NONE is its default",
    ),
    "older": ({"apiVersion": "networking.istio.io/v1alpha3"}, "the apiVersion was networking.istio.io/v1alpha3"),
    "no-action": (
        {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "spec": {"rules": [{}]}},
        "action was not set; ALLOW is its default",
    ),
    "empty-selector": (
        {
            "apiVersion": "security.istio.io/v1",
            "kind": "PeerAuthentication",
            "spec": {"selector": {}, "mtls": {"mode": "STRICT"}},
        },
        "the empty selector, which selects every workload, is omitted",
    ),
}


@pytest.mark.parametrize(("change", "comment"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_written_out_defaults_do_not_prevent_a_call(change: dict[str, Any], comment: str) -> None:
    manifest = {**SERVICE, **change}
    conversion = convert([manifest], Options())
    text = nix_source.write(conversion.expression)
    assert conversion.kept == [] and f"# {comment}\n" in text and "apiVersion =" not in text
    exact = convert([manifest], Options(), exact=True)
    assert len(exact.kept) == 1 and "stays data" in nix_source.write(exact.expression)


def test_nulls_and_empty_labels_are_ignored() -> None:
    manifest = {**SERVICE, "metadata": {**SERVICE["metadata"], "creationTimestamp": None, "labels": {}}, "status": {}}  # type: ignore[dict-item]
    assert nix_source.write(convert([manifest], Options()).expression) == nix_of([SERVICE])


def test_a_folder_stands_for_its_yaml_and_json(tmp_path: Path) -> None:
    files = {"a.yaml": "a: 1\n---\nb: 2\n", "sub/c.json": '{"c": 3}', "x.nix": "throw 1", ".hidden/d.yaml": "d: 4\n"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    done = run_text("to-nix", ".", cwd=tmp_path)
    assert loads(done.stdout) == [{"a": 1}, {"b": 2}, {"c": 3}]
    both = run_text("to-nix", "sub", "a.yaml", cwd=tmp_path)
    assert loads(both.stdout) == [{"c": 3}, {"a": 1}, {"b": 2}]
    none = run_text("to-nix", ".hidden/../empty", cwd=tmp_path)
    assert none.returncode == 1 and "empty" in none.stderr
    os.mkfifo(tmp_path / "sub" / "pipe.json")
    pipe = run_text("to-nix", "sub", cwd=tmp_path)
    assert pipe.returncode == 1 and "only regular files are read" in pipe.stderr
