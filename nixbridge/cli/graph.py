"""`nixbridge graph`."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from nixbridge.cli.declaration import CHOICE, Argument, Command, Option
from nixbridge.cli.options import (
    ERROR_OPTIONS,
    EVALUATION_OPTIONS,
    ISTIO_VERSION,
    OUTPUT,
    PROJECT_OPTIONS,
    WATCH,
    options_from,
)
from nixbridge.cli.output import message_line, run_command, show_error, write_output
from nixbridge.cli.progress import counted
from nixbridge.cli.render import show_message
from nixbridge.errors.exceptions import UsageError
from nixbridge.mesh.graph.picture_formats import SUFFIXES, WRITERS, draw_as
from nixbridge.mesh.graph.traffic import heading_of, picture_of
from nixbridge.mesh.model import render_context as context
from nixbridge.mesh.model.messages import ERROR
from nixbridge.tools.entry_points import EntryPoints
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.rendered_environments import RenderedEnvironments

#: How a line of text is kept out of a picture.
COMMENTS = {"mermaid": "%%", "dot": "//"}


def run(
    files: tuple[str, ...],
    output_format: str | None,
    output: str | None,
    istio_version: str | None,
    exclude: tuple[str, ...],
    environment: str | None,
    watch: bool,
    **values: Any,
) -> None:
    """Carry out the command and end the process."""
    if watch:
        from nixbridge.cli.watching import watch_files

        watch_files(files)
    options = options_from(values, positions=True)

    def work() -> int:
        chosen = EntryPoints(files, options, exclude=exclude, environment=environment, each=partial(counted, "reading"))
        wanted = context.Options(istio_version=istio_version or chosen.settings["istio-version"])
        rendered = RenderedEnvironments(
            chosen, wanted, message_line, piecemeal=True, each=partial(counted, "evaluating")
        )
        report(rendered, show_trace=values["show_trace"])
        draw(
            rendered, output_format or format_of(output), None if output == "-" else output, options, heading_of(files)
        )
        return int(rendered.failed)

    run_command(work, options=options, **values)


def report(rendered: RenderedEnvironments, *, show_trace: bool) -> None:
    """Show the errors: the picture lacks what they are about."""
    for error in rendered.errors:
        show_error(error, show_trace=show_trace)
    for message in rendered.messages():
        if message.level == ERROR:
            show_message(message, rendered.sources)


def format_of(output: str | None) -> str:
    """Return the format that the suffix of a file means. Raises UsageError for another one."""
    if output is None or output == "-":
        return "mermaid"
    suffix = os.path.splitext(output)[1].lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    raise UsageError(
        f"no format has the suffix '{suffix}'" if suffix else f"'{output}' has no suffix that tells its format",
        hint=f"--format {'|'.join(WRITERS)}, or a suffix: {', '.join(SUFFIXES)}",
    )


def draw(
    rendered: RenderedEnvironments, output_format: str, output: str | None, options: Options, heading: str
) -> None:
    """Write the picture of each environment that has one. Raises UsageError where several cannot be in one output."""
    # an environment without a resource would be an empty picture
    drawn = [one for one in rendered.environments if one.rendering.made]
    if output is None and len(drawn) > 1 and output_format not in COMMENTS:
        names = ", ".join(str(one.name) for one in drawn)
        raise UsageError(
            f"there are {len(drawn)} environments, and {output_format} is one picture",
            hint=f"--environment chooses one ({names}); -o FILE writes a file for each",
        )
    for one in counted("drawing", drawn):
        text = draw_as(
            output_format, picture_of(one.rendering.made, f"{heading} · {one.name}" if one.name else heading)
        )
        if len(drawn) > 1 and output is None:
            text = f"{COMMENTS[output_format]} environment: {one.name}\n{text}"
        write_output(text.encode(), file_for(output, one.name if len(drawn) > 1 else None), options=options)


def file_for(output: str | None, environment: str | None) -> str | None:
    """Return `mesh.prod.svg` for `mesh.svg`."""
    if output is None or environment is None:
        return output
    stem, suffix = os.path.splitext(output)
    return f"{stem}.{environment}{suffix}"


COMMAND = Command(
    "graph",
    run,
    argument=Argument("files", "[PATH]...", multiple=True),
    options=(
        Option(
            "-f",
            "--format",
            name="output_format",
            kind=CHOICE,
            choices=tuple(WRITERS),
            help="Default: by the suffix of -o, or mermaid.",
        ),
        OUTPUT,
        ISTIO_VERSION,
        *PROJECT_OPTIONS,
        *EVALUATION_OPTIONS,
        WATCH,
        *ERROR_OPTIONS,
    ),
    help="""Draw the traffic of a mesh.

    The graph has hosts, routes with weights and matches, subsets, policies, mTLS and external services.

    PATH is a file or a folder (default: the project). Each environment is a separate graph; with -o FILE, several are written, with
    their names before the suffix. Mermaid and DOT are text formats; SVG and HTML need Graphviz. Failures are reported, and the rest
    is drawn.

    \b
    nixbridge graph mesh.nix
    nixbridge graph -o mesh.svg mesh.nix
    """,
)
