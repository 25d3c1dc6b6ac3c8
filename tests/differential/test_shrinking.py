"""A difference is made smaller, named and saved. The differences here are planted, so that no real Nix is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.answers import Answer, Setting, our_answer
from tests.differential.differences import Difference, Origin, groups, kind_of, save
from tests.differential.shrinking import shrunk
from tests.differential.typed import TypedExpressions

SETTING = Setting("nix")
ORIGIN = Origin("typed", 1, 0, "nix")


def answers(expression: str, mistake: str) -> tuple[Answer, Answer]:
    """The right answer, and that of an evaluator in which a name means something else."""
    return our_answer(expression, SETTING), our_answer(f"let {mistake} in ({expression})", SETTING)


def made_smaller(expression: str, mistake: str) -> str:
    kind = kind_of(*answers(expression, mistake))

    def shows(candidates: list[str]) -> list[bool]:
        both = [answers(candidate, mistake) for candidate in candidates]
        return [not found.says_the_same(wanted) and kind_of(wanted, found) == kind for wanted, found in both]

    assert shows([expression]) == [True]
    return shrunk(expression, shows, seconds=20)


@pytest.mark.parametrize(
    ("expression", "mistake", "most"),
    [
        pytest.param(
            '{ a = [ 1 2 (7 - 3) ]; b = "x"; c = map (x: x) [ 1 ]; }',
            "__sub = builtins.add;",
            len("1 - 2"),
            id="an operator",
        ),
        pytest.param(
            'let s = "hello world"; in rec { x = baseNameOf s; y = { z = [ x s ]; }; }',
            'baseNameOf = x: "other";',
            len('baseNameOf ""'),
            id="a builtin",
        ),
    ],
)
def test_a_planted_difference_becomes_what_shows_it(expression: str, mistake: str, most: int) -> None:
    smallest = made_smaller(expression, mistake)
    assert len(smallest) <= most, smallest


def test_a_generated_expression_becomes_small() -> None:
    expressions = TypedExpressions(3)
    mistake = "__sub = builtins.add;"
    generated = (expressions.expression() for _ in range(500))
    expression = next(
        text
        for text in generated
        if len(text) > 100 and (both := answers(text, mistake))[0].text is not None and not both[0].agrees(both[1])
    )
    assert len(made_smaller(expression, mistake)) < len(expression) / 3


def test_differences_that_are_alike_make_one_group() -> None:
    wanted = Answer("1\n")
    alike = [
        Difference(f'f "{name}"', wanted, Answer(None, f"attribute '{name}' missing"), ORIGIN) for name in ("abc", "b")
    ]
    other = Difference("g", wanted, Answer("2\n"), ORIGIN)
    found = groups([*alike, other])
    assert {name: [item.expression for item in items] for name, items in found.items()} == {
        "typed: only nixbridge fails: attribute _ missing": ['f "b"', 'f "abc"'],
        "typed: the values differ": ["g"],
    }


def test_a_saved_difference_is_an_expression_with_both_answers(tmp_path: Path) -> None:
    difference = Difference("[ 1 (2 - 1) ]", Answer("[ 1 1 ]\n"), Answer("[ 1 3 ]\n"), ORIGIN)
    path = save(tmp_path / "differences", difference, "{ a = [ 1 (2 - 1) ]; }.a")
    text = path.read_text(encoding="utf-8")
    assert text.splitlines() == [
        "# typed: the values differ",
        "# from character 4: Nix '[ 1 1 ]\\n', nixbridge '[ 1 3 ]\\n'",
        "# typed, seed 1, expression 0, as nix",
        "# Nix:       [ 1 1 ]",
        "# nixbridge: [ 1 3 ]",
        "# Before it was made smaller:",
        "#   { a = [ 1 (2 - 1) ]; }.a",
        "[ 1 (2 - 1) ]",
    ]
    assert our_answer(text, SETTING) == Answer("[ 1 1 ]\n")
