"""`nixbridge render`."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from nixbridge.cli.declaration import TEXT, Argument, Command, Option
from nixbridge.cli.interrupt import Unwinding
from nixbridge.cli.options import (
    ERROR_OPTIONS,
    EVALUATION_OPTIONS,
    ISTIO_VERSION,
    LINKERD_VERSION,
    PROJECT_OPTIONS,
    WATCH,
    options_from,
)
from nixbridge.cli.output import message_line, run_command, show_error, write_message, write_output
from nixbridge.cli.progress import counted
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.excerpt import excerpt, printable, word_at
from nixbridge.errors.report import LONGEST_REPORT, character_column, shortened
from nixbridge.language.formats.plain_yaml import dump_stream
from nixbridge.mesh.model import render_context as context
from nixbridge.mesh.model.messages import ERROR, NOTE, Message
from nixbridge.mesh.output.manifest_files import files_of, write_files
from nixbridge.source import Source
from nixbridge.tools.entry_points import EntryPoints
from nixbridge.tools.evaluation_options import Options, check_size
from nixbridge.tools.rendered_environments import RenderedEnvironments


def run(
    files: tuple[str, ...],
    istio_version: str | None,
    linkerd_version: str | None,
    strict: bool,
    gateway_api: bool,
    notes: bool,
    output: str | None,
    validate: bool,
    crds: str | None,
    exclude: tuple[str, ...],
    environment: str | None,
    watch: bool,
    **values: Any,
) -> None:
    """Carry out the command and end the process."""
    if watch:
        from nixbridge.cli.watching import watch_files

        watch_files(files)
    # a message is shown at the setting that it is about
    options = options_from(values, positions=True)

    def work() -> int:
        chosen = EntryPoints(files, options, exclude=exclude, environment=environment, each=partial(counted, "reading"))
        settings = chosen.settings
        validated_by = crds_of_cluster(crds or settings.path("crds")) if validate else None
        wanted = context.Options(
            istio_version=istio_version or settings["istio-version"],
            linkerd_version=linkerd_version or settings["linkerd-version"],
            strict=strict,
            gateway_api=gateway_api,
        )
        rendered = RenderedEnvironments(chosen, wanted, message_line, each=partial(counted, "evaluating"))
        report(rendered, notes=notes, show_trace=values["show_trace"])
        # before anything is written: a part of the manifests is worse than none
        if rendered.failed or (validated_by is not None and is_refused(rendered, validated_by)):
            return 1
        if output is None or output == "-":
            return write_stream(rendered, options)
        return write_folder(rendered, output, options)

    run_command(work, options=options, **values)


def crds_of_cluster(file: str | None) -> str:
    """Return the file with the CRDs for --validate. Raises UsageError where neither an option nor a setting names one."""
    if file is None:
        raise UsageError(
            "--validate needs the CRDs of the cluster", hint="kubectl get crd -o yaml > crds.yaml; --crds crds.yaml"
        )
    return file


def report(rendered: RenderedEnvironments, *, notes: bool, show_trace: bool = False) -> None:
    """Show the errors of files, the messages of the rendering and, with `notes`, what is left out."""
    for error in rendered.errors:
        show_error(error, show_trace=show_trace)
    for message in rendered.messages():
        if notes or message.level != NOTE:
            show_message(message, rendered.sources)
    for file, reason in rendered.left_out if notes else ():
        message_line(f"note: {file} is left out: {reason}")


def write_stream(rendered: RenderedEnvironments, options: Options) -> int:
    """Write one stream of manifests, unless environments differ in an object; return the exit status."""
    conflicts = rendered.conflicts()
    for conflict in conflicts:
        message_line(f"error: {conflict}")
    if conflicts:
        names = ", ".join(str(one.name) for one in rendered.environments)
        message_line(f"help: render one environment, with --environment ({names}), or each into a folder, with -o DIR")
        return 1
    write_output(dump_stream(rendered.manifests()).encode(), options=options)
    return 0


def write_folder(rendered: RenderedEnvironments, folder: str, options: Options) -> int:
    """Write a file for each object below a folder, all of them or none; return the exit status."""
    made = files_of_environments(rendered)
    # the files together, before the first of them is written
    check_size(sum(map(len, made.values())), options)
    with Unwinding():
        write_files(made, folder)
    return 0


def files_of_environments(rendered: RenderedEnvironments) -> dict[str, str]:
    """Return relative path -> text of all files, in a folder for each environment where they differ in an object."""
    if not rendered.conflicts():
        return files_of(rendered.manifests())
    return {
        os.path.join(str(one.name), path): text
        for one in rendered.environments
        for path, text in files_of(one.rendering.manifests).items()
    }


def is_refused(rendered: RenderedEnvironments, crds: str) -> bool:
    """Return whether a cluster with these CRDs would refuse a manifest; report which, and why."""
    from nixbridge.mesh.schema.crd_validation import validate_manifests

    opinions = [validate_manifests(one.rendering.manifests, crds) for one in rendered.environments]
    for rule in dict.fromkeys(rule for opinion in opinions for rule in opinion.unread):
        message_line(f"warning: a rule of the CRDs cannot be checked here: {rule}")
    refused = dict.fromkeys(problem for opinion in opinions for problem in opinion.refused)
    for problem in refused:
        message_line(f"error: {problem}")
    return bool(refused)


def show_message(message: Message, sources: dict[str, Source]) -> None:
    """Write a message to the standard error: one line, with its position where that is known; an error has an excerpt as well."""
    lines = [printable(str(message)[: LONGEST_REPORT + 1])]
    if message.position is not None:
        file, line, column = message.position
        source = sources.get(file)
        file = file if source is None else source.name
        text = source.line(line) if source is not None else ""
        start = character_column(text, column - 1)
        place = f"at {printable(os.path.relpath(file) if file.startswith('/') else file)}:{line}:{start}"
        if message.level == ERROR:
            lines.append(f"       {place}:")
            if source is not None:
                # columns count UTF-8 bytes; the caret marks the word that starts there
                width = len(word_at(text, start - 1).encode("utf-8", "surrogateescape"))
                span = (line, column - 1, line, column - 1 + width)
                lines.extend(f"            {shown}" for shown in excerpt(source, span))
        else:
            lines[0] += f" ({place})"
    write_message(shortened("\n".join(lines)))


COMMAND = Command(
    "render",
    run,
    argument=Argument("files", "[PATH]...", multiple=True),
    options=(
        ISTIO_VERSION,
        LINKERD_VERSION,
        Option("--strict", help="Treat warnings as errors."),
        Option("--gateway-api", help="Render routes of the Kubernetes Gateway API instead of VirtualServices."),
        Option("--notes", help="Show notes as well: defaults that are lost or changed."),
        Option("-o", "--output", kind=TEXT, metavar="DIR", help="Write one file per object, all of them or none."),
        Option("--validate", help="Also validate the manifests against CRDs (extra: validate)."),
        Option("--crds", kind=TEXT, metavar="FILE", help="The CRDs for --validate: kubectl get crd -o yaml."),
        *PROJECT_OPTIONS,
        *EVALUATION_OPTIONS,
        WATCH,
        *ERROR_OPTIONS,
    ),
    help="""Render builder records to Istio and Linkerd resources.

    PATH is a Nix file, its value as JSON or YAML, or a folder (default: the project). Anything that cannot be rendered is
    reported. Environments that differ in an object can be rendered one at a time, or with -o into one folder each.

    \b
    nixbridge render mesh.nix | kubectl apply -f -
    nixbridge render --istio-version 1.20 -o manifests mesh.nix
    """,
)
