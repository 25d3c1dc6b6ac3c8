"""What `nixbridge eval` does once its options are known."""

from __future__ import annotations

from nixbridge.cli.output import message_line, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.language.formats.format_table import EXACT, format_named
from nixbridge.source import Source
from nixbridge.tools.inputs import Options, folder_of, given_arguments, open_evaluator, source_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def evaluate_one(what: str | Source, options: Options) -> str:
    """The document, as text, of a FILE argument or an expression."""
    folder = what.base if isinstance(what, Source) else folder_of(what)
    evaluator = open_evaluator(options, folder, message_line)
    evaluator.host.positions |= options.output_format in EXACT
    writer = format_named(
        "json-compact" if options.compact and options.output_format == "json" else options.output_format
    )

    def task() -> str:
        source = what if isinstance(what, Source) else source_of(what, evaluator, untrusted=options.untrusted)
        given = given_arguments(evaluator, options)
        return writer.write(evaluator.evaluate_for_user(source, given, options.attribute), evaluator.host)

    if options.debugger:
        from nixbridge.cli.debugger import run_debugged

        return run_debugged(evaluator, task)
    return evaluator.run(task)


def evaluate_files(files: Sequence[str | Source], options: Options, output: str | None = None) -> int:
    """Evaluates each and writes one document after the other. Nothing is written when one of them fails.

    Raises NixError of the first that fails; UsageError when there is nothing to evaluate.
    """
    if not files:
        raise UsageError(
            "nothing to evaluate: name a FILE, - for the standard input, or give an expression with --expr"
        )
    if options.debugger and "-" in files:
        raise UsageError("--debugger reads its commands from the standard input: name a FILE instead of -")
    documents = [evaluate_one(what, options) for what in files]
    separator = "---\n" if options.output_format == "yaml" else ""
    data = separator.join(documents).encode("utf-8", "surrogateescape")
    write_output(data, output, most=options.max_output)
    return 0
