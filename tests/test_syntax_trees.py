"""Trees are Nix's: each text parses to what `nix-instantiate --parse` prints (recorded), or is refused where Nix refuses it.

`python -m tests.differential.record_syntax` asks a real Nix again and writes fixtures/syntax/trees.jsonl again.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from nixbridge.errors.exceptions import NixSyntaxError
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.parser import parse
from nixbridge.language.syntax.tree_text import to_json, to_text
from nixbridge.source import Source
from tests.cases import rows


@pytest.mark.parametrize("case", [*rows("syntax/trees.jsonl")])
def test_a_text_parses_as_in_nix(case: dict[str, Any]) -> None:
    source = Source(case["expr"], "«stdin»", "/base")
    if "tree" in case:
        assert to_text(parse(source), source) == case["tree"]
        return
    with pytest.raises(NixSyntaxError) as caught:
        parse(source)
    if not case["nix_error"].startswith("syntax error"):
        assert caught.value.message == case["nix_error"]
    if "already defined" in case["nix_error"]:
        assert caught.value.position == ("«stdin»", *case["at"])


def test_a_name_called_or_can_be_an_argument() -> None:
    """Nix refuses these in --parse only because it knows no variable `or`."""
    assert to_text(parse(Source("f: f or"))) == "(f: (f or))"
    assert to_text(parse(Source("f: (f 1) or 2"))) == "(f: ((f 1) or 2))"
    assert to_text(parse(Source("f: [ f or 1 ]"))) == "(f: [ ((f or)) (1) ])"


def test_without_a_source_paths_are_as_written() -> None:
    assert to_text(parse(Source("./a/../b"))) == "./a/../b"
    assert to_text(parse(Source("x: ~/a/${x}"))) == "(x: (~/a/ + x))"


def test_the_tree_as_data_has_kinds_places_and_fields() -> None:
    source = Source("{ a ? 1 }:\n  a.b")
    assert to_json(parse(source), source) == {
        "kind": "Lambda",
        "start": [1, 1],
        "end": [2, 6],
        "parameter": None,
        "formals": {
            "ellipsis": False,
            "formals": [
                {
                    "start": [1, 3],
                    "end": [1, 4],
                    "name": "a",
                    "default": {"kind": "Integer", "start": [1, 7], "end": [1, 8], "value": 1},
                }
            ],
        },
        "body": {
            "kind": "Select",
            "start": [2, 3],
            "end": [2, 6],
            "subject": {"kind": "Variable", "start": [2, 3], "end": [2, 4], "name": "a"},
            "path": ["b"],
            "default": None,
        },
    }


def test_the_tree_as_data_is_json() -> None:
    source = Source('let a.b = [ 1 2.5 "c" ./d <e> ]; inherit (a) f; in with a; "${a}" + rec { ${f} = -1; }.g or true')
    assert json.loads(json.dumps(to_json(parse(source), source)))["kind"] == "Let"


def test_an_attribute_stands_where_its_path_begins() -> None:
    """As builtins.unsafeGetAttrPos says it."""
    root = parse(Source("{ a.b = 1; c = 2; }"))
    assert isinstance(root, tree.AttrSet)
    outer = root.bindings.attributes
    inner = outer["a"].value
    assert isinstance(inner, tree.AttrSet)
    assert (outer["a"].start, inner.bindings.attributes["b"].start, outer["c"].start) == (2, 2, 11)


def test_bytes_that_are_no_text_stay_in_strings() -> None:
    root = parse(Source('"\udcff" # \udcfe'))
    assert isinstance(root, tree.String)
    assert root.value == "\udcff"
