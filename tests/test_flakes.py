"""Flakes: every command of fixtures/flakes gives what a real Nix gave, or fails where it failed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nixbridge.cli.flake import metadata_text, outputs_text
from nixbridge.errors.exceptions import NixError
from nixbridge.language.formats.format_table import format_named
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.golden.difference import differences
from nixbridge.tools.inputs import Evaluation, folder_of
from tests.cases import CACHE
from tests.flake_trees import FIXTURES, make_tree, rows_of

CASES = [
    pytest.param(row, id=f"{path.stem}/{row['id']}")
    for path in sorted(FIXTURES.glob("*.jsonl"))
    if path.stem != "trees"
    for row in rows_of(path)
]


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The trees that were made already: many cases share one."""
    return {}


def tree_of(row: dict[str, Any], trees: dict[str, Path], factory: pytest.TempPathFactory) -> Path:
    key = row["tree"] + json.dumps(row.get("git"))
    if key not in trees:
        trees[key] = factory.mktemp("flake").resolve()
        make_tree(trees[key], row["tree"], row.get("git"))
    return trees[key]


def run(words: list[str]) -> str:
    """Return the output of a case's command."""
    command, *rest = words
    inputs = tuple(rest[place + 1] for place, word in enumerate(rest) if word == "--input")
    options = Options(system="x86_64-linux", inputs=inputs)
    if command == "flake":
        if rest[0] == "show":
            return outputs_text(options, rest[-1], as_json=True, legacy="--legacy" in rest)
        return metadata_text(options, rest[-1], as_json=True)
    what: str | Source = Source(rest[1], base=str(Path.cwd())) if rest[0] == "-E" else rest[0]
    evaluation = Evaluation(options, folder_of(what), write_message=lambda text: None, cache=CACHE)
    return evaluation.read(what, format_named("json").write)


@pytest.mark.parametrize("row", CASES)
def test_commands_print_the_same_as_nix(
    row: dict[str, Any],
    trees: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    top = tree_of(row, trees, tmp_path_factory)
    monkeypatch.chdir(top / row.get("cwd", "."))
    words = [word.replace("<dir>", str(top)) for word in row["run"]]
    if "json" not in row:
        with pytest.raises(NixError):
            run(words)
    else:
        assert differences(row["json"], json.loads(run(words).replace(str(top), "<dir>"))) == []
