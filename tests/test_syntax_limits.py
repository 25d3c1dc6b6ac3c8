"""Large and deep texts: no recursion, no quadratic time, and the rules that hold for long rows too."""

from __future__ import annotations

import time

import pytest

from nixbridge.errors.exceptions import NixSyntaxError
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.parser import parse
from nixbridge.language.syntax.tree_text import to_text
from nixbridge.source import Source

N = 5_000
DEEP = {
    "parentheses": "(" * N + "1" + ")" * N,
    "lists": "[" * N + "]" * N,
    "sets": "{a=" * N + "1" + ";}" * N,
    "functions": "x: " * N + "1",
    "strings": '"${' * N + "1" + '}"' * N,
    "indented strings": "''${" * N + "1" + "}''" * N,
    "else if": "if 1 then 1 else " * N + "1",
    "let": "let a = 1; in " * N + "1",
    "left operators": "1" + " + 1" * N,
    "right operators": "[]" + " ++ []" * N,
    "prefix operators": "- " * N + "1",
    "arguments": "f" + " f" * N,
    "pipes": "1" + " |> f" * N,
    "selections": "a" + ".a" * N,
    "defaults": "a.b or " * N + "1",
    "attribute paths that merge": "{ " + "a." * N + "b = 1; " + "a." * N + "c = 1; }",
    "sets that merge": "{ " + ("a = { " * N + "}; " * N) * 2 + "}",
    "formals": "{ a ? " * N + "1 " + "}: 1" * N,
    "comments": "/**/" * N + "1",
    "no blanks": "1" + "+1" * N,
    "attributes": "{ " + " ".join(f"a.b{number} = 1;" for number in range(N)) + " }",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in DEEP.items()])
def test_a_deep_or_long_text_parses_and_is_shown(text: str) -> None:
    started = time.process_time()
    source = Source(text)
    assert to_text(parse(source), source)
    assert time.process_time() - started < 3  # some 0.1 s; quadratic would be a minute


@pytest.mark.parametrize("text", ["(" * N, "{a=" * N, '"${' * N, "[" * N + "}" * N, "/*" + "* " * N, "<a" * N])
def test_a_deep_text_that_is_wrong_is_a_syntax_error(text: str) -> None:
    with pytest.raises(NixSyntaxError):
        parse(Source(text))


def test_a_path_or_uri_that_begins_with_a_very_long_row_is_one() -> None:
    row = "a+" * 500
    assert to_text(parse(Source(f"{row}/b"))) == f"{row}/b"
    assert to_text(parse(Source(f"{row}:b"))) == f'"{row}:b"'
    assert to_text(parse(Source(f"x: {row}/${{x}}"))) == f"(x: ({row}/ + x))"


def test_a_row_that_looks_like_a_path_is_not_one() -> None:
    root = parse(Source("x: " + "x+" * 500 + "x"))
    assert isinstance(root, tree.Lambda)
    assert to_text(root.body).count("x") == 501


def test_places_in_a_long_line_count_bytes() -> None:
    source = Source('"' + "é" * 1000 + '" + 1')
    root = parse(source)
    assert isinstance(root, tree.Binary)
    assert source.position(root.at) == (1, 2003)
