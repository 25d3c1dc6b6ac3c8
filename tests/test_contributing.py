"""The tour and the table of everyday changes in CONTRIBUTING.md: every file exists, every function is in its file."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
_CODE = re.compile(r"`([^`]+)`")


def table_below(heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its two head rows."""
    section = TEXT.partition(f"## {heading}")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


STOPS = table_below("A tour: from text to document in ten stops")
CHANGES = table_below("Everyday changes")


def exists(path: str) -> bool:
    """Return whether a path is one below the package or the repository; `...` stands for any text."""
    pattern = path.replace("...", "*")
    return any(next(top.glob(pattern), None) is not None for top in (ROOT / "nixbridge", ROOT))


def defined_in(path: Path) -> set[str]:
    """Return the functions, and `Class.method`, that a file or the files of a folder define."""
    names: set[str] = set()
    for file in path.rglob("*.py") if path.is_dir() else [path]:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.ClassDef):
                names |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return names


@pytest.mark.parametrize(("stop", "file", "function"), STOPS, ids=[stop for stop, _, _ in STOPS])
def test_a_stop_of_the_tour_is_a_function_of_its_files(stop: str, file: str, function: str) -> None:
    paths = [ROOT / "nixbridge" / path for path in _CODE.findall(file)]
    assert paths and all(path.exists() for path in paths)
    assert set(_CODE.findall(function)) <= set().union(*map(defined_in, paths))


def test_the_tour_has_ten_stops_and_the_changes_are_sixteen() -> None:
    assert (len(STOPS), len(CHANGES)) == (10, 16)


@pytest.mark.parametrize(("change", "where"), CHANGES, ids=[change for change, _ in CHANGES])
def test_an_everyday_change_names_existing_places(change: str, where: str) -> None:
    names = _CODE.findall(where)
    assert names, "it names no place"
    assert [name for name in names if ("/" in name or name.endswith(".py")) and not exists(name)] == []
