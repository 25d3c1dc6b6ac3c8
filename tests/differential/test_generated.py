"""Random expressions give under nixbridge what they give under a real Nix: the same text, or the same error."""

from __future__ import annotations

import re

import pytest

from nixbridge.builtins.catalogue import BUILTINS
from tests.differential.answers import FORMATS, nix_answers, our_answer
from tests.differential.forms import ANY, BY_TYPE
from tests.differential.generator import Generator
from tests.real_nix import real_nix

#: Expressions a batch; a batch is a seed.
BATCH = 200
SEEDS = range(4)

#: Built-ins that no form uses, and why.
WITHOUT_FORM = {
    "needs the network, a store or a machine": (
        *("fetchGit", "fetchMercurial", "fetchTarball", "fetchurl", "getFlake", "storePath", "derivationStrict"),
        *("currentSystem", "currentTime"),
    ),
    "Nix needs a switch for it": ("parseFlakeRef", "flakeRefToString"),
    "Nix gives back what was not evaluated, and stumbles over it": ("break",),
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("seed", SEEDS)
def test_generated_expressions_give_what_nix_gives(seed: int, format: str) -> None:
    nix = real_nix()
    if nix is None:
        pytest.skip("no real Nix was found: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    generator = Generator(len(FORMATS) * seed + list(FORMATS).index(format))
    expressions = [generator.expression() for _ in range(BATCH)]
    answers = nix_answers(nix, expressions, format)
    for expression, wanted in zip(expressions, answers, strict=True):
        found = our_answer(expression, format)
        assert found.says_the_same(wanted), f"{expression}\nNix: {wanted}\nnixbridge: {found}"
    assert sum(answer.text is not None for answer in answers) > 0.8 * BATCH, "most of them should evaluate"


def test_the_forms_use_every_builtin() -> None:
    written = " ".join(form for forms in (ANY, *BY_TYPE.values()) for form in forms)
    used = set(re.findall(r"[A-Za-z0-9_']+", written))
    without = {name for names in WITHOUT_FORM.values() for name in names}
    assert set(BUILTINS) - used == without
