"""The exceptions that a user's text or files can cause. They carry data; `report` makes text of them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.source import Source, Span


class NixError(Exception):
    """Something in the user's text, files or machine is wrong.

    `message` is one line without `error:`; `source` and `span` say where, and are None where the traceback through
    compiled code knows it better; `hint` says what would be right ("did you mean a?"); `context` holds what was being
    done (`builtins.addErrorContext`), innermost first.
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


class NixSyntaxError(NixError):
    """The text is no Nix expression."""


class UndefinedVariable(NixError):
    """A name that no scope has."""


class EvalError(NixError):
    """An expression that has no value: a wrong type, a missing attribute, an overflow."""


class Catchable(EvalError):
    """What `builtins.tryEval` catches."""


class Thrown(Catchable):
    """`throw`."""


class AssertionFailed(Catchable):
    """`assert` of what is false."""


class Aborted(EvalError):
    """`abort`."""


class InfiniteRecursion(EvalError):
    """A value that needs itself."""


class Refused(EvalError):
    """What nixbridge does not do for an expression: stores, network, files outside the allowed folders."""


class LimitReached(EvalError):
    """A limit on depth, time, memory or output."""


class UsageError(NixError):
    """The command was called in a way that makes no sense (exit status 2)."""
