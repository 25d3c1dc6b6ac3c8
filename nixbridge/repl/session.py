"""One session at the prompt: the names that were bound, the files that were loaded, and the evaluator that is kept."""

from __future__ import annotations

import os
import sys

from nixbridge.errors.exceptions import EvalError, NixError, NixSyntaxError, UsageError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.evaluation.autocall import NO_ARGUMENTS, select_path
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.values import Lazy, Value, type_name
from nixbridge.language.syntax.lexer import tokens_of
from nixbridge.language.syntax.parser import parse
from nixbridge.source import Source
from nixbridge.tools.inputs import Evaluation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.tools.evaluation_options import Options

#: The name under which messages speak of what was typed.
TYPED = "«repl»"


class Session:
    """Evaluates lines with the bound names in scope. Imports and compiled files are shared between the lines."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.names: dict[str, Lazy] = {}
        #: What `:r` loads again: files, and texts whose sets were added.
        self.loaded: list[tuple[str, str]] = []
        self._lines = 0
        self.evaluation = self._open()

    def _open(self) -> Evaluation:
        return Evaluation(self.options, os.getcwd(), write_message=lambda text: print(text, end="", file=sys.stderr))

    def evaluate(self, text: str) -> Value:
        """Return the value of an expression, in weak head normal form. Raises NixError."""
        return self.run(self._source(text))

    def run(self, source: Source) -> Value:
        """Return the value of a source that sees the names of the session."""
        names = dict(self.names)
        return self.evaluation.evaluator.run(lambda: force(self.evaluation.evaluator.load(source, names)()))

    def bind(self, name: str, text: str) -> None:
        """Give a name a value, which is evaluated when it is needed."""
        # a copy: the expression sees the names of now, not those that later lines bind
        source, names = self._source(text), dict(self.names)
        parse(source)  # for its errors: a syntax error should be reported now, not when the name is used
        evaluator = self.evaluation.evaluator
        self.names[name] = Thunk(lambda: evaluator.load(source, names)())

    def add(self, value: Lazy) -> int:
        """Bind every attribute of a set; give their number. Raises EvalError for another value."""
        value = force(value)
        if not isinstance(value, dict):
            raise EvalError(f"expected a set but found {type_name(value)}")
        self.names |= value
        return len(value)

    def load(self, file: str) -> int:
        """Bind the attributes of what a file evaluates to, and remember the file for `:r`."""
        if not os.path.exists(file):
            raise UsageError(f"the file '{file}' does not exist", hint=did_you_mean(file, sorted(os.listdir("."))))
        # naming a file at the prompt is the permission to read its folder
        self.evaluation.host.files.allow(
            os.path.abspath(file) if os.path.isdir(file) else os.path.dirname(os.path.abspath(file))
        )
        count = self.add(self.evaluation.read(file, lambda value, host: force(value)))
        self.loaded.append(("file", file))
        return count

    def add_expression(self, text: str) -> int:
        """Bind the attributes of an expression's value, and remember the expression for `:r`."""
        count = self.add(self.evaluate(text))
        self.loaded.append(("text", text))
        return count

    def reload(self) -> int:
        """Read all that was loaded again, with an evaluator that has seen no file; names bound by `=` stay. Raises NixError."""
        loaded, self.loaded = self.loaded, []
        self.evaluation = self._open()
        for kind, what in loaded:
            if kind == "file":
                self.load(what)
            else:
                self.add_expression(what)
        return len(loaded)

    def attributes_at(self, path: str) -> list[str]:
        """Return the attributes of the set at a dotted path, for completion; none where it fails or is another value."""
        name, _, rest = path.partition(".")
        try:
            value = self.names[name] if name in self.names else self.evaluate(name)
            if rest:
                value = self.evaluation.evaluator.run(lambda: select_path(value, rest, NO_ARGUMENTS))
            value = force(value)
        except NixError:
            return []
        return sorted(value) if isinstance(value, dict) else []

    def _source(self, text: str) -> Source:
        self._lines += 1
        return Source(text, f"{TYPED}:{self._lines}" if self._lines > 1 else TYPED, os.getcwd())


def assignment(text: str) -> tuple[str, str] | None:
    """Return the name and the expression of `name = expression`, or None for anything else."""
    try:
        tokens = tokens_of(Source(text))
    except NixSyntaxError:
        return None
    if len(tokens) < 3 or tokens[0].type != "ID" or tokens[1].type != "ASSIGN":
        return None
    return str(tokens[0].value), text[tokens[1].end :].rstrip().removesuffix(";")


def is_incomplete(text: str) -> bool:
    """Return whether a text is the beginning of an expression: the parser met its end before it was done."""
    bound = assignment(text)
    try:
        parse(Source(bound[1] if bound is not None else text))
    except NixSyntaxError as error:
        return "unexpected end of file" in error.message
    return False
