"""The loop at the terminal: lines in, values and errors out, with history and completion where the platform has them."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator

from nixbridge.errors.exceptions import NixError
from nixbridge.errors.report import report
from nixbridge.language.builtins.registry import GLOBALS
from nixbridge.mesh.tables.builder_list import BUILDERS
from nixbridge.repl.commands import COMMANDS, Quit, run_command
from nixbridge.repl.session import Session, assignment, is_incomplete
from nixbridge.repl.shallow_printer import printed

PROMPT, MORE = "nixbridge> ", "         > "
HISTORY_LENGTH = 10_000
#: What is being completed: the dotted name or path at the end of the line.
_WORD = re.compile(r"[a-zA-Z0-9_'./\-]*\Z|:[a-z]*\Z")


class Console:
    """Reads, evaluates and prints until the input ends or the user leaves."""

    def __init__(self, session: Session, *, colour: bool) -> None:
        self.session = session
        self.colour = colour
        #: Whether any line so far gave an error.
        self.failed = False

    def run(self) -> None:
        """Serve the user. Ctrl-C ends what is being typed or evaluated, and the session goes on."""
        with line_editing(self) as read:
            while True:
                try:
                    text = self._read(read)
                    if text is None:
                        if sys.stdin.isatty():
                            print()  # the shell's own prompt begins on a line of its own
                        return
                    if text.strip():
                        self.answer(text)
                except Quit:
                    return
                except KeyboardInterrupt:
                    print("\ninterrupted")

    def _read(self, read: object) -> str | None:
        """Return one expression or command, over as many lines as it takes; None where the input has ended."""
        lines: list[str] = []
        while True:
            try:
                lines.append(read(PROMPT if not lines else MORE))  # type: ignore[operator]
            except EOFError:
                return "\n".join(lines) if lines else None
            text = "\n".join(lines)
            # a command is complete with its line, whatever its argument is
            if text.lstrip().startswith(":") or not text.strip() or not is_incomplete(text):
                return text

    def answer(self, text: str) -> None:
        """Print the result of a line, or its error."""
        try:
            shown = self.result(text.strip())
        except NixError as error:
            self.failed = True
            print(report(error, colour=self.colour), file=sys.stderr)
            return
        if shown:
            print(shown)

    def result(self, text: str) -> str:
        """Return the output of a line. Raises NixError."""
        if text.startswith(":"):
            return run_command(self.session, text)
        bound = assignment(text)
        if bound is not None:
            self.session.bind(*bound)
            return ""
        value = self.session.evaluate(text)
        return self.session.evaluation.evaluator.run(lambda: printed(value))

    def completions(self, line: str) -> list[str]:
        """Return completions for the word at the end of a line."""
        found = _WORD.search(line)
        word = found[0] if found is not None else ""
        if word.startswith(":") and line.strip() == word:
            return [name for names, _, _, _ in COMMANDS for name in names if name.startswith(word)]
        if line.lstrip().startswith((":l ", ":load ", ":lint ")) or word.startswith(("./", "../", "/", "~/")):
            return _paths(word)
        if "." in word:
            path, _, last = word.rpartition(".")
            return [f"{path}.{name}" for name in self.session.attributes_at(path) if name.startswith(last)]
        names = {*self.session.names, *BUILDERS, "serviceMesh", "nixernetes", "lib", *_plain_globals()}
        return sorted(name for name in names if name.startswith(word))


def _plain_globals() -> list[str]:
    return [name for name in GLOBALS if not name.startswith("__")]


def _paths(word: str) -> list[str]:
    folder, _, last = word.rpartition("/")
    try:
        names = os.listdir(os.path.expanduser(folder) or ("/" if word.startswith("/") else "."))
    except OSError:
        return []
    prefix = f"{folder}/" if "/" in word else ""
    return sorted(f"{prefix}{name}" for name in names if name.startswith(last))


def history_file() -> str:
    """Return where lines are kept between sessions: the user's state folder. (XDG Base Directory Specification)"""
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(state, "nixbridge", "repl-history")


@contextlib.contextmanager
def line_editing(console: Console) -> Iterator[object]:
    """Give a function that reads a line after a prompt: by prompt_toolkit where it is installed, else readline, else plainly."""
    if not sys.stdin.isatty():
        yield lambda prompt: _plain_line()
        return
    try:
        from nixbridge.repl.rich_line import reader
    except ModuleNotFoundError:
        with _readline(console):
            yield input
        return
    yield reader(console.completions, history_file())


def _plain_line() -> str:
    """Return a line of a script, without printing a prompt."""
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")


@contextlib.contextmanager
def _readline(console: Console) -> Iterator[None]:
    """Give the console history and completion by the standard library's readline; without it, `input` alone is left."""
    try:
        import readline
    except ImportError:
        yield
        return
    # without its history, of the first session or on a full disk, the console works as well
    path = history_file()
    with contextlib.suppress(OSError):
        readline.read_history_file(path)
    readline.set_history_length(HISTORY_LENGTH)
    readline.set_completer_delims(" \t\n()[]{};=\"'")
    # macOS has libedit under the name of readline, with another syntax
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")

    def complete(word: str, state: int) -> str | None:
        line = readline.get_line_buffer()[: readline.get_endidx()]
        found = console.completions(line)
        return found[state] if state < len(found) else None

    readline.set_completer(complete)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            readline.write_history_file(path)
