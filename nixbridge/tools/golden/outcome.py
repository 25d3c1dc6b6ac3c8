"""Outcomes of cases."""

from __future__ import annotations

from nixbridge.tools.golden.difference import Difference
from nixbridge.tools.golden.pairs import Case

#: The status of a block of Markdown that there is nothing to compare with.
UNCHECKED = "unchecked"
#: Every status that an outcome can have, in the order of a summary.
STATUSES = ("different", "missing", "stale", "error", "written", "skipped", "passed", UNCHECKED)
#: Those that do not make the run fail.
GOOD = frozenset({"written", "skipped", "passed", UNCHECKED})


class Outcome:
    """One line of the report.

    `status`: `passed`, `skipped` (a comment asks for it, or it is part of others), `different` (the value is not the golden one),
    `missing` (no golden file), `stale` (no source), `unchecked`, `error`, `written` (the golden file was made, or is what is evaluated
    now). `message` is the sentence for people; `file` and `line` are the place in the source; `golden` and `now` are the two documents
    as text, laid out alike; `document` is what the golden file would become, None where nothing may be written. `unchanged`: known from
    an earlier run.
    """

    __slots__ = (
        "case",
        "differences",
        "document",
        "file",
        "golden",
        "line",
        "message",
        "now",
        "seconds",
        "status",
        "unchanged",
    )

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
        unchanged: bool = False,
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
        self.seconds = 0.0
        self.unchanged = unchanged

    @property
    def name(self) -> str:
        """The name in reports."""
        return self.case.name

    @property
    def failed(self) -> bool:
        """True where it makes the run fail."""
        return self.status not in GOOD

    def become(self, status: str, message: str = "") -> None:
        """Change the status: the golden file was written, or could not be."""
        self.status, self.message, self.differences = status, message, []
