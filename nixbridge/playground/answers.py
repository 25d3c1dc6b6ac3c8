"""The answer to a text, as the playground shows it: value, manifests, picture and findings, as data for JavaScript.

This runs in Pyodide: Python compiled to WebAssembly, without threads, signals, processes and limits of resources. The page bounds
the time, by ending the worker that evaluates.
"""

from __future__ import annotations

from nixbridge.errors.exceptions import NixError
from nixbridge.errors.excerpt import word_at
from nixbridge.errors.report import character_column
from nixbridge.language.formats.format_table import format_named
from nixbridge.language.formats.plain_yaml import dump_stream
from nixbridge.mesh.graph import dot
from nixbridge.mesh.graph.traffic import picture_of
from nixbridge.mesh.model.messages import ERROR
from nixbridge.source import Source
from nixbridge.tools.call_recorder import CallRecorder
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation
from nixbridge.tools.lint.calls import as_data, call_of
from nixbridge.tools.lint.rule_table import NOTHING_TO_CHECK
from nixbridge.tools.lint.run import File, judge, place_of
from nixbridge.tools.lint.view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Value
    from nixbridge.mesh.output.rendering import Rendering
    from nixbridge.source import Span
    from nixbridge.tools.lint.finding import Finding

#: The name of the text in messages.
NAME = "playground.nix"


def answer(text: str) -> dict[str, Any]:
    """Return what there is to show of a text.

    `json`, `yaml`, `manifests` and `dot` are texts, or None where there is none; `reasons` are the errors for that, by the same names.
    `error` has the `report` of what kept the text from being evaluated and its `mark`; `findings` are lint's, `messages` those of
    rendering, `traces` what `builtins.trace` and `warn` printed. A mark is a place on one line: characters from 1.
    """
    traces: list[str] = []
    shown: dict[str, Any] = dict.fromkeys(("json", "yaml", "manifests", "dot", "error"))
    shown |= {"reasons": {}, "findings": [], "messages": [], "traces": traces}
    source = Source(text, NAME)
    recorder = CallRecorder()
    options = Options(positions=True, cache=False, project=False)
    evaluation = Evaluation(options, None, write_message=traces.append, recorder=recorder)

    def view(value: Value, host: Host) -> View:
        result = as_data(value, host)
        return View([call_of(*call, host) for call in recorder.calls], result)

    file = File(NAME)
    file.sources = evaluation.sources
    try:
        file.view = evaluation.read(source, view)
    except NixError as error:
        shown["error"] = {"report": error.report(), "mark": _mark_of_error(error, source)}
        _free(error)
        return shown
    traces_of_value = len(traces)
    for name in ("json", "yaml"):
        try:
            shown[name] = evaluation.read(source, format_named(name).write)
        except NixError as error:  # a function is a value, but no document
            shown["reasons"][name] = error.report()
            _free(error)
    del traces[traces_of_value:]  # the same, printed once more
    judge([file])
    shown["findings"] = [_finding(finding, file) for finding in file.findings if finding.code != NOTHING_TO_CHECK]
    if file.view.found.records or file.view.found.manifests:
        _show_rendering(shown, file.view.rendering, source)
    return shown


def _show_rendering(shown: dict[str, Any], rendering: Rendering, source: Source) -> None:
    """Add the manifests, the picture and the messages about them."""
    for message in rendering.messages:
        mark = _mark(source, message.position[1], message.position[2]) if message.position is not None else None
        shown["messages"].append({"level": message.level, "message": message.subject, "mark": mark})
    if rendering.manifests:
        shown["manifests"] = dump_stream(rendering.manifests)
    else:
        errors = [str(message) for message in rendering.messages if message.level == ERROR]
        shown["reasons"]["manifests"] = "\n".join(errors)
    picture = picture_of(rendering.made)
    if picture.nodes:
        shown["dot"] = dot.write(picture)


def _finding(finding: Finding, file: File) -> dict[str, Any]:
    name, line, start, end = place_of(finding, file)
    mark = {"line": line, "start": start, "end": end} if name == NAME else None
    message = f"{finding.subject}: {finding.message}" if finding.subject else finding.message
    return {"code": finding.code, "level": finding.level, "message": message, "hint": finding.hint, "mark": mark}


def _mark(source: Source, line: int, column: int) -> dict[str, int]:
    """Return the word at a line and a column in bytes, both from 1."""
    text = source.line(line)
    start = character_column(text, column - 1)
    return {"line": line, "start": start, "end": start + len(word_at(text, start - 1))}


def _mark_of_error(error: NixError, source: Source) -> dict[str, int] | None:
    """Return the place of an error in the text: its own, or the innermost step in the text that led to it."""
    places: list[tuple[Source | None, Span | None]] = [
        (error.source, error.span),
        *((frame.source, frame.span) for frame in reversed(error.frames)),
    ]
    for where, span in places:
        if where is not None and span is not None and where.name == NAME:
            line, column, end_line, end_column = span
            text = source.line(line)
            end = character_column(text, end_column) if end_line == line else len(text) + 1
            return {"line": line, "start": character_column(text, column), "end": end}
    return None


def _free(error: NixError) -> None:
    """Take the error's frames apart from the outermost on: freed all at once, they would be freed one within the other."""
    traceback, error.__traceback__ = error.__traceback__, None
    while traceback is not None:
        traceback.tb_next, traceback = None, traceback.tb_next
