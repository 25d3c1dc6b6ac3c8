"""Data of every kind, for the writers: what they write is read back the same, by readers that are not ours."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import strategies as st

from nixbridge.api import dumps, loads
from nixbridge.language.formats.json import pretty
from nixbridge.language.formats.plain_yaml import dump, dump_stream
from nixbridge.language.formats.yaml import read, read_stream
from nixbridge.tools.golden.difference import differences
from tests.fuzz.grammars import ODD

#: What readers of YAML take for something else, or stumble over.
_TEMPTING = (
    *("yes", "no", "y", "off", "null", "~", "", "1", "0x1f", "0o7", "017", "1_000", "1:30", "1e5", ".5", ".inf", "-.NaN"),
    *("=", "<<", "-", "?", "- a", "a: b", "a #b", "#", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'", '"', "[", "]"),
    *("{", "}", ",", "---", "...", "\\", "2020-01-01", "a\nb", "a\n", "\na", " a", "a ", "a\n b", " a\nb", "a\n\n", "\n"),
    *("\t", "a\tb", "--- a", "...\na", "# a\nb", "a:\nb", "12e03", "1.10"),
    *(mark for mark in ODD if not "\ud800" <= mark <= "\udfff"),
)  # fmt: skip

texts = st.one_of(
    st.sampled_from(_TEMPTING),
    st.lists(st.sampled_from(_TEMPTING), min_size=2, max_size=3).map("".join),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
)
numbers = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))
documents = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=15,
)


def check_writers(document: Any) -> None:
    """YAML through PyYAML's safe loader and our own, JSON through json, Nix through the evaluator."""
    same(yaml.safe_load(dump(document)), document)
    same(read(dump(document)), document)
    same(read_stream(dump_stream([document, document])), [document, document])
    same(json.loads(pretty(document)), document)
    # Nix has no null character, and a set with one of these names is written as what it is coerced to
    if not any(special in repr(document) for special in ("\\x00", "outPath", "__toString")):
        same(loads(dumps(document)), document)


def same(found: Any, wanted: Any) -> None:
    """Fails where two documents differ, an int being no float."""
    assert differences(wanted, found) == []
