"""The plan of a run: the changes of DEST, file by file, before anything is touched."""

from __future__ import annotations

from nixbridge.tools.migrate.destination import ABSENT, BLOCKED, FILE, FOLDER, LINK, Destination
from nixbridge.tools.migrate.written_files import Entry, Written, digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nixbridge.tools.migrate.item import Item

NEW, CHANGED, UNCHANGED, REMOVED, KEPT = "new", "changed", "unchanged", "removed", "kept"

_IN_THE_WAY = {
    FOLDER: "is a folder",
    LINK: "is a symbolic link",
    BLOCKED: "is not a file, or is below a symbolic link or a file",
}


class Change:
    """The change of one file of DEST: `action`, the new contents, and why where that is not obvious.

    `seen` is what was there when it was planned.
    """

    __slots__ = ("action", "data", "path", "seen", "why")

    def __init__(self, path: str, action: str, seen: tuple[str, str], data: bytes | None = None, why: str = "") -> None:
        self.path, self.action, self.seen, self.data, self.why = path, action, seen, data, why


class Plan:
    """`changes` by path; `written` is the record of files in DEST afterwards; `problems` and `warnings` do not belong to a source."""

    def __init__(self, destination: Destination, before: Written, root: str, *, force: bool) -> None:
        self.destination, self.before, self.force = destination, before, force
        self.changes: dict[str, Change] = {}
        self.written = Written(root)
        self.problems: list[str] = []
        self.warnings: list[str] = []

    def add_item(self, item: Item, others: Collection[str]) -> None:
        """Plan an item's outputs: all of them, or, where one may not be written, none; the item then fails with the reason.

        `others` are sources whose earlier outputs stay.
        """
        changes = [self._change(path, data, others, item.name) for path, data in item.outputs.items()]
        refused = [change for change in changes if change.action == KEPT]
        if refused:
            for change in refused:
                item.fail(f"'{change.path}' {change.why}")
                self.changes[change.path] = change
            return
        for change in changes:
            self._keep(change, Entry(item.name, (_hash(change),), item.objects.get(change.path, ())))

    def add_own(self, files: Mapping[str, bytes]) -> None:
        """Plan files that belong to the whole tree; a file that must not be written is a problem."""
        for path, data in files.items():
            change = self._change(path, data, (), None)
            if change.action == KEPT:
                self.problems.append(f"'{path}' {change.why}")
                self._stay(path)
                self.changes[path] = change
            else:
                self._keep(change, Entry(None, (_hash(change),)))

    def _keep(self, change: Change, entry: Entry) -> None:
        self.changes[change.path] = change
        self.written.files[change.path] = entry

    def _stay(self, path: str) -> None:
        if path in self.before.files:
            self.written.files[path] = self.before.files[path]

    def _change(self, path: str, data: bytes, others: Collection[str], source: str | None) -> Change:
        seen = kind, found = self.destination.look(path)
        known = self.before.files.get(path)
        if known is not None and known.source != source and known.source in others:
            return Change(path, KEPT, seen, data, f"was written from {known.source} and would be overwritten")
        if kind == ABSENT:
            return Change(path, NEW, seen, data)
        if kind == FILE and found == digest(data):
            return Change(path, UNCHANGED, seen, data)
        if kind == FILE and known is not None and found in known.hashes:
            return Change(path, CHANGED, seen, data)
        why = _IN_THE_WAY.get(kind, "exists already and was not written by nixbridge")
        if kind == FILE and known is not None:
            why = "was changed since nixbridge wrote it"
        if kind not in (FILE, LINK):
            return Change(path, KEPT, seen, data, f"{why}: move it away")
        if self.force:
            return Change(path, CHANGED, seen, data, f"{why}: overwritten (--force)")
        return Change(path, KEPT, seen, data, f"{why}; it is left unchanged (--force overwrites it)")

    def keep_outputs(self, sources: Collection[str]) -> None:
        """Keep the existing files that earlier runs wrote from these sources, which failed now."""
        for path, entry in self.before.files.items():
            if entry.source in sources and path not in self.written.files and self.destination.look(path)[0] == FILE:
                self.written.files[path] = entry

    def remove_rest(self, reasons: Mapping[str, str], spared: Collection[str]) -> None:
        """Plan the end of everything else that earlier runs wrote, except `spared`, which is planned later.

        `reasons`: why a source that is still there gives nothing.
        """
        for path, entry in self.before.files.items():
            if path in self.written.files or path in self.changes or path in spared:
                continue
            seen = kind, found = self.destination.look(path)
            gone = "no source needs it any more" if entry.source is None else f"{entry.source} is gone"
            reason = reasons.get(entry.source or "")
            why = f"{entry.source}: {reason}" if reason is not None else gone
            if kind == FILE and found in entry.hashes:
                self.changes[path] = Change(path, REMOVED, seen, why=why)
            elif kind != ABSENT:
                self.changes[path] = Change(path, KEPT, seen, why=f"{why}, but it was changed since nixbridge wrote it")
                self.warnings.append(
                    f"'{path}' is no longer needed ({why}), but was changed since nixbridge wrote it, so it is kept"
                )

    def objects(self) -> dict[str, tuple[str, ...]]:
        """Return every file of ours with the Kubernetes objects in it, as DEST will be."""
        return {path: entry.objects for path, entry in self.written.files.items()}

    def count(self, *actions: str) -> int:
        """Return how many files these actions happen to."""
        return sum(change.action in actions for change in self.changes.values())


def _hash(change: Change) -> str:
    return digest(change.data or b"")
