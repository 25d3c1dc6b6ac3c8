"""The language and its built-in functions: every case of the corpus gives what a real Nix gave, or fails as it failed.

The listing of fixtures/language and fixtures/builtins is the specification; tests/conformance/ says what a case is
and asks a real Nix again (`python -m tests.conformance.record`).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nixbridge import NixError
from nixbridge.language.builtins.registry import ARITIES, BUILTINS
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.formats.format_table import format_named
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation
from tests.conformance.cases import FIXTURES, SUFFIXES, Row, current_folder, goldens, named_rows, rows_of, source_files

FORMATS = {"json": "json-compact", "value": "nix", "xml": "xml", "yaml": "yaml", "error": "json-compact"}
FILES = [
    pytest.param(source, golden, id=str(golden.relative_to(FIXTURES)))
    for source in source_files()
    for golden in goldens(source)
]
ROWS = [pytest.param(path, row, id=name) for name, path, row in named_rows()]


@pytest.mark.parametrize(("source", "golden"), FILES)
def test_files_evaluate_as_in_nix(source: Path, golden: Path) -> None:
    kind = SUFFIXES[golden.suffix]
    text = source.read_bytes().decode("utf-8", "surrogateescape")
    name = "«string»" if kind == "xml" else str(source)
    wanted = golden.read_bytes().decode("utf-8", "surrogateescape")
    if kind == "error":
        with pytest.raises(NixError) as caught:
            written(Source(text, name, str(source.parent)), kind)
        assert wanted.strip() in caught.value.message
    else:
        assert same(written(Source(text, name, str(source.parent)), kind), wanted, kind)


@pytest.mark.parametrize(("path", "row"), ROWS)
def test_rows_evaluate_as_in_nix(path: Path, row: Row) -> None:
    folder = current_folder(path)
    source = Source(row["expr"], "«string»", str(folder))
    wanted = row.get("error")
    if wanted is None:
        kind = next(kind for kind in ("json", "value", "xml") if kind in row)
        found = written(source, kind, row).replace(str(folder), "$TREE")
        assert same(found, json.dumps(row[kind]) if kind == "json" else row[kind], kind), row["expr"]
    else:
        with pytest.raises(NixError) as caught:
            written(source, "error", row)
        found = first_line(caught.value, folder)
        assert found == wanted or found.startswith(f"{wanted}, expecting "), row["expr"]


def test_every_source_has_an_expected_result() -> None:
    assert [source for source in source_files() if not goldens(source)] == []


@pytest.mark.parametrize("name", BUILTINS)
def test_every_builtin_has_rows_that_succeed_and_fail(name: str) -> None:
    path = FIXTURES / "builtins" / f"{name}.jsonl"
    assert path.exists(), "no rows show what it does"
    failing = [row for row in rows_of(path) if "error" in row]
    assert failing or name not in ARITIES, "no row shows what it refuses"
    assert len(failing) < len(rows_of(path)), "no row shows what it gives"


def written(source: Source, kind: str, row: Row | None = None) -> str:
    """The value of a text in a format, the row's `attr` of it with its `args`. Raises NixError."""
    attribute, arguments = (row or {}).get("attr"), (row or {}).get("args", {})
    options = Options(
        cache=False, positions=kind in ("xml", "value"), attribute=attribute, arguments=tuple(arguments.items())
    )
    evaluation = Evaluation(options, source.base, write_message=lambda text: None, cache=CodeCache(None))
    write = format_named(FORMATS[kind]).write
    if attribute is None and not arguments:  # a function stays one
        evaluator = evaluation.evaluator
        return evaluator.run(lambda: write(evaluator.evaluate(source), evaluator.host))
    return evaluation.read(source, write)


def same(found: str, wanted: str, kind: str) -> bool:
    """Return whether two documents are equal: JSON as data, in which 1 is not 1.0; the others as text."""
    if kind == "json":
        return json.dumps(json.loads(found)) == json.dumps(json.loads(wanted))
    return found.strip() == wanted.strip()


def first_line(error: NixError, folder: Path) -> str:
    """The message's first line as it would be printed."""
    text = error.message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text.split("\n")[0].strip().replace(str(folder), "$TREE")
