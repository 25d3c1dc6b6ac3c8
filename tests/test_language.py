"""The language and its built-in functions: each expression gives what real Nix gives (recorded), or fails where it fails.

`python -m tests.differential.record` asks a real Nix again and writes fixtures/language/expressions.jsonl anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases import check_case, rows


@pytest.mark.parametrize("case", [*rows("language/expressions.jsonl")])
def test_an_expression_gives_what_nix_gives(case: dict[str, Any], tmp_path: Path) -> None:
    check_case(case, tmp_path)
