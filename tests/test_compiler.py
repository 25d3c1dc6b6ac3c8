"""The compiler: what it names is there, and what it does beyond some size gives the same values."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

import nixbridge
from nixbridge.language.compiler.bound_names import MOST_LOCALS
from nixbridge.language.evaluation.evaluator import Evaluator
from nixbridge.language.machine.host import Host
from nixbridge.language.runtime.exports import EXPORTS
from nixbridge.mesh.service_mesh import service_mesh_prelude

COMPILER = Path(nixbridge.__file__).parent / "language" / "compiler"

#: Bindings of every kind that see one another, with what each is. `%s` is the number of fillers.
BINDINGS = """
  plain = 1;
  text = "x${toString plain}";
  double = n: n * 2;
  add = a: b: a + b + plain;
  called = add (double late) 3;
  partial = map (add 1) [ 1 2 ];
  nested = { inherit plain; deep.er = late; };
  inherit (nested.deep) er;
  inherit outside;
  recurse = n: if n == 0 then late else recurse (n - 1);
  far = recurse 50;
  chosen = nested.deep.er or 9;
  scoped = with nested; plain + deep.er;
  shadowed = let late = 3; in late;
  late = 20;
"""
VALUES: dict[str, Any] = {
    "plain": 1,
    "text": "x1",
    "called": 44,
    "partial": [3, 4],
    "nested": {"plain": 1, "deep": {"er": 20}},
    "er": 20,
    "outside": "o",
    "far": 20,
    "chosen": 20,
    "scoped": 21,
    "shadowed": 3,
    "late": 20,
}
WANTED = "inherit (it) " + " ".join(VALUES)


@pytest.mark.parametrize("fillers", [0, MOST_LOCALS])
@pytest.mark.parametrize(
    "form",
    [
        "let outside = \"o\"; it = rec { %s }; in { " + WANTED + "; }",
        "let outside = \"o\"; in let %s in { inherit " + " ".join(VALUES) + "; }",
        "let outside = \"o\"; it = rec { %s ${\"dyn\" + \"amic\"} = late; }; in assert it.dynamic == 20; { " + WANTED + "; }",
        "let outside = \"o\"; it = rec { %s }; in assert (builtins.unsafeGetAttrPos \"late\" it).line == 16; { " + WANTED + "; }",
        "let outside = \"o\"; f = { n }: rec { %s total = n + late; }; it = f { n = 1; }; in assert it.total == 21; { "
        + WANTED
        + "; }",
    ],
    ids=["rec", "let", "dynamic attributes", "positions", "in a function"],
)  # fmt: skip
def test_many_bindings_behave_like_few(form: str, fillers: int, tmp_path: Path) -> None:
    more = "".join(f"filler{number} = plain + {number};\n" for number in range(fillers))
    file = tmp_path / "many.nix"
    file.write_text(form.replace("%s", BINDINGS + more))
    assert nixbridge.evaluate_file(file) == VALUES


def test_self_referencing_bindings_are_infinite_recursion() -> None:
    more = "".join(f"filler{number} = {number};\n" for number in range(MOST_LOCALS))
    with pytest.raises(nixbridge.NixError, match="infinite recursion encountered"):
        nixbridge.evaluate(f"rec {{ a = b; b = a; {more} }}.a")


def named_by_the_compiler() -> set[str]:
    """Return the names of the runtime that stand as text in the compiler."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in COMPILER.glob("*.py")]
    texts = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {text for text in texts if isinstance(text, str) and re.fullmatch(r"nix\.\w+", text)}


@pytest.mark.parametrize("name", sorted(named_by_the_compiler()))
def test_names_in_generated_code_exist(name: str) -> None:
    assert Evaluator(Host(), prelude=service_mesh_prelude()).globals.resolve(name) is not None


def test_every_export_is_used_by_the_compiler() -> None:
    assert {f"nix.{name}" for name in EXPORTS} <= named_by_the_compiler()


#: What CPython's compiler would warn of, on the user's terminal, if it were code in place.
OF_THE_WRONG_TYPE = (
    "builtins.head null",
    "builtins.elemAt true 0",
    "builtins.elemAt builtins.null 0",
    "builtins.length false",
    "null.a",
    "null y",
    "let x = null; in x.a",
    "with { n = null; }; n.a",
)


@pytest.mark.parametrize("expression", OF_THE_WRONG_TYPE)
def test_constants_of_the_wrong_type_compile_without_a_warning(expression: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # in a function: code that runs once is not code in place
        with pytest.raises(nixbridge.NixError):
            nixbridge.evaluate(f"let f = y: {expression}; in f 1")
