"""`nixbridge build`."""

from __future__ import annotations

import click

from nixbridge.cli.options import evaluation_options, options_from, show_trace_option
from nixbridge.cli.output import message_line, run_command
from nixbridge.tools.build.outputs import output_of
from nixbridge.tools.build.write_result import store_references, write_result
from nixbridge.tools.inputs import Evaluation, folder_of


@click.command("build")
@click.argument("file", metavar="FILE", type=click.Path())
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    default="result",
    show_default=True,
    type=click.Path(),
    help="Write the output there.",
)
@click.option("--force", is_flag=True, help="Replace a folder even if nixbridge build did not make it.")
@evaluation_options
@show_trace_option
def command(file: str, output: str, force: bool, show_trace: bool, **keywords: object) -> None:
    """Write the files that a derivation consists of, without running any program.

    FILE, or .#ATTR of a flake, evaluates to a derivation, or -A selects one. Outputs of writeText, linkFarm, pkgs.formats and the like are
    written; so are those of scripts that only make, copy, link and write files. Everything else is an error.

    \b
    nixbridge build manifests.nix
    nixbridge build -A packages.example -o manifests default.nix
    kubectl apply -f manifests/
    """
    options = options_from(keywords)

    def work() -> int:
        evaluation = Evaluation(options, folder_of(file), write_message=message_line)
        node = evaluation.read_value(file, output_of)
        write_result(node, output, force=force)
        for path, where in store_references(node).items():
            message_line(f"note: '{where or output}' refers to {path}, which only a machine with that Nix store has")
        return 0

    run_command(work, show_trace=show_trace, options=options)
