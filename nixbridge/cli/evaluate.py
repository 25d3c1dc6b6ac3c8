"""`nixbridge eval`."""

from __future__ import annotations

import gc
import os

from nixbridge.cli.declaration import CHOICE, TEXT, Argument, Command, Option
from nixbridge.cli.options import (
    ENVIRONMENT,
    ERROR_OPTIONS,
    EVALUATION_OPTIONS,
    EXPRESSIONS,
    OUTPUT,
    WATCH,
    options_from,
)
from nixbridge.cli.output import message_line, run_command, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.language.formats.format_table import FORMATS, format_named
from nixbridge.source import Source
from nixbridge.tools.inputs import STDIN, Evaluation, folder_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from nixbridge.tools.evaluation_options import Options
    from nixbridge.tools.inputs import Input


def run(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    file: str | None,
    output_format: str,
    compact: bool,
    json: bool,
    raw: bool,
    apply: str | None,
    strict: bool,
    output: str | None,
    debugger: bool,
    environment: str | None,
    watch: bool,
    **values: Any,
) -> None:
    """Carry out the command and end the process."""
    if watch:
        from nixbridge.cli.watching import watch_files

        watch_files(files)
    options = options_from(values, apply=apply, environment=environment)
    del strict  # every value is evaluated completely
    # --json and --raw are Nix's spellings; of two, the one that changes the text the most wins
    if raw:
        output_format = "raw"
    elif json or (compact and output_format == "json"):
        output_format = "json-compact"

    def work() -> int:
        inputs, selecting = inputs_of(files, expressions, file, options)
        if any(map(is_folder_of_files, inputs)) or (environment is not None and not inputs):
            return evaluate_entry_points(inputs, selecting, output_format, output)
        if len(inputs) == 1:
            # the process ends with the answer; the collector would look through all the values once more and find them in use
            gc.disable()
        return evaluate_files(inputs, selecting, output_format, output, debugger=debugger)

    run_command(work, options=options, **values)


def inputs_of(
    words: Sequence[str], expressions: Sequence[str], file: str | None, options: Options
) -> tuple[list[Input], Options]:
    """Return what is to be evaluated, and the options with the attribute that is selected from it.

    As with `nix eval --file FILE ATTR`, a word after the input names an attribute of it, unless it names a file. Raises UsageError
    for two attributes.
    """
    inputs: list[Input] = [Source(text, base=os.getcwd()) for text in expressions]
    if file is not None:
        inputs.append(file)
    attributes: list[str] = []
    for word in words:
        is_input = file is None and (not inputs or names_a_file(word))
        (inputs if is_input else attributes).append(word)
    if attributes:
        if len(attributes) > 1 or options.attribute is not None:
            first = options.attribute if options.attribute is not None else attributes[0]
            raise UsageError(
                f"two attributes: '{first}' and '{attributes[-1]}'", hint="one is selected; a set has both: --apply"
            )
        options = options.changed(attribute=attributes[0])
    return inputs, options


def names_a_file(word: str) -> bool:
    """Return whether an argument is a FILE rather than an attribute of the file before it."""
    if word in (STDIN, ".", "..") or word.endswith(".nix") or any(mark in word for mark in "/#:"):
        return True
    return os.path.isfile(word) or any(
        os.path.isfile(os.path.join(word, name)) for name in ("default.nix", "flake.nix")
    )


def evaluate_files(
    inputs: Sequence[Input],
    options: Options,
    output_format: str = "json",
    output: str | None = None,
    *,
    debugger: bool = False,
) -> int:
    """Evaluate each input and write one document after the other; nothing is written when one of them fails.

    Raises NixError of the first that fails; UsageError when there is nothing to evaluate.
    """
    if not inputs:
        raise UsageError(
            "nothing to evaluate: name a FILE, - for the standard input, or give an expression with --expr"
        )
    if debugger and STDIN in inputs:
        raise UsageError("--debugger reads its commands from the standard input: name a FILE instead of -")
    # all of them before the first is written: an error must not leave half an answer
    documents = [evaluate_one(what, options, output_format, debugger=debugger) for what in inputs]
    write_documents(documents, options, output_format, output)
    return 0


def write_documents(documents: Sequence[str], options: Options, output_format: str, output: str | None) -> None:
    """Write documents one after the other."""
    # JSON texts may follow one another, YAML documents need a line between them
    separator = "---\n" if output_format == "yaml" else ""
    data = separator.join(documents).encode("utf-8", "surrogateescape")
    write_output(data, output, options=options)


def is_folder_of_files(what: Input) -> bool:
    """Return whether an input is a folder that is neither a flake nor has a default.nix: it stands for its entry points."""
    return (
        isinstance(what, str)
        and os.path.isdir(what)
        and not any(os.path.lexists(os.path.join(what, name)) for name in ("default.nix", "flake.nix"))
    )


def evaluate_entry_points(
    inputs: Sequence[Input], options: Options, output_format: str, output: str | None = None
) -> int:
    """Evaluate the entry points of folders, or the files of an environment, as `evaluate_files` does."""
    from nixbridge.cli.progress import counted
    from nixbridge.tools.entry_points import EntryPoints
    from nixbridge.tools.parts import PartOfOthers

    names = tuple(what for what in inputs if isinstance(what, str))
    chosen = EntryPoints(names, options.changed(environment=None), environment=options.environment)
    documents = [evaluate_one(what, options, output_format) for what in inputs if not isinstance(what, str)]
    for entry in counted("evaluating", chosen.entries):
        try:
            documents.append(evaluate_one(entry.file, entry.options, output_format, part_of_folder=not entry.named))
        except PartOfOthers:
            continue  # made for the other files of the folder
    write_documents(documents, options, output_format, output)
    return 0


def evaluate_one(
    what: Input, options: Options, output_format: str, *, debugger: bool = False, part_of_folder: bool = False
) -> str:
    """Return an input's value as a document in a format. Raises PartOfOthers for a part, where a folder stands for the file."""
    form = format_named(output_format)
    write = form.write
    if form.is_exact:
        # XML shows where attributes are defined, and keeping that costs time
        options = options.changed(positions=True)
    if debugger:
        from nixbridge.cli.debugger import read_debugged

        return read_debugged(what, options, write)
    evaluation = Evaluation(options, folder_of(what), write_message=message_line)
    if part_of_folder:
        from nixbridge.tools.parts import read_unless_part

        return read_unless_part(evaluation, what, write)
    document = evaluation.read(what, write)
    for unused in evaluation.unused_arguments:
        message_line(f"help: {unused}")
    return document


COMMAND = Command(
    "eval",
    run,
    argument=Argument("files", "[FILE]... [ATTR]", multiple=True),
    options=(
        EXPRESSIONS,
        Option("--file", kind=TEXT, metavar="FILE", help="Evaluate FILE; the argument is then an attribute of it."),
        Option("-f", "--format", name="output_format", kind=CHOICE, choices=FORMATS, default="json", help="Format."),
        Option("--json", help="Print JSON on one line, as nix eval --json does."),
        Option("--raw", help="Print a string as it is, as nix eval --raw does."),
        Option("--compact", help="JSON on one line, byte for byte as nix-instantiate --json prints it."),
        Option(
            "--apply", kind=TEXT, metavar="EXPR", help="Call the function EXPR with the value and print the result."
        ),
        Option("--strict", help="Accepted as by nix-instantiate; values are always evaluated completely."),
        OUTPUT,
        Option("--debugger", help="Open Python's debugger at each builtins.break."),
        ENVIRONMENT,
        *EVALUATION_OPTIONS,
        WATCH,
        *ERROR_OPTIONS,
    ),
    help="""Evaluate Nix files and print the result.

    FILE may be - for standard input, or a folder: its default.nix or flake.nix, otherwise its entry points. A file that
    evaluates to a function is called with the arguments that it declares, from lib, pkgs, nixernetes, serviceMesh, --arg and --argstr.

    \b
    nixbridge eval mesh.nix
    nixbridge eval mesh.nix production.gateway -f yaml
    nixbridge eval -E 'mkVirtualService "web" { }'
    """,
)
