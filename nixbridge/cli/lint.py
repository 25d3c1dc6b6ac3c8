"""`nixbridge lint`."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

from nixbridge.cli.declaration import CHOICE, TEXT, Argument, Command, Option
from nixbridge.cli.limits import clear_limits
from nixbridge.cli.options import ERROR_OPTIONS, EVALUATION_OPTIONS, PROJECT_OPTIONS, WATCH, options_from
from nixbridge.cli.output import colour_wanted, message_line, run_command, without_commands, write_output
from nixbridge.cli.progress import counted
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.tools.entry_points import EntryPoints
from nixbridge.tools.inputs import is_data
from nixbridge.tools.lint.fixing import fix_file
from nixbridge.tools.lint.formats import as_github, as_json, as_text
from nixbridge.tools.lint.rule_table import RULES, listing, page_of
from nixbridge.tools.lint.run import File, Linting, failed

FORMATS = ("text", "json", "sarif", "github")


def run(
    files: tuple[str, ...],
    form: str,
    fix: bool,
    explain: str | None,
    exclude: tuple[str, ...],
    environment: str | None,
    watch: bool,
    **values: Any,
) -> None:
    """Carry out the command and end the process."""
    if watch:
        from nixbridge.cli.watching import watch_files

        watch_files(files)
    # a finding is shown at the attribute that it is about
    options = options_from(values, positions=True)

    def work() -> int:
        if explain is not None:
            write_output(explanation(explain).encode())
            return 0
        if fix and any(name == "-" or is_data(name) for name in files):
            raise UsageError("--fix changes Nix files: not the standard input, nor JSON and YAML")
        linting = Linting(options, message_line, clear_limits, each=partial(counted, "linting"))
        chosen = EntryPoints(files, options, exclude=exclude, environment=environment, each=partial(counted, "reading"))
        found = linting.lint_project(chosen)
        if fix:
            found = fix_files(linting, found)
        write_output(text_of(found, form).encode("utf-8", "replace"), options=options)
        return int(failed(found))

    run_command(work, options=options, **values)


def fix_files(linting: Linting, found: list[File]) -> list[File]:
    """Apply the safe fixes, report how many there were, and return what is left: each file is linted again after its fixes."""
    fixed = [fix_file(linting, file, write_output) for file in counted("fixing", found)]
    count = sum(number for _, number in fixed)
    sys.stderr.write(f"fixed {count} place{'s' * (count != 1)}\n")
    return [file for file, _ in fixed]


def text_of(found: list[File], form: str) -> str:
    """Return the findings in one of FORMATS."""
    if form == "text":
        return without_commands(as_text(found, colour=colour_wanted(sys.stdout)))
    from nixbridge.tools.lint.sarif import as_sarif

    return {"json": as_json, "sarif": as_sarif, "github": as_github}[form](found)


def explanation(code: str) -> str:
    """Return the page of a rule; for `all` a line each. Raises UsageError for a code that no rule has."""
    wanted = code.upper()
    if wanted == "ALL":
        return listing()
    page = page_of(wanted)
    if page is None:
        near = did_you_mean(wanted, list(RULES)) if wanted.startswith("NB") else None
        raise UsageError(f"unknown rule '{code}'", hint=near or "--explain all lists them")
    return page


COMMAND = Command(
    "lint",
    run,
    argument=Argument("files", "[PATH]...", multiple=True),
    options=(
        Option("--format", name="form", kind=CHOICE, choices=FORMATS, default="text", help="Format of the findings."),
        Option("--fix", help="Fix safe findings in the files: misspelled names with one candidate."),
        Option(
            "--explain",
            kind=TEXT,
            metavar="CODE",
            help="Print the documentation of a rule (NB012), or list all.",
            complete="rules",
        ),
        *PROJECT_OPTIONS,
        *EVALUATION_OPTIONS,
        WATCH,
        *ERROR_OPTIONS,
    ),
    help="""Find mistakes in builder calls, records and manifests.

    PATH is a Nix, JSON or YAML file, or a folder (default: the project). Files may refer to each other. Files that define the same
    object are alternatives, and each environment is checked separately. The exit status is 1 for errors and warnings; notes are
    advice. A comment suppresses a rule:
    # nixbridge: ignore[NB012]

    \b
    nixbridge lint mesh.nix routes.nix
    nixbridge lint --fix mesh.nix
    nixbridge lint --explain NB012
    nixbridge lint --format sarif mesh.nix > findings.sarif
    """,
)
