"""Messages of rendering: errors, warnings and notes, each with the place in the record that it is about."""

from __future__ import annotations

from nixbridge.mesh.model.record_data import path_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from nixbridge.mesh.model.record_data import Path, Place, Position

ERROR, WARNING, NOTE = "error", "warning", "note"


class Message:
    """One line: `level: builder "name": path: text`.

    Without a record (`builder` is None) `path` is one in the result.
    """

    __slots__ = ("builder", "level", "meant", "name", "path", "place", "position", "text")

    def __init__(
        self, level: str, builder: str | None, name: str, path: str, text: str, position: Position | None = None
    ) -> None:
        self.level = level
        self.builder = builder
        self.name = name
        self.path = path
        self.text = text
        self.position = position
        #: the place in the record, and the names or values that were probably meant there
        self.place: Place | None = None
        self.meant: Sequence[str] = ()

    @property
    def subject(self) -> str:
        """The line without its level."""
        parts = [f'{self.builder} "{self.name}"' if self.builder else "", self.path, self.text]
        return ": ".join(part for part in parts if part)

    def __str__(self) -> str:
        return f"{self.level}: {self.subject}"


class Messages:
    """The messages of one rendering in the order of their creation, without duplicates."""

    def __init__(self, *, strict: bool = False) -> None:
        self.found: list[Message] = []
        self.strict = strict
        #: how many errors came up so far, repeated ones too
        self.errors = 0
        self._said: set[str] = set()

    def error(self, place: Place, text: str, meant: Sequence[str] = ()) -> None:
        """Report that the manifest would be refused, or would mean something else. `meant`: names or values that are near."""
        self._add(ERROR, place, text, meant)

    def warning(self, place: Place, text: str) -> None:
        """Report that something the user set comes out differently, or that the result is surprising."""
        self._add(ERROR if self.strict else WARNING, place, text)

    def note(self, place: Place, text: str) -> None:
        """Report the same of a default, or something that is only good to know."""
        self._add(NOTE, place, text)

    def lost(self, place: Place, text: str) -> None:
        """Report that a value has no counterpart: a warning where the user set it, a note where it is the builder's default."""
        if place.is_set():
            self.warning(place, text)
        else:
            self.note(place, text)

    def about_result(self, level: str, path: Path, text: str) -> None:
        """Report something on a part of the result that is not a record."""
        self._keep(Message(level, None, "", path_text(path), text))

    def _add(self, level: str, place: Place, text: str, meant: Sequence[str] = ()) -> None:
        record = place.record
        message = Message(level, record.title, record.name, str(place), text, place.position())
        message.place, message.meant = place, meant
        self._keep(message)

    def _keep(self, message: Message) -> None:
        # counted each time: whoever compares the number before and after a step must not take a repeated fault for none
        self.errors += message.level == ERROR
        line = f"{message} {message.position}"
        if line not in self._said:
            self._said.add(line)
            self.found.append(message)
