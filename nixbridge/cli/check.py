"""`nixbridge check`."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import click

from nixbridge.atomic import write_atomically
from nixbridge.cli.options import evaluation_options, options_from, show_trace_option
from nixbridge.cli.output import run_command, write_output
from nixbridge.compiler.cache import CodeCache, cache_folder
from nixbridge.errors.kinds import NixError, UsageError
from nixbridge.evaluator.session import Options
from nixbridge.golden.make import make_missing
from nixbridge.golden.outcome import Outcome
from nixbridge.golden.pairs import Case, find_cases
from nixbridge.golden.passes import Passes
from nixbridge.golden.report import describe, summary
from nixbridge.golden.review import review
from nixbridge.golden.run import run
from nixbridge.golden.update import can_update, update

#: More cases than this get a progress bar on a terminal.
WORTH_A_BAR = 50
OWN_OPTIONS = (
    "golden_folder",
    "updating",
    "making",
    "new_format",
    "reviewing",
    "diff",
    "parity",
    "nix_command",
    "nixernetes",
    "jobs",
    "watch",
    "last_failed",
    "pattern",
)
REPORTS = ("junit", "json", "github", "html")


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@click.option(
    "--golden", "golden_folder", metavar="DIR", help="The golden files are in DIR, which mirrors the sources."
)
@click.option("--update", "updating", is_flag=True, help="Write what is evaluated now into golden files that differ.")
@click.option("--missing", "making", is_flag=True, help="Make the golden files that are not there yet.")
@click.option(
    "--format",
    "new_format",
    type=click.Choice(("json", "yaml", "xml", "nix")),
    default="json",
    help="What --missing makes.",
)
@click.option("--review", "reviewing", is_flag=True, help="Go through the differences one by one.")
@click.option("--diff", is_flag=True, help="Show unified diffs instead of paths.")
@click.option("--parity", is_flag=True, help="Compare with a real Nix on this machine instead of golden files.")
@click.option("--nix", "nix_command", metavar="COMMAND", help="The nix-instantiate that --parity uses.")
@click.option(
    "--nixernetes", metavar="DIR", help="A checkout of Nixernetes whose modules --parity uses on the Nix side."
)
@click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Processes; one a core for many files.")
@click.option("--watch", is_flag=True, help="Run again whenever a file changes.")
@click.option("--last-failed", is_flag=True, help="Only what failed in the last run.")
@click.option("-k", "pattern", metavar="PATTERN", help="Only cases whose name contains PATTERN.")
@click.option(
    "--report", "reports", multiple=True, metavar="KIND[=FILE]", help="junit=FILE, json=FILE, html=FILE, github."
)
@evaluation_options
@show_trace_option
def command(paths: tuple[str, ...], show_trace: bool, reports: tuple[str, ...], **keywords: Any) -> None:
    """Compare what Nix files evaluate to with the golden files beside them.

    X.nix is checked against X.json, X.yaml, X.xml or X.nix-value, and against X.error when it must fail. Blocks of Markdown
    files are checked, too. Exit status 1 on a difference, 2 when there is nothing to check.

    \b
    nixbridge check
    nixbridge check configs --diff
    nixbridge check configs --update
    """
    mine = {name: keywords.pop(name) for name in OWN_OPTIONS}
    options = options_from(keywords)
    session = CheckSession(list(paths) or ["."], options, parse_reports(reports), **mine)
    run_command(session.watch_files if mine["watch"] else session.check, show_trace=show_trace, options=options)


def parse_reports(reports: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """`junit=FILE` as (kind, file). Raises click's UsageError for another kind, or one that lacks its file."""
    parsed: list[tuple[str, str | None]] = []
    for report in reports:
        kind, _, file = report.partition("=")
        if kind not in REPORTS:
            raise click.BadParameter(f"'{kind}' is none of {', '.join(REPORTS)}", param_hint="--report")
        if not file and kind != "github":
            raise click.BadParameter(f"'{kind}' needs a file: --report {kind}=FILE", param_hint="--report")
        parsed.append((kind, file or None))
    return parsed


class CheckSession:
    """One run of the command, or, under --watch, several."""

    def __init__(self, paths: list[str], options: Options, reports: list[tuple[str, str | None]], **mine: Any) -> None:
        self.paths, self.options, self.reports = paths, options, reports
        self.mine = mine
        self.cache = CodeCache(cache_folder() if options.cache else None)

    def check(self) -> int:
        """Checks everything once; the exit status."""
        start = time.perf_counter()
        if self.mine["reviewing"] and not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError(
                "--review asks questions and there is no terminal", hint="use --diff to see, --update to accept all"
            )
        passes = Passes(
            self.cache, [*self.paths, repr(sorted(vars(self.options).items())), str(self.mine["golden_folder"])]
        )
        cases = self.cases(passes)
        if self.mine["parity"]:
            outcomes = self.parity(cases)
        else:
            unchanged = passes if self.options.cache and not self.mine["updating"] else None
            outcomes = self.with_bar(cases, unchanged)
            passes.keep()
        return self.conclude(outcomes, time.perf_counter() - start)

    def cases(self, passes: Passes) -> list[Case]:
        """What is to be checked. Raises UsageError when that is nothing."""
        try:
            found = find_cases(self.paths, self.mine["golden_folder"])
        except FileNotFoundError as error:
            raise UsageError(f"no such file or folder: {error.filename}") from None
        wanted = [
            case
            for case in found
            if (self.mine["pattern"] or "") in case.name and (not self.mine["last_failed"] or passes.has_failed(case))
        ]
        if not found or (not wanted and self.mine["pattern"]):
            raise UsageError(
                f"no golden files found in {', '.join(self.paths)}",
                hint="put X.json or X.yaml beside X.nix; --missing makes them for the files that are named",
            )
        return wanted

    def with_bar(self, cases: list[Case], passes: Passes | None) -> list[Outcome]:
        """The outcomes; on a terminal many cases show how far they are."""
        jobs = self.mine["jobs"]
        if len(cases) < WORTH_A_BAR or not sys.stderr.isatty():
            return run(cases, self.options, passes=passes, processes=jobs)
        with click.progressbar(length=len(cases), label="checking", file=sys.stderr) as bar:
            return run(cases, self.options, passes=passes, processes=jobs, progress=bar.update)

    def parity(self, cases: list[Case]) -> list[Outcome]:
        """The outcomes against a real Nix."""
        from nixbridge.parity.compare import compare_with_nix

        return compare_with_nix(cases, self.options, self.mine["nix_command"], self.mine["nixernetes"])

    def conclude(self, outcomes: list[Outcome], seconds: float) -> int:
        """Updates, reports and the exit status."""
        written: list[str] = []
        if self.mine["making"]:
            written += make_missing(outcomes, self.options, self.mine["golden_folder"], self.mine["new_format"])
        if self.mine["updating"]:
            written += [update(outcome) for outcome in outcomes if can_update(outcome)]
        if self.mine["reviewing"]:
            written += review(outcomes, ask_key, click.echo)
        done = set(written)
        failed = [
            outcome
            for outcome in outcomes
            if outcome.failed and outcome.case.golden not in done and outcome.file not in done
        ]
        if not self.mine["reviewing"]:
            for outcome in failed:
                write_output((describe(outcome, diff=self.mine["diff"]) + "\n").encode("utf-8", "replace"))
        for path in written:
            write_output(f"wrote {path}\n".encode("utf-8", "surrogateescape"))
        self.write_reports(outcomes, seconds)
        write_output((summary(outcomes, seconds) + "\n").encode())
        return 1 if failed else 0

    def write_reports(self, outcomes: list[Outcome], seconds: float) -> None:
        """Each report that was asked for."""
        for kind, file in self.reports:
            text = report_text(kind, outcomes, seconds).encode("utf-8", "replace")
            if file is None:
                write_output(text)
            else:
                write_atomically(file, text)

    def watch_files(self) -> int:
        """Checks again whenever a source, a golden file or what they import changes. Ends with Ctrl-C."""
        from nixbridge.golden.watch import wait_for_change

        while True:
            click.clear()
            try:
                self.check()
            except NixError as error:
                click.echo(f"error: {error.message}", err=True)
            passes = Passes(
                self.cache, [*self.paths, repr(sorted(vars(self.options).items())), str(self.mine["golden_folder"])]
            )
            cases = find_cases(self.paths, self.mine["golden_folder"])
            files = {os.path.abspath(case.source) for case in cases} | {case.golden for case in cases if case.golden}
            for case in cases:
                files.update(passes.dependencies(case))
            wait_for_change(sorted(files))


def report_text(kind: str, outcomes: list[Outcome], seconds: float) -> str:
    """A report for machines."""
    if kind == "html":
        from nixbridge.golden.html_report import html

        return html(outcomes, seconds)
    from nixbridge.golden.machine_reports import as_json, github, junit

    if kind == "junit":
        return junit(outcomes, seconds)
    return as_json(outcomes, seconds) if kind == "json" else github(outcomes)


def ask_key(prompt: str) -> str:
    """One key from the terminal."""
    click.echo(prompt, nl=False)
    key = click.getchar()
    click.echo(key)
    return key
