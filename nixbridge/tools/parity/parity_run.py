"""Comparison of nixbridge with a real Nix, source by source, errors included."""

from __future__ import annotations

import os
import time
from concurrent.futures import Future, ThreadPoolExecutor

from nixbridge.errors.exceptions import LimitReached, NixError
from nixbridge.language.formats.json import pretty
from nixbridge.mesh.tables.builder_list import BUILDERS
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.golden.case_check import CaseRun, directives, line_of, without_mark
from nixbridge.tools.golden.check_run import limited
from nixbridge.tools.golden.difference import Difference, differences, shown, sorted_by_kind
from nixbridge.tools.golden.markdown import blocks
from nixbridge.tools.golden.outcome import Outcome
from nixbridge.tools.golden.pairs import Case
from nixbridge.tools.inputs import open_cache
from nixbridge.tools.parity.oracle import NixAnswer, RealNix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.tools.golden.check_run import Limits

#: Both report a syntax error; nixbridge explains more.
_SYNTAX = "syntax error"
#: What Nix says of the service-mesh functions where nobody gave them to it.
_NOT_GIVEN = frozenset(f"undefined variable '{name}'" for name in (*BUILDERS, "serviceMesh", "nixernetes"))


class Parity:
    """A comparison in which a real Nix is the golden side.

    `jobs`: concurrent processes of Nix, by default one per core. `limits` limit nixbridge's side. Raises UsageError where no real Nix was
    found: that is not success.
    """

    def __init__(
        self,
        options: Options,
        command: str | None,
        nixernetes: str | None,
        jobs: int | None,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits
        self.nix = RealNix(options, command, nixernetes)
        self.jobs = jobs or os.cpu_count() or 1
        self.cache = open_cache(options)

    def compare(self, cases: list[Case], options: Options) -> list[Outcome]:
        """Return an outcome for each source, and for each block of a Markdown file. Nix runs meanwhile, in its own processes."""
        with ThreadPoolExecutor(self.jobs) as pool:
            asked = [question for case in cases for question in self.questions(case, options, pool)]
            return [one if isinstance(one, Outcome) else self.outcome(one, options) for one in asked]

    def outcome(self, question: Question, options: Options) -> Outcome:
        """Return the outcomes, each with the differences between the two sides."""
        start = time.perf_counter()
        try:
            evaluated = limited(question.evaluate, options, self.limits)
        except LimitReached as error:
            evaluated = error
        outcome = question.judge(evaluated)
        outcome.seconds = time.perf_counter() - start
        return outcome

    def questions(self, case: Case, options: Options, pool: ThreadPoolExecutor) -> list[Question | Outcome]:
        """Return the questions about a case, which Nix begins to answer, or an outcome where nothing needs to be asked."""
        if case.problem is not None:
            return [Outcome(case, *case.problem)]
        run = CaseRun(case, options, self.cache)
        try:
            text = run.hosts[0].files.read_text(run.path)
        except NixError as error:
            return [Outcome(case, "error", without_mark(error))]
        if case.format == "markdown":
            return self.block_questions(run, text, pool)
        arguments, skipped = directives(text)
        if skipped:
            return [Outcome(case, "skipped", "a comment in the file requests it")]
        source = Source(text, run.path, os.path.dirname(run.path))
        answer = pool.submit(self.nix.file, run.path, arguments)
        return [Question(case, run, source, arguments, answer)]

    def block_questions(self, run: CaseRun, text: str, pool: ThreadPoolExecutor) -> list[Question | Outcome]:
        """Return a question for each block of a Markdown file."""
        asked: list[Question | Outcome] = []
        for number, block in enumerate(blocks(text)):
            case = run.block_case(block, number)
            settled = run.settled(case, block)
            if settled is not None:
                asked.append(settled)
                continue
            source = run.block_source(block)
            answer = pool.submit(self.nix.text, source.text.lstrip("\n"), source.base, block.arguments)
            asked.append(Question(case, run, source, block.arguments, answer))
        return asked


class Question:
    """A text that both evaluate. `answer`: what Nix says, or will say."""

    def __init__(
        self,
        case: Case,
        run: CaseRun,
        source: Source,
        arguments: list[tuple[str, str]],
        answer: Future[NixAnswer],
    ) -> None:
        self.case, self.run, self.source, self.arguments, self.answer = case, run, source, arguments, answer

    def evaluate(self) -> tuple[object, str] | NixError:
        """Return the document or the error of nixbridge."""
        return self.run.evaluate(self.source, "json", self.arguments)

    def judge(self, evaluated: tuple[object, str] | NixError) -> Outcome:
        """Return the outcomes, once Nix has answered."""
        if isinstance(evaluated, NixError):
            return judge_error(self.case, self.answer.result(), evaluated, line_of(evaluated, self.source))
        return judge_value(self.case, self.answer.result(), evaluated[0])


def judge_value(case: Case, answer: NixAnswer, document: object) -> Outcome:
    """Return the outcome where nixbridge has a value."""
    if answer.error is not None:
        message = f"Nix fails, but nixbridge does not\nNix: {answer.error}\nnixbridge: {shown(document)}"
        if answer.error in _NOT_GIVEN:
            message += "\nhelp: --nixernetes DIR gives Nix the service-mesh functions"
        return Outcome(case, "different", message, golden=f"error: {answer.error}", now=pretty(document))
    found = sorted_by_kind(differences(answer.document, document))
    message = "the values differ (golden: Nix, now: nixbridge)" if found else ""
    status = "different" if found else "passed"
    return Outcome(case, status, message, differences=found, golden=pretty(answer.document), now=pretty(document))


def judge_error(case: Case, answer: NixAnswer, error: NixError, line: int) -> Outcome:
    """Return the outcome where nixbridge fails."""
    if answer.error is None:
        message = f"nixbridge fails, but Nix does not\nNix: {shown(answer.document)}\nnixbridge: {without_mark(error)}"
        golden = pretty(answer.document)
        return Outcome(case, "different", message, golden=golden, now=f"error: {error.message}", line=line)
    both_syntax = answer.error.startswith(_SYNTAX) and error.message.startswith(_SYNTAX)
    if both_syntax or answer.error == error.message.strip():
        return Outcome(case, "passed")
    found = [Difference("changed", "error message", answer.error, error.message)]
    message = "both fail with different messages (golden: Nix, now: nixbridge)"
    return Outcome(case, "different", message, differences=found, golden=answer.error, now=error.message, line=line)
