"""Linting files: each is evaluated by itself, what they refer to is looked for in all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nixbridge.errors.exceptions import NixError
from nixbridge.errors.excerpt import word_at
from nixbridge.errors.report import character_column
from nixbridge.tools.call_recorder import CallRecorder
from nixbridge.tools.inputs import Evaluation, folder_of, is_data, open_cache
from nixbridge.tools.lint.calls import as_data, call_of
from nixbridge.tools.lint.finding import ERROR, FAILS, LEVELS, NOTE, WARNING, Finding
from nixbridge.tools.lint.rule_table import NOT_EVALUATED, NOTHING_TO_CHECK, RULES, USELESS_COMMENT
from nixbridge.tools.lint.suppression import Suppressions
from nixbridge.tools.lint.view import View
from nixbridge.tools.positioned_data import read_positioned_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Value
    from nixbridge.source import Source
    from nixbridge.tools.options import Options


class File:
    """One file and what was found in it. `sources`: the texts that were read, by name; `view` is None where it does not evaluate."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.view: View | None = None
        self.sources: dict[str, Source] = {}
        self.found: list[Finding] = []

    @property
    def findings(self) -> list[Finding]:
        """What counts: no comment switches it off."""
        return [finding for finding in self.found if not finding.suppressed]


class Linting:
    """A run over several files."""

    def __init__(self, options: Options, write_message: Callable[[str], None]) -> None:
        self.options = options
        self.write_message = write_message
        self.cache = open_cache(options)

    def lint(self, names: Sequence[str]) -> list[File]:
        """Every file with its findings, in the order of the source."""
        files = [self.read(name) for name in names]
        everything = [record for file in files if file.view is not None for record in file.view.found.resources]
        for file in files:
            if file.view is not None:
                file.view.everything = everything
                examine(file)
        return files

    def read(self, name: str, source: Source | None = None) -> File:
        """A file evaluated, or what keeps it from being so as a finding. `source`: its text, where it is not that on the disk."""
        file = File(name)
        try:
            if is_data(name):
                file.view = View([], read_positioned_data(name, self.options, file.sources))
            else:
                file.view = self._evaluate(file, source)
        except NixError as error:
            file.found.append(_not_evaluated(error, file))
        return file

    def _evaluate(self, file: File, source: Source | None) -> View:
        recorder = CallRecorder()
        evaluation = Evaluation(
            self.options,
            folder_of(file.name),
            write_message=self.write_message,
            cache=self.cache,
            recorder=recorder,
        )
        file.sources = evaluation.sources

        def view(value: Value, host: Host) -> View:
            result = as_data(value, host)
            return View([call_of(*call, host) for call in recorder.calls], result)

        return evaluation.read(source or file.name, view)


def examine(file: File) -> None:
    """Puts the findings of all rules into a file: each place said once, switched off where a comment says so."""
    assert file.view is not None
    found: dict[tuple[Any, ...], Finding] = {}
    reported: set[tuple[str, str]] = set()
    for rule in sorted(RULES.values(), key=lambda rule: rule.only_unreported):
        for finding in rule.findings(file.view):
            if rule.only_unreported and (finding.subject, finding.path) in reported:
                continue
            reported.add((finding.subject, finding.path))
            found.setdefault(finding.identity(), finding)
    if not file.view.calls and not file.view.looked_at:
        nothing = _nothing_to_check(file)
        found[nothing.identity()] = nothing
    comments = [Suppressions(source) for source in file.sources.values()]
    for finding in found.values():
        finding.suppressed = any(one.covers(finding) for one in comments)
    for place, text in comments[0].useless(RULES) if comments else ():
        useless = Finding(USELESS_COMMENT, NOTE, text, position=place)
        found[useless.identity()] = useless
    file.found += sorted(found.values(), key=_in_order)


def _in_order(finding: Finding) -> tuple[Any, ...]:
    return finding.position or ("", 0, 0), LEVELS.index(finding.level), finding.code, finding.path


def _nothing_to_check(file: File) -> Finding:
    """A file of data is given because it has manifests; a Nix file may be anything."""
    data = is_data(file.name)
    what = "a manifest of a known kind" if data else "a call of a builder, a record or a manifest of a known kind"
    text = f"nothing was checked: there is not {what} in it"
    return Finding(NOTHING_TO_CHECK, WARNING if data else NOTE, text, position=(_name_of(file), 1, 1))


def _not_evaluated(error: NixError, file: File) -> Finding:
    return Finding(
        NOT_EVALUATED, ERROR, error.message, hint=error.hint, position=error.position or (_name_of(file), 1, 1)
    )


def _name_of(file: File) -> str:
    return next(iter(file.sources), file.name)


def failed(files: Sequence[File]) -> bool:
    """Is there an error or a warning? Notes are advice."""
    return any(finding.level in FAILS for file in files for finding in file.findings)


def place_of(finding: Finding, file: File) -> tuple[str, int, int, int]:
    """File, line, and the columns at which what is meant begins and ends: characters from 1, the end behind it."""
    if finding.position is None:
        return file.name, 1, 1, 1
    name, line, column = finding.position
    source = file.sources.get(name)
    if source is None:
        return name, line, column, column
    text = source.line(line)
    start = character_column(text, column - 1)
    return name, line, start, start + len(word_at(text, start - 1))
