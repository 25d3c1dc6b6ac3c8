"""Golden files for sources that have none yet. What does not evaluate gets none."""

from __future__ import annotations

import os

from nixbridge.compiler.cache import CodeCache, cache_folder
from nixbridge.errors.kinds import NixError
from nixbridge.errors.report import report
from nixbridge.evaluator.session import Options, given_arguments, open_evaluator
from nixbridge.formats.catalogue import format_named
from nixbridge.golden.outcome import Outcome
from nixbridge.golden.update import new_golden, write_new


def make_missing(outcomes: list[Outcome], options: Options, golden_folder: str | None, format: str) -> list[str]:
    """Writes a golden file for each source that lacks one; gives the paths. An error stays an outcome, with its message."""
    cache = CodeCache(cache_folder() if options.cache else None)
    written: list[str] = []
    for outcome in outcomes:
        if outcome.status != "missing":
            continue
        path = os.path.abspath(outcome.case.source)
        evaluator = open_evaluator(options, os.path.dirname(path), lambda text: None, cache)
        writer = format_named(format)

        def task() -> str:
            value = evaluator.evaluate_for_user(evaluator.read(path), given_arguments(evaluator, options))  # noqa: B023
            return writer.write(value, evaluator.host)  # noqa: B023

        try:
            document = evaluator.run(task)
        except NixError as error:
            outcome.status, outcome.message = "error", report(error).removeprefix("error: ")
            continue
        golden = new_golden(outcome.case, golden_folder, format)
        write_new(golden, document)
        outcome.case.golden = golden
        written.append(golden)
    return written
