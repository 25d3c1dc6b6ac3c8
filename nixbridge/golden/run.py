"""Many cases: which need to be evaluated at all, and over how many processes they are spread."""

from __future__ import annotations

import os

from nixbridge.compiler.cache import CodeCache, cache_folder
from nixbridge.evaluator.session import Options
from nixbridge.golden.check import check
from nixbridge.golden.outcome import Outcome
from nixbridge.golden.pairs import Case
from nixbridge.golden.passes import Passes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Checked = tuple[int, list[Outcome], list[str]]

#: Fewer cases than this are done before further processes have started.
WORTH_A_PROCESS = 40
#: Cases that a process gets at a time.
CHUNK = 20


def run(
    cases: list[Case],
    options: Options,
    *,
    passes: Passes | None = None,
    processes: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Outcome]:
    """The outcomes of all cases, in their order. `passes` None: every case is evaluated. `progress` hears of each that is done.

    `processes` None: one a core where there are many cases to evaluate.
    """
    results: dict[int, list[Outcome]] = {}
    pending: list[tuple[int, Case]] = []
    for number, case in enumerate(cases):
        if passes is not None and case.problem is None and passes.unchanged(case):
            results[number] = [Outcome(case, "passed", "unchanged")]
        else:
            pending.append((number, case))
    if progress is not None:
        progress(len(results))
    for number, outcomes, files in spread(pending, options, processes):
        results[number] = outcomes
        if passes is not None and cases[number].problem is None:
            passes.note(cases[number], not any(outcome.failed for outcome in outcomes), files)
        if progress is not None:
            progress(1)
    return [outcome for number in range(len(cases)) for outcome in results[number]]


def spread(pending: list[tuple[int, Case]], options: Options, processes: int | None) -> Iterator[Checked]:
    """The outcomes as they come, from this process or from several."""
    if processes is None:
        processes = (os.cpu_count() or 1) if len(pending) >= WORTH_A_PROCESS else 1
    if processes <= 1 or len(pending) < 2:
        yield from check_chunk(pending, options)
        return
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    chunks = [pending[start : start + CHUNK] for start in range(0, len(pending), CHUNK)]
    # fork: a child has all modules already; nothing here has started a thread before
    with ProcessPoolExecutor(min(processes, len(chunks)), mp_context=get_context("fork")) as pool:
        for future in as_completed([pool.submit(check_list, chunk, options) for chunk in chunks]):
            yield from future.result()


def check_list(chunk: list[tuple[int, Case]], options: Options) -> list[Checked]:
    """`check_chunk` as a list, which can be sent from one process to another."""
    return list(check_chunk(chunk, options))


def check_chunk(chunk: list[tuple[int, Case]], options: Options) -> Iterator[Checked]:
    """The outcomes of some cases, in this process."""
    cache = CodeCache(cache_folder() if options.cache else None)
    for number, case in chunk:
        outcomes, files = check(case, options, cache)
        yield number, outcomes, files
