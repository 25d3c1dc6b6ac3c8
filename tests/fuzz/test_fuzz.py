"""Findings of fuzzing stay corrected, and a few seconds of it in every run. `python -m tests.fuzz` goes on for as long as one likes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from tests.cases import rows
from tests.fuzz.documents import check_writers, documents
from tests.fuzz.running import attempt, input_of
from tests.fuzz.targets import TARGETS

#: Inputs of each target: about a second.
COUNTS = {
    "lexer": 600,
    "parser": 300,
    "evaluator": 40,
    "fromJSON": 400,
    "fromTOML": 400,
    "regex": 300,
    "golden": 400,
    "yaml": 200,
    "markdown": 300,
    "manifests": 40,
    "flake": 200,
    "lock": 200,
    "reference": 300,
    "archive": 100,
    "records": 150,
}


@pytest.mark.parametrize("case", [*rows("fuzz/found.jsonl")])
def test_known_fuzz_inputs_pass(case: dict[str, Any]) -> None:
    assert attempt(case["target"], case["text"]) is None


@pytest.mark.parametrize("name", TARGETS)
def test_random_inputs_pass(name: str) -> None:
    for number in range(COUNTS[name]):
        assert attempt(name, input_of(name, TARGETS[name], 0, number)) is None


@settings(max_examples=150, derandomize=True, deadline=None)
@given(documents)
def test_written_documents_are_read_back(document: Any) -> None:
    check_writers(document)
