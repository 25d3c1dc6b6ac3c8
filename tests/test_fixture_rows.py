"""The rows of fixtures: their ids are words, and their keys for errors are those of fixtures/README.md."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
FILES = sorted(FIXTURES.rglob("*.jsonl"))
#: Ids that end in a count which is the point of the case (`sum-of-1000`).
COUNTS = re.compile(r"-(?:of-|)\d{3,}$")
NUMBER = re.compile(r"(?:^|-)\d{2,}$")
#: Former names of `error`, `nix_error` and `error_contains`.
FORMER_KEYS = {"message", "mentions"}


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def test_ids_are_words_and_occur_once() -> None:
    for path in FILES:
        ids = [row["id"] for row in rows_of(path) if "id" in row]
        assert len(ids) == len(set(ids)), path
        counted = path.parent.name == "hostile"
        numbered = [name for name in ids if NUMBER.search(name) and not (counted and COUNTS.search(name))]
        assert numbered == [], path


def test_errors_have_the_documented_keys() -> None:
    for path in FILES:
        rows = rows_of(path)
        assert [row for row in rows if row.keys() & FORMER_KEYS] == [], path
        assert [row for row in rows if "error" in row and not isinstance(row["error"], str)] == [], path
