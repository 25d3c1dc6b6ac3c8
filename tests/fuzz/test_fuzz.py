"""Findings of fuzzing stay corrected, and a few seconds of it in every run. `python -m tests.fuzz` goes on for as long as one likes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from tests.cases import rows
from tests.fuzz.documents import check_writers, documents
from tests.fuzz.running import attempt, input_of
from tests.fuzz.targets import TARGETS

#: Inputs of each target: a tenth of a second.
COUNTS = {
    "lexer": 300,
    "parser": 150,
    "evaluator": 20,
    "fromJSON": 200,
    "fromTOML": 200,
    "regex": 150,
    "golden": 200,
    "yaml": 100,
    "markdown": 150,
    "manifests": 20,
    "flake": 100,
    "lock": 100,
    "reference": 150,
    "archive": 50,
    "records": 75,
}


@pytest.mark.parametrize("case", [*rows("fuzz/found.jsonl")])
def test_known_fuzz_inputs_pass(case: dict[str, Any]) -> None:
    assert attempt(case["target"], case["text"]) is None


@pytest.mark.parametrize("name", TARGETS)
def test_random_inputs_pass(name: str) -> None:
    for number in range(COUNTS[name]):
        assert attempt(name, input_of(name, TARGETS[name], 0, number)) is None


@settings(max_examples=80, derandomize=True, deadline=None)
@given(documents)
def test_written_documents_are_read_back(document: Any) -> None:
    check_writers(document)
