"""fromJSON beyond what rows can show: depth, size, and that the two readers agree."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixbridge import NixError, evaluate
from nixbridge.language.builtins.json_reader import read_carefully
from nixbridge.language.builtins.json_text import read_json

DEEP = 50_000

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
DOCUMENTS = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=50)
@given(DOCUMENTS, st.booleans())
def test_both_readers_read_what_python_writes(document: Any, ascii_only: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only)
    assert json.dumps(read_json(text)) == json.dumps(document)
    assert json.dumps(read_carefully(text.encode())) == json.dumps(document)


def answer(read: Callable[[Any], Any], text: str | bytes) -> str:
    try:
        return json.dumps(read(text))
    except NixError as error:
        return error.message


@given(st.text('[]{}:,"\\u0dD8cebtrufalsn1-+.eE \né', max_size=12))
def test_both_readers_reject_the_same_texts(text: str) -> None:
    answers = [answer(read_json, text), answer(read_carefully, text.encode())]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_tens_of_thousands_of_levels_are_read(opening: str, closing: str) -> None:
    value = read_json(opening * DEEP + "1" + closing * DEEP)
    depth = 0
    while isinstance(value, (list, dict)):
        value = value[0] if isinstance(value, list) else value["a"]
        depth += 1
    assert (depth, value) == (DEEP, 1)


def test_brackets_in_strings_do_not_hide_depth() -> None:
    assert isinstance(read_json('["]",' * DEEP + "1" + "]" * DEEP), list)


def test_deep_json_is_written_again() -> None:
    text = "[" * 2_000 + "]" * 2_000
    assert evaluate(f"builtins.toJSON (builtins.fromJSON ''{text}'')") == text
