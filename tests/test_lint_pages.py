"""The pages of the rules are what the rules say, and every message of istioctl and Kiali has a rule or a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixbridge.tools.lint.analyzer_messages import ISTIOCTL, KIALI, NOT_APPLICABLE
from nixbridge.tools.lint.pages import ANALYZERS, LINT, analyzers_page, lint_page
from nixbridge.tools.lint.rule_table import RULES

ROOT = Path(__file__).resolve().parent.parent


def admission_rows() -> int:
    files = (ROOT / "fixtures" / "admission").glob("*.jsonl")
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)


@pytest.mark.parametrize(
    ("name", "page"), [(LINT, lint_page()), (ANALYZERS, analyzers_page(admission_rows()))], ids=["lint", "analyzers"]
)
def test_a_page_is_up_to_date(name: str, page: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page, "run python -m nixbridge.tools.lint.pages docs"


def test_every_message_has_a_rule_or_a_reason() -> None:
    found = {code for rule in RULES.values() for code in rule.also}
    known = {*ISTIOCTL, *KIALI}
    assert found | NOT_APPLICABLE.keys() == known
    assert not found & NOT_APPLICABLE.keys()
