"""`nixbridge render`."""

from __future__ import annotations

import os
import sys
from typing import Any

from nixbridge.cli.declaration import TEXT, Command, Option
from nixbridge.cli.options import ERROR_OPTIONS, EVALUATION_OPTIONS, options_from
from nixbridge.cli.output import message_line, run_command, write_bytes, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.excerpt import excerpt, printable, word_at
from nixbridge.errors.report import LONGEST_REPORT, character_column, shortened
from nixbridge.language.evaluation.provenance import marked_document
from nixbridge.language.formats.yaml import dump_stream
from nixbridge.mesh.model import render_context as context
from nixbridge.mesh.model.messages import ERROR, NOTE, Message
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.manifest_files import write_files
from nixbridge.mesh.output.render import Rendering, render
from nixbridge.mesh.schema.crd_validation import validate_manifests
from nixbridge.source import Source
from nixbridge.tools.call_recorder import CallRecorder
from nixbridge.tools.inputs import Evaluation, folder_of, is_data
from nixbridge.tools.options import Options
from nixbridge.tools.positioned_data import read_positioned_data


def run(
    files: tuple[str, ...],
    istio_version: str | None,
    linkerd_version: str | None,
    strict: bool,
    notes: bool,
    output: str | None,
    validate: bool,
    crds: str | None,
    **values: Any,
) -> None:
    """Do what the command line asks for and end the process."""
    options = options_from(values, positions=True)

    def work() -> int:
        if validate and crds is None:
            raise UsageError(
                "--validate needs the CRDs of the cluster", hint="kubectl get crd -o yaml > crds.yaml; --crds crds.yaml"
            )
        wanted = context.Options(istio_version=istio_version, linkerd_version=linkerd_version, strict=strict)
        sources: dict[str, Source] = {}
        results = [read_result(file, options, sources) for file in files]
        rendering = render(find(results[0] if len(results) == 1 else results), wanted)
        for message in rendering.messages:
            if notes or message.level != NOTE:
                show_message(message, sources)
        if rendering.failed or (validate and crds is not None and is_refused(rendering, crds)):
            return 1
        if output is None:
            write_output(dump_stream(rendering.manifests).encode(), most=options.max_output)
        else:
            write_files(rendering.manifests, output)
        return 0

    run_command(work, options=options, **values)


def is_refused(rendering: Rendering, crds: str) -> bool:
    """Would a cluster with these CRDs refuse a manifest? Says which, and why."""
    opinion = validate_manifests(rendering.manifests, crds)
    for rule in opinion.unread:
        message_line(f"warning: a rule of the CRDs cannot be checked here: {rule}")
    for problem in opinion.refused:
        message_line(f"error: {problem}")
    return bool(opinion.refused)


def read_result(file: str, options: Options, sources: dict[str, Source]) -> Any:
    """What a file holds: the value of a Nix file with its marks and positions, or the data of a JSON or YAML file."""
    if is_data(file):
        return read_positioned_data(file, options, sources)
    evaluation = Evaluation(options, folder_of(file), write_message=message_line, recorder=CallRecorder())
    result = evaluation.read(file, marked_document)
    sources.update(evaluation.sources)
    return result


def show_message(message: Message, sources: dict[str, Source]) -> None:
    """A message on the standard error. Each is one line, with its place where that is known; an error has an excerpt, too."""
    lines = [printable(str(message)[: LONGEST_REPORT + 1])]
    if message.position is not None:
        file, line, column = message.position
        source = sources.get(file)
        text = source.line(line) if source is not None else ""
        start = character_column(text, column - 1)
        place = f"at {printable(os.path.relpath(file) if file.startswith('/') else file)}:{line}:{start}"
        if message.level == ERROR:
            lines.append(f"       {place}:")
            if source is not None:
                width = len(word_at(text, start - 1).encode("utf-8", "surrogateescape"))
                span = (line, column - 1, line, column - 1 + width)
                lines.extend(f"            {shown}" for shown in excerpt(source, span))
        else:
            lines[0] += f" ({place})"
    write_bytes(sys.stderr.fileno(), (shortened("\n".join(lines)) + "\n").encode("utf-8", "replace"))


COMMAND = Command(
    "render",
    run,
    arguments="files",
    metavar="FILE...",
    required=True,
    options=(
        Option("--istio-version", kind=TEXT, metavar="X.Y[.Z]", help="The release of Istio whose APIs are rendered."),
        Option("--linkerd-version", kind=TEXT, metavar="X.Y[.Z]", help="The release of Linkerd."),
        Option("--strict", help="Warnings are errors."),
        Option("--notes", help="Show notes as well: settings that are lost although nobody asked for them."),
        Option("-o", "--output", kind=TEXT, metavar="DIR", help="Write one file per object, all of them or none."),
        Option("--validate", help="Check the manifests against CRDs as well (extra: validate)."),
        Option("--crds", kind=TEXT, metavar="FILE", help="The CRDs for --validate: kubectl get crd -o yaml."),
        *EVALUATION_OPTIONS,
        *ERROR_OPTIONS,
    ),
    help="""Render builder records to the Istio and Linkerd resources that a cluster accepts.

    FILE is a Nix file, or JSON or YAML that one evaluated to. Anything that has no counterpart is reported.

    \b
    nixbridge render mesh.nix | kubectl apply -f -
    nixbridge render --istio-version 1.20 -o manifests mesh.nix
    """,
)
