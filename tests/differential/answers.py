"""Answers of a real Nix and of nixbridge to an expression, compared."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

from nixbridge.errors.exceptions import NixError
from nixbridge.language.builtins.registry import GLOBALS
from nixbridge.language.compiler.binding import GlobalNames
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.compiler.resolver import resolve
from nixbridge.language.formats.format_table import format_named
from nixbridge.language.formats.xml import to_xml
from nixbridge.language.syntax.parser import parse
from nixbridge.language.syntax.tree_text import to_text
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation

#: What the expressions see as the current folder unless they bring one of their own: some read its files.
FOLDER = str(Path(__file__).resolve().parents[2] / "fixtures" / "builtins" / "tree")
#: At most so many expressions, and so many bytes, are given to one process of Nix; one that fails ends it, and the rest goes to another.
CHUNK, CHUNK_BYTES = 100, 500_000
#: Seconds for one process of Nix.
PATIENCE = 120
#: Bytes that it may print.
MOST_OUTPUT = 100_000_000
#: The formats of values that are compared, byte for byte, with the options that make Nix print them.
FORMATS = {
    "json-compact": ["--eval", "--strict", "--json"],
    "nix": ["--eval", "--strict"],
    "xml": ["--eval", "--strict", "--xml"],
}
#: What else is compared: the syntax tree of a text; what an expression traces, in which order, before its value as XML, which is
#: written in the order of the names.
TREE, TRACES = "tree", "traces"
_OPTIONS = {**FORMATS, TREE: ["--parse"], TRACES: [*FORMATS["xml"], "--no-location"]}
#: What stands between the answers, which may have several lines; and how it is printed.
MARK = '"-- the next one --"'
_MARK_AS_XML = f"<?xml version='1.0' encoding='utf-8'?>\n<expr>\n  <string value={MARK} />\n</expr>\n"
#: Messages for a path that is outside the folders that nixbridge may read, in a store, or not there; which one depends on the
#: machine. The last of these is the first line of a message about a path of several lines.
_NO_SUCH_PATH = re.compile(
    "^(?!The option ).*(?:does not exist|has an unsupported type|No such file or directory|Is a directory|Too many levels|it is a folder"
    "|nixbridge has no store|is outside the folders that|^(access to )?path '/)"
)

#: What Nix says where it cannot answer: it would read what it did not put into a store, or is too deep in an evaluation.
_NO_ANSWER = re.compile(r"^path '\S+' is not valid$|^path '[0-9a-z]{32}-[^']*$|stack overflow")
#: What nixbridge refuses on purpose: Nix writes XML that no program can read.
_ON_PURPOSE = re.compile(r"cannot convert a string with the character U\+\w+ to XML$")
#: Traces that are compared: any others may show values, which are evaluated further on one side than on the other.
_TRACED = re.compile(r"^trace: t\d+\n", re.MULTILINE)
#: Where an error is, on a line of its own.
_PLACE = re.compile(r"^ *at «string»:(\d+:\d+):$", re.MULTILINE)
#: nixbridge tells in words of its own what is wrong with a text, and where: at the end of what lacks a semicolon, at the beginning of
#: a string that does not end.
_SYNTAX_ERROR = re.compile("^syntax error, .*")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ERROR = re.compile(r"^ *error:(.*)$", re.MULTILINE)
#: Nix shows the first byte of a character.
_BAD_CHARACTER = re.compile(r"(?<=illegal character )'.'")
#: Values, and where the functions of a lib are written.
_VALUE = re.compile(r"[\[{].*[\]}]|«thunk»|(?<=«lambda)[^»]*")


class Setting(NamedTuple):
    """The setting of an evaluation: the format of the answer, the current folder, and further settings of Nix's.

    `lib` is a folder whose `lib` Nix's expressions see, where nixbridge has its own. With `store`, Nix writes to a store below that
    folder, so that what was put there can be read back.
    """

    format: str
    folder: str = FOLDER
    lib: str | None = None
    features: str = "pipe-operators"
    store: str | None = None

    def for_nix(self, expression: str) -> str:
        """Return the expression as Nix is asked for it, never to be mistaken for an option."""
        return f" {expression}" if self.format == TREE else f"{self._before()}({expression})"

    def for_us(self, expression: str) -> str:
        """Return the expression with everything in the same columns as in Nix's."""
        return f" {expression}" if self.format == TREE else f"{' ' * len(self._before())}({expression}\n)"

    @property
    def mark(self) -> tuple[str, str, str]:
        """An expression that stands between those that Nix is asked for, and what it prints on standard output and standard error."""
        if self.format == TRACES:
            return f"builtins.trace {MARK} {MARK}", _MARK_AS_XML, f"trace: {MARK[1:-1]}\n"
        return MARK, _MARK_AS_XML if self.format == "xml" else f"{MARK}\n", "\0"

    def _before(self) -> str:
        return "" if self.lib is None else f"let lib = import {self.lib}; in "


class Answer(NamedTuple):
    """The text that was printed, or the main line of the error. `ended` is false where one has no answer to compare."""

    text: str | None
    error: str = ""
    ended: bool = True

    def agrees(self, other: Answer) -> bool:
        """The same text, or an error on both sides."""
        return self.text == other.text

    def says_the_same(self, other: Answer) -> bool:
        """The same text or message, where both answer.

        Values inside a message may be evaluated further on one side than on the other.
        """
        if not (self.ended and other.ended):
            return True
        return self.agrees(other) and comparable(self.error) == comparable(other.error)


def comparable(message: str) -> str:
    """A message without what may differ."""
    if _NO_SUCH_PATH.search(message):
        return "no such path"
    if message.startswith("infinite symlink recursion"):
        return "links in a circle"  # any of them may be named
    if message.startswith("while parsing TOML"):
        return "no such TOML"
    if message.startswith(("path has a trailing slash", "undefined variable 'or'")):
        return message.partition(" at ")[0]  # the place is that of the slash and the word, or what is around them
    if message.startswith("path has slashes in a row"):
        return "syntax error"  # which is all that Nix reports for `c/.//d`
    message = _SYNTAX_ERROR.sub("syntax error", message)
    return " ".join(_VALUE.sub("…", _BAD_CHARACTER.sub("", message)).split())


def main_line(report: str) -> str:
    """The last `error:` of a report of Nix's, which is what it is about."""
    said = [line.strip() for line in _ERROR.findall(_COLOUR.sub("", report))]
    return next((line for line in reversed(said) if line), "")


def nix_answers(nix: str, expressions: list[str], setting: Setting, at_once: int = 2) -> list[Answer]:
    """The answers of a real Nix, with so many processes at a time."""
    with ThreadPoolExecutor(at_once) as pool:
        answered = pool.map(lambda chunk: chunk_answers(nix, chunk, setting), chunks(expressions))
        return [answer for answers in answered for answer in answers]


def chunks(expressions: list[str]) -> Iterator[list[str]]:
    """The expressions in groups that one command line can hold."""
    chunk: list[str] = []
    size = 0
    for expression in expressions:
        if chunk and (len(chunk) == CHUNK or size + len(expression) > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(expression)
        size += len(expression.encode())
    if chunk:
        yield chunk


def chunk_answers(nix: str, expressions: list[str], setting: Setting) -> list[Answer]:
    """The answers for a few expressions, which Nix evaluates one after another until one fails."""
    answers: list[Answer] = []
    command = [
        nix,
        "--option",
        "extra-experimental-features",
        setting.features,
        *_OPTIONS[setting.format],
    ]
    environment = None
    if setting.store is not None:
        command.append("--read-write-mode")
        configuration = "build-users-group =\nsubstitute = false"
        environment = {**os.environ, "NIX_REMOTE": f"local?root={setting.store}", "NIX_CONFIG": configuration}
    mark, printed_mark, traced_mark = setting.mark
    while len(answers) < len(expressions):
        rest = [part for expression in expressions[len(answers) :] for part in (setting.for_nix(expression), mark)]
        output, status, said = printed([*command, "-E", *rest], setting.folder, environment)
        texts = output.decode("utf-8", "surrogateescape").split(printed_mark)
        reports = _COLOUR.sub("", said.decode("utf-8", "replace")).split(traced_mark)
        traces = (
            ["".join(_TRACED.findall(report)) for report in reports] if setting.format == TRACES else [""] * len(texts)
        )
        answers += [Answer(traced + text) for traced, text in zip(traces, texts[:-1], strict=False)]
        if status != 0:
            error = main_line(reports[-1])
            places = _PLACE.findall(reports[-1])
            if setting.format == TREE and places:
                error += f" at {places[-1]}"
            answers.append(Answer(None, error, ended=status > 0 and not _NO_ANSWER.search(error)))
    return answers


def printed(command: list[str], folder: str, environment: dict[str, str] | None) -> tuple[bytes, int, bytes]:
    """Run a command; one that takes too long, or prints a value that contains itself, is killed. Return output, status, messages."""
    with (
        tempfile.TemporaryFile() as messages,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=messages) as process,
    ):
        assert process.stdout is not None
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        output = process.stdout.read(MOST_OUTPUT)
        if len(output) == MOST_OUTPUT:
            process.kill()
        status = process.wait()
        watchdog.cancel()
        messages.seek(0)
        return output, status, messages.read()


def our_answer(expression: str, setting: Setting) -> Answer:
    """nixbridge's answer."""
    source = Source(setting.for_us(expression), "«string»", setting.folder)
    try:
        return Answer(tree_of(source) if setting.format == TREE else value_of(source, setting))
    except NixError as error:
        message = error.message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        line = message.split("\n", 1)[0].strip()
        ended = not _ON_PURPOSE.match(line)
        if setting.format == TREE and error.position is not None:
            line += f" at {error.position[1]}:{error.position[2]}"
        return Answer(None, line, ended)
    except Exception as error:  # an internal error is an answer like another: it differs from every one of Nix's
        return Answer(None, f"internal: {type(error).__name__}: {error}")


def tree_of(source: Source) -> str:
    """Return the text of a syntax tree. Raises NixSyntaxError, and UndefinedVariable with no names in scope but Nix's own."""
    root = parse(source)
    text = f"{to_text(root, source, os.path.expanduser('~'))}\n"
    names = {name: f"builtins.{name}" for name in GLOBALS}
    resolve(root, source, GlobalNames(names, {}, {}, {}, frozenset(), frozenset()))
    return text


def value_of(source: Source, setting: Setting) -> str:
    """Return the text of a value, after what is traced on the way where that is compared. Raises NixError."""
    traced: list[str] = []
    # questions about a folder may lead out of it
    above = os.path.dirname(setting.folder)
    options = Options(cache=False, allow=(above,), positions=setting.format in ("nix", "xml"))
    evaluator = Evaluation(options, setting.folder, write_message=traced.append, cache=CodeCache(None)).evaluator
    if setting.format == TRACES:
        text = evaluator.run(lambda: to_xml(evaluator.evaluate(source), places=False))
        return "".join(_TRACED.findall("".join(f"{line}\n" for line in traced))) + text
    writer = format_named(setting.format)
    return evaluator.run(lambda: writer.write(evaluator.evaluate(source), evaluator.host))


@contextmanager
def temporary_store(wanted: bool) -> Iterator[str | None]:
    """A folder for Nix to have a store in, for as long as it is asked; None where none is wanted."""
    with tempfile.TemporaryDirectory(prefix="store-") if wanted else nullcontext() as folder:
        yield folder
