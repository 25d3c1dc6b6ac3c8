"""One source against its golden file."""

from __future__ import annotations

import os
import re
import time

from nixbridge.compiler.cache import CodeCache
from nixbridge.errors.kinds import NixError
from nixbridge.errors.report import report
from nixbridge.evaluator.session import Options, given_arguments, open_evaluator
from nixbridge.formats.catalogue import EXACT, format_named
from nixbridge.formats.document import to_document
from nixbridge.golden.difference import differences, sorted_by_kind
from nixbridge.golden.markdown import Block, blocks
from nixbridge.golden.outcome import Outcome
from nixbridge.golden.pairs import Case
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: `# nixbridge: arg name=EXPR` and `# nixbridge: skip` in a source say the same as in Markdown.
_DIRECTIVE = re.compile(
    r"^\s*#\s*nixbridge:\s*(?:(?P<skip>skip)|arg\s+(?P<name>[\w'-]+)\s*=\s*(?P<text>.+?))\s*$", re.MULTILINE
)

#: Formats whose golden files are compared as the data that they hold; the others as the text that Nix prints.
_DATA = ("json", "yaml")


def check(case: Case, options: Options, cache: CodeCache) -> tuple[list[Outcome], list[str]]:
    """The outcomes of a case (several for a Markdown file), and the files that they depend on.

    Never raises for what a user's files can cause: that is an outcome, and the rest goes on.
    """
    start = time.perf_counter()
    if case.problem is not None:
        status, message = case.problem
        return [Outcome(case, status, message)], []
    try:
        if case.format == "markdown":
            return check_markdown(case, options, cache)
        outcome, files = check_file(case, options, cache)
    except OSError as error:
        outcome, files = Outcome(case, "error", f"cannot be read: {error.strerror}"), []
    outcome.seconds = time.perf_counter() - start
    return [outcome], files


def check_file(case: Case, options: Options, cache: CodeCache) -> tuple[Outcome, list[str]]:
    """The outcome of one source with a golden file."""
    assert case.golden is not None
    path = os.path.abspath(case.source)
    with open(path, "rb") as file:
        text = file.read().decode("utf-8", "surrogateescape")
    with open(case.golden, "rb") as file:
        golden = file.read().decode("utf-8", "surrogateescape")
    arguments: list[tuple[str, str]] = []
    for directive in _DIRECTIVE.finditer(text):
        if directive["skip"]:
            return Outcome(case, "passed", "skipped by a comment in it"), [path, case.golden]
        arguments.append((directive["name"], directive["text"]))
    source = Source(text, path, os.path.dirname(path))
    outcome, files = compare(case, source, golden, case.format, options.with_arguments(arguments), cache)
    return outcome, [path, os.path.abspath(case.golden), *files]


def compare(
    case: Case, source: Source, golden: str, format: str, options: Options, cache: CodeCache
) -> tuple[Outcome, list[str]]:
    """The outcome of a text against the text of its golden file."""
    evaluator = open_evaluator(options, source.base, lambda text: None, cache)
    evaluator.host.positions |= format in EXACT
    writer = format_named("json" if format == "error" else format)

    def task() -> tuple[Any, str]:
        value = evaluator.evaluate_for_user(source, given_arguments(evaluator, options), options.attribute)
        document = to_document(value, evaluator.host) if format in _DATA else None
        return document, writer.write(value, evaluator.host)

    try:
        document, now = evaluator.run(task)
    except NixError as error:
        files = list(evaluator.host.files_read)
        if format == "error":
            return compare_error(case, error, golden), files
        line = error.span[0] if error.span is not None and error.source is source else 1
        return Outcome(case, "error", report(error).removeprefix("error: "), golden=golden, line=line), files
    files = list(evaluator.host.files_read)
    if format == "error":
        message = "it should fail, and evaluates"
        return Outcome(case, "different", message, golden=golden, now=now), files
    if format not in _DATA:
        same = now.strip() == golden.strip()
        return Outcome(case, "passed" if same else "different", golden=golden, now=now, document=now), files
    try:
        wanted = writer.read(golden)
    except ValueError as error:
        message = (
            f"the golden file {os.path.basename(case.golden or case.source)} is no valid {format.upper()}: {error}"
        )
        return Outcome(case, "error", message, golden=golden, now=now, document=now), files
    found = sorted_by_kind(differences(wanted, document))
    status = "different" if found else "passed"
    return Outcome(case, status, differences=found, golden=golden, now=now, document=now), files


def compare_error(case: Case, error: NixError, golden: str) -> Outcome:
    """The outcome of an expression that failed, as it should: the golden text must be in the message."""
    now = report(error)
    if golden.strip() in now:
        return Outcome(case, "passed", golden=golden, now=now)
    message = "it fails with another message"
    return Outcome(case, "different", message, golden=golden, now=now, document=f"{error.message}\n")


def check_markdown(case: Case, options: Options, cache: CodeCache) -> tuple[list[Outcome], list[str]]:
    """The outcomes of a Markdown file, one for each of its blocks that is not skipped."""
    path = os.path.abspath(case.source)
    with open(path, "rb") as file:
        text = file.read().decode("utf-8", "surrogateescape")
    outcomes: list[Outcome] = []
    files = [path]
    for block in blocks(text):
        if not block.skip:
            start = time.perf_counter()
            outcome, read = check_block(case, block, path, options, cache)
            outcome.seconds = time.perf_counter() - start
            outcomes.append(outcome)
            files.extend(read)
    return outcomes, files


def check_block(case: Case, block: Block, path: str, options: Options, cache: CodeCache) -> tuple[Outcome, list[str]]:
    """The outcome of one block. Its lines are those of the Markdown file in every message."""
    own = Case(case.source, case.golden, case.format, block=block.line)
    scope = "".join(f"{name} = {text}; " for name, text in block.arguments)
    opening = f"let {scope}in " if scope else ""
    source = Source("\n" * (block.line - 1) + opening + block.text, path, os.path.dirname(path))
    if block.fails is not None:
        return compare(own, source, block.fails, "error", options, cache)
    if block.golden is not None:
        text, format, _, _ = block.golden
        return compare(own, source, text, format, options, cache)
    return evaluates(own, source, options, cache)


def evaluates(case: Case, source: Source, options: Options, cache: CodeCache) -> tuple[Outcome, list[str]]:
    """The outcome of a block without a golden: it must have a value."""
    evaluator = open_evaluator(options, source.base, lambda text: None, cache)
    try:
        evaluator.run(lambda: evaluator.evaluate_for_user(source, given_arguments(evaluator, options)))
    except NixError as error:
        hint = "\n       if it cannot stand alone, put <!-- nixbridge: skip --> before it, or <!-- nixbridge: arg NAME=EXPR -->"
        return Outcome(case, "error", report(error).removeprefix("error: ") + hint), list(evaluator.host.files_read)
    return Outcome(case, "passed"), list(evaluator.host.files_read)
