"""Cases in .jsonl files: an expression a line, with what it evaluates to or that it fails."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
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

#: Characters of an expression that stands for an id.
LONGEST_ID = 60
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def rows(name: str) -> Iterator[Any]:
    """Yield the cases of a file below fixtures/ as pytest parameters, called by their `id` or by their expression."""
    with open(FIXTURES / name, encoding="utf-8") as file:
        for line in file:
            case = json.loads(line)
            yield pytest.param(case, id=case.get("id") or case["expr"][:LONGEST_ID])


def check_case(case: dict[str, Any], folder: Path) -> None:
    """Evaluates a case and compares: equal as data, an int being no float; or an error, catchable or not, that mentions what it must."""
    for name, text in case.get("files", {}).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    evaluation = Evaluation(Options(), str(folder), write_message=lambda text: None, cache=CACHE)
    # a position is known only in a file
    name = str(folder / "case.nix") if "unsafeGetAttrPos" in case["expr"] else "«string»"
    source = Source(case["expr"], name, str(folder))
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
