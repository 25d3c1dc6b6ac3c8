"""`nixbridge check`."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nixbridge.cli.declaration import CHOICE, COUNT, TEXT, Argument, Command, Option
from nixbridge.cli.interrupt import Unwinding
from nixbridge.cli.limits import FileLimits
from nixbridge.cli.options import ERROR_OPTIONS, EVALUATION_OPTIONS, options_from
from nixbridge.cli.output import colour_wanted, run_command, show_error, without_commands, write_output
from nixbridge.cli.progress import Progress
from nixbridge.errors.exceptions import LimitReached, NixError, UsageError
from nixbridge.language.formats.format_table import GOLDEN_FORMATS
from nixbridge.tools.evaluation_options import Options, check_size
from nixbridge.tools.golden.check_run import Runner
from nixbridge.tools.golden.check_session import Session
from nixbridge.tools.golden.outcome import Outcome
from nixbridge.tools.golden.text_report import describe, summary
from nixbridge.tools.golden.update import can_make, can_update, in_ci, review, write_goldens

#: Time and memory are limited for each file.
LIMITS = FileLimits()
REPORTS = ("junit", "json", "github", "html")
#: How many containers may be made before the cyclic collector looks for garbage: a few files leave as many, which are still in the
#: processor's cache then. Looking at those of many files takes three times as long for each.
BETWEEN_COLLECTIONS = 10_000


def run(paths: tuple[str, ...], **values: Any) -> None:
    """Carry out the command and end the process."""
    options = options_from(values)
    own = {option.name: values.pop(option.name) for option in OWN_OPTIONS}

    def work() -> int | None:
        checking = Checking(list(paths), options, **own)
        return checking.watch() if own["watch"] else checking.once()

    run_command(work, options=options, each_file=True, **values)


#: The options that are not about evaluation.
OWN_OPTIONS = (
    Option("--golden", kind=TEXT, metavar="DIR", help="The golden files are in DIR, which mirrors the sources."),
    Option("--update", help="Write the current values into golden files that differ."),
    Option("--missing", help="Create golden files that are missing."),
    Option(
        "--format",
        name="new_format",
        kind=CHOICE,
        choices=tuple(dict.fromkeys(GOLDEN_FORMATS.values())),
        default="json",
        help="The format of files that --missing creates.",
    ),
    Option("--review", help="Go through the differences one by one."),
    Option("--diff", help="Show unified diffs instead of paths."),
    Option("--parity", help="Compare with a real Nix on this machine instead of golden files."),
    Option("--nix", kind=TEXT, metavar="COMMAND", help="The nix-instantiate that --parity uses."),
    Option(
        "--nixernetes",
        kind=TEXT,
        metavar="DIR",
        help="A checkout of Nixernetes whose modules --parity uses on the Nix side.",
    ),
    Option(
        "--markdown",
        kind=CHOICE,
        choices=("golden", "all"),
        default="golden",
        help="The Markdown blocks to evaluate: those with a golden block (or a comment that requests it), or all.",
    ),
    Option("--exclude", kind=TEXT, multiple=True, metavar="PATTERN", help="Skip files and folders below a PATH."),
    Option("-j", "--jobs", kind=COUNT, metavar="N", help="Processes; one per core for many files."),
    Option("--watch", help="Run again whenever a file changes."),
    Option("--last-failed", help="Check only the failures of the last run, or everything if there were none."),
    Option("-k", name="pattern", kind=TEXT, metavar="PATTERN", help="Only cases whose path contains PATTERN."),
    Option(
        "--report",
        name="reports",
        kind=TEXT,
        multiple=True,
        metavar="KIND[=FILE]",
        help="junit=FILE, json=FILE, html=FILE, github.",
    ),
)


class Checking:
    """The command, its options understood. Raises UsageError for options that make no sense together."""

    def __init__(self, paths: list[str], options: Options, **own: Any) -> None:
        self.own = own
        self.colour = colour_wanted(sys.stdout)
        # before anything is evaluated: a mistake in an option must not cost the time of a whole run
        self.reports = [parse_report(report) for report in own["reports"]]
        self.refuse_nonsense()
        parity = None
        if own["parity"]:
            from nixbridge.tools.parity.parity_run import Parity

            parity = Parity(options, own["nix"], own["nixernetes"], own["jobs"], LIMITS).compare
        self.session = Session(
            paths,
            options,
            golden_folder=own["golden"],
            pattern=own["pattern"],
            last_failed=own["last_failed"],
            exclude=own["exclude"],
            every_block=own["markdown"] == "all",
            making=own["new_format"] if own["missing"] else None,
            parity=parity,
        )

    def refuse_nonsense(self) -> None:
        """Raise UsageError where options contradict each other, or would write without being asked to."""
        own = self.own
        if own["review"] and not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError(
                "--review asks questions, which needs a terminal", hint="use --diff to see, --update to accept all"
            )
        for option in ("missing", "review"):
            if own[option] and in_ci() and not own["update"]:
                raise UsageError(
                    f"--{option} writes nothing where the variable CI is set",
                    hint="say --update as well if it is meant",
                )
        for option in ("update", "missing", "review"):
            if own[option] and own["parity"]:
                raise UsageError(f"--{option} is about golden files, which --parity does not look at")
        for option in ("nix", "nixernetes"):
            if own[option] and not own["parity"]:
                raise UsageError(f"--{option} is for --parity")

    def once(self) -> int:
        """Check everything once and return the exit status."""
        self.described_bytes = 0
        start = time.perf_counter()
        outcomes = self.outcomes()
        # a signal must not leave a golden file half written
        with Unwinding():
            self.write(outcomes)
        with self.no_commands():
            self.show_outcomes(outcomes)
        seconds = time.perf_counter() - start
        self.write_reports(outcomes, seconds)
        show(summary(outcomes, seconds))
        return 1 if any(outcome.failed for outcome in outcomes) else 0

    def show_outcomes(self, outcomes: list[Outcome]) -> None:
        """Show the files that were written and the cases that failed."""
        # several cases may be written to one file, which is shown once
        for message in dict.fromkeys(outcome.message for outcome in outcomes if outcome.status == "written"):
            show(without_commands(message))
        for outcome in outcomes:
            if outcome.failed and not (self.own["review"] and (can_update(outcome) or can_make(outcome))):
                show(without_commands(self.described(outcome)))

    def described(self, outcome: Outcome) -> str:
        """Return what failed as text; comparing long texts line by line counts as work of their file."""
        options = self.session.options
        try:
            LIMITS.begin(options)
            text = describe(outcome, diff=self.own["diff"], colour=self.colour)
            size = len(text.encode("utf-8", "replace"))
            check_size(self.described_bytes + size, options)
            self.described_bytes += size
            return text
        except (LimitReached, MemoryError) as error:
            message = error.message if isinstance(error, LimitReached) else LIMITS.memory_error(options).message
            return f"{outcome.case.name}: not shown: {message}"
        finally:
            LIMITS.end()

    @contextmanager
    def no_commands(self) -> Iterator[None]:
        """Keep GitHub from running commands that a configuration prints: a line such as `::error::` is one to its runner."""
        # random: a configuration that knew the token could end the context itself
        token = f"nixbridge-{os.urandom(8).hex()}"
        on_github = ("github", None) in self.reports
        if on_github:
            show(f"::stop-commands::{token}")
        yield
        if on_github:
            show(f"::{token}::")

    def outcomes(self) -> list[Outcome]:
        """Return the outcomes of all cases; a terminal shows how many are done."""
        options = self.session.options
        runner = Runner(options, processes=self.own["jobs"], limits=LIMITS)
        gc.set_threshold(BETWEEN_COLLECTIONS)
        with Progress("checking") as progress:
            runner.progress = progress.advance
            return self.session.check(runner)

    def write(self, outcomes: list[Outcome]) -> None:
        """Write golden files, as the options ask."""
        if self.own["review"]:
            review(outcomes, ask_key, show, colour=self.colour)
            return
        wanted: list[Outcome] = []
        if self.own["update"]:
            wanted += filter(can_update, outcomes)
        if self.own["missing"]:
            wanted += filter(can_make, outcomes)
        write_goldens([outcome for outcome in wanted if self.is_within_limit(outcome)])

    def is_within_limit(self, outcome: Outcome) -> bool:
        """Return whether a document may be written as far as --max-output goes; else its outcome becomes an error."""
        try:
            check_size(len((outcome.document or "").encode("utf-8", "surrogateescape")), self.session.options)
        except LimitReached as error:
            outcome.become("error", f"not written: {error.message}")
            return False
        return True

    def write_reports(self, outcomes: list[Outcome], seconds: float) -> None:
        """Write each report that was asked for."""
        for kind, file in self.reports:
            text = report_text(kind, outcomes, seconds).encode("utf-8", "replace")
            write_output(text, file, self.session.options)

    def watch(self) -> int:
        """Check again whenever something changes that an outcome depends on, until Ctrl-C."""
        from nixbridge.tools.golden.watch import Watched

        watched = Watched()
        watched.only(self.session.files())
        while True:
            sys.stdout.write("\x1b[2J\x1b[1;1H" if sys.stdout.isatty() else "")
            sys.stdout.flush()
            watched.look()
            try:
                self.once()
            # in the middle of an edit a path may be missing; the next change may bring it back
            except NixError as error:
                show_error(error)
            # what an outcome depends on is known only after the run
            files = self.session.files()
            watched.only(files)
            show(f"watching {len(files)} files and folders; Ctrl-C ends")
            watched.wait()


def parse_report(report: str) -> tuple[str, str | None]:
    """Return `junit=FILE` as (kind, file). Raises UsageError for another kind, or one that lacks its file."""
    kind, _, file = report.partition("=")
    if kind not in REPORTS:
        raise UsageError(f"--report: '{kind}' is not one of {', '.join(REPORTS)}")
    if not file and kind != "github":
        raise UsageError(f"--report: '{kind}' needs a file: --report {kind}=FILE")
    return kind, file or None


def report_text(kind: str, outcomes: list[Outcome], seconds: float) -> str:
    """Return a report for machines."""
    if kind == "html":
        from nixbridge.tools.golden.html_report import html

        return html(outcomes, seconds)
    from nixbridge.tools.golden.machine_reports import as_json, github, junit

    if kind == "junit":
        return junit(outcomes, seconds)
    return as_json(outcomes, seconds) if kind == "json" else github(outcomes)


def show(text: str) -> None:
    """Write lines to the standard output, whatever characters are in them."""
    write_output(f"{text}\n".encode("utf-8", "replace"))


def ask_key(prompt: str) -> str:
    """Return one key from the terminal; the end of the input counts as `q`."""
    from click import getchar

    write_output(prompt.encode("utf-8", "replace"))
    try:
        key: str = getchar()
    except EOFError:
        key = "q"
    show(key if key.isprintable() else "")
    return key


COMMAND = Command(
    "check",
    run,
    argument=Argument("paths", "[PATH]...", multiple=True),
    options=(*OWN_OPTIONS, *EVALUATION_OPTIONS, *ERROR_OPTIONS),
    help="""Compare the values of Nix files with golden files.

    X.nix is compared with the file next to it: X.json, X.yaml, X.xml or X.nix-value, or with X.error if it must fail, and a block
    of Markdown with the json or yaml block after it. PATH is a file or a folder (default: the project). The exit status
    is 1 for a difference and 2 if there is nothing to check.

    \b
    nixbridge check
    nixbridge check configs --diff
    nixbridge check configs --update
    """,
)
