"""Answers of a real Nix and of nixbridge to an expression, compared."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from nixbridge.errors.exceptions import NixError
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.formats.format_table import format_named
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation

#: What the expressions see as the current folder: some read its files.
TREE = str(Path(__file__).resolve().parents[2] / "fixtures" / "builtins" / "tree")
#: So many expressions are given to one process of Nix; one that fails ends it, and the rest goes to another.
CHUNK = 20
#: The formats that are compared, byte for byte, with the options that make Nix print them.
FORMATS = {"json-compact": ["--json"], "nix": [], "xml": ["--xml"]}
#: What stands between the answers, which may have several lines; and how it is printed.
MARK = '"-- the next one --"'
_PRINTED_MARK = {"xml": f"<?xml version='1.0' encoding='utf-8'?>\n<expr>\n  <string value={MARK} />\n</expr>\n"}
#: Messages for a path that is outside the folders that nixbridge may read, in a store, or not there; which one depends on the
#: machine. The last of these is the first line of a message about a path of several lines.
_NO_SUCH_PATH = re.compile(
    "does not exist|has an unsupported type|No such file or directory|Is a directory|it is a folder|nixbridge has no store"
    "|is outside the folders that|^(access to )?path '/"
)

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ERROR = re.compile(r"^ *error:(.*)$", re.MULTILINE)
_VALUE = re.compile(r"[\[{].*[\]}]|«thunk»")


class Answer(NamedTuple):
    """The text that was printed, or the main line of the error."""

    text: str | None
    error: str = ""

    def agrees(self, other: Answer) -> bool:
        """The same text, or an error on both sides."""
        return self.text == other.text

    def says_the_same(self, other: Answer) -> bool:
        """The same text or message; values inside a message may be evaluated further on one side than on the other."""
        return self.agrees(other) and (comparable(self.error) == comparable(other.error))


def comparable(message: str) -> str:
    """A message without what may differ."""
    if _NO_SUCH_PATH.search(message):
        return "no such path"
    if message.startswith("while parsing TOML"):
        return "no such TOML"
    return " ".join(_VALUE.sub("…", message).split())


def main_line(report: str) -> str:
    """The last `error:` of a report of Nix's, which is what it is about."""
    said = [line.strip() for line in _ERROR.findall(_COLOUR.sub("", report))]
    return next((line for line in reversed(said) if line), "")


def nix_answers(nix: str, expressions: list[str], format: str) -> list[Answer]:
    """The answers of a real Nix, two processes at a time."""
    chunks = [expressions[start : start + CHUNK] for start in range(0, len(expressions), CHUNK)]
    with ThreadPoolExecutor(2) as pool:
        answered = pool.map(lambda chunk: chunk_answers(nix, chunk, format), chunks)
        return [answer for answers in answered for answer in answers]


def chunk_answers(nix: str, expressions: list[str], format: str) -> list[Answer]:
    """The answers for a few expressions, which Nix evaluates one after another until one fails."""
    answers: list[Answer] = []
    options = ["--option", "extra-experimental-features", "pipe-operators", "--eval", "--strict", *FORMATS[format]]
    while len(answers) < len(expressions):
        rest = [part for expression in expressions[len(answers) :] for part in (f"({expression})", MARK)]
        done = subprocess.run([nix, *options, "-E", *rest], cwd=TREE, capture_output=True, timeout=120, check=False)
        printed = done.stdout.decode("utf-8", "surrogateescape").split(_PRINTED_MARK.get(format, f"{MARK}\n"))[:-1]
        answers += [Answer(text) for text in printed]
        if done.returncode != 0:
            answers.append(Answer(None, main_line(done.stderr.decode("utf-8", "replace"))))
    return answers


def our_answer(expression: str, format: str) -> Answer:
    """nixbridge's answer."""
    options = Options(cache=False, positions=format != "json-compact")
    evaluator = Evaluation(options, TREE, write_message=lambda text: None, cache=CodeCache(None)).evaluator
    writer = format_named(format)
    source = Source(f"({expression})", "«string»", TREE)
    try:
        return Answer(evaluator.run(lambda: writer.write(evaluator.evaluate(source), evaluator.host)))
    except NixError as error:
        message = error.message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return Answer(None, next((line.strip() for line in message.split("\n") if line.strip()), ""))
