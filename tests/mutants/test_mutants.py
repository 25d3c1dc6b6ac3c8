"""The table of mutants fits the code: each mistake can be made, in one place. Running them is `python -m tests.mutants`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mutants.__main__ import ROOT, mutants


@pytest.mark.parametrize("mutant", mutants().values(), ids=mutants())
def test_every_mutant_applies(mutant: dict[str, Any]) -> None:
    text = (ROOT / mutant["file"]).read_text(encoding="utf-8")
    assert text.count(mutant["old"]) == 1
    assert mutant["old"] != mutant["new"]
    assert all((ROOT / test).exists() for test in mutant["tests"])
