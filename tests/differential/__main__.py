"""A long run: `python -m tests.differential --count 20000 --seed 1000`. Prints each difference and the share that evaluates."""

from __future__ import annotations

import argparse
import sys

from nixbridge.golden.difference import differences
from tests.differential.generator import Generator
from tests.differential.test_generated import BATCH, FAILED, nix_answers, our_answer
from tests.real_nix import real_nix


def main() -> None:
    """Compares and reports; exit status 1 on a difference."""
    options = argparse.ArgumentParser(prog="python -m tests.differential")
    options.add_argument("--count", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1000)
    given = options.parse_args()
    nix = real_nix()
    if nix is None:
        sys.exit("no real Nix: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    different = evaluated = total = 0
    for seed in range(given.seed, given.seed + given.count // BATCH):
        generator = Generator(seed)
        expressions = [generator.expression() for _ in range(BATCH)]
        for expression, wanted in zip(expressions, nix_answers(nix, expressions), strict=True):
            got = our_answer(expression)
            total += 1
            evaluated += wanted is not FAILED
            same = (got is FAILED) == (wanted is FAILED) and (wanted is FAILED or not differences(wanted, got))
            if not same:
                different += 1
                print(f"{expression}\n  Nix: {wanted!r}\n  nixbridge: {got!r}")
    print(f"{total} expressions, {evaluated / total:.0%} evaluate, {different} different")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
