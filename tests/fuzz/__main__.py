"""`python -m tests.fuzz [TARGET...]`: random inputs, reproducible by their seed. What breaks the promise is printed as a row."""

from __future__ import annotations

import argparse
import json
import sys
import time

from hypothesis import given, seed, settings

from tests.fuzz.documents import check_writers, documents
from tests.fuzz.running import findings_of, shortened
from tests.fuzz.targets import TARGETS

#: The writers of YAML, JSON and Nix, whose inputs are no texts: hypothesis makes them, and makes them short.
WRITERS = "writers"


def main() -> int:
    """Fuzzes the targets that are named, or all; the exit status is 1 if something was found."""
    names = (*TARGETS, WRITERS)
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"out of {', '.join(names)}")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other inputs")
    parser.add_argument("--count", type=int, default=10_000, help="inputs for each target")
    options = parser.parse_args()
    unknown = [name for name in options.targets if name not in names]
    if unknown:
        parser.error(f"unknown target '{unknown[0]}'")
    total = 0
    for name in options.targets or names:
        start = time.monotonic()
        found = fuzz_writers(options) if name == WRITERS else fuzz(name, options)
        total += found
        print(
            f"{name}: {options.count:,} inputs in {time.monotonic() - start:.0f} s, {found} findings", file=sys.stderr
        )
    return int(total > 0)


def fuzz(name: str, options: argparse.Namespace) -> int:
    """Prints the findings of a target, each once and as short as can be; gives their number."""
    seen: set[tuple[str, str]] = set()
    for finding in findings_of(name, options.seed, options.count):
        if (finding.kind, finding.where) not in seen:
            seen.add((finding.kind, finding.where))
            short = shortened(finding)
            print(json.dumps({"target": name, "text": short.text}), f"  # {short.what} ({short.where})", flush=True)
    return len(seen)


def fuzz_writers(options: argparse.Namespace) -> int:
    """Prints the first document that is read back as another one; gives whether there is one."""
    run = settings(max_examples=options.count, database=None, deadline=None)(given(documents)(check_writers))
    try:
        seed(options.seed)(run)()
    except Exception as error:
        print(f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ()), sep="\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
