"""A long run: `python -m tests.differential --minutes 30`, or `--count 20000`. README.md beside this file says more.

Ctrl-C ends the comparing, not the report. Exit status 1 when a value differs, or a message; 2 without a real Nix.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from tests.differential.answers import nix_answers, our_answer
from tests.differential.batch import Batch, Outcome, outcome, stop_batches
from tests.differential.differences import Difference, groups, save
from tests.differential.generators import GENERATORS, nixpkgs_lib, opened
from tests.differential.shrinking import shrunk
from tests.real_nix import real_nix

#: Expressions a batch.
BATCH = 500
#: Seconds to make one difference smaller, and how many of a group are.
SHRINKING, SHRUNK_OF_A_GROUP = 30, 1


def main() -> None:
    """Compare, make the differences smaller, save and report them."""
    given = options()
    nix = real_nix()
    if nix is None:
        print("no real Nix: set NIXBRIDGE_NIX or put nix-instantiate on the PATH", file=sys.stderr)
        sys.exit(2)
    names = [name for name in given.generator or GENERATORS if not left_out(name)]
    if not names:
        sys.exit(2)
    print(f"seed {given.seed}: {', '.join(names)}", flush=True)
    run = Run()
    run.compare(batches(names, given.seed, given.count), given.minutes)
    run.report(nix, given.save)
    sys.exit(1 if run.differences else 0)


def options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential")
    parser.add_argument("--minutes", type=float, help="how long to compare; without it, --count says how much")
    parser.add_argument("--count", type=int, help="how many expressions at most, 20,000 unless there are --minutes")
    parser.add_argument(
        "--generator", action="append", choices=GENERATORS, help="one of the generators (may be given again)"
    )
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10**6), help="where to begin, a new place each time"
    )
    parser.add_argument(
        "--save", type=Path, default=Path("differences"), metavar="DIR", help="where each difference goes"
    )
    given = parser.parse_args()
    if given.count is None and given.minutes is None:
        given.count = 20_000
    return given


def left_out(name: str) -> bool:
    """Return whether a generator cannot be used here, and say why."""
    if GENERATORS[name].uses_lib and nixpkgs_lib() is None:
        print(f"{name}: left out, since NIXBRIDGE_SUITES names no nixpkgs", file=sys.stderr)
        return True
    return False


def batches(names: list[str], seed: int, count: int | None) -> Iterator[Batch]:
    """Batches of all generators in turn, each as often as its share says."""
    picks = random.Random(seed)
    left = count
    for number in itertools.count(seed):
        size = BATCH if left is None else min(left, BATCH)
        if not size:
            return
        name = picks.choices(names, [GENERATORS[name].share for name in names])[0]
        formats = GENERATORS[name].formats
        yield Batch(name, number, size, formats[number % len(formats)])
        left = None if left is None else left - size


class Run:
    """A run over many batches: what was compared, and what differs."""

    def __init__(self) -> None:
        self.compared: Counter[str] = Counter()
        self.evaluated: Counter[str] = Counter()
        self.differences: list[Difference] = []

    def compare(self, batches: Iterator[Batch], minutes: float | None) -> None:
        """Run batches, as many at once as there are processors, until there are none left, the time is over or Ctrl-C stops it."""
        end = None if minutes is None else time.monotonic() + 60 * minutes
        workers = os.cpu_count() or 1
        running: dict[Future[Outcome], Batch] = {}
        with ThreadPoolExecutor(workers) as pool:
            try:
                for batch in batches:
                    if end is not None and time.monotonic() > end:
                        break
                    running[pool.submit(outcome, batch)] = batch
                    if len(running) == workers:
                        self.collect(running, wait(running, return_when=FIRST_COMPLETED).done)
                wait(running)
            except KeyboardInterrupt:
                print("stopped", flush=True)
                stop_batches()
            self.collect(running, set(running))

    def collect(self, running: dict[Future[Outcome], Batch], done: set[Future[Outcome]]) -> None:
        """Take in what batches found."""
        for future in done:
            batch, found = running.pop(future), future.result()
            self.compared[batch.generator] += found.compared
            self.evaluated[batch.generator] += found.evaluated
            self.differences += found.differences
            total = sum(self.compared.values())
            print(f"{total:7} compared, {len(self.differences)} differ: {batch.generator} {batch.seed}", flush=True)

    def report(self, nix: str, folder: Path) -> None:
        """Print the differences by what they are, made smaller, and how much was compared."""
        smaller: dict[Difference, Difference] = {}
        for alike in groups(self.differences).values():
            smaller |= {difference: made_smaller(nix, difference) for difference in alike[:SHRUNK_OF_A_GROUP]}
        for name, alike in groups(smaller.values()).items():
            print(f"\n{name}")
            for difference in alike:
                original = next(key.expression for key, value in smaller.items() if value is difference)
                print(f"  {save(folder, difference, original)}: {difference.expression[:200]!r}")
        print()
        for name in self.compared:
            print(
                f"{name:17} {self.compared[name]:7} compared, {self.evaluated[name] / max(1, self.compared[name]):4.0%} evaluate"
            )
        compared, values = sum(self.compared.values()), sum(difference.is_of_value for difference in self.differences)
        share = sum(self.evaluated.values()) / max(1, compared)
        print(
            f"{compared} expressions, {share:.0%} evaluate; {values} values, {len(self.differences) - values} messages differ"
            f" ({len(groups(smaller.values()))} kinds)"
        )


def made_smaller(nix: str, difference: Difference) -> Difference:
    """The smallest difference of the same kind that is found in a while."""
    origin = difference.origin
    with opened(origin.generator, origin.seed, origin.format) as (_, setting):

        def asked(expressions: list[str]) -> list[Difference]:
            answers = zip(expressions, nix_answers(nix, expressions, setting), strict=True)
            return [Difference(text, wanted, our_answer(text, setting), origin) for text, wanted in answers]

        def shows(expressions: list[str]) -> list[bool]:
            return [
                not other.found.says_the_same(other.wanted) and other.kind == difference.kind
                for other in asked(expressions)
            ]

        if difference.found.error.startswith("internal: the process"):
            return difference  # asking again would end this process
        return asked([shrunk(difference.expression, shows, SHRINKING)])[0]


if __name__ == "__main__":
    main()
