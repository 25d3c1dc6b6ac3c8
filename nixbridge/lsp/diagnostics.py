"""Diagnostics of a file: syntax errors and undefined names at once, from its text; the rest once it has been evaluated."""

from __future__ import annotations

from typing import Any

from lsprotocol.types import Diagnostic, DiagnosticSeverity, DiagnosticTag

from nixbridge.errors.suggest import nearest
from nixbridge.language.builtins.registry import GLOBALS
from nixbridge.language.syntax import ast
from nixbridge.lsp.builder_places import builder_of
from nixbridge.lsp.recovery import HOLE
from nixbridge.lsp.symbols import LET, Use
from nixbridge.lsp.workspace import Document
from nixbridge.mesh.tables.builder_list import BUILDERS, TABLES, table

SOURCE = "nixbridge"
#: Severity of a finding's level.
SEVERITIES = {
    "error": DiagnosticSeverity.Error,
    "warning": DiagnosticSeverity.Warning,
    "note": DiagnosticSeverity.Information,
}
#: Names that are in scope in every file.
_KNOWN = frozenset({*GLOBALS, *BUILDERS, "serviceMesh", "nixernetes", "lib"})
#: Data of a diagnostic under which the edits of its quick fix are: [[start, end, new], ...] and a title.
FIX = "fix"


def text_diagnostics(document: Document) -> list[Diagnostic]:
    """Return the diagnostics that need no evaluation: syntax errors, undefined and unused names, unknown parameters and fields."""
    found = [_syntax_error(document, error) for error in document.parsed.errors]
    found += [_undefined(document, use) for use in document.symbols.uses if _is_undefined(use)]
    found += _unused(document)
    for node in document.symbols.scope_of:
        if isinstance(node, ast.Apply):
            found += _unknown_names(document, node)
    return found


def _syntax_error(document: Document, error: Any) -> Diagnostic:
    line, column, end_line, end_column = error.span or (1, 0, 1, 0)
    start = document.positions.byte_offset(line, column)
    end = document.positions.byte_offset(end_line, end_column)
    message = f"{error.message}\nhelp: {error.hint}" if error.hint else error.message
    return Diagnostic(
        document.positions.range(start, max(end, start)), message, DiagnosticSeverity.Error, "syntax", source=SOURCE
    )


def _is_undefined(use: Use) -> bool:
    is_known = use.definition is not None or use.name in _KNOWN or use.name == HOLE
    return not is_known and next(use.scope.withs(), None) is None


def _undefined(document: Document, use: Use) -> Diagnostic:
    visible = {name for scope in use.scope.outwards() for name in scope.names}
    near = nearest(use.name, sorted(visible)) or nearest(use.name, sorted(_KNOWN))
    hint = f"\nhelp: did you mean '{near[0]}'?" if near else ""
    return Diagnostic(
        document.positions.range(use.start, use.end),
        f"undefined variable '{use.name}'{hint}",
        DiagnosticSeverity.Error,
        "undefined",
        source=SOURCE,
        data=_fix(f"Change to '{near[0]}'", [(use.start, use.end, near[0])]) if near else None,
    )


def _unused(document: Document) -> list[Diagnostic]:
    """Return the names of a `let` that nothing uses, as hints that an editor shows faded."""
    # a syntax error may have cost the uses, so nothing is said until it is corrected
    if document.parsed.errors:
        return []
    used = {id(use.definition) for use in document.symbols.uses}
    return [
        Diagnostic(
            document.positions.range(definition.start, definition.end),
            f"'{definition.name}' is not used",
            DiagnosticSeverity.Hint,
            "unused",
            source=SOURCE,
            tags=[DiagnosticTag.Unnecessary],
        )
        for definition in document.symbols.definitions
        if definition.kind == LET and id(definition) not in used
    ]


def _unknown_names(document: Document, call: ast.Apply) -> list[Diagnostic]:
    """Return the parameters of a builder's call that its table does not have; fields inside them are for the evaluation."""
    name = builder_of(document.symbols, call.function)
    if name not in TABLES or len(call.arguments) < 2:
        return []
    configuration = call.arguments[1]
    if not isinstance(configuration, ast.AttrSet):
        return []
    known = sorted(parameter.name for parameter in table(name).parameters)
    return [
        _unknown(document, given, attribute, known, name)
        for given, attribute in configuration.bindings.attributes.items()
        if given not in known and given != HOLE
    ]


def _unknown(document: Document, name: str, attribute: ast.Attribute, known: list[str], builder: str) -> Diagnostic:
    near = nearest(name, known)
    hint = f"\nhelp: did you mean '{near[0]}'?" if near else ""
    start = attribute.end - len(name)  # the name may be the first of a path, whose `start` is earlier
    return Diagnostic(
        document.positions.range(start, attribute.end),
        f"{builder} has no parameter '{name}'{hint}",
        DiagnosticSeverity.Error,
        "NB001",
        source=SOURCE,
        data=_fix(f"Change to '{near[0]}'", [(start, attribute.end, near[0])]) if near else None,
    )


def evaluated_diagnostics(document: Document, answer: dict[str, Any]) -> list[Diagnostic]:
    """Return the diagnostics of an evaluation: its error, lint's findings, differences from golden files."""
    if "error" in answer:
        severity = DiagnosticSeverity.Warning if answer.get("timeout") else DiagnosticSeverity.Error
        return [Diagnostic(document.positions.range(0, 0), answer["error"], severity, "evaluation", source=SOURCE)]
    own = [finding for finding in answer["findings"] if finding["path"] == document.path]
    found = [_finding(document, finding) for finding in own]
    found += [_elsewhere(document, finding) for finding in answer["findings"] if finding["path"] != document.path]
    for difference in answer["golden"]:
        message = f"the value differs from {difference['golden']}:\n{difference['message']}"
        found.append(
            Diagnostic(document.positions.range(0, 0), message, DiagnosticSeverity.Warning, "golden", source=SOURCE)
        )
    return found


def _finding(document: Document, finding: dict[str, Any]) -> Diagnostic:
    line = finding["line"] - 1
    start = document.positions.line_offset(line) + finding["start"] - 1
    end = document.positions.line_offset(line) + finding["end"] - 1
    edits = finding["edits"]
    return Diagnostic(
        document.positions.range(start, max(start, end)),
        _message(finding),
        SEVERITIES[finding["level"]],
        finding["code"],
        source=SOURCE,
        data=_fix(f"Change to '{edits[0][2]}'", edits) if edits else None,
    )


def _elsewhere(document: Document, finding: dict[str, Any]) -> Diagnostic:
    """Return a finding in a file that this one imports, shown at its beginning."""
    message = f"{finding['path']}:{finding['line']}: {_message(finding)}"
    severity = SEVERITIES[finding["level"]]
    return Diagnostic(document.positions.range(0, 0), message, severity, finding["code"], source=SOURCE)


def _message(finding: dict[str, object]) -> str:
    return f"{finding['message']}\nhelp: {finding['hint']}" if finding["hint"] else str(finding["message"])


def merged(text: list[Diagnostic], evaluated: list[Diagnostic]) -> list[Diagnostic]:
    """Return both kinds, a finding of the evaluation in place of the same one from the text."""
    if any(one.severity == DiagnosticSeverity.Error for one in text):
        # the evaluation has stopped at an error that the text shows already
        evaluated = [one for one in evaluated if one.code not in ("evaluation", "NB000")]
    # an error of the evaluation is shown at the first character, where it must not hide what the text has there
    places = {_place(found) for found in evaluated if found.code != "evaluation"}
    return [*(one for one in text if _place(one) not in places), *evaluated]


def _place(found: Diagnostic) -> tuple[int, int]:
    return found.range.start.line, found.range.start.character


def _fix(title: str, edits: Any) -> dict[str, object]:
    return {FIX: {"title": title, "edits": [list(edit) for edit in edits]}}
