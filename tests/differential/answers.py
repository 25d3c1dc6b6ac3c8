"""Answers of a real Nix and of nixbridge to an expression, compared."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

from nixbridge.errors.exceptions import NixError
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.formats.format_table import format_named
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation

#: What the expressions see as the current folder unless they bring one of their own: some read its files.
TREE = str(Path(__file__).resolve().parents[2] / "fixtures" / "builtins" / "tree")
#: At most so many expressions, and so many bytes, are given to one process of Nix; one that fails ends it, and the rest goes to another.
CHUNK, CHUNK_BYTES = 100, 500_000
#: Seconds for one process of Nix.
PATIENCE = 120
#: The formats that are compared, byte for byte, with the options that make Nix print them.
FORMATS = {"json-compact": ["--json"], "nix": [], "xml": ["--xml"]}
#: What stands between the answers, which may have several lines; and how it is printed.
MARK = '"-- the next one --"'
_PRINTED_MARK = {"xml": f"<?xml version='1.0' encoding='utf-8'?>\n<expr>\n  <string value={MARK} />\n</expr>\n"}
#: Messages for a path that is outside the folders that nixbridge may read, in a store, or not there; which one depends on the
#: machine. The last of these is the first line of a message about a path of several lines.
_NO_SUCH_PATH = re.compile(
    "^(?!The option ).*(?:does not exist|has an unsupported type|No such file or directory|Is a directory|it is a folder"
    "|nixbridge has no store|is outside the folders that|^(access to )?path '/)"
)

#: What Nix says where it cannot answer: it would read what it did not put into a store, or is too deep in an evaluation.
_NO_ANSWER = re.compile(r"^path '\S+' is not valid$|^path '[0-9a-z]{32}-[^']*$|stack overflow")
#: What nixbridge refuses on purpose: Nix writes XML that no program can read.
_ON_PURPOSE = re.compile(r"cannot convert a string with the character U\+\w+ to XML$")
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
    folder: str = TREE
    lib: str | None = None
    features: str = "pipe-operators"
    store: str | None = None

    def for_nix(self, expression: str) -> str:
        """Return the expression as Nix is asked for it, never to be mistaken for an option."""
        return f"{self._before()}({expression})"

    def for_us(self, expression: str) -> str:
        """Return the expression with everything in the same columns as in Nix's."""
        return f"{' ' * len(self._before())}({expression}\n)"

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
        return self.agrees(other) and (comparable(self.error) == comparable(other.error))


def comparable(message: str) -> str:
    """A message without what may differ."""
    if _NO_SUCH_PATH.search(message):
        return "no such path"
    if message.startswith("infinite symlink recursion"):
        return "links in a circle"  # any of them may be named
    if message.startswith("while parsing TOML"):
        return "no such TOML"
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
        "--eval",
        "--strict",
        *FORMATS[setting.format],
    ]
    environment = None
    if setting.store is not None:
        command.append("--read-write-mode")
        configuration = "build-users-group =\nsubstitute = false"
        environment = {**os.environ, "NIX_REMOTE": f"local?root={setting.store}", "NIX_CONFIG": configuration}
    mark = _PRINTED_MARK.get(setting.format, f"{MARK}\n")
    while len(answers) < len(expressions):
        rest = [part for expression in expressions[len(answers) :] for part in (setting.for_nix(expression), MARK)]
        try:
            done = subprocess.run(
                [*command, "-E", *rest],
                cwd=setting.folder,
                env=environment,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
            output, status, said = done.stdout, done.returncode, done.stderr
        except subprocess.TimeoutExpired as stopped:
            output, status, said = stopped.stdout or b"", -1, b""
        answers += [Answer(text) for text in output.decode("utf-8", "surrogateescape").split(mark)[:-1]]
        if status != 0:
            error = main_line(said.decode("utf-8", "replace"))
            answers.append(Answer(None, error, ended=status > 0 and not _NO_ANSWER.search(error)))
    return answers


def our_answer(expression: str, setting: Setting) -> Answer:
    """nixbridge's answer."""
    # questions about a folder may lead out of it
    above = os.path.dirname(setting.folder)
    options = Options(cache=False, allow=(above,), positions=setting.format != "json-compact")
    evaluator = Evaluation(options, setting.folder, write_message=lambda text: None, cache=CodeCache(None)).evaluator
    writer = format_named(setting.format)
    source = Source(setting.for_us(expression), "«string»", setting.folder)
    try:
        return Answer(evaluator.run(lambda: writer.write(evaluator.evaluate(source), evaluator.host)))
    except NixError as error:
        message = error.message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        line = message.split("\n", 1)[0].strip()
        return Answer(None, line, ended=not _ON_PURPOSE.match(line))
    except Exception as error:  # an internal error is an answer like another: it differs from every one of Nix's
        return Answer(None, f"internal: {type(error).__name__}: {error}")


@contextmanager
def temporary_store(wanted: bool) -> Iterator[str | None]:
    """A folder for Nix to have a store in, for as long as it is asked; None where none is wanted."""
    with tempfile.TemporaryDirectory(prefix="store-") if wanted else nullcontext() as folder:
        yield folder
