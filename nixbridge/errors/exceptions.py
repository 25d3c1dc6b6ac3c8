"""The exceptions that a user's text or files can cause. They carry data; `report` makes text of them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.errors.traceback import Frame
    from nixbridge.source import Source, Span


class NixError(Exception):
    """Base class of errors in the user's text, files or machine.

    `message` is one line without `error:`; `source` and `span` say where, and are None where the traceback through
    compiled code knows it better; `hint` suggests a correction ("did you mean a?"); `context` holds what was being
    done (`builtins.addErrorContext`), innermost first; `frames` are the steps that led to it, outermost first.
    """

    def __init__(
        self, message: str, *, source: Source | None = None, span: Span | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.span = span
        self.hint = hint
        self.context: list[str] = []
        #: File name, line and column (from 1) of what the error is about, where only these are known.
        self.origin: tuple[str, int, int] | None = None
        self.frames: list[Frame] = []

    @property
    def position(self) -> tuple[str, int, int] | None:
        """File (or `«string»`), line and column, both from 1, the column in bytes; None where there is no place."""
        if self.source is None or self.span is None:
            return None
        return self.source.name, self.span[0], self.span[1] + 1

    def __str__(self) -> str:
        where = self.position
        return self.message if where is None else f"{self.message} (at {where[0]}:{where[1]}:{where[2]})"

    def report(self, *, show_trace: bool = False, colour: bool = False) -> str:
        """Return the text that the command line prints: message, position, excerpt, hint and the steps that led there."""
        from nixbridge.errors.report import report

        return report(self, show_trace=show_trace, colour=colour)

    def without_frames(self) -> NixError:
        """Return the error without its traceback, so that it can be sent to another process."""
        return self.with_traceback(None)

    def _repr_html_(self) -> str:
        """Return the report for a notebook that shows the error as a value."""
        from html import escape

        return f"<pre>{escape(self.report())}</pre>"

    def _render_traceback_(self) -> list[str]:
        """Return the report for a notebook (IPython) in which the error ends a cell: not nixbridge's own frames."""
        return self.report().split("\n")

    def to_dict(self) -> dict[str, object]:
        """Return the error as plain data: kind, message, hint, position."""
        where = self.position
        return {
            "kind": type(self).__name__,
            "message": self.message,
            "hint": self.hint,
            "file": where[0] if where else None,
            "line": where[1] if where else None,
            "column": where[2] if where else None,
        }


class NixSyntaxError(NixError):
    """A syntax error: the text is not a Nix expression."""


class UndefinedVariable(NixError):
    """A name that no scope has."""


class EvalError(NixError):
    """Error of an evaluation: a wrong type, a missing attribute, an overflow."""


class Catchable(EvalError):
    """An error that `builtins.tryEval` catches."""


class Thrown(Catchable):
    """`throw`."""


class AssertionFailed(Catchable):
    """A failed `assert`."""


class Aborted(EvalError):
    """`abort`."""


class InfiniteRecursion(EvalError):
    """A value that needs itself."""


class MissingArgument(EvalError):
    """A function of formals is to be called and one of them has no value."""


class Refused(EvalError):
    """Something that nixbridge does not do for an expression: stores, network, files outside the allowed folders."""


class PathMissing(EvalError):
    """A path outside the allowed folders where nothing is, which only a trusted expression may learn."""


class LimitReached(EvalError):
    """A limit on depth, time, memory or output. `ends_run`: the other files of the run have none of it left either."""

    ends_run = True


class TooDeep(LimitReached):
    """A limit on depth, which is one text's own."""

    ends_run = False


class UsageError(NixError):
    """The command was called in a way that makes no sense (exit status 2)."""


class WithoutNatives(BaseException):
    """The program does what the Python bodies of nixpkgs' functions leave to the Nix code: the evaluator starts over without them.

    No Nix code may catch this, so it is not an Exception.
    """
