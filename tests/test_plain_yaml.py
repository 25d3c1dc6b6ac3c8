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
STRINGS = WORDS | st.text("abeEinfyYNoO01.9_/- :#,=+\"'x\n\\*{&sM<~", max_size=8)
SCALARS = STRINGS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4), max_leaves=12
)


@settings(max_examples=250, deadline=None)
@given(DOCUMENTS)
def test_the_output_equals_that_of_pyyaml(document: Any) -> None:
    try:
        text = plain_text(document)
    except NotPlain:
        return
    assert text == dump(document)
    assert read(text) == document


#: What configurations have.
PLAIN: dict[str, Any] = {
    "manifest": {
        "apiVersion": "networking.istio.io/v1",
        "spec": {"hosts": ["web"], "ports": [{"number": 80, "name": "http"}]},
    },
    "nested": {"a": [[1, [2]], [], {}], "b": {"c": {}, "on": True, "version": "1.20", "x": 1.5}},
    "texts": ["http://web:80/a", "a b", None, "yes", "", "/x", 'say "x"', "\\d", "a: b", "10.0.0.0/8"],
    "quantities": {"hosts": ["*.example.org", "*"], "timeout": "10s", "limits": {"memory": "128Mi", "cpu": "0.5"}},
    "blocks": {"script": 'set -e\necho "a"\n', "lines": ["a\nb", {"x": "a\n\n  b\n\n"}]},
    "number": 2,
    "word": "web",
    "lines": "a\nb\n",
    "null": None,
    "empty-list": [],
}


@pytest.mark.parametrize("name", PLAIN)
def test_typical_configurations_need_no_pyyaml(name: str) -> None:
    assert plain_text(PLAIN[name]) == dump(PLAIN[name])


@pytest.mark.parametrize("word", ["y", "n", "Y", "N", "yes", "no", "on", "Off", "true", "null", "~", "=", "<<"])
def test_a_word_that_some_reader_takes_for_something_else_is_quoted(word: str) -> None:
    assert dump({"a": word, word: 1}).count(f'"{word}"') == 2
