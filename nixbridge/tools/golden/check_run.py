"""A run over many cases: those that are known from before are not evaluated, the others are spread over processes."""

from __future__ import annotations

import os
from functools import partial

from nixbridge.errors.exceptions import NixError
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.golden.case_check import Projects, check
from nixbridge.tools.golden.outcome import Outcome
from nixbridge.tools.golden.pairs import Case
from nixbridge.tools.golden.result_cache import ResultCache
from nixbridge.tools.inputs import open_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Protocol, TypeVar

    from nixbridge.errors.exceptions import LimitReached

    T = TypeVar("T")
    Checked = tuple[int, list[Outcome], list[str]]

    class Limits(Protocol):
        """Limits the evaluation of one case."""

        def begin(self, options: Options) -> None:
            """Set the limits. Exceeding one raises LimitReached or MemoryError, or kills the process."""

        def end(self) -> None:
            """Clear the limits."""

        def memory_error(self, options: Options) -> LimitReached:
            """Return the error for a MemoryError."""


#: Fewer cases than this are done before further processes have started.
WORTH_A_PROCESS = 40
#: Cases that a process gets at a time.
CHUNK = 20


class Runner:
    """The way in which cases are checked. `processes` None: one a core where there are many cases to evaluate.

    `limits` limit the evaluation of each case. `progress` is called with the number of newly checked cases and the total.
    """

    def __init__(
        self,
        options: Options,
        *,
        processes: int | None = None,
        limits: Limits | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.options, self.processes, self.limits, self.progress = options, processes, limits, progress

    def run(self, cases: list[Case], known_results: ResultCache) -> list[Outcome]:
        """Return the outcomes of the cases, in their order; cases whose results are known are not evaluated."""
        results: dict[int, list[Outcome]] = {}
        pending: list[tuple[int, Case]] = []
        for number, case in enumerate(cases):
            known = known_results.outcomes(case)
            if known is not None:
                results[number] = known
            else:
                pending.append((number, case))
        self._show_progress(len(results), len(cases))
        for number, outcomes, depends in self._spread(pending):
            results[number] = outcomes
            known_results.note(cases[number], outcomes, depends)
            self._show_progress(1, len(cases))
        return [outcome for number in range(len(cases)) for outcome in results[number]]

    def _show_progress(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(done, total)

    def _spread(self, pending: list[tuple[int, Case]]) -> Iterator[Checked]:
        """Yield the outcomes of cases as they come, from this process or from several."""
        processes = self.processes
        if processes is None:
            processes = (os.cpu_count() or 1) if len(pending) >= WORTH_A_PROCESS else 1
        # a file whose evaluation does not end when its time is over is ended with its process, and only that one
        own_process = self.limits is not None and self.options.timeout is not None
        if not pending or (not own_process and (processes <= 1 or len(pending) < 2)):
            yield from check_chunk(pending, self.options, self.limits)
            return
        # rounded up, so that no more chunks than processes are made of few cases
        size = 1 if own_process else min(CHUNK, -(-len(pending) // processes))
        chunks = [pending[start : start + size] for start in range(0, len(pending), size)]
        children = min(processes, len(chunks))
        unanswered: list[tuple[int, Case]] = []
        yield from self._in_pool(chunks, children, unanswered)
        if own_process and children == 1 and unanswered:
            # cases are given out in their order: it was the first one without an answer
            yield died(unanswered.pop(0), self.options)
        # a process that dies breaks the whole pool, so each case without an answer gets a process of its own
        for one in unanswered:
            died_again: list[tuple[int, Case]] = []
            yield from self._in_pool([[one]], 1, died_again)
            yield from (died(case, self.options) for case in died_again)

    def _in_pool(
        self, chunks: list[list[tuple[int, Case]]], children: int, unanswered: list[tuple[int, Case]]
    ) -> Iterator[Checked]:
        """Yield the outcomes of chunks checked by child processes; the cases of a pool that broke go to `unanswered`."""
        from concurrent.futures import ProcessPoolExecutor, as_completed
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import active_children, get_context

        # fork: a child has all modules already; no thread was started before, which would be unsafe to fork
        fork = get_context("fork")
        with ProcessPoolExecutor(children, mp_context=fork, initializer=_end_with_ctrl_c) as pool:
            futures = {}
            try:
                for chunk in chunks:
                    try:
                        futures[pool.submit(check_list, chunk, self.options, self.limits)] = chunk
                    except BrokenProcessPool:  # a child was killed before the last chunk was submitted
                        unanswered += chunk
                for future in as_completed(futures):
                    try:
                        yield from future.result()
                    except BrokenProcessPool:
                        unanswered += futures[future]
            except BaseException:
                # Ctrl-C: leaving the `with` block would wait for every child to finish
                for child in active_children():
                    child.kill()
                raise


def died(one: tuple[int, Case], options: Options) -> Checked:
    """Return the outcome of a case whose process died."""
    message = "the process that checked it was killed, perhaps because it took too much memory"
    if options.timeout is not None:
        message += f", or more than the {options.timeout:g} s of --timeout"
    return one[0], [Outcome(one[1], "error", message)], []


def _end_with_ctrl_c() -> None:
    from signal import SIG_DFL, SIGINT, signal

    signal(SIGINT, SIG_DFL)  # this process says what happened; a child's traceback would say it again


def check_list(chunk: list[tuple[int, Case]], options: Options, limits: Limits | None) -> list[Checked]:
    """Return `check_chunk` as a list, which can be sent from one process to another."""
    return list(check_chunk(chunk, options, limits))


def check_chunk(chunk: list[tuple[int, Case]], options: Options, limits: Limits | None) -> Iterator[Checked]:
    """Yield the outcomes of some cases, checked in this process."""
    cache, projects = open_cache(options), Projects(options)
    for number, case in chunk:
        try:
            outcomes, depends = limited(partial(check, case, options, cache, projects), options, limits)
        except NixError as error:
            # a limit, or settings of the case's project that are not valid
            outcomes, depends = [Outcome(case, "error", str(error))], []
        except Exception as error:
            # a mistake of ours in one file must not hide what is wrong in the others
            message = f"internal: {type(error).__name__}: {error}\nThis is a bug in nixbridge, not in the file. Please report it."
            outcomes, depends = [Outcome(case, "error", message)], []
        yield number, outcomes, depends


def limited(task: Callable[[], T], options: Options, limits: Limits | None) -> T:
    """Return the result of a task that has limits of its own.

    Raises LimitReached where that did not become an outcome: it fell between two evaluations, or into the report of another error.
    """
    if limits is None:
        return task()
    try:
        limits.begin(options)
        return task()
    except (MemoryError, SystemError):
        raise limits.memory_error(options) from None
    finally:
        limits.end()
