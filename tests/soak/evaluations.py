"""Evaluations in eight threads of one process: texts and files of every kind, some known and some never seen before.

Each answer is compared with the one that the same text had at first, before there were threads.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import nixbridge
from tests.conformance.cases import current_folder, named_rows
from tests.soak.footprint import Footprint, footprint

THREADS = 8
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
#: Seconds that an evaluation of the corpus may take to be part of a round: many are wanted, of many kinds.
SHORT = 0.02
#: How many footprints a run takes.
SAMPLES = 100

Task = Callable[[], object]
#: A part of the soak test: rounds and seconds -> the footprints taken, and what was wrong.
Soak = Callable[[int, float], tuple[list[Footprint], list[str]]]


def answer(task: Task) -> object:
    """Return a value that can be compared: what a task returns, or the message of its error."""
    try:
        return json.dumps(task())
    except nixbridge.NixError as error:
        return f"error: {error.message}"


def quiet(base: str) -> nixbridge.Evaluator:
    """Return what `nixbridge.evaluate` makes for each call, except that messages go nowhere."""
    return nixbridge.Evaluator(base=base, cache=False, write_message=lambda text: None)


def of_the_corpus(most: int) -> Iterator[tuple[Task, object]]:
    """Yield the rows and files of fixtures/ that take a short time, each with its answer; of more than `most`, evenly chosen ones."""
    rows = [
        (row["expr"], str(current_folder(path))) for _, path, row in named_rows() if "currentTime" not in row["expr"]
    ]
    files = sorted((FIXTURES / "documentation").glob("*.nix"))
    tasks: list[Task] = [lambda text=text, base=base: quiet(base).evaluate(text) for text, base in rows]
    tasks += [lambda file=file: nixbridge.evaluate_file(file) for file in files]
    for task in tasks[:: -(-len(tasks) // most)]:
        answer(task)  # the first time loads modules and fills caches
        start = time.process_time()
        found = answer(task)
        if time.process_time() - start < SHORT:
            yield task, found


def never_seen(number: int) -> tuple[Task, object]:
    """Return a text with names that no other text has, with its answer."""
    name = f"name{number}"
    text = f'let {name} = x: {{ a-{number} = x; "{name}" = "${{toString x}}-{number}"; }}; in ({name} {number}).{name}'
    return lambda: nixbridge.evaluate(text), json.dumps(f"{number}-{number}")


def with_circles(number: int) -> tuple[Task, object]:
    """Return a text that takes a while and leaves garbage which counting references does not free, with its answer."""
    text = f"let one = n: let s = {{ me = s; inherit n; }}; in s; in (lib.last (map one (lib.range 1 2000))).me.me.n + {number}"
    return lambda: nixbridge.evaluate(text), str(2000 + number)


class Worker(threading.Thread):
    """A thread that takes rounds from a counter that all share until `rounds` are done."""

    def __init__(self, folder: Path, corpus: list[tuple[Task, object]], counter: Iterator[int], rounds: int) -> None:
        super().__init__()
        self.corpus, self.counter, self.rounds = corpus, counter, rounds
        self.done = 0
        self.problems: list[str] = []
        self.file = folder / "changing.nix"
        folder.mkdir()
        self.evaluator = nixbridge.Evaluator(base=folder, builtins={"twice": lambda number: 2 * number})

    def run(self) -> None:
        """Run rounds of evaluations and collect the problems."""
        for number in self.counter:
            if number >= self.rounds:
                return
            task, wanted = self.task(number)
            try:
                found = answer(task)
            except BaseException as error:
                found = f"{type(error).__name__}: {error}"
            if found != wanted:
                self.problems.append(f"round {number}: {found}, not {wanted}")
            self.done += 1

    def task(self, number: int) -> tuple[Task, object]:
        """Return the task of a round and its answer."""
        kind = number % 10
        if kind == 0:
            return never_seen(number)
        if kind == 1 and number % 30 == 1:
            return with_circles(number)
        if kind == 1:
            self.file.write_text(f"twice {number}")
            return lambda: self.evaluator.evaluate("import ./changing.nix"), str(2 * number)
        return self.corpus[number * 7919 % len(self.corpus)]


@contextmanager
def often_interrupted() -> Iterator[None]:
    """Have Python switch between threads more often than it would."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.001)
    yield
    sys.setswitchinterval(before)


def soak(rounds: int, seconds: float) -> tuple[list[Footprint], list[str]]:
    """Return the footprints and the problems of a run of `rounds`, or as many of them as fit into `seconds`."""
    with TemporaryDirectory() as temporary, patch.dict(os.environ, XDG_CACHE_HOME=temporary), often_interrupted():
        corpus = list(of_the_corpus(most=max(1, rounds // 4)))
        counter = itertools.count()
        workers = [Worker(Path(temporary, f"thread{one}"), corpus, counter, rounds) for one in range(THREADS)]
        for worker in workers:
            worker.start()
        taken = list(_watched(workers, rounds, seconds))
        return taken, [problem for worker in workers for problem in worker.problems]


def _watched(workers: list[Worker], rounds: int, seconds: float) -> Iterator[Footprint]:
    """Yield footprints, evenly spread, until the workers are done or their time is over."""
    deadline = time.monotonic() + seconds
    next_at = 0
    while any(worker.is_alive() for worker in workers):
        done = sum(worker.done for worker in workers)
        if time.monotonic() > deadline:
            for worker in workers:
                worker.rounds = 0
        if done >= next_at:
            yield footprint(os.getpid(), done)
            next_at = done + max(1, rounds // SAMPLES)
        time.sleep(0.01)
    for worker in workers:
        worker.join()
