"""The built-in pkgs: what its derivations say of themselves, what is refused, and what stays unevaluated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases import check_case, rows


@pytest.mark.parametrize("case", [*rows("pkgs/pkgs.jsonl")])
def test_a_function_of_pkgs_gives_its_answer(case: dict[str, Any], tmp_path: Path) -> None:
    check_case(case, tmp_path)
