"""Random expressions give under nixbridge what they give under a real Nix: the same text, or the same error."""

from __future__ import annotations

import re

import pytest

from nixbridge.language.builtins.registry import BUILTINS
from tests.differential.answers import FORMATS, Answer, nix_answers, our_answer
from tests.differential.calls import Calls
from tests.differential.forms import ANY, BY_TYPE, WITHOUT_FORM
from tests.differential.generator import Generator
from tests.real_nix import real_nix

#: Expressions a batch; a batch is a seed.
BATCH = 200
SEEDS = range(4)
#: Most calls fail, and each that fails costs a process of Nix.
CALLS = 100


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("seed", SEEDS)
def test_generated_expressions_give_what_nix_gives(seed: int, format: str) -> None:
    generator = Generator(len(FORMATS) * seed + list(FORMATS).index(format))
    answers = compared([generator.expression() for _ in range(BATCH)], format)
    assert sum(answer.text is not None for answer in answers) > 0.8 * BATCH, "most of them should evaluate"


def test_calls_with_arguments_of_any_kind_give_what_nix_gives() -> None:
    calls = Calls(0)
    compared([calls.expression() for _ in range(CALLS)], "nix")


def compared(expressions: list[str], format: str) -> list[Answer]:
    """Nix's answers, which are nixbridge's as well."""
    nix = real_nix()
    if nix is None:
        pytest.skip("no real Nix was found: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    answers = nix_answers(nix, expressions, format)
    for expression, wanted in zip(expressions, answers, strict=True):
        found = our_answer(expression, format)
        assert found.says_the_same(wanted), f"{expression}\nNix: {wanted}\nnixbridge: {found}"
    return answers


def test_the_forms_use_every_builtin() -> None:
    written = " ".join(form for forms in (ANY, *BY_TYPE.values()) for form in forms)
    used = set(re.findall(r"[A-Za-z0-9_']+", written))
    without = {name for names in WITHOUT_FORM.values() for name in names}
    assert set(BUILTINS) - used == without
