"""`nixbridge graph`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from nixbridge.cli.options import evaluation_options, options_from, show_trace_option
from nixbridge.cli.output import run_command, write_output
from nixbridge.cli.render import read_result, show_message
from nixbridge.mesh.graph.traffic import picture_of
from nixbridge.mesh.model import render_context as context
from nixbridge.mesh.model.messages import ERROR
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.render import render
from nixbridge.source import Source

WRITERS = {
    "mermaid": "nixbridge.mesh.graph.mermaid",
    "dot": "nixbridge.mesh.graph.dot",
    "svg": "nixbridge.mesh.graph.graph_svg",
    "html": "nixbridge.mesh.graph.graph_page",
}


@click.command("graph")
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("-f", "--format", "output_format", type=click.Choice(list(WRITERS)), default="mermaid", show_default=True)
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write there, whole or not at all.")
@click.option("--istio-version", metavar="X.Y[.Z]", help="The release of Istio that is rendered for.")
@evaluation_options
@show_trace_option
def command(
    files: tuple[str, ...],
    output_format: str,
    output: str | None,
    istio_version: str | None,
    show_trace: bool,
    **keywords: Any,
) -> None:
    """Draw the traffic: hosts, routes with weights and matches, subsets, policies, mTLS, what is outside.

    Mermaid and DOT are text; SVG and HTML are drawn by Graphviz.

    \b
    nixbridge graph mesh.nix
    nixbridge graph -f svg -o mesh.svg mesh.nix
    """
    options = options_from(keywords, positions=True)

    def work() -> int:
        wanted = context.Options(istio_version=istio_version)
        sources: dict[str, Source] = {}
        results = [read_result(file, options, sources) for file in files]
        rendering = render(find(results[0] if len(results) == 1 else results), wanted)
        for message in rendering.messages:
            if message.level == ERROR:
                show_message(message, sources)
        if rendering.failed:
            return 1
        writer = import_module(WRITERS[output_format])
        write_output(writer.write(picture_of(rendering.manifests)).encode(), output, most=options.max_output)
        return 0

    run_command(work, show_trace=show_trace, options=options)
