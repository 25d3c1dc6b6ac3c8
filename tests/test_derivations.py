"""Derivations, string contexts and store paths are those that real Nix 2.34 gives.

A row of fixtures/derivations/FAMILY.jsonl has `expr`, seen from the folder that tree.json describes, within the names of
SCOPE.scope where it names a `scope`; and `json`, the value, or `error`, Nix's message, for a row that must fail.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nixbridge.cli.derivation import installables
from nixbridge.errors.exceptions import NixError
from nixbridge.language.formats.format_table import format_named
from nixbridge.language.formats.json import compact_data, pretty
from nixbridge.source import Source
from nixbridge.tools.derivation_show import described_derivations
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation
from tests.cases import CACHE, FIXTURES
from tests.test_costs import counted

FOLDER = FIXTURES / "derivations"
#: A test's name has at most so many characters of its expression.
LONGEST_NAME = 90


def make_tree(folder: Path) -> None:
    """Create the files that expressions refer to."""
    for name, entry in json.loads((FOLDER / "tree.json").read_text(encoding="utf-8")).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if "folder" in entry:
            path.mkdir()
        elif "link" in entry:
            path.symlink_to(entry["link"])
        else:
            path.write_bytes(entry["text"].encode() if "text" in entry else base64.b64decode(entry["base64"]))
            path.chmod(0o755 if entry.get("executable") else 0o644)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which expressions are evaluated."""
    folder = tmp_path_factory.mktemp("derivations") / "tree"
    folder.mkdir()
    make_tree(folder)
    return folder


def cases() -> Iterator[Any]:
    """Every row, named by its family and expression."""
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
            row = json.loads(line)
            marks = [pytest.mark.xfail(strict=True, reason="not yet")] if row.get("not_yet") else []
            shown = re.sub(r"\s+", " ", row["expr"]).strip()
            yield pytest.param(row, id=f"{path.stem}: {shown[:LONGEST_NAME]}", marks=marks)


@pytest.mark.parametrize("row", list(cases()))
def test_rows_evaluate_as_in_nix(row: dict[str, Any], tree: Path) -> None:
    text = row["expr"]
    if "scope" in row:
        scope = (FOLDER / f"{row['scope']}.scope").read_text(encoding="utf-8")
        text = f"let\n{scope}\nin\n{text}"
    evaluation = Evaluation(Options(), str(tree), write_message=lambda text: None, cache=CACHE)
    try:
        found = evaluation.read(Source(text, "«string»", str(tree)), format_named("json-compact").write)
    except NixError as error:
        assert "error" in row, f"{row['expr']}\nfailed: {error}"
    else:
        assert "json" in row, f"{row['expr']}\nshould fail, and is {found}"
        # as text: 1 is not 1.0
        assert json.dumps(json.loads(found)) == json.dumps(row["json"])


#: Rows of what `nix derivation show -f default.nix ARGS` says of fixtures/derivations/show.
SHOWN = [json.loads(line) for line in (FOLDER / "show/cases.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", [pytest.param(row, id=row["shows"]) for row in SHOWN])
def test_derivation_show_prints_the_same_as_nix(row: dict[str, Any]) -> None:
    words = [word for word in row["args"] if not word.startswith("-")]
    inputs = installables(words, (), str(FOLDER / "show/default.nix"), Options())
    try:
        data = described_derivations(inputs, lambda text: None, recursive="-r" in row["args"])
    except NixError as error:
        assert error.message == row["error"]
    else:
        text = pretty(data) if "--pretty" in row["args"] else compact_data(data)
        assert text + "\n" == row["stdout"]


@pytest.mark.parametrize("text", ['{ pkgs }: pkgs.writeText "a.yaml" ""', '{ pkgs }: [ (pkgs.writeText "a.yaml" "") ]'])
def test_a_derivation_of_the_built_in_pkgs_cannot_be_shown(text: str) -> None:
    with pytest.raises(NixError, match=re.escape("the store path of 'a.yaml' is refused")):
        described_derivations(installables((), (text,), None, Options()), lambda text: None)


def test_derivation_show_is_a_command() -> None:
    file = str(FOLDER / "show/default.nix")
    done = subprocess.run(
        [sys.executable, "-m", "nixbridge", "derivation", "show", "-f", file, "demo"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (SHOWN[0]["stdout"], "")


#: A chain in which each derivation is built from the one before; COUNT of them.
CHAIN = """
  (builtins.foldl'
    (before: number: derivation { name = "d${toString number}"; system = "s"; builder = "b"; inherit before; })
    "" (builtins.genList (number: number) COUNT)).drvPath
"""


def test_the_cost_of_a_chain_grows_linearly() -> None:
    counted(CHAIN.replace("COUNT", "2"))  # modules are loaded
    (_, short), (_, long) = (counted(CHAIN.replace("COUNT", count)) for count in ("100", "200"))
    assert long <= 2.05 * short
