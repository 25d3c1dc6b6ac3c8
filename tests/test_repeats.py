"""Values that are written alike, of which the compiler reads one: what it makes of the others is what reading each would have given."""

from __future__ import annotations

from typing import Any

import pytest

from nixbridge.errors.exceptions import NixError
from nixbridge.errors.report import report
from nixbridge.language.compiler.regions import SMALL_TEXT
from nixbridge.language.formats.document import to_document
from nixbridge.language.syntax import parser
from nixbridge.language.syntax.ast import AttrSet, Node, Repeated
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation

PADDING = "#" + "-" * SMALL_TEXT + "\n"
FUNCTIONS = (
    'let f = x: x; g = { a, b ? "none", ... }: "${a} and ${b}"; fail = { message }: throw message; lib.f = f; in\n'
)

#: What is written again and again -> the values that stand in a set one after the other.
ROWS: dict[str, list[str]] = {
    "strings": ['g { a = "1"; b = "2"; }', 'g { a = "x"; b = ""; }', 'g { a = "ü"; b = "3"; }'],
    "escapes": [r'f { a = "\n\"\${x}"; }', r'f { a = "$5 $${x} \\"; }', 'f { a = "two\nlines"; }', 'f { a = "\r\n"; }'],
    "indented strings": ["f { a = ''\n  b\n    c\n''; }", "f { a = ''b''; }", "f { a = ''\n\n   d ' e $ f\n  ''; }"],
    "ends of indented strings": ["f { a = ''b''$''; }", "f { a = ''b'''c''; }", "f { a = ''b''\\nc''; }"],
    "lists of strings": ['f { a = [ "b" ]; c = "1"; }', 'f { a = [ "b" ]; c = "2"; }', 'f { a = [ "d" ]; c = "3"; }'],
    "empty sets and lists": ['f { a = { }; b = [ ]; c = "1"; }', 'f { a = { }; b = [ ]; c = "2"; }'],
    "selections": ['lib.f { a = lib.f (f "1"); b = (f { }); }', 'lib.f { a = lib.f (f "2"); b = (f { }); }'],
    "names of attributes": ['f { "a" = 1; b = "x"; }', 'f { "c" = 1; b = "x"; }', 'f { "b" = 1; a = "x"; }'],
    "selected by strings": ['f { a = { b = "1"; c = "2"; }."b"; }', 'f { a = { b = "1"; c = "2"; }."c"; }'],
    "defaults of selections": ['f { a = { }.b or "1"; }', 'f { a = { }.b or "2"; }'],
    "recursive sets": ['f rec { a = "1"; b = a; }', 'f rec { a = "2"; b = a; }'],
    "recursive sets alone": ['rec { a = "1"; b = a; }', 'rec { a = "2"; b = a; }'],
    "inherited names": ['f { inherit f; a = "1"; }.a', 'f { inherit f; a = "2"; }.a'],
    "conditions": ['f { a = if f true then "1" else "2"; }', 'f { a = if f true then "3" else "4"; }'],
    "places": [
        'f { a = __curPos.line; b = "1"; }',
        'f { a = __curPos.line; b = "2"; }',
        'f { a = __curPos.line; b = "2\n"; }',
    ],
    "arithmetic": ['f { a = 1 + 2; b = "1"; }', 'f { a = 1 + 2; b = "2"; }', 'f { a = 1 - -2; b = "2"; }'],
    "numbers": ['f { a = 1.5; b = 7; c = "1"; }', 'f { a = 1.5; b = 7; c = "2"; }', 'f { a = 1.5; b = 8; c = "2"; }'],
    "many nodes": [
        f'f {{ a = "{number}"; ' + "".join(f"b{index} = f (f [ f {index} ]); " for index in range(12)) + "}"
        for number in range(3)
    ],
    "few nodes": ["f { }", "f { }", "f { }"],
    "errors": ['fail { message = "1"; }', 'fail { message = "long\nand short"; }'],
    "errors behind strings": [
        'f { a = "1"; b = f [ (f (fail { })) ]; }',
        'f { a = "more"; b = f [ (f (fail { })) ]; }',
    ],
}
#: Texts around them: what names mean depends on it.
AROUND = {
    "a set": "{}",
    "a set in a set": "{{ first = {}; second = {}; }}",
    "functions": "let h = f: {}; k = f: g: {}; in [ (h (x: [ x ])) (h (x: x)) (k (x: x) (x: x.a)) ]",
    "a let": "let f = x: [ x ]; in {{ first = {}; second = let f = x: x; in {}; }}",
    "a with": "with {{ f = x: [ x ]; h = 1; }}; {}",
    "a with of a function": "[ (let f = null; h = s: with s; {}; in h {{ f = 2; }}) ]",
    "a recursive set": "rec {{ f = x: [ x ]; all = {}; }}.all",
    "a call": "builtins.attrValues {}",
}


def evaluated(text: str, *, read_each: bool) -> object:
    """The value of a text, or the report of its error. With positions each value is read by itself."""
    evaluation = Evaluation(Options(cache=False, project=False, positions=read_each), None)
    try:
        return evaluation.read(Source(text), to_document)
    except NixError as error:
        return report(error)


def one_by_one(whole: str, names: int) -> list[str]:
    """Texts that select each attribute: an error in one must not hide the others."""
    return [f"{whole}.n{number}" for number in range(names)]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("name", ROWS)
def test_values_written_alike_are_what_each_of_them_is(name: str, around: str) -> None:
    attributes = "".join(f"  n{number} = {value};\n" for number, value in enumerate(ROWS[name] * 2))
    body = f"{{\n{attributes}}}"
    whole = FUNCTIONS + AROUND[around].format(*[body] * AROUND[around].count("{}"))
    texts = [whole]
    if around == "a set":
        texts += one_by_one(f"({whole})", len(ROWS[name]) * 2)
    for text in texts:
        assert evaluated(PADDING + text, read_each=False) == evaluated(PADDING + text, read_each=True)


#: A text with values that are written alike -> what is wrong with it.
MISTAKES = {
    "let f = x: x; in { a = f { b = f 1; }; c = f { b = f 1; }; d = { e = h { b = f 1; }; g = h { b = f 1; }; }; }": (
        "undefined variable 'h'"
    ),
    "[ (f: { a = f { b = f [ 1 ]; }; }) (g: { a = f { b = f [ 1 ]; }; }) ]": "undefined variable 'f'",
    'let f = x: x; in { a = f { b = "1"; }; c = f { b = "2"; }; d = f { b = "3"; } }': (
        "syntax error, unexpected '}', expecting ';'"
    ),
    'let f = x: x; in { a = f { b = "1"; }; c = f { b = "2"; }; a = f { b = "3"; }; }': (
        "attribute 'a' already defined at «string»:2:20"
    ),
    'let f = x: x; in { a = f { b = "1"; }; c = f { b = "2\0"; }; }': "syntax error, unexpected null byte",
    'let f = x: x; in { a = f { b = "1"; }; c = f { b = "${"2"; }; }': "syntax error, unexpected",
    'let f = x: x; in { a = f { "b" = 1; b = "2"; }; }': "attribute 'b' already defined at «string»:2:28",
    'let f = x: x; in { a = f { "c" = 1; b = "2"; }; d = f { "b" = 1; b = "2"; }; }': (
        "attribute 'b' already defined at «string»:2:57"
    ),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_in_values_written_alike_are_found_where_they_are(text: str) -> None:
    found = evaluated(PADDING + text, read_each=False)
    assert found == evaluated(PADDING + text, read_each=True)
    assert str(found).startswith(f"error: {MISTAKES[text]}")


def test_the_first_is_read_and_the_others_are_one_token_each(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens: list[str] = []
    parse_tokens = parser.parse_tokens

    def noting(found: list[parser.Token], *rest: Any) -> Node:
        tokens.extend(token.type for token in found)
        return parse_tokens(found, *rest)

    monkeypatch.setattr(parser, "parse_tokens", noting)
    options = "".join(
        f"  a{number} = lib.mkOption {{\n    description = ''\n      Number {number}, \"one\" of many.\n    '';\n"
        f'    type = lib.types.nullOr (lib.types.enum [ "b" "c" ]);\n    default = "{number}";\n  }};\n'
        for number in range(100)
    )
    text = f"{{\n{options}}}\n"
    root = parser.parse(Source(text), repeated=True)
    assert isinstance(root, AttrSet)
    kinds = [isinstance(attribute.value, Repeated) for attribute in root.bindings.attributes.values()]
    assert kinds == [False] + [True] * 99
    assert len(tokens) == 4 * 100 + 33
