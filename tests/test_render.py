"""`nixbridge render` gives the manifests and messages of the worked examples, from the Nix file and from its records as JSON."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from nixbridge.language.formats.plain_yaml import dump_stream
from nixbridge.mesh.model import render_context as context
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import Rendering, render
from nixbridge.mesh.schema.crd_validation import validate_manifests
from nixbridge.mesh.tables.manifest_paths import RECORD_BUILDERS, unique_fields
from nixbridge.tools.evaluation_options import Options
from tests.rendered_files import read_result

EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "fixtures" / "manifests").glob("*.nix"))

GATEWAY_KINDS = ("gateways", "grpcroutes", "httproutes", "referencegrants", "tcproutes", "tlsroutes")
LINKERD_KINDS = ("authorization-policy", "httproute", "meshtls-authentication", "network-authentication", "server")


def rendering_of(file: Path, example: Path) -> Rendering:
    """The rendering of a file with the arguments of the example's first line."""
    words = shlex.split(example.read_text(encoding="utf-8").splitlines()[0].lstrip("# "))[1:]
    pairs = zip(words[0::2], words[1::2], strict=True)
    given: dict[str, Any] = {name.lstrip("-").replace("-", "_"): value == "true" or value for name, value in pairs}
    return render(find(read_result(str(file), Options(cache=False, positions=True), {})), context.Options(**given))


def with_values_as_data(manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Manifests whose Helm values are compared as data as well."""
    for manifest in manifests:
        if manifest["kind"] == "ConfigMap":
            manifest["data"]["values.yaml"] = yaml.safe_load(manifest["data"]["values.yaml"])
    return manifests


def names(lines: list[str]) -> list[str]:
    """Level, builder and path of each message: the wording is ours."""
    return sorted(":".join(line.split(":")[:3]) for line in lines)


@pytest.mark.parametrize("suffix", [".nix", ".json"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_worked_examples_render_to_their_manifests_and_messages(example: Path, suffix: str) -> None:
    rendering = rendering_of(example.with_suffix(suffix), example)
    wanted = list(yaml.safe_load_all(example.with_suffix(".manifests").read_text(encoding="utf-8")))
    assert with_values_as_data(rendering.manifests) == with_values_as_data(wanted)
    messages = example.with_suffix(".messages").read_text(encoding="utf-8").splitlines()
    assert names([str(message) for message in rendering.messages]) == names(messages)


def _shown(repository: str, place: str) -> str:
    """A file of a Git repository among the sources."""
    folder = Path(os.environ["NIXBRIDGE_SOURCES"]) / repository
    return subprocess.run(["git", "show", place], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif("NIXBRIDGE_SOURCES" not in os.environ, reason="NIXBRIDGE_SOURCES (gateway-api, istio) is not set")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_a_worked_example_is_valid_by_the_crds_of_the_gateway_api_and_istio(example: Path, tmp_path: Path) -> None:
    sources = {
        "gateway-api": [f"v1.6.1:config/crd/standard/gateway.networking.k8s.io_{kind}.yaml" for kind in GATEWAY_KINDS],
        "istio": ["master:manifests/charts/base/files/crd-all.gen.yaml"],
        "linkerd": [f"version-2.20:charts/linkerd-crds/templates/policy/{kind}.yaml" for kind in LINKERD_KINDS],
    }
    crds = tmp_path / "crds.yaml"
    texts = [_shown(name, place) for name, places in sources.items() for place in places]
    # templates of a chart: lines of Helm's own are left out
    crds.write_text("\n---\n".join("\n".join(line for line in text.splitlines() if "{{" not in line) for text in texts))
    assert validate_manifests(rendering_of(example, example).manifests, str(crds)).refused == []


@pytest.mark.parametrize("builder", RECORD_BUILDERS)
def test_unmarked_records_are_recognized_by_their_keys(builder: str) -> None:
    assert unique_fields(builder)


def test_unknown_fields_are_rejected_with_a_suggestion() -> None:
    record = json.loads(json.dumps({"httpRoutes": [{"mach": []}]}))
    source = f"mkVirtualService \"web\" (builtins.fromJSON ''{json.dumps(record)}'')"
    from nixbridge import evaluate

    rendering = render(find(evaluate(source)), context.Options())
    assert rendering.failed and rendering.manifests == []
    assert any("mach" in str(message) and "match" in str(message) for message in rendering.messages)


def test_manifests_in_nix_files_are_passed_through(tmp_path: Path) -> None:
    file = tmp_path / "file.nix"
    file.write_text('{ apiVersion = "v1"; kind = "Service"; metadata.name = "web"; spec.ports = [ { port = 80; } ]; }')
    result = read_result(str(file), Options(cache=False, positions=True), {})
    written = dump_stream(render(find(result), context.Options()).manifests)
    assert yaml.safe_load(written) == result
    assert "port: 80" in written
