"""Random expressions give under nixbridge what they give under a real Nix: the same text, or the same error."""

from __future__ import annotations

import re

import pytest

from nixbridge.language.builtins.registry import BUILTINS
from tests.differential.answers import FORMATS, nix_answers, our_answer
from tests.differential.batch import Batch, outcome
from tests.differential.differences import shown
from tests.differential.forms import ANY, BY_TYPE, WITHOUT_FORM
from tests.differential.generators import GENERATORS, nixpkgs_lib, opened
from tests.real_nix import real_nix

#: Typed expressions a batch; a batch is a seed.
BATCH = 150
SEEDS = range(2)
#: Expressions of every other generator, and of one whose mistakes are what it is for: those that fail cost a process of Nix each.
FEW, VERY_FEW = 60, 20
MOSTLY_WRONG = ("calls", "changed-files", "flake-references", "folders")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("seed", SEEDS)
def test_typed_expressions_give_what_nix_gives(seed: int, format: str) -> None:
    evaluated = compared("typed", len(FORMATS) * seed + list(FORMATS).index(format), BATCH, format)
    assert evaluated > 0.8 * BATCH, "most of them should evaluate"


@pytest.mark.parametrize("name", [name for name in GENERATORS if name != "typed"])
def test_expressions_of_a_generator_give_what_nix_gives(name: str) -> None:
    if GENERATORS[name].uses_lib and nixpkgs_lib() is None:
        pytest.skip("NIXBRIDGE_SUITES names no nixpkgs")
    count = VERY_FEW if name in MOSTLY_WRONG else FEW
    evaluated = compared(name, 0, count, GENERATORS[name].formats[0])
    assert evaluated > (0.1 if name in MOSTLY_WRONG else 0.5) * count, "enough of them should evaluate"


def compared(name: str, seed: int, count: int, format: str) -> int:
    """Compare the first expressions of a seed, and return how many evaluate."""
    nix = real_nix()
    if nix is None:
        pytest.skip("no real Nix was found: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    with opened(name, seed, format) as (expressions, setting):
        asked = [expressions.expression() for _ in range(count)]
        answers = nix_answers(nix, asked, setting)
        for expression, wanted in zip(asked, answers, strict=True):
            found = our_answer(expression, setting)
            assert found.says_the_same(wanted), f"{expression}\nNix: {shown(wanted)}\nnixbridge: {shown(found)}"
    return sum(answer.text is not None for answer in answers)


def test_a_batch_in_a_process_of_its_own_counts_what_evaluates() -> None:
    if real_nix() is None:
        pytest.skip("no real Nix was found: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    found = outcome(Batch("json", 1, 30, "nix"))
    assert (found.compared, found.differences) == (30, [])
    assert 10 < found.evaluated <= 30


def test_the_forms_use_every_builtin() -> None:
    written = " ".join(form for forms in (ANY, *BY_TYPE.values()) for form in forms)
    used = set(re.findall(r"[A-Za-z0-9_']+", written))
    without = {name for names in WITHOUT_FORM.values() for name in names}
    assert set(BUILTINS) - used == without


@pytest.mark.parametrize("name", [name for name in GENERATORS if name != "folders"])
def test_a_seed_gives_the_same_expressions_again(name: str) -> None:
    make = GENERATORS[name].make
    first, second = make(7), make(7)
    assert [first.expression() for _ in range(20)] == [second.expression() for _ in range(20)]
