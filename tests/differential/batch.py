"""A batch: some expressions of one seed, answered by both. It runs in a process of its own, which may die or never end.

`python -m tests.differential.batch GENERATOR SEED COUNT FORMAT` prints a line of JSON for each expression that Nix evaluates, for each
difference, and for each expression before nixbridge is asked: the last one tells what killed the process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.differential.answers import Answer, nix_answers, our_answer
from tests.differential.differences import Difference, Origin
from tests.differential.generators import Expressions, opened
from tests.real_nix import real_nix

ROOT = Path(__file__).resolve().parents[2]
#: Seconds for a batch; a batch that takes longer has met an expression that does not end.
PATIENCE = 900


class Batch(NamedTuple):
    """A request for the first `count` expressions of a generator's seed, answered in a format."""

    generator: str
    seed: int
    count: int
    format: str


class Outcome(NamedTuple):
    """The result of a batch: the number of expressions compared, the number that Nix has a value for, and the differences."""

    compared: int
    evaluated: int
    differences: list[Difference]


def stream(expressions: Expressions, count: int) -> list[str]:
    """The first expressions of a seed."""
    return [expressions.expression() for _ in range(count)]


def answer(batch: Batch, nix: str) -> None:
    """Answer each expression with both and print the result as JSON lines."""
    with opened(batch.generator, batch.seed, batch.format) as (expressions, setting):
        asked = stream(expressions, batch.count)
        for number, wanted in enumerate(nix_answers(nix, asked, setting, at_once=1)):
            if not wanted.ended:
                continue
            print(json.dumps({"number": number, "evaluates": wanted.text is not None}), flush=True)
            found = our_answer(asked[number], setting)
            if not found.says_the_same(wanted):
                # alone: the order in which Nix visits attributes depends on all names that its process has met
                wanted = nix_answers(nix, [asked[number]], setting)[0]
            if not found.says_the_same(wanted):
                print(json.dumps({"differs": number, "wanted": wanted, "found": found}), flush=True)


#: The processes of the batches that are running.
_running: set[subprocess.Popen[bytes]] = set()


def stop_batches() -> None:
    """End the batches that are running: what they have found so far is their outcome."""
    while _running:
        _end(_running.pop())


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a batch and the Nix that it is asking, which share a process group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def outcome(batch: Batch) -> Outcome:
    """Run a batch in a process of its own, which Ctrl-C does not reach."""
    command = [sys.executable, "-m", "tests.differential.batch", *map(str, batch)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, process_group=0) as process:
        _running.add(process)
        end = ""
        try:
            printed, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            end = f"internal: no answer within {PATIENCE} seconds"
            _end(process)
            printed, _ = process.communicate()
    stopped = process not in _running
    _running.discard(process)
    if process.returncode and not end and not stopped:
        end = f"internal: the process ended with status {process.returncode}"
    rows = [json.loads(line) for line in printed.decode().splitlines(keepends=True) if line.endswith("\n")]
    asked = [row for row in rows if "number" in row]
    found = {row["differs"]: (Answer(*row["wanted"]), Answer(*row["found"])) for row in rows if "differs" in row}
    if end and asked:
        found[asked[-1]["number"]] = (Answer(None, "(not asked again)"), Answer(None, end))
    elif end:
        raise RuntimeError(f"{' '.join(command)}: {end}")
    texts = texts_of(batch) if found else []
    differences = [
        Difference(texts[number], wanted, ours, Origin(batch.generator, batch.seed, number, batch.format))
        for number, (wanted, ours) in found.items()
    ]
    return Outcome(len(asked), sum(row["evaluates"] for row in asked), differences)


def texts_of(batch: Batch) -> list[str]:
    """The expressions of a batch once more."""
    with opened(batch.generator, batch.seed, batch.format) as (expressions, _):
        return stream(expressions, batch.count)


def main() -> None:
    """Answer the batch of the command line."""
    generator, seed, count, format = sys.argv[1:]
    nix = real_nix()
    assert nix is not None, "the run that starts batches has found a real Nix"
    answer(Batch(generator, int(seed), int(count), format), nix)


if __name__ == "__main__":
    main()
