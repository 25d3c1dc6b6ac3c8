"""What came of a case."""

from __future__ import annotations

from nixbridge.golden.difference import Difference
from nixbridge.golden.pairs import Case

#: Every status that an outcome can have; all but the first fail the run.
STATUSES = ("passed", "different", "missing", "stale", "error")


class Outcome:
    """One line of the report.

    `status`: `passed`, `different` (the value is not the golden one), `missing` (no golden file), `stale` (no source) or
    `error` (it cannot be told). `message` is the sentence for people; `file` and `line` are the place in the source; `golden` and `now`
    are the two documents as text, `document` is what the golden file would become.
    """

    __slots__ = ("case", "differences", "document", "file", "golden", "line", "message", "now", "seconds", "status")

    def __init__(
        self,
        case: Case,
        status: str,
        message: str = "",
        *,
        differences: list[Difference] | None = None,
        golden: str = "",
        now: str = "",
        document: str | None = None,
        line: int = 1,
        seconds: float = 0.0,
    ) -> None:
        self.case = case
        self.status = status
        self.message = message
        self.differences = differences or []
        self.golden = golden
        self.now = now
        self.document = document
        self.file = case.source
        self.line = case.block or line
        self.seconds = seconds

    @property
    def name(self) -> str:
        """How reports call it."""
        return self.case.name

    @property
    def failed(self) -> bool:
        """Does it make the run fail?"""
        return self.status != "passed"
