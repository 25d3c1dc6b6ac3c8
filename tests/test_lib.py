"""The built-in lib gives what nixpkgs' lib gives under real Nix (recorded)."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from nixbridge.language.nixpkgs.sub_sets import SUB_SETS
from nixbridge.language.runtime.primop import declared_in
from tests.cases import check_case, rows


@pytest.mark.parametrize("case", [*rows("lib/lib.jsonl"), *rows("lib/modules.jsonl"), *rows("lib/packages.jsonl")])
def test_functions_return_the_recorded_values(case: dict[str, Any], tmp_path: Path) -> None:
    check_case(case, tmp_path)


@pytest.mark.parametrize("sub_set", [name for name, sub_set in SUB_SETS.items() if sub_set.python])
def test_the_table_names_what_a_file_declares(sub_set: str) -> None:
    declared = declared_in(import_module(SUB_SETS[sub_set].module))
    assert set(declared) == SUB_SETS[sub_set].python
    assert set(declared) <= set(SUB_SETS[sub_set].names)


def test_only_used_functions_are_loaded() -> None:
    program = (
        "import nixbridge, sys; nixbridge.evaluate('{ lib, ... }: lib.optional true 1');"
        "print(sorted(m for m in sys.modules if m.startswith('nixbridge.language.nixpkgs.')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        "['nixbridge.language.nixpkgs.library', 'nixbridge.language.nixpkgs.lists', 'nixbridge.language.nixpkgs.sub_sets']"
    )
