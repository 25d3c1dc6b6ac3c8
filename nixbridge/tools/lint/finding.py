"""Findings: their message, level, position and fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nixbridge.mesh.model.messages import ERROR, NOTE, WARNING

if TYPE_CHECKING:
    from nixbridge.mesh.model.record_data import Position

LEVELS = (ERROR, WARNING, NOTE)

#: Whether a rule counts as failed: notes are advice.
FAILS = (ERROR, WARNING)

NAME, TEXT = "name", "text"

#: Characters of a message, a record's name, a path: a value that they quote may be of any size.
LONGEST = 2000


class Fix:
    """A change of the source that is safe. `kind` NAME: the attribute's name at `position` becomes `new`.

    TEXT: the string that is the value of the attribute at `position` does.
    """

    __slots__ = ("kind", "new", "old", "position")

    def __init__(self, kind: str, position: Position, old: str, new: str) -> None:
        self.kind, self.position, self.old, self.new = kind, position, old, new


class Finding:
    """A finding: the `code` of its rule, its `level`, a `message` on one line; `hint` suggests a correction.

    `subject` is the record (`mkVirtualService "web"`), `path` the place in it; `position` file, line and column (bytes, from
    1) in the source. `anchors` are the lines, by file, at which a comment switches it off.
    """

    __slots__ = (
        "anchors",
        "code",
        "environments",
        "fix",
        "hint",
        "level",
        "message",
        "path",
        "position",
        "subject",
        "suppressed",
    )

    def __init__(
        self,
        code: str,
        level: str,
        message: str,
        *,
        hint: str | None = None,
        subject: str = "",
        path: str = "",
        position: Position | None = None,
        anchors: frozenset[tuple[str, int]] = frozenset(),
        fix: Fix | None = None,
    ) -> None:
        self.code, self.level, self.anchors, self.fix = code, level, anchors, fix
        self.message, self.subject, self.path = _cut(message), _cut(subject), _cut(path)
        self.hint = _cut(hint) if hint is not None else None
        self.position: Position | None = tuple(position) if position is not None else None  # type: ignore[assignment]
        self.suppressed = False
        #: The environments that it is for, where the file belongs to others as well.
        self.environments: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """Record, path and message on one line, with the environments where it is not for all of them."""
        line = ": ".join(part for part in (self.subject, self.path, self.message) if part)
        return f"{line} (in {', '.join(self.environments)})" if self.environments else line

    def identity(self) -> tuple[object, ...]:
        """Return the identity of a finding: a call site that runs repeatedly is reported once."""
        return self.code, self.position or self.subject, self.path, self.message


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... (cut)"
