"""Rendering refuses and warns of what istiod's admission does: rows of its validation tests, rewritten.

(istio/istio pkg/config/validation at 86c9f01, August 2026)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.resource import BUILDER_OF
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import Rendering, render
from nixbridge.mesh.to_nix.candidates import candidate, unsaid
from nixbridge.mesh.to_nix.verify import rendered
from tests.cases import FIXTURES, rows

FILES = sorted(path.relative_to(FIXTURES) for path in Path(FIXTURES / "admission").glob("*.jsonl"))
ROWS = [row for file in FILES for row in rows(str(file))]
#: Rows that istiod refuses, and for which a builder's record renders to what it takes.
PUT_RIGHT = {
    "traffic-policy/refused-traffic-policy-nil-entries": "an empty policy is none",
    "peer-authentication/empty-port-level-mtls": "an empty set of ports is the builder's default",
    "retries/refused-retry-policy-configured-but-attempts-set-to-zero": "the rest is left out, with a warning",
    "retries/refused-retry-remote-localities-configured-but-attempts-set-to-zero": "the rest is left out, with a warning",
    "virtual-service/no-tcp-or-http-routing": "a route to the host is added, with a warning",
}


def verdict(rendering: Rendering) -> str:
    levels = {message.level for message in rendering.messages}
    return "error" if "error" in levels else "warning" if "warning" in levels else "ok"


@pytest.mark.parametrize("row", ROWS)
def test_manifests_get_the_same_verdict_as_from_istiod(row: dict[str, Any]) -> None:
    rendering = render(find(row["manifest"]), Options())
    assert verdict(rendering) == row["verdict"], [str(message) for message in rendering.messages]


@pytest.mark.parametrize("row", ROWS)
def test_builder_calls_are_rejected_where_istiod_rejects_them(row: dict[str, Any]) -> None:
    manifest = row["manifest"]
    if manifest["kind"] not in BUILDER_OF or list(unsaid(manifest)):
        pytest.skip("no builder makes it")
    refused = verdict(rendered([candidate(manifest)], Options())) == "error"
    assert refused == (row["verdict"] == "error" and row["id"] not in PUT_RIGHT)
