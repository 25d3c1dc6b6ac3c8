"""A long run: `python -m tests.differential --count 20000 --seed 1000`.

Prints each difference, the shortest last, messages apart from values, and the share of expressions that evaluate.
"""

from __future__ import annotations

import argparse
import sys

from tests.differential.answers import FORMATS, Answer, nix_answers, our_answer
from tests.differential.calls import Calls
from tests.differential.generator import Generator
from tests.real_nix import real_nix

BATCH = 1000

Difference = tuple[str, Answer, Answer]


def main() -> None:
    """Compares and reports; exit status 1 when a value differs."""
    given = options()
    nix = real_nix()
    if nix is None:
        sys.exit("no real Nix: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    values: list[Difference] = []
    messages: list[Difference] = []
    evaluated, batches = 0, -(-given.count // BATCH)
    for number in range(batches):
        seed, format = given.seed + number, list(FORMATS)[number % len(FORMATS)]
        generator = Calls(seed) if given.calls else Generator(seed, given.size, given.mistakes)
        expressions = [generator.expression() for _ in range(BATCH)]
        for expression, wanted in zip(expressions, nix_answers(nix, expressions, format), strict=True):
            found = our_answer(expression, format)
            evaluated += wanted.text is not None
            if not found.says_the_same(wanted):
                (messages if found.agrees(wanted) else values).append((expression, wanted, found))
        print(f"seed {seed}: {len(values)} values and {len(messages)} messages differ", flush=True)
    report("message", messages)
    report("value", values)
    share = evaluated / (BATCH * batches)
    print(f"{BATCH * batches} expressions, {share:.0%} evaluate; {len(values)} values, {len(messages)} messages differ")
    sys.exit(1 if values else 0)


def options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--size", type=int, default=12, help="how many forms are nested in an expression, about")
    parser.add_argument("--mistakes", type=float, default=0.004, help="how often a type is wrong")
    parser.add_argument("--calls", action="store_true", help="calls with arguments of any kind, not typed expressions")
    return parser.parse_args()


def report(what: str, differences: list[Difference]) -> None:
    """Prints the differences, the shortest expression last."""
    for expression, wanted, found in sorted(differences, key=lambda difference: -len(difference[0])):
        print(f"\n{what}: {expression}")
        for name, answer in (("Nix", wanted), ("nixbridge", found)):
            print(f"  {name}: {answer.text.rstrip() if answer.text is not None else f'error: {answer.error}'}")


if __name__ == "__main__":
    main()
