"""The built-in pkgs: what its derivations say of themselves, what is refused, and what stays unevaluated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases import check_case, rows


@pytest.mark.parametrize("case", [*rows("pkgs/pkgs.jsonl")])
def test_functions_of_pkgs_return_the_expected_values(case: dict[str, Any], tmp_path: Path) -> None:
    check_case(case, tmp_path)
