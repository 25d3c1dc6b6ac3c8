"""`nixbridge eval` once its options are known."""

from __future__ import annotations

from nixbridge.cli.output import message_line, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.language.formats.format_table import EXACT, format_named
from nixbridge.tools.inputs import STDIN, Evaluation, folder_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from nixbridge.tools.inputs import Input
    from nixbridge.tools.options import Options


def evaluate_one(what: Input, options: Options, output_format: str, *, debugger: bool = False) -> str:
    """Return an input's value as a document in a format."""
    write = format_named(output_format).write
    if output_format in EXACT:
        options = options.changed(positions=True)
    if debugger:
        from nixbridge.cli.debugger import read_debugged

        return read_debugged(what, options, write)
    return Evaluation(options, folder_of(what), write_message=message_line).read(what, write)


def evaluate_files(
    files: Sequence[Input],
    options: Options,
    output_format: str = "json",
    output: str | None = None,
    *,
    debugger: bool = False,
) -> int:
    """Evaluate each input and write one document after the other; nothing is written when one of them fails.

    Raises NixError of the first that fails; UsageError when there is nothing to evaluate.
    """
    if not files:
        raise UsageError(
            "nothing to evaluate: name a FILE, - for the standard input, or give an expression with --expr"
        )
    if debugger and STDIN in files:
        raise UsageError("--debugger reads its commands from the standard input: name a FILE instead of -")
    documents = [evaluate_one(what, options, output_format, debugger=debugger) for what in files]
    separator = "---\n" if output_format == "yaml" else ""
    data = separator.join(documents).encode("utf-8", "surrogateescape")
    write_output(data, output, most=options.max_output)
    return 0
