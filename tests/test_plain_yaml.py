"""YAML written without PyYAML is, byte for byte, what PyYAML writes; what needs a decision is left to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixbridge.language.formats.plain_yaml import NotPlain, plain_text
from nixbridge.language.formats.yaml import dump, read

WORDS = st.sampled_from(
    [
        *[
            "yes",
            "Nan",
            "inf",
            "1.2.3",
            "10",
            "http://a:80/x",
            "e5",
            "E+5",
            "-",
            "a-b",
            "1e3",
            "0x1f",
            "2024-01-01",
            "a:",
            "10m",
            "true",
            "1..2",
            "1.",
            "a/b_c",
            "~",
            "<<",
            "null",
            "N",
        ],
        *("a b", "a: b", "x #y", "ab" * 70, "é", "a\nb", "", " ", "infinity"),
    ]
)
STRINGS = WORDS | st.text("abeEinfyYNoO01.9_/- :#,=+\"'x", max_size=8)
SCALARS = STRINGS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4), max_leaves=12
)


@settings(max_examples=600, deadline=None)
@given(DOCUMENTS)
def test_it_is_what_pyyaml_writes(document: Any) -> None:
    try:
        text = plain_text(document)
    except NotPlain:
        return
    assert text == dump(document)
    assert read(text) == document


@pytest.mark.parametrize(
    "document",
    [
        {"apiVersion": "networking.istio.io/v1", "spec": {"hosts": ["web"], "ports": [{"number": 80, "name": "http"}]}},
        {"a": [[1, [2]], [], {}], "b": {"c": {}, "on": True, "version": "1.20", "x": 1.5}},
        ["http://web:80/a", "a b", None, "yes", ""],
    ],
)
def test_what_configurations_have_needs_no_pyyaml(document: Any) -> None:
    assert plain_text(document) == dump(document)
