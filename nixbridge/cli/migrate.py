"""`nixbridge migrate`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nixbridge.cli.declaration import CHOICE, TEXT, Argument, Command, Option
from nixbridge.cli.interrupt import Unwinding
from nixbridge.cli.limits import FileLimits
from nixbridge.cli.options import (
    ERROR_OPTIONS,
    EVALUATION_OPTIONS,
    EXCLUDE,
    ISTIO_VERSION,
    LINKERD_VERSION,
    options_from,
)
from nixbridge.cli.output import message_line, run_command, without_commands, write_output
from nixbridge.cli.progress import Progress
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.excerpt import printable
from nixbridge.mesh.model import render_context as context
from nixbridge.tools.inputs import folder_of
from nixbridge.tools.migrate.install import install
from nixbridge.tools.migrate.item import FAILED, WARNED
from nixbridge.tools.migrate.layout import PAGE
from nixbridge.tools.migrate.migration import Migration
from nixbridge.tools.migrate.migration_settings import FORMATS, MANIFESTS, Settings
from nixbridge.tools.migrate.plan import CHANGED, NEW, REMOVED
from nixbridge.tools.project_files import project_settings

#: A limit is one of each file: reached, it ends that file and not the run, and never the writing.
LIMITS = FileLimits()


def run(source: str | None, destination: str, to: str | None, dry_run: bool, **values: Any) -> None:
    """Carry out the command and end the process."""
    names = ("istio_version", "linkerd_version", "strict")
    releases = {name: values.pop(name) for name in names}
    kustomize, force, exclude = values.pop("kustomize"), values.pop("force"), values.pop("exclude")
    options = options_from(values, positions=to == MANIFESTS or kustomize)

    def work() -> int:
        if kustomize and to not in (None, MANIFESTS):
            raise UsageError(f"--kustomize needs manifests: {to} of a record is not a resource of Kubernetes")
        # the command line wins over the settings of the project
        of_project = project_settings(options, (folder_of(source) if source is not None else None) or os.getcwd())
        for name in ("istio_version", "linkerd_version"):
            releases[name] = releases[name] or of_project[name.replace("_", "-")]
        settings = Settings(
            source if source is not None else os.path.relpath(of_project.root),
            destination,
            to=to or (MANIFESTS if kustomize else "yaml"),
            kustomize=kustomize,
            force=force,
            rendering=context.Options(**releases),
            evaluation=options,
            show_trace=values["show_trace"],
            exclude=exclude,
        )
        return migrate(settings, dry_run=dry_run)

    run_command(work, options=options, each_file=True, **values)


def migrate(settings: Settings, *, dry_run: bool) -> int:
    """Convert, plan, write and report; return the exit status."""
    with Migration(settings) as migration:
        return _migrate(migration, dry_run=dry_run)


def _migrate(migration: Migration, *, dry_run: bool) -> int:
    options = migration.settings.evaluation

    @contextmanager
    def limited() -> Iterator[None]:
        LIMITS.begin(options)
        try:
            yield
        # CPython raises SystemError where it did not expect that an allocation fails
        except (MemoryError, SystemError):
            raise LIMITS.memory_error(options) from None
        finally:
            LIMITS.end()

    with Progress("converting", len(migration.items)) as converted:
        migration.convert(limited, converted.advance)
    # conversions end before anything in DEST is touched
    migration.make_plan()
    if not dry_run:
        with Progress("writing", migration.plan.count(NEW, CHANGED)) as written, Unwinding():
            install(migration.plan, written.advance)
    show_results(migration, dry_run=dry_run)
    return 1 if migration.failed else 0


def show_results(migration: Migration, *, dry_run: bool) -> None:
    """Show the failures and warnings, under --dry-run the plan, and the sums."""
    report, plan = migration.report(), migration.plan
    for item in report.of(FAILED, WARNED):
        write_lines(
            [f"{'FAILED' if item.status == FAILED else 'WARNINGS'}  {item.name}", *_indented(report.lines(item))]
        )
    write_lines(
        [
            f"{change.action:9}  {path}{f'  ({change.why})' if change.why else ''}"
            for path, change in sorted(plan.changes.items())
            if dry_run or change.action == REMOVED
        ]
    )
    for text in plan.problems:
        message_line(printable(f"error: {text}"))
    for text in plan.warnings:
        message_line(printable(f"warning: {text}"))
    if dry_run:
        write_lines([report.summary(), f"{report.files()}, if this were no --dry-run"])
    else:
        write_lines([report.summary(), f"{report.files()}; see {os.path.join(migration.settings.destination, PAGE)}"])


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def write_lines(lines: list[str]) -> None:
    """Write lines to the standard output; control characters in names are shown, not sent."""
    text = "".join(f"{printable(line)}\n" for line in lines)
    write_output(without_commands(text).encode("utf-8", "replace"))


COMMAND = Command(
    "migrate",
    run,
    argument=Argument("source", "[SRC]"),
    options=(
        Option("-o", "--output", name="destination", kind=TEXT, metavar="DEST", required=True, help="The folder."),
        Option(
            "--to",
            kind=CHOICE,
            choices=FORMATS,
            help="The format to write; yaml, or manifests with --kustomize, by default.",
        ),
        Option("--kustomize", help="A folder per source, a file per object, and kustomization.yaml files."),
        Option("--force", help="Overwrite files that nixbridge did not write, or that were changed since."),
        Option("--dry-run", help="Show the changes without writing them."),
        ISTIO_VERSION,
        LINKERD_VERSION,
        Option("--strict", help="Treat warnings of rendering as errors."),
        EXCLUDE,
        *EVALUATION_OPTIONS,
        *ERROR_OPTIONS,
    ),
    help="""Convert Nix files to YAML, JSON or manifests.

    SRC is a file or a folder (default: the project).

    The layout is kept. Imported files and files of functions are parts of other files and are not converted. Failures are
    reported, and the other files are converted. migration.md and migration.html in DEST list the outcome of every file.

    \b
    nixbridge migrate configs -o out
    nixbridge migrate configs -o deploy --kustomize
    nixbridge migrate configs -o out --dry-run
    """,
)
