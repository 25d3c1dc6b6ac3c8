"""Each message of istioctl's own analyzer tests whose resource is among the manifests is found, and Istio's good samples are clean.

(istio/istio pkg/config/analysis/analyzers/testdata at 86c9f01, August 2026, rewritten)
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.lint.rule_table import RULES
from nixbridge.tools.lint.run import Linting
from tests.cases import rows

_SUBJECT = re.compile(r'(\S+) "(.*)"')


@pytest.mark.parametrize("row", [*rows("lint/analyzers.jsonl")])
def test_the_messages_of_istioctl_are_found(row: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": row["documents"]}))
    (file,) = Linting(Options(cache=False, positions=True), print).lint([str(path)])
    found = set()
    for finding in file.findings:
        subject = _SUBJECT.fullmatch(finding.subject)
        if subject is not None and finding.code in RULES:
            found |= {(code, subject[1], subject[2]) for code in RULES[finding.code].also}
    missing = [expected for expected in row["expected"] if tuple(expected) not in found]
    assert missing == []
