"""The errors of a build: a script that fails as it would under Nix, and work that only a real builder could do."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.source import Source, Span

REAL_NIX = "build it with Nix, or create the files with writeText, linkFarm or pkgs.formats"


class CommandFailed(EvalError):
    """A command of a script that ends with a status other than 0, as it would in a real build."""

    def __init__(self, message: str, *, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class ShellExit(Exception):
    """`exit` in a script: the innermost shell ends. `failure` is the error that a status other than 0 stands for."""

    def __init__(self, failure: CommandFailed | None) -> None:
        super().__init__()
        self.failure = failure


class NotCarriedOut(Refused):
    """A piece of a script that is outside the subset that nixbridge carries out."""

    def __init__(
        self, message: str, *, source: Source | None = None, span: Span | None = None, hint: str = REAL_NIX
    ) -> None:
        super().__init__(message, source=source, span=span, hint=hint)
