"""The table that the parser runs on is Lark's, and so are the trees."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from lark import Lark
from lark.lexer import Lexer

from nixbridge.errors.exceptions import NixError
from nixbridge.language.name_order import first_numbers
from nixbridge.language.syntax import lalr_table as table
from nixbridge.language.syntax.lexer import tokens_of
from nixbridge.language.syntax.parser import digest, grammar_text, link, parse, parse_tokens
from nixbridge.language.syntax.table_builder import build_table
from nixbridge.language.syntax.transformer import Builder
from nixbridge.language.syntax.tree_text import to_json
from nixbridge.language.syntax.write_table import table_module
from nixbridge.source import Source
from tests.cases import rows


def test_the_shipped_table_is_the_one_lark_makes_of_the_grammar() -> None:
    assert digest(grammar_text()) == table.GRAMMAR
    with open(table.__file__, encoding="utf-8") as file:
        assert file.read() == table_module(grammar_text())


class OurLexer(Lexer):
    """Our tokens for Lark."""

    def __init__(self, _configuration: Any) -> None:
        pass

    def lex(self, text: str) -> Iterator[Any]:  # type: ignore[override]
        yield from tokens_of(Source(text))


def test_larks_own_parser_gives_the_same_trees() -> None:
    builder = Builder(Source(""))
    lark = Lark(grammar_text(), parser="lalr", lexer=OurLexer, transformer=builder, maybe_placeholders=False)
    for parameter in rows("syntax/trees.jsonl"):
        case = parameter.values[0]
        if "tree" in case:
            source = builder.source = Source(case["expr"])
            builder.numbers = first_numbers()
            lark_tree: Any = lark.parse(case["expr"]).children[0]
            assert to_json(lark_tree, source) == to_json(parse(source), source), case["expr"]


def test_a_changed_grammar_is_used_without_generating() -> None:
    """As in a checkout whose grammar somebody edits."""
    changed = grammar_text().replace("(NOT | MINUS)+", "(NOT | MINUS | REC)+")
    source = Source("rec true")
    with pytest.raises(NixError):
        parse(source)
    with pytest.raises(KeyError):  # the grammar takes it; operator_tree does not know it
        parse_tokens(tokens_of(source), source, link(build_table(changed)))


def test_parsing_needs_no_lark() -> None:
    program = (
        "import sys; from nixbridge.source import Source; from nixbridge.language.syntax.parser import parse; parse(Source('1'));"
        "print([name for name in ('lark', 'typing', 'dataclasses', 'json', 'pathlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
