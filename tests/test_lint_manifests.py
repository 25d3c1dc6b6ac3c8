"""Manifests that somebody wrote are judged as records are, in `lint`, `render` and `graph`."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixbridge.errors.exceptions import EvalError
from nixbridge.mesh.graph import mermaid
from nixbridge.mesh.graph.traffic import picture_of
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import render
from nixbridge.mesh.to_nix.read_documents import read_documents
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options as Evaluation
from nixbridge.tools.inputs import data_of
from nixbridge.tools.lint.run import Linting

ENTRY = {
    "apiVersion": "networking.istio.io/v1",
    "kind": "ServiceEntry",
    "metadata": {"name": "api"},
    "spec": {"hosts": ["api.example.com"], "ports": [{"number": 443, "name": "tls", "protocol": "TLS"}]},
}


def manifest(kind: str, **spec: object) -> dict[str, object]:
    group = "security" if kind.endswith(("Policy", "Authentication")) else "networking"
    return {"apiVersion": f"{group}.istio.io/v1", "kind": kind, "metadata": {"name": "x"}, "spec": spec}


@pytest.mark.parametrize(
    "document",
    [
        ENTRY,
        {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": {"name": "x"}},
        manifest("PeerAuthentication"),
        manifest("AuthorizationPolicy"),
        manifest("AuthorizationPolicy", rules=[{}]),
        {**manifest("AuthorizationPolicy"), "apiVersion": "policy.linkerd.io/v1alpha1"},
        manifest("DestinationRule", host="web", trafficPolicy=None, subsets=None),
        manifest("Gateway", selector=None),
        manifest("WorkloadEntry", address="10.0.0.1", labels={"app": "web"}, serviceAccount="web"),
        manifest("Sidecar", egress=[{"hosts": ["./*"]}]),
        manifest("RequestAuthentication", jwtRules=[{"issuer": "https://id.example.com"}]),
        {**manifest("Gateway", gatewayClassName="istio"), "apiVersion": "gateway.networking.k8s.io/v1"},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"annotations": None}},
        {"apiVersion": "v1", "kind": "List", "items": [ENTRY]},
    ],
    ids=[
        "entry",
        "no-spec",
        "empty-spec",
        "policy",
        "every-request",
        "linkerd",
        "nulls",
        "gateway",
        "labels-of-a-workload",
        "sidecar",
        "jwt",
        "gateway-of-kubernetes",
        "map",
        "list",
    ],
)
def test_fields_that_kubernetes_defaults_are_optional(document: dict[str, object]) -> None:
    rendering = render(find(document), Options())
    assert [str(message) for message in rendering.messages if message.level == "error"] == []
    assert mermaid.write(picture_of(rendering.manifests))


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (manifest("VirtualService", hosts=["a"], http=[{"mach": []}]), "spec.http[0].mach: unknown field"),
        (manifest("VirtualService", hosts=["a"], httpRoutes=[]), "unknown field of the spec 'httpRoutes'"),
        (manifest("VirtualService", hosts=["a"]), "a VirtualService needs http, tcp or tls routes"),
        (manifest("PeerAuthentication", mtls={"mode": "STRICT", "mod": 1}), "spec.mtls.mod: unknown field"),
        (manifest("PeerAuthentication", mtlsMode="STRICT"), "unknown field of the spec 'mtlsMode'"),
        (manifest("DestinationRule", host="a", trafficPolicy={"loadBalancer": "RANDOM"}), "must be a set"),
        (manifest("AuthorizationPolicy", selector={"app": "a"}), "spec.selector.app: unknown field"),
        (manifest("ServiceEntry", hosts=["a.b"], ports=[{"number": 80}]), "spec.ports[0].name: is required"),
        (
            {"apiVersion": "telemetry.istio.io/v1", "kind": "Telemetry", "metadata": {}, "spec": {"trace": []}},
            "spec.trace: unknown field 'trace'",
        ),
        (
            manifest("Gateway", selectr={"istio": "in"}),
            "spec.selectr: unknown field 'selectr' (did you mean selector?)",
        ),
        (
            manifest(
                "Gateway",
                servers=[
                    {"port": {"number": 80, "name": "a", "protocol": "HTTP"}, "hosts": ["a"], "tls": {"mode": "SIMPL"}}
                ],
            ),
            "spec.servers[0].tls.mode: 'SIMPL' is not one of",
        ),
        (manifest("Gateway", servers={}), "spec.servers: must be a list but is a set"),
        (manifest("Gateway", namespace="edge"), "spec.namespace: unknown field 'namespace'"),
        (manifest("Sidecar", egres=[]), "spec.egres: unknown field 'egres' (did you mean egress?)"),
        (
            manifest("Sidecar", outboundTrafficPolicy={"mode": "REGISTRY"}),
            "'REGISTRY' is not one of REGISTRY_ONLY, ALLOW_ANY",
        ),
        (manifest("RequestAuthentication", jwtRules=[{"isuer": "a"}]), "spec.jwtRules[0].isuer: unknown field"),
        (manifest("RequestAuthentication", jwtRules=[{"timeout": 5}]), "spec.jwtRules[0].timeout: must be a duration"),
        (manifest("WorkloadEntry", address="10.0.0.1", labels={"app": 3}), "spec.labels.app: must be a string"),
        (manifest("WorkloadEntry", adress="10.0.0.1"), "spec.adress: unknown field 'adress' (did you mean address?)"),
        (manifest("WorkloadEntry", address="10.0.0.1", ports=[]), "spec.ports: must be a set but is a list"),
        ({**manifest("Sidecar"), "spec": []}, "spec: must be a set but is a list"),
    ],
    ids=[
        "nested",
        "of-the-builder",
        "no-routes",
        "inner",
        "short-mode",
        "short-form",
        "labels",
        "port",
        "telemetry",
        "gateway-field",
        "gateway-mode",
        "gateway-servers",
        "gateway-namespace",
        "sidecar-field",
        "sidecar-mode",
        "jwt-field",
        "jwt-timeout",
        "label-of-a-workload",
        "workload-field",
        "list-for-ports",
        "list-for-spec",
    ],
)
def test_manifests_that_the_cluster_rejects_are_errors(document: dict[str, object], text: str) -> None:
    rendering = render(find(document), Options())
    assert any(text in str(message) for message in rendering.messages if message.level == "error"), [
        str(message) for message in rendering.messages
    ]
    assert rendering.manifests == []


def test_errors_in_manifests_have_positions(tmp_path: Path) -> None:
    file = tmp_path / "entry.yaml"
    file.write_text(
        "apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: a, labels: {app: web}}\n"
        "spec:\n  address: 10.0.0.1\n  labels: {}\n  ports: [80]\n  name: a\n"
    )
    (checked,) = Linting(Evaluation(cache=False, positions=True), print).lint([str(file)])
    found = [
        (finding.position and finding.position[1:], finding.path)
        for finding in checked.findings
        if finding.code == "NB007"
    ]
    assert found == [
        ((7, 3), "spec.ports"),
        ((8, 3), "spec.name"),
    ]


def test_a_manifest_defines_subsets_for_records(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(
        "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: web},"
        " spec: {host: web, subsets: [{name: v1, labels: {version: v1}}]}}"
    )
    (tmp_path / "routes.nix").write_text(
        'mkVirtualService "web" { httpRoutes = [ { route = [ { destination = { host = "web"; subset = "v1"; }; } ]; } ]; }'
    )
    files = Linting(Evaluation(cache=False, positions=True), print).lint(
        [str(tmp_path / name) for name in ("routes.nix", "rule.yaml")]
    )
    assert [finding.code for file in files for finding in file.findings if finding.level == "error"] == []


@pytest.mark.parametrize(
    ("text", "content"),
    [("a: 1\n---\n", {"a": 1}), ("---\n---\na: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]), ("", [])],
    ids=["last", "first", "all"],
)
def test_empty_documents_do_not_count(text: str, content: object) -> None:
    assert data_of(text, "x.yaml") == content


@pytest.mark.parametrize(
    ("text", "recognized"), [("{{- if .Values.on }}\na: 1\n{{- end }}\n", True), ("a: [", False)], ids=["helm", "yaml"]
)
def test_a_helm_template_is_recognized(text: str, recognized: bool) -> None:
    with pytest.raises(EvalError) as by_lint:
        data_of(text, "x.yaml")
    with pytest.raises(EvalError) as by_to_nix:
        read_documents(Source(text, "x.yaml"), is_json=None)
    assert ["Helm" in (raised.value.hint or "") for raised in (by_lint, by_to_nix)] == [recognized, recognized]


@pytest.mark.parametrize(
    ("name", "text", "level"),
    [("x.yaml", "a: 1\n", "note"), ("x.json", "[]", "note"), ("x.nix", "{ a = 1; }", "note")],
    ids=["yaml", "json", "nix"],
)
def test_a_file_in_which_nothing_was_checked_is_reported(tmp_path: Path, name: str, text: str, level: str) -> None:
    (tmp_path / name).write_text(text)
    (file,) = Linting(Evaluation(cache=False, positions=True), print).lint([str(tmp_path / name)])
    assert [(finding.code, finding.level) for finding in file.findings] == [("NB009", level)]
