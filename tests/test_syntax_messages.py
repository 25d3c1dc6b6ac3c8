"""Syntax errors report what stands there, what was expected, and what was probably meant; and where it points."""

from __future__ import annotations

from typing import Any

import pytest

from nixbridge.errors.exceptions import NixSyntaxError
from nixbridge.language.syntax.parser import parse
from nixbridge.source import Source
from tests.cases import rows


@pytest.mark.parametrize("case", [*rows("syntax/messages.jsonl")])
def test_syntax_error_messages(case: dict[str, Any]) -> None:
    with pytest.raises(NixSyntaxError) as caught:
        parse(Source(case["expr"]))
    error = caught.value
    assert (error.message, error.hint, list(error.position or ())[1:]) == (case["error"], case["hint"], case["at"])


@pytest.mark.parametrize("text", ['"\ud800"', "# \udfff", "1 \ud800"])
def test_lone_surrogates_are_rejected_anywhere(text: str) -> None:
    with pytest.raises(NixSyntaxError, match=r"unexpected surrogate U\+D[8F]"):
        parse(Source(text))
