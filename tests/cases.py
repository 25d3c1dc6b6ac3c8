"""Cases in .jsonl files: an expression a line, with what it evaluates to or that it fails."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from nixbridge.errors.exceptions import Catchable, NixError
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.formats.document import to_document
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.golden.difference import differences
from nixbridge.tools.inputs import Evaluation

#: Of this run alone: the files of the built-in lib need not be compiled for each case.
CACHE_FOLDER = tempfile.TemporaryDirectory(prefix="nixbridge-tests-")
CACHE = CodeCache(CACHE_FOLDER.name)
#: Where expressions that bring no files are evaluated.
EMPTY_FOLDER = tempfile.TemporaryDirectory(prefix="nixbridge-empty-")

#: Characters of an expression that stands for an id.
LONGEST_ID = 60
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def rows(name: str) -> Iterator[Any]:
    """Yield the cases of a file below fixtures/ as pytest parameters, called by their `id` or by their expression."""
    with open(FIXTURES / name, encoding="utf-8") as file:
        for line in file:
            case = json.loads(line)
            yield pytest.param(case, id=case.get("id") or case["expr"][:LONGEST_ID])


@lru_cache(maxsize=1)
def shared_evaluation(group: str) -> Evaluation:
    """One evaluation for the cases of a group: making `lib` takes longer than most. No answer may depend on the ones before."""
    return Evaluation(Options(), EMPTY_FOLDER.name, write_message=lambda text: None, cache=CACHE)


def check_case(case: dict[str, Any], folder: Path) -> None:
    """Evaluates a case and compares: equal as data, an int being no float; or an error, catchable or not, that mentions what it must."""
    for name, text in case.get("files", {}).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    # a position is known only in a file
    in_file = "unsafeGetAttrPos" in case["expr"]
    if in_file or "files" in case:
        base = str(folder)
        evaluation = Evaluation(Options(), base, write_message=lambda text: None, cache=CACHE)
    else:
        base = EMPTY_FOLDER.name
        evaluation = shared_evaluation(case["id"].partition("/")[0])
    source = Source(case["expr"], str(folder / "case.nix") if in_file else "«string»", base)
    try:
        document = evaluation.read(source, to_document)
    except NixError as error:
        assert case.get("fails"), f"{case['expr']}\nfailed: {error}"
        if "catchable" in case:
            assert isinstance(error, Catchable) is case["catchable"], error
        for text in case.get("error_contains", ()):
            assert any(text in said for said in (error.message, *error.context)), (
                f"{text!r} is not in {error.message!r}"
            )
    else:
        assert "json" in case, f"{case['expr']}\nshould fail, and is {document!r}"
        assert differences(case["json"], document) == []
