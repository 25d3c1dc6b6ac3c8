"""`nixbridge eval --debugger`: Python's debugger at each `builtins.break`, showing Nix's files, lines and variables.

Nix code runs as Python code with Nix's positions, so pdb does the work. The frames of nixbridge's own Python code are left out: stepping
and `up` go from one piece of Nix to the next. In addition to pdb's commands there are `vars` and `value NAME`.
"""

from __future__ import annotations

import linecache
import os
import sys
from bdb import BdbQuit
from pdb import Pdb

from nixbridge.cli.output import message_line
from nixbridge.errors.exceptions import EvalError, NixError
from nixbridge.errors.traceback import runs_nix
from nixbridge.language.compiler.names import nix_name
from nixbridge.language.formats.nix import write
from nixbridge.language.runtime.printer import show_error
from nixbridge.tools.inputs import Evaluation, folder_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType
    from typing import Any, TypeVar

    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Value
    from nixbridge.tools.evaluation_options import Options
    from nixbridge.tools.inputs import Input

    T = TypeVar("T")


def read_debugged(what: Input, options: Options, reader: Callable[[Value, Host], T]) -> T:
    """Return what `Evaluation.read` does, with a debugger at each `break`. Raises EvalError when it was ended there."""
    debugger = NixDebugger()
    # positions are kept from the start: an evaluation that starts over to get them would meet each break twice
    evaluation = Evaluation(
        options.changed(positions=True), folder_of(what), write_message=message_line, on_break=debugger.at_break
    )
    debugger.evaluation = evaluation
    try:
        return evaluation.read(what, reader)
    except BdbQuit:
        raise EvalError("the evaluation was ended in the debugger") from None
    finally:
        sys.settrace(None)


class NixDebugger(Pdb):
    """pdb over the frames that run compiled Nix."""

    evaluation: Evaluation

    def __init__(self) -> None:
        # The standard output may be a document: the debugger writes there only where both ends are a terminal, with line editing.
        # No .pdbrc: the current folder may be anybody's.
        streams = {} if sys.stdin.isatty() and sys.stdout.isatty() else {"stdin": sys.stdin, "stdout": sys.stderr}
        super().__init__(nosigint=True, readrc=False, **streams)  # type: ignore[arg-type]
        self.prompt = "(nix) "
        self.resumed = False

    def at_break(self) -> None:
        """Open at the innermost Nix frame; without one, as in `-E builtins.break`, there is nothing to show."""
        frame: FrameType | None = sys._getframe()
        while frame is not None and not runs_nix(frame):
            frame = frame.f_back
        if frame is None:
            return
        self.show_sources()
        self.set_trace(frame)
        # not yet: the debugger itself would be traced
        sys.settrace(None)
        self.resumed = False
        self.interaction(frame, None)
        if self.quitting:
            raise BdbQuit
        if not self.resumed or self.breaks:
            sys.settrace(self.trace_dispatch)

    def show_sources(self) -> None:
        """Let pdb find the lines of what was evaluated, also of texts that are not in a file."""
        for name, source in self.evaluation.sources.items():
            lines = source.text.splitlines(keepends=True)
            # pdb makes file names absolute, also those of texts («string»)
            for known_as in (name, os.path.abspath(name)):
                linecache.cache[known_as] = (len(source.text), None, lines, known_as)

    def set_continue(self) -> None:
        """Continue to the next break."""
        self.resumed = True
        super().set_continue()

    def stop_here(self, frame: FrameType) -> bool:
        """Return whether to stop: only in Nix code."""
        return runs_nix(frame) and super().stop_here(frame)

    def get_stack(self, f: FrameType | None, t: TracebackType | None) -> tuple[list[tuple[FrameType, int]], int]:
        """Return the frames of Nix code, outermost first, and which is the current one."""
        stack = [entry for entry in super().get_stack(f, t)[0] if runs_nix(entry[0])]
        return stack, len(stack) - 1

    def variables(self) -> dict[str, Any]:
        """Return the Nix variables that the current frame uses."""
        found: dict[str, Any] = {}
        for python, value in self.curframe.f_locals.items():  # type: ignore[union-attr]
            name = nix_name(python)
            # names that the compiler made for itself stand for no variable
            if name is not None:
                found.setdefault(name, value)
        return found

    def do_vars(self, arg: str) -> None:
        """vars

        The Nix variables that are used here. What has not been evaluated is a «thunk».
        """
        for name, value in sorted(self.variables().items()):
            self.message(f"{name} = {show_error(value)}")

    def do_value(self, arg: str) -> None:
        """value NAME

        The value of a Nix variable, evaluated completely.
        """
        variables = self.variables()
        if arg not in variables:
            self.error(f"'{arg}' is not a variable that is used here: vars lists them")
            return
        try:
            self.message(write(variables[arg], self.evaluation.host).rstrip("\n"))
        except NixError as error:
            self.error(f"error: {error.message}")
