"""`nixbridge build`."""

from __future__ import annotations

from typing import Any

from nixbridge.cli.declaration import TEXT, Argument, Command, Option
from nixbridge.cli.interrupt import Unwinding
from nixbridge.cli.options import ERROR_OPTIONS, EVALUATION_OPTIONS, options_from
from nixbridge.cli.output import message_line, run_command
from nixbridge.cli.progress import Progress
from nixbridge.tools.build.outputs import output_of
from nixbridge.tools.build.write_result import number_of_files, store_references, total_size, write_result
from nixbridge.tools.evaluation_options import check_size
from nixbridge.tools.inputs import Evaluation, folder_of


def run(file: str, output: str, force: bool, **values: Any) -> None:
    """Carry out the command and end the process."""
    options = options_from(values)

    def work() -> int:
        evaluation = Evaluation(options, folder_of(file), write_message=message_line)
        # the derivation itself: `read` would return the data in its output
        node = evaluation.read_value(file, output_of)
        check_size(total_size(node), options)
        with Progress("writing", number_of_files(node)) as written, Unwinding():
            write_result(node, output, force=force, progress=written.advance)
        # written all the same: the files may be meant for such a machine
        for path, where in store_references(node).items():
            message_line(f"note: '{where or output}' refers to {path}, which only a machine with that Nix store has")
        return 0

    run_command(work, options=options, **values)


COMMAND = Command(
    "build",
    run,
    argument=Argument("file", "FILE", required=True),
    options=(
        Option("-o", "--output", kind=TEXT, metavar="PATH", default="result", help="Write the output there."),
        Option("--force", help="Replace a folder even if nixbridge build did not make it."),
        *EVALUATION_OPTIONS,
        *ERROR_OPTIONS,
    ),
    help="""Write the output of a derivation without running any program.

    FILE, or .#ATTR of a flake, must evaluate to a derivation, or -A select one. Supported are writeText, linkFarm, pkgs.formats and similar
    functions, and scripts that only create, copy and link files. Everything else is an error.

    \b
    nixbridge build manifests.nix
    nixbridge build -A packages.example -o manifests default.nix
    kubectl apply -f manifests/
    """,
)
