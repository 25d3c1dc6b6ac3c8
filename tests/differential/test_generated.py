"""Random expressions give under nixbridge what they give under a real Nix: the same value, or an error in both."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from nixbridge.compiler.cache import CodeCache
from nixbridge.errors.kinds import NixError
from nixbridge.evaluator.session import Options, open_evaluator
from nixbridge.formats.document import to_document
from nixbridge.golden.difference import differences
from nixbridge.source import Source
from tests.differential.generator import Generator
from tests.real_nix import real_nix

#: Batches of so many expressions, each batch one process of Nix that falls apart where one of them fails.
BATCH = 25
BATCHES = 80

FAILED = object()


def nix_answers(nix: str, expressions: list[str]) -> list[Any]:
    """The documents of the expressions, FAILED for those that fail."""
    text = f"[ {' '.join(f'({expression})' for expression in expressions)} ]"
    command = [nix, "--eval", "--strict", "--json", "-E", text]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode == 0:
        answers: list[Any] = json.loads(done.stdout)
        return answers
    if len(expressions) == 1:
        return [FAILED]
    half = len(expressions) // 2
    return nix_answers(nix, expressions[:half]) + nix_answers(nix, expressions[half:])


def our_answer(expression: str) -> Any:
    """The document of an expression, FAILED where it fails."""
    evaluator = open_evaluator(Options(cache=False), "/", lambda text: None, CodeCache(None))
    try:
        return evaluator.run(lambda: to_document(evaluator.evaluate(Source(expression)), evaluator.host))
    except NixError:
        return FAILED


@pytest.mark.parametrize("seed", range(BATCHES))
def test_generated_expressions_give_what_nix_gives(seed: int) -> None:
    nix = real_nix()
    if nix is None:
        pytest.skip("no real Nix was found: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    generator = Generator(seed)
    expressions = [generator.expression() for _ in range(BATCH)]
    answers = nix_answers(nix, expressions)
    for expression, wanted in zip(expressions, answers, strict=True):
        got = our_answer(expression)
        assert (got is FAILED) == (wanted is FAILED), f"{expression}\nNix: {wanted!r}\nnixbridge: {got!r}"
        if wanted is not FAILED:
            assert differences(wanted, got) == [], expression
    assert sum(answer is not FAILED for answer in answers) > BATCH // 3, "most of them should evaluate"
