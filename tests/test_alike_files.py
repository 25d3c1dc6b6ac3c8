"""Files that differ in their lists of data alone share code: each gives what it gives by itself, with its own lines and name."""

from __future__ import annotations

from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from nixbridge.errors.exceptions import NixError
from nixbridge.errors.report import report
from nixbridge.language.compiler import compile as compiling
from nixbridge.language.compiler.cache import COMPILED, FEW, CodeCache
from nixbridge.language.formats.nix import write
from nixbridge.language.syntax.data_lists import data_lists
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation

#: Lists of data of several kinds and heights, each of which a file may have in the place of another.
LISTS = (
    '[ { a = "1"; } ]',
    "[\n  {\n    a = 1;\n  }\n  { a = 2.5; }\n]",
    '[ { a = [ 1 "b" { c = 3; } ]; }\n  {\n  "d" = "é\n";\n } ]',
    "[ { a = 1; b = 2; a = 3; } ]",
    "[ { if = 1; } ]",
    "[ { a = 9223372036854775808; } ]",
    '[ { a = "\\${b}"; } [ { } ] ]',
    "[\n{ a = 01; } ]",
    '[ { "" = 1; } ]',
    '[ { b = 2; a = 0.10; "c" = { "d e" = "x"; }; } { a = { }; } { a = [ ]; } ]',
)
#: Files, with `@` where a list is.
FILES = {
    "a value": "{ before = 1;\n  all = @;\n  after = 2; }",
    "a function": "let\n  all = @;\nin\nx:\n  all",
    "two lists": "let\n  a = @;\n  b = 1 + 1;\n  c = @;\n  d = x: y: x\n    y;\nin { inherit a b c d; }",
    "a failure after the lists": "let\n  f = x:\n    throw x;\n  a = @;\n  g = y:\n    f y;\nin { r = g\n  (toString (map toString a)); }",
    "a failure before them": "let\n  f = x:\n    x.missing;\n  r = f\n    {};\n  a = @;\nin builtins.seq r\n a",
    "a failure in a function around them": "let f = x: let\n  a = @;\n  b = x +\n    a;\nin b; in f\n 1",
    "a position": "{\n  a = @;\n  b = 1;\n  p = __curPos; }",
    "an attribute's position": "let s = {\n  a = @;\n  b = 1; };\nin builtins.unsafeGetAttrPos\n  \"b\" s",
    "names to be computed": "let n = \"b\"; in {\n  a = @;\n  ${n} = 1;\n  \"${n + \"\"}\" = 2; }",
    "names to be computed once": "let n = \"b\"; in {\n  a = @;\n  ${n} = 1; }",
    "paths": "let\n  a = @;\nin\n[ (baseNameOf ./x) (builtins.length a) (builtins.pathExists ./nowhere) ]",
    "inside a string": "''\n  a = @;\n  ${toString 1}''",
    "inside a comment": "# a = @;\n/* b = @;\n */ x: builtins.elemAt\n  x",
    "an argument": "(x: map (y: y.a or 0) x.a) {\n  a = @;\n}",
    "a set that is known": "let\n  s = {\n  a = @;\n  b = \"x\"; };\nin with s;\n[ a b s.b (f: f\n  b) ]",
    "an undefined name": "{\n  a = @;\n  b = c; }",
    "a missing semicolon": "{\n  a = @;\n  b = 1\n}",
    "a name that is defined twice": "{\n  a = @;\n  b = 1;\n  a = 2; }",
    "no list": "let f = x:\n  x.y; in f\n 1",
}  # fmt: skip


def outcome(text: str, name: Path) -> str:
    """The value of a file as Nix prints it, or the report of its error."""
    evaluation = Evaluation(Options(cache=False, project=False), str(name.parent))
    try:
        return evaluation.read(Source(text, str(name), str(name.parent)), write)
    except NixError as error:
        return report(error)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_what_it_is_by_itself(name: str, tmp_path: Path) -> None:
    parts = FILES[name].split("@")
    texts = []
    for first in range(len(LISTS)):
        lists = [LISTS[(first + 3 * index) % len(LISTS)] for index in range(len(parts) - 1)]
        texts.append("".join(map("".join, zip(parts, [*lists, ""], strict=True))))
    texts = [text for text in texts for _ in range(3)]
    paths = [tmp_path / f"{number}.nix" for number in range(len(texts))]
    alone = []
    for text, path in zip(texts, paths, strict=True):
        CodeCache.forget_recent()
        alone.append(outcome(text, path))
    CodeCache.forget_recent()
    COMPILED.files = FEW
    assert [outcome(text, path) for text, path in zip(texts, paths, strict=True)] == alone


def test_the_third_of_a_kind_is_not_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_tree = compiling.compiled

    def noting(expression: Any, name: str) -> CodeType:
        compiled.append(name)
        return compile_tree(expression, name)

    monkeypatch.setattr(compiling, "compiled", noting)
    CodeCache.forget_recent()
    COMPILED.files = FEW
    for number in range(5):
        rows = "".join(f'\n  {{ a = "{row}"; }}' for row in range(number + 1))
        text = f"let rows = [{rows} ];\nin map (row: row.a) rows"
        texts = "".join(f' "{row}"' for row in range(number + 1))
        assert outcome(text, tmp_path / f"{number}.nix") == f"[{texts} ]\n"
    assert compiled == [str(tmp_path / f"{number}.nix") for number in range(2)]


@pytest.mark.parametrize(
    "text",
    [
        "a = [ { b = c; } ];\n",
        "a = [ { b = 1; } ]; c = 2;\n",
        'a = [ { b = "${c}"; } ];\n',
        "a = [ 1 2 ];\n",
        "a = [ { b = -1; } ];\n",
        "a = [ { b.c = 1; } ];\n",
        "a = [ { b = 1/2; } ];\n",
        "a = [ { b = 1e3; } ];\n",
        "a = [ { b = 1; } ] ++ c;\n",
        "a = [ { b = ./c; } ];\n",
    ],
)
def test_what_else_could_matter_is_no_list_of_data(text: str) -> None:
    assert data_lists(text) == []
