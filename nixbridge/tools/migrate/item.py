"""Sources of a migration, each with its status and its outputs."""

from __future__ import annotations

from nixbridge.mesh.model.messages import ERROR, WARNING

#: Every status that an item can have: not looked at yet, in DEST, in DEST with something to say about it, refused, left out on purpose.
PENDING, CONVERTED, WARNED, FAILED, SKIPPED = "pending", "converted", "warnings", "failed", "not converted"


class Message:
    """Something to say about an item: `error`, `warning` or `note`, a text of one or more lines, and the place in the source.

    `excerpt` is the line of the source with its underline, where there is one.
    """

    __slots__ = ("excerpt", "level", "place", "text")

    def __init__(self, level: str, text: str, place: str = "", excerpt: list[str] | None = None) -> None:
        self.level, self.text, self.place, self.excerpt = level, text, place, excerpt or []

    def lines(self) -> list[str]:
        """Return the message in lines, its place at the end of the first."""
        first, *rest = self.text.split("\n")
        place = f" ({self.place})" if self.place else ""
        return [f"{self.level}: {first}{place}", *rest, *(f"    {line}" for line in self.excerpt)]


class Item:
    """A source. `name` is its path in the tree, `path` the absolute one; `outputs` are paths in DEST with what they are to hold.

    `objects` are the Kubernetes objects that each output declares; `reason` says why it was left out.
    """

    __slots__ = ("messages", "name", "objects", "outputs", "path", "reason", "status")

    def __init__(self, name: str, path: str) -> None:
        self.name, self.path = name, path
        self.status = PENDING
        self.reason = ""
        self.messages: list[Message] = []
        self.outputs: dict[str, bytes] = {}
        self.objects: dict[str, tuple[str, ...]] = {}

    def fail(self, text: str) -> None:
        """Mark the source as failed: nothing of it is written, for the reason `text`."""
        self.messages.append(Message(ERROR, text))
        self.status = FAILED
        self.outputs.clear()

    def skip(self, reason: str) -> None:
        """Leave the source out, which is not a failure."""
        self.status, self.reason = SKIPPED, reason
        self.outputs.clear()
        self.messages.clear()

    def done(self) -> None:
        """Mark the source as converted, with warnings where it has any."""
        warned = any(message.level == WARNING for message in self.messages)
        self.status = WARNED if warned else CONVERTED

    @property
    def converted(self) -> bool:
        """True where there is something of it to be written."""
        return self.status in (CONVERTED, WARNED)
