"""Linting files: each is evaluated separately, and references are resolved among all files of its environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nixbridge.errors.exceptions import LimitReached, MissingArgument, NixError
from nixbridge.errors.excerpt import word_at
from nixbridge.errors.report import character_column
from nixbridge.mesh.model.messages import ERROR, NOTE
from nixbridge.tools.call_recorder import CallRecorder
from nixbridge.tools.environments import Member, choose, group, objects_of
from nixbridge.tools.inputs import Evaluation, folder_of, is_data, open_cache
from nixbridge.tools.lint.calls import as_data, call_of, call_so_far
from nixbridge.tools.lint.cluster_view import Cluster
from nixbridge.tools.lint.finding import FAILS, LEVELS, Finding
from nixbridge.tools.lint.rule_choice import RuleChoice
from nixbridge.tools.lint.rule_table import NOT_EVALUATED, NOTHING_TO_CHECK, RULES, USELESS_COMMENT
from nixbridge.tools.lint.suppression import Suppressions
from nixbridge.tools.lint.view import View
from nixbridge.tools.positioned_data import read_positioned_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeVar

    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Value
    from nixbridge.source import Source
    from nixbridge.tools.entry_points import EntryPoints
    from nixbridge.tools.evaluation_options import Options
    from nixbridge.tools.project_files import Each

    T = TypeVar("T")


class File:
    """A file and its findings. `sources`: the texts that were read, by name; `view` is None if the file does not evaluate.

    `environment` is the one of the settings that it was evaluated for. `is_part`: it waits for arguments, as parts of others do.
    """

    def __init__(self, name: str, environment: str | None = None) -> None:
        self.name, self.environment = name, environment
        self.is_part = False
        self.view: View | None = None
        self.sources: dict[str, Source] = {}
        self.found: list[Finding] = []

    @property
    def findings(self) -> list[Finding]:
        """The findings that no comment suppresses."""
        return [finding for finding in self.found if not finding.suppressed]


class Linting:
    """A run over several files.

    `stop_clock` is called when a limit of the run was reached; the files evaluated so far are still checked, without evaluating more.
    `each` iterates over the files, and may show how many are done.
    """

    def __init__(
        self,
        options: Options,
        write_message: Callable[[str], None],
        stop_clock: Callable[[], None] = lambda: None,
        each: Each = iter,
        read_virtual: Callable[[str], bytes | None] | None = None,
    ) -> None:
        self.options = options
        self.write_message = write_message
        self.stop_clock = stop_clock
        self._each = each
        self._read_virtual = read_virtual
        self._limit_finding: Finding | None = None
        self.cache = open_cache(options)

    def lint(self, names: Sequence[str]) -> list[File]:
        """Return the files with their findings, in the order of the source."""
        files = [self.read(name) for name in self._until_limit(names)]
        judge(files)
        return files

    def lint_project(self, chosen: EntryPoints) -> list[File]:
        """Return the entry points of a project with their findings."""
        pairs = [
            (entry, self.read(entry.file, options=entry.options, on_import=chosen.imports.note_running))
            for entry in self._until_limit(chosen.entries)
        ]
        pairs = [
            (entry, file) for entry, file in pairs if not chosen.is_part(entry) and (entry.named or not file.is_part)
        ]
        judge([file for _, file in pairs], chosen.inferred)
        rules = RuleChoice(chosen.settings)
        for entry, file in pairs:
            # a folder has files for other purposes, about which there is nothing to note
            file.found = [
                finding
                for finding in file.found
                if rules.applies(finding, file.name) and (entry.named or finding.code != NOTHING_TO_CHECK)
            ]
        return [file for _, file in pairs]

    def _until_limit(self, files: Sequence[T]) -> Iterator[T]:
        """Yield the files until a limit of the run is reached; its finding then says how many were left."""
        for number, file in enumerate(self._each(files)):
            if self._limit_finding is not None:
                self._limit_finding.hint = f"files that were not looked at for it: {len(files) - number}"
                return
            yield file

    def read(
        self,
        name: str,
        source: Source | None = None,
        *,
        options: Options | None = None,
        on_import: Callable[[str], None] | None = None,
    ) -> File:
        """Evaluate a file; a failure becomes a finding. `source` is its text, if it differs from the file on disk."""
        options = options or self.options
        file = File(name, options.environment)
        try:
            if is_data(name):
                file.view = View([], read_positioned_data(name, options, file.sources))
            else:
                file.view = self._evaluate(file, source, options, on_import)
        except NixError as error:
            file.is_part = isinstance(error, MissingArgument)
            file.found.append(_not_evaluated(error, file))
        return file

    def _evaluate(
        self, file: File, source: Source | None, options: Options, on_import: Callable[[str], None] | None
    ) -> View:
        recorder = CallRecorder()
        evaluation = Evaluation(
            options,
            folder_of(file.name),
            write_message=self.write_message,
            cache=self.cache,
            recorder=recorder,
            on_import=on_import,
            read_virtual=self._read_virtual,
        )
        file.sources = evaluation.sources

        def view(value: Value, host: Host) -> View:
            result = as_data(value, host)
            return View([call_of(*call, host) for call in recorder.calls], result)

        try:
            return evaluation.read(source or file.name, view)
        except LimitReached as error:
            if not error.ends_run:
                raise
            # The run's time is over for all files. The clock is stopped because what follows only reads recorded values,
            # and an error there would hide the findings so far.
            self.stop_clock()
            self._limit_finding = _not_evaluated(error, file)
            file.found.append(self._limit_finding)
            return View([call_so_far(*call, evaluation.host) for call in recorder.calls], None)
        except (MemoryError, SystemError):
            raise LimitReached("the memory limit was reached while it was evaluated (--max-memory)") from None


def judge(files: Sequence[File], environment: str | None = None) -> None:
    """Put the findings of all rules into files, each environment judged by itself: all, or the one of that name.

    A finding that several environments share is reported once. Raises UsageError for an environment that is not there.
    """
    # files that failed have no records, so they can neither define nor refer to anything
    evaluated = [file for file in files if file.view is not None]
    groups = choose(group([_member(file) for file in evaluated]), environment)
    findings = Findings()
    for one in groups:
        share([evaluated[number] for number in one.members])
        for number in one.members:
            findings.add(evaluated[number], one.name or "")
    for file in evaluated:
        settle(file, findings.of(file))
    report_once(evaluated)


class Findings:
    """The findings of several environments. Files of different environments may import the same file, and find the same in it."""

    def __init__(self) -> None:
        self._found: dict[File, dict[tuple[Any, ...], Finding]] = {}
        #: The environments of a finding, and those of the file that it is in.
        self._made_in: dict[tuple[Any, ...], dict[str, None]] = {}
        self._environments: dict[str, dict[str, None]] = {}

    def add(self, file: File, environment: str) -> None:
        """Add the findings of a file in one environment."""
        for name in {*file.sources, file.name}:
            self._environments.setdefault(name, {})[environment] = None
        found = self._found.setdefault(file, {})
        for identity, finding in collect(file).items():
            found.setdefault(identity, finding)
            self._made_in.setdefault((_place(finding, file), *identity), {})[environment] = None

    def of(self, file: File) -> list[Finding]:
        """Return the findings of a file, each with its environments where the file that it is in belongs to others as well."""
        found = self._found.get(file, {})
        for identity, finding in found.items():
            place = _place(finding, file)
            names = self._made_in[(place, *identity)]
            # named only where it differs: in every environment of its file, a finding needs no list
            if len(names) < len(self._environments.get(place, ())):
                finding.environments = tuple(filter(None, names))
        return list(found.values())


def report_once(files: Sequence[File]) -> None:
    """Take findings out of files that an earlier file reports at the same place, unless a comment there switched it off."""
    reported: set[tuple[object, ...]] = set()
    for file in files:
        counting = [finding for finding in file.found if not finding.suppressed and finding.position is not None]
        repeated = {id(finding) for finding in counting if finding.identity() in reported}
        reported.update(finding.identity() for finding in counting)
        file.found = [finding for finding in file.found if id(finding) not in repeated]


def _place(finding: Finding, file: File) -> str:
    """Return the name of the file that a finding is in."""
    return finding.position[0] if finding.position is not None else file.name


def _member(file: File) -> Member:
    assert file.view is not None
    return Member(os.path.abspath(file.name), file.environment, objects_of(file.view.found.resources))


def share(files: Sequence[File]) -> None:
    """Give every file the records of all files, because it may refer to them."""
    cluster = Cluster(record for file in files if file.view is not None for record in file.view.found.resources)
    for file in files:
        if file.view is not None:
            file.view.cluster = cluster


def examine(file: File) -> None:
    """Put the findings of all rules into one file, as far as the records that it sees let them be made."""
    settle(file, list(collect(file).values()))


def collect(file: File) -> dict[tuple[object, ...], Finding]:
    """Return the findings of all rules in a file by their identity, so that each place is reported once."""
    assert file.view is not None
    found: dict[tuple[object, ...], Finding] = {}
    reported: set[tuple[str, str]] = set()
    # rules that add nothing to the findings of others come last
    for rule in sorted(RULES.values(), key=lambda rule: rule.only_unreported):
        for finding in rule.findings(file.view):
            if rule.only_unreported and (finding.subject, finding.path) in reported:
                continue
            reported.add((finding.subject, finding.path))
            found.setdefault(finding.identity(), finding)
    if not file.view.calls and not file.view.looked_at and not found:
        nothing = _nothing_to_check(file)
        found[nothing.identity()] = nothing
    return found


def settle(file: File, findings: list[Finding]) -> None:
    """Put findings into a file, in order; those that a comment switches off are marked, and comments of no use are reported."""
    comments = [Suppressions(source) for source in file.sources.values()]
    for finding in findings:
        finding.suppressed = any(one.covers(finding) for one in comments)
    useless = [
        Finding(USELESS_COMMENT, NOTE, text, position=place)
        # of the file itself, which comes first: a comment of an imported file may be needed by another one
        for place, text in (comments[0].useless(RULES) if comments else ())
    ]
    file.found += sorted([*findings, *useless], key=_in_order)


def _in_order(finding: Finding) -> tuple[object, ...]:
    return finding.position or ("", 0, 0), LEVELS.index(finding.level), finding.code, finding.path


def _nothing_to_check(file: File) -> Finding:
    """Return a note, because the file may serve another purpose; an unreadable file is an error."""
    data = is_data(file.name)
    what = "manifest of a known kind" if data else "call of a builder, record or manifest of a known kind"
    text = f"nothing was checked: the file contains no {what}"
    return Finding(NOTHING_TO_CHECK, NOTE, text, position=(_name_of(file), 1, 1))


def _not_evaluated(error: NixError, file: File) -> Finding:
    return Finding(
        NOT_EVALUATED, ERROR, error.message, hint=error.hint, position=error.position or (_name_of(file), 1, 1)
    )


def _name_of(file: File) -> str:
    return next(iter(file.sources), file.name)


def failed(files: Sequence[File]) -> bool:
    """Return whether there is an error or a warning. Notes are advice."""
    return any(finding.level in FAILS for file in files for finding in file.findings)


def place_of(finding: Finding, file: File) -> tuple[str, int, int, int]:
    """Return file, line, and the columns at which the finding begins and ends: characters from 1, the end exclusive."""
    if finding.position is None:
        return file.name, 1, 1, 1
    name, line, column = finding.position
    source = file.sources.get(name)
    if source is None:
        return name, line, column, column
    text = source.line(line)
    start = character_column(text, column - 1)
    # a flake's file has the name of a store path in the program, and is shown where the user has it
    return source.name, line, start, start + len(word_at(text, start - 1))
