"""Random expressions give under nixbridge what they give under a real Nix: the same text, or the same error."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.answers import FORMATS, nix_answers, our_answer
from tests.differential.generator import Generator
from tests.real_nix import real_nix

#: Expressions a batch; a batch is a seed.
BATCH = 200
SEEDS = range(5)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("seed", SEEDS)
def test_generated_expressions_give_what_nix_gives(seed: int, format: str, tmp_path: Path) -> None:
    nix = real_nix()
    if nix is None:
        pytest.skip("no real Nix was found: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    generator = Generator(seed if format == "nix" else -1 - seed)
    expressions = [generator.expression() for _ in range(BATCH)]
    answers = nix_answers(nix, expressions, format, str(tmp_path))
    for expression, wanted in zip(expressions, answers, strict=True):
        found = our_answer(expression, format, str(tmp_path))
        assert found.says_the_same(wanted), f"{expression}\nNix: {wanted}\nnixbridge: {found}"
    assert sum(answer.text is not None for answer in answers) > 0.8 * BATCH, "most of them should evaluate"
