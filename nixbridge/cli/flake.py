"""`nixbridge flake`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from nixbridge.cli.options import evaluation_options, options_from, show_trace_option
from nixbridge.cli.output import message_line, run_command, show_error, write_output
from nixbridge.errors.exceptions import NixError
from nixbridge.flakes import metadata as flake_metadata
from nixbridge.flakes.flake_check import check_output, outputs_to_check
from nixbridge.flakes.output_tree import OutputTree, drawn
from nixbridge.language.formats.json import pretty
from nixbridge.tools.inputs import Evaluation
from nixbridge.tools.options import Options

if TYPE_CHECKING:
    from nixbridge.flakes.locking import LockedFlake
    from nixbridge.flakes.opened_flakes import OpenedFlakes
    from nixbridge.flakes.output_tree import OutputPath

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
flake_argument = click.argument("reference", default=".", metavar="[FLAKE]")


@click.group("flake")
def command() -> None:
    """Look at flakes, check them, and fetch what their lock files name.

    FLAKE is a folder, path:DIR or git+file://DIR; without it, the flake of the working folder.
    """


def open_flakes(options: Options) -> Evaluation:
    """Return an evaluation that is as pure as that of a flake."""
    evaluation = Evaluation(options, None, write_message=message_line)
    evaluation.host.make_pure()
    return evaluation


def outputs_text(
    options: Options, reference: str, *, as_json: bool = False, legacy: bool = False, all_systems: bool = False
) -> str:
    """Return the tree of a flake's outputs as JSON or as a drawing."""
    evaluation = open_flakes(options)
    flakes = evaluation.flakes()
    tree = OutputTree(flakes.system, legacy=legacy, all_systems=all_systems)
    locked = evaluation.evaluator.run(lambda: flakes.open(reference))
    data = evaluation.evaluator.run(lambda: tree.read(flakes.call(locked)["outputs"]))
    if as_json:
        return pretty(data) + "\n"
    return drawn(data, flake_metadata.metadata(locked)["url"], flakes.system)


def metadata_text(options: Options, reference: str, *, as_json: bool = False) -> str:
    """Return the metadata of a flake as JSON or as text."""
    evaluation = open_flakes(options)
    locked = evaluation.evaluator.run(lambda: evaluation.flakes().open(reference))
    data = flake_metadata.metadata(locked)
    return pretty(dict(sorted(data.items()))) + "\n" if as_json else flake_metadata.shown(data, locked)


def check_one(flakes: OpenedFlakes, locked: LockedFlake, path: OutputPath) -> None:
    """Evaluate one output, in this run of the evaluator."""
    check_output(path, flakes.output(locked, path))


@command.command("show")
@flake_argument
@json_option
@click.option("--legacy", is_flag=True, help="Go into legacyPackages.")
@click.option("--all-systems", is_flag=True, help="Show the outputs of other systems.")
@evaluation_options
@show_trace_option
def show(reference: str, as_json: bool, legacy: bool, all_systems: bool, show_trace: bool, **keywords: Any) -> None:
    """Show the outputs of a flake as a tree."""
    options = options_from(keywords)

    def work() -> int:
        text = outputs_text(options, reference, as_json=as_json, legacy=legacy, all_systems=all_systems)
        write_output(text.encode("utf-8", "surrogateescape"), most=options.max_output)
        return 0

    run_command(work, show_trace=show_trace, options=options)


@command.command("metadata")
@flake_argument
@json_option
@evaluation_options
@show_trace_option
def metadata(reference: str, as_json: bool, show_trace: bool, **keywords: Any) -> None:
    """Show where a flake comes from, its hash, its time and its inputs."""
    options = options_from(keywords)

    def work() -> int:
        text = metadata_text(options, reference, as_json=as_json)
        write_output(text.encode("utf-8", "surrogateescape"), most=options.max_output)
        return 0

    run_command(work, show_trace=show_trace, options=options)


@command.command("check")
@flake_argument
@evaluation_options
@show_trace_option
def check(reference: str, show_trace: bool, **keywords: Any) -> None:
    """Evaluate all outputs of a flake. Exit status 1 when one of them has no value or is not what its name says."""
    options = options_from(keywords)

    def work() -> int:
        evaluation = open_flakes(options)
        flakes, run = evaluation.flakes(), evaluation.evaluator.run
        locked = run(lambda: flakes.open(reference))
        paths = run(lambda: [path for path, _ in outputs_to_check(flakes.call(locked)["outputs"])])
        failed = 0
        for path in paths:
            try:
                # found again each time: an evaluation that starts over makes new values
                run(partial(check_one, flakes, locked, path))
            except NixError as error:
                error.context.append(f"while checking the flake output '{'.'.join(path)}'")
                show_error(error, show_trace=show_trace)
                failed += 1
        outcome = f"{failed} failed" if failed else "all have a value"
        message_line(f"{len(paths)} output{'' if len(paths) == 1 else 's'} checked, {outcome}")
        return 1 if failed else 0

    run_command(work, show_trace=show_trace, options=options)
