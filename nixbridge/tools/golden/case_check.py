"""The check of one source against its golden file. Errors in the user's files are outcomes and never stop the run."""

from __future__ import annotations

import os
import re
import time

from nixbridge.errors.exceptions import EvalError, MissingArgument, NixError
from nixbridge.errors.report import report
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.formats.document import to_document
from nixbridge.language.formats.format_table import format_named
from nixbridge.language.machine.host import Host
from nixbridge.source import Source
from nixbridge.tools.golden import golden_documents as documents
from nixbridge.tools.golden.difference import Difference, differences, shown, sorted_by_kind
from nixbridge.tools.golden.markdown import Block, blocks
from nixbridge.tools.golden.outcome import UNCHECKED, Outcome
from nixbridge.tools.golden.pairs import Case, is_flake_output
from nixbridge.tools.inputs import Evaluation, Project
from nixbridge.tools.parts import PartOfOthers, part_without_argument, unless_part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.runtime.values import Value
    from nixbridge.tools.evaluation_options import Options

#: `# nixbridge: arg name=EXPR` and `# nixbridge: skip` in a source say the same as in Markdown.
_DIRECTIVE = re.compile(
    r"^[ \t]*#[ \t]*nixbridge:[ \t]*(?:(?P<skip>skip)[ \t]*\r?$|arg[ \t]+(?P<name>[\w'-]+)[ \t]*=(?P<text>[^\r\n]+))",
    re.MULTILINE,
)


class Projects:
    """The projects of folders, each looked for once: finding a root takes longer than reading a golden file."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._known: dict[str, Project] = {}

    def of(self, folder: str) -> Project:
        """Return the project of the files in a folder. Raises UsageError for invalid settings."""
        if folder not in self._known:
            self._known[folder] = Project(self.options, folder)
        return self._known[folder]

    def host(self, folder: str) -> Host:
        """Return a host that reads the sources and golden files in a folder."""
        return Host(roots=self.of(folder).readable_folders(self.options))


def check(
    case: Case, options: Options, cache: CodeCache, projects: Projects | None = None
) -> tuple[list[Outcome], list[str]]:
    """Return the outcomes of a case (several for a Markdown file), and the files and variables that they depend on."""
    start = time.perf_counter()
    if case.problem is not None and case.problem[0] != "missing":
        return [Outcome(case, *case.problem)], []
    run = CaseRun(case, options, cache, projects)
    if case.format == "markdown":
        return run.markdown(), run.depends()
    outcome = run.file()
    outcome.seconds = time.perf_counter() - start
    return [outcome], run.depends()


class CaseRun:
    """A case while it is checked. `projects` are shared with the cases that are checked at the same time."""

    def __init__(self, case: Case, options: Options, cache: CodeCache, projects: Projects | None = None) -> None:
        self.case, self.options, self.cache = case, options, cache
        self.projects = projects if projects is not None else Projects(options)
        self.path = os.path.abspath(case.source)
        self.is_flake = is_flake_output(case.source)
        #: A host for each thing that is read, as each may read other folders; the outcome depends on what all of them read.
        self.hosts = [self.projects.host(os.path.dirname(self.path))]

    def depends(self) -> list[str]:
        """Return the files that were read or looked for, and the environment variables, as `$NAME`."""
        files = [path for host in self.hosts for path in host.files.dependencies]
        return [*files, *(f"${name}" for host in self.hosts for name in host.variables_read)]

    def file(self) -> Outcome:
        """Return the outcome of a source with a golden file, or of one that lacks it."""
        case = self.case
        try:
            text = self.hosts[0].files.read_text(self.path) if not self.is_flake else ""
            arguments, skipped = directives(text)
            if skipped:
                return Outcome(case, "skipped", "a comment in the file requests it")
            source = Source(text, self.path, os.path.dirname(self.path))
            if case.problem is not None:
                return self.missing(source, arguments)
            golden = self.golden_text()
        except NixError as error:
            return Outcome(case, "error", without_mark(error))
        return self.compare(case, source, golden, case.format, arguments)

    def missing(self, source: Source, arguments: list[tuple[str, str]]) -> Outcome:
        """Return the outcome of a source that lacks its golden file, with the document where that is to be made."""
        case = self.case
        assert case.problem is not None
        try:
            document, text = self.read(source, case.format, arguments, parts_are_skipped=True)
        except PartOfOthers as reason:
            return Outcome(case, "skipped", f"it is a part of other files: {reason}")
        except MissingArgument as error:
            return Outcome(case, "skipped", f"it is a part of other files: {part_without_argument(error)}")
        except NixError as error:
            # a file that fails lacks its golden file like any other; only --missing needs the value
            if case.golden is not None:
                return Outcome(case, "error", without_mark(error), line=line_of(error, source))
            document, text = None, ""
        if case.golden is None:
            return Outcome(case, *case.problem)
        now = documents.text_of(case.format, document) if format_named(case.format).is_data else text
        return Outcome(case, *case.problem, now=now, document=now)

    def golden_text(self) -> str:
        """Return the text of the golden file. Raises NixError."""
        assert self.case.golden is not None
        golden = os.path.abspath(self.case.golden)
        if os.path.islink(golden) and not os.path.exists(golden):
            raise EvalError(f"the golden file {self.case.golden} is a symbolic link that leads nowhere")
        folder = os.path.dirname(golden)
        if folder != os.path.dirname(self.path):
            self.hosts.append(self.projects.host(folder))
        return self.hosts[-1].files.read_text(golden)

    def markdown(self) -> list[Outcome]:
        """Return the outcomes of a Markdown file, one for each of its blocks."""
        try:
            text = self.hosts[0].files.read_text(self.path)
        except NixError as error:
            return [Outcome(self.case, "error", without_mark(error))]
        outcomes: list[Outcome] = []
        for number, block in enumerate(blocks(text)):
            start = time.perf_counter()
            if self.case.every_block or block.checked or block.skip:
                outcome = self.block(block, number)
            else:
                outcome = Outcome(self.block_case(block, number), UNCHECKED, "no golden block follows it")
            outcome.seconds = time.perf_counter() - start
            outcomes.append(outcome)
        return outcomes

    def block_case(self, block: Block, number: int) -> Case:
        """Return the case of a block."""
        case = self.case
        return Case(case.source, None, case.format, block=block.line, number=number, text=block.text)

    def block_source(self, block: Block) -> Source:
        """Return the text of a block with the arguments of its comments in scope. Positions in messages are those in the Markdown file."""
        # on the first line, in front of the text: the lines of messages stay those of the block
        scope = "".join(f"{name} = {text}; " for name, text in block.arguments)
        opening = f"let {scope}in " if scope else ""
        return Source(opening + block.text, self.path, os.path.dirname(self.path), block.line)

    def settled(self, case: Case, block: Block) -> Outcome | None:
        """Return the outcome of a block that is not evaluated."""
        if block.problem is not None:
            return Outcome(case, "error", block.problem)
        return Outcome(case, "skipped", "a comment before the block requests it") if block.skip else None

    def block(self, block: Block, number: int) -> Outcome:
        """Return the outcome of one block."""
        case = self.block_case(block, number)
        settled = self.settled(case, block)
        if settled is not None:
            return settled
        source = self.block_source(block)
        if block.fails is not None:
            outcome = self.compare(case, source, block.fails, "error", block.arguments)
            outcome.document = None  # the expected text is in a comment, which --update does not rewrite
            return outcome
        if block.golden is not None:
            return self.compare(case, source, block.golden.text, block.golden.format, block.arguments)
        evaluated = self.evaluate(source, "nix", block.arguments)
        if isinstance(evaluated, NixError):
            message = f"{without_mark(evaluated)}\n{CANNOT_STAND_ALONE}"
            return Outcome(case, "error", message, line=line_of(evaluated, source))
        return Outcome(case, "passed")

    def evaluate(
        self, source: Source, format: str, arguments: list[tuple[str, str]], golden: str | None = None
    ) -> tuple[object, str] | NixError:
        """Return the document (of the formats that are compared so) and the text of a value, or why there is none."""
        try:
            return self.read(source, format, arguments, golden=golden)
        except NixError as error:
            return error

    def read(
        self,
        source: Source,
        format: str,
        arguments: list[tuple[str, str]],
        *,
        golden: str | None = None,
        parts_are_skipped: bool = False,
    ) -> tuple[object, str]:
        """Return the document and the text of a value: the text alone of one that is written just as in `golden`.

        Raises NixError; PartOfOthers for a library where `parts_are_skipped`.
        """
        written = format_named(format)
        positions = self.options.positions or written.is_exact
        options = self.options.with_arguments(arguments).changed(positions=positions)
        folder = None if self.is_flake else source.base
        project = None if folder is None else self.projects.of(folder)
        evaluation = Evaluation(options, folder, write_message=lambda text: None, cache=self.cache, project=project)
        self.hosts.append(evaluation.host)

        def document(value: Value, host: Host) -> tuple[object, str]:
            # as it was written, which is cheaper to see than to read (JSON alone: YAML is as dear to write)
            if format == "json" and golden is not None and written.write(value, host) == golden:
                return None, golden
            # data is compared as data; Nix's own formats as what was printed, read back
            if written.is_data:
                return to_document(value, host), ""
            return None, written.write(value, host)

        what = self.case.source if self.is_flake else source
        return evaluation.read(what, unless_part(document) if parts_are_skipped else document)

    def compare(
        self, case: Case, source: Source, golden: str, format: str, arguments: list[tuple[str, str]]
    ) -> Outcome:
        """Return the outcome of a text against the text of its golden file."""
        if format == "error":
            return judge_error(case, golden, self.evaluate(source, "json", arguments), source)
        evaluated = self.evaluate(source, format, arguments, golden)
        if isinstance(evaluated, NixError):
            return Outcome(case, "error", without_mark(evaluated), golden=golden, line=line_of(evaluated, source))
        document, text = evaluated
        if text and text == golden:
            return Outcome(case, "passed")
        if format_named(format).is_data:
            return judge_document(case, golden, format, document)
        return judge_printed(case, golden, format, text)


#: What to do with a block that has no value.
CANNOT_STAND_ALONE = "       put <!-- nixbridge: arg NAME=EXPR --> before it, or <!-- nixbridge: skip --> to skip it"


def directives(text: str) -> tuple[list[tuple[str, str]], bool]:
    """Return the arguments that comments of a source give, and whether a comment skips it."""
    found = list(_DIRECTIVE.finditer(text))
    return [(one["name"], one["text"].strip()) for one in found if one["name"]], any(one["skip"] for one in found)


def judge_document(case: Case, golden: str, format: str, document: object) -> Outcome:
    """Return the outcome of a document against the text of its golden file."""
    try:
        wanted = documents.read(format, golden)
    except ValueError as error:
        return not_valid(case, golden, format, documents.text_of(format, document), error)
    found = sorted_by_kind(differences(wanted, document))
    if not found:
        return Outcome(case, "passed")
    return different(case, found, format, (wanted, golden), (document, documents.text_of(format, document)))


def judge_printed(case: Case, golden: str, format: str, now: str) -> Outcome:
    """Return the outcome of a value as it was printed against the text of its golden file: both are read."""
    if golden.strip() == now.strip():
        return Outcome(case, "passed")
    try:
        wanted = documents.read(format, golden)
    except ValueError as error:
        return not_valid(case, golden, format, now, error)
    try:
        value = documents.read(format, now)
    except ValueError:  # a path with blanks in it, as Nix prints it: what is left is the text
        return Outcome(case, "different", golden=golden, now=now, document=now)
    found = sorted_by_kind(differences(wanted, value))
    return different(case, found, format, (wanted, golden), (value, now)) if found else Outcome(case, "passed")


def different(
    case: Case, found: list[Difference], format: str, golden: tuple[object, str], now: tuple[object, str]
) -> Outcome:
    """Return the outcome where two values differ, each given as data and as text."""
    texts = documents.lay_out(format, *golden), documents.lay_out(format, *now)
    return Outcome(case, "different", differences=found, golden=texts[0], now=texts[1], document=now[1])


def not_valid(case: Case, golden: str, format: str, now: str, error: ValueError) -> Outcome:
    """Return the outcome where the golden file cannot be read."""
    name = os.path.basename(case.golden or case.name)
    message = f"the golden file {name} is not valid {format.upper()}: {error}"
    return Outcome(case, "error", message, golden=golden, now=now, document=now)


def judge_error(case: Case, golden: str, evaluated: tuple[object, str] | NixError, source: Source) -> Outcome:
    """Return the outcome of an expected error: the message must contain the golden text."""
    wanted = golden.strip()
    if not isinstance(evaluated, NixError):
        message = f"it should fail with {shown(wanted)}, but its value is {shown(evaluated[0])}"
        return Outcome(case, "different", message)
    now = report(evaluated)
    line = line_of(evaluated, source)
    document = f"{evaluated.message}\n"
    if not wanted:
        message = "the expected text is empty, so every message would match; --update writes the current message"
        return Outcome(case, "error", message, now=now, document=document, line=line)
    if wanted in now or wanted in evaluated.message:
        return Outcome(case, "passed")
    found = [Difference("changed", "error message", wanted, evaluated.message)]
    return Outcome(case, "different", differences=found, golden=golden, now=now, document=document, line=line)


def line_of(error: NixError, source: Source) -> int:
    """Return the line of a source that an error is about; 1 where it is about another file."""
    if error.span is not None and error.source is source:
        return error.span[0]
    lines = [frame.line for frame in error.frames if frame.source is source]
    return lines[-1] if lines else 1


def without_mark(error: NixError) -> str:
    """Return the report of an error, without its `error:`."""
    return report(error).removeprefix("error: ")
