"""`nixbridge render` gives the manifests and messages of the worked examples, from the Nix file and from its records as JSON."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from nixbridge.language.formats.yaml import dump_stream
from nixbridge.mesh.model import render_context as context
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.render import Rendering, render
from nixbridge.mesh.tables.manifest_paths import RECORD_BUILDERS, unique_fields
from nixbridge.tools.options import Options
from tests.rendered_files import read_result

EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "fixtures" / "manifests").glob("*.nix"))


def rendering_of(file: Path, example: Path) -> Rendering:
    """The rendering of a file with the arguments of the example's first line."""
    words = shlex.split(example.read_text(encoding="utf-8").splitlines()[0].lstrip("# "))[1:]
    given = {name.lstrip("-").replace("-", "_"): value for name, value in zip(words[0::2], words[1::2], strict=True)}
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
def test_a_worked_example_gives_its_manifests_and_messages(example: Path, suffix: str) -> None:
    rendering = rendering_of(example.with_suffix(suffix), example)
    wanted = list(yaml.safe_load_all(example.with_suffix(".manifests").read_text(encoding="utf-8")))
    assert with_values_as_data(rendering.manifests) == with_values_as_data(wanted)
    messages = example.with_suffix(".messages").read_text(encoding="utf-8").splitlines()
    assert names([str(message) for message in rendering.messages]) == names(messages)


@pytest.mark.parametrize("builder", RECORD_BUILDERS)
def test_a_record_without_mark_is_known_by_its_keys(builder: str) -> None:
    assert unique_fields(builder)


def test_an_unknown_field_is_refused_with_what_was_meant() -> None:
    record = json.loads(json.dumps({"httpRoutes": [{"mach": []}]}))
    source = f"mkVirtualService \"web\" (builtins.fromJSON ''{json.dumps(record)}'')"
    from nixbridge import evaluate

    rendering = render(find(evaluate(source)), context.Options())
    assert rendering.failed and rendering.manifests == []
    assert any("mach" in str(message) and "match" in str(message) for message in rendering.messages)


def test_a_manifest_in_a_nix_file_goes_through(tmp_path: Path) -> None:
    file = tmp_path / "file.nix"
    file.write_text('{ apiVersion = "v1"; kind = "Service"; metadata.name = "web"; spec.ports = [ { port = 80; } ]; }')
    result = read_result(str(file), Options(cache=False, positions=True), {})
    written = dump_stream(render(find(result), context.Options()).manifests)
    assert yaml.safe_load(written) == result
    assert "port: 80" in written
