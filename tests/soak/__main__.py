"""`python -m tests.soak`: what grows over a long time is printed, and is an error."""

from __future__ import annotations

import argparse
import sys

from tests.soak import editing, evaluations, watching
from tests.soak.footprint import described, growth

PARTS = {"evaluations": evaluations.soak, "changes": watching.soak, "edits": editing.soak}


def main() -> int:
    """Run each part for as many rounds as are asked for; return 1 where a figure grew or an answer was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--evaluations", type=int, default=100_000, help="evaluations in eight threads of one process")
    parser.add_argument("--changes", type=int, default=1000, help="changes that check --watch sees")
    parser.add_argument("--edits", type=int, default=3600, help="edits sent to the language server")
    parser.add_argument("--minutes", type=float, default=120, help="the most that each part may take")
    options = parser.parse_args()
    bad = 0
    for name, soak in PARTS.items():
        rounds = getattr(options, name)
        if not rounds:
            continue
        taken, problems = soak(rounds, options.minutes * 60)
        problems += growth(taken)
        print(f"{name}: {described(taken)}", flush=True)
        for problem in problems[:20]:
            print(f"    {problem}")
        bad += len(problems)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
