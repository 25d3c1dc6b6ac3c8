"""nixbridge beside a real Nix, source by source: the report says which side differs, errors included."""

from __future__ import annotations

import os
import time

from nixbridge.compiler.cache import CodeCache, cache_folder
from nixbridge.errors.kinds import NixError
from nixbridge.evaluator.session import Options, given_arguments, open_evaluator
from nixbridge.formats.document import to_document
from nixbridge.formats.json import pretty
from nixbridge.golden.difference import differences, sorted_by_kind
from nixbridge.golden.outcome import Outcome
from nixbridge.golden.pairs import Case
from nixbridge.parity.oracle import NixAnswer, RealNix


def compare_with_nix(cases: list[Case], options: Options, command: str | None, nixernetes: str | None) -> list[Outcome]:
    """An outcome for each source. Raises UsageError where no real Nix was found: that is not success."""
    nix = RealNix(command, nixernetes)
    cache = CodeCache(cache_folder() if options.cache else None)
    outcomes: list[Outcome] = []
    for source in dict.fromkeys(
        case.source for case in cases if case.format != "markdown" and case.source.endswith(".nix")
    ):
        start = time.perf_counter()
        outcome = compare_file(Case(source), options, nix, cache)
        outcome.seconds = time.perf_counter() - start
        outcomes.append(outcome)
    return outcomes


def compare_file(case: Case, options: Options, nix: RealNix, cache: CodeCache) -> Outcome:
    """The outcome of one file: the golden side is what Nix says."""
    path = os.path.abspath(case.source)
    evaluator = open_evaluator(options, os.path.dirname(path), lambda text: None, cache)
    error: NixError | None = None
    document = None
    try:
        document = evaluator.run(
            lambda: to_document(
                evaluator.evaluate_for_user(
                    evaluator.read(path), given_arguments(evaluator, options), options.attribute
                ),
                evaluator.host,
            )
        )
    except NixError as raised:
        error = raised
    return judge(case, nix.evaluate(path, options.arguments), document, error)


def judge(case: Case, answer: NixAnswer, document: object, error: NixError | None) -> Outcome:
    """Which side differs, and how."""
    if answer.error is not None and error is not None:
        return Outcome(case, "passed", f"both fail; Nix: {answer.error}; nixbridge: {error.message}")
    if answer.error is not None:
        message = f"Nix fails and nixbridge does not: {answer.error}"
        return Outcome(case, "different", message, golden=f"error: {answer.error}", now=pretty(document))
    golden = pretty(answer.document)
    if error is not None:
        message = f"nixbridge fails and Nix does not: {error.message}"
        return Outcome(case, "different", message, golden=golden, now=f"error: {error.message}")
    found = sorted_by_kind(differences(answer.document, document))
    return Outcome(case, "different" if found else "passed", differences=found, golden=golden, now=pretty(document))
