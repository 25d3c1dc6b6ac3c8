"""The 13 functions give what Nixernetes' own module gives under real Nix (recorded), but for the documented deviation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from nixbridge import evaluate
from nixbridge.builders.catalogue import BUILDERS, TABLES, table
from nixbridge.builders.describe import OTHERS
from tests.cases import check_case, rows


@pytest.mark.parametrize("case", [*rows("builders/cases.jsonl")])
def test_a_call_gives_the_recorded_answer(case: dict[str, Any], tmp_path: Path) -> None:
    if "deviation" in case:
        pytest.skip(f"upstream fails here and nixbridge follows the documentation: {case['deviation']}")
    check_case(case, tmp_path)


def test_there_are_thirteen_functions() -> None:
    assert len(BUILDERS) == 13


@pytest.mark.parametrize("name", [*TABLES])
def test_the_example_of_a_builder_is_a_call_that_runs(name: str) -> None:
    record = evaluate(table(name).example)
    assert set(record) == {"name", *(parameter.name for parameter in table(name).parameters)}


@pytest.mark.parametrize("name", [*OTHERS])
def test_the_example_of_every_other_function_runs(name: str) -> None:
    (example,) = re.findall(r"```nix\n(.*?)```", OTHERS[name][1], re.DOTALL)
    assert evaluate(example) in ("OK", "CPU: 100m, Memory: 256Mi", True)


@pytest.mark.parametrize("name", [*TABLES])
def test_a_default_is_among_the_allowed_values(name: str) -> None:
    for parameter in table(name).parameters:
        if parameter.one_of:
            assert parameter.default in parameter.one_of, parameter.name
