"""The report of a migration, whatever it is shown as."""

from __future__ import annotations

from nixbridge.errors.excerpt import printable
from nixbridge.mesh.model.messages import ERROR, NOTE, WARNING
from nixbridge.tools.migrate.item import CONVERTED, FAILED, SKIPPED, WARNED, Item
from nixbridge.tools.migrate.plan import CHANGED, KEPT, NEW, REMOVED, UNCHANGED, Plan

_LEVELS = (ERROR, WARNING, NOTE)


class Report:
    """`items` are sorted by name; `name` is the name of the tree."""

    def __init__(self, name: str, top: str, items: list[Item], plan: Plan) -> None:
        self.name, self.items, self.plan = name, items, plan
        self._prefix = top.rstrip("/") + "/"

    def of(self, *statuses: str) -> list[Item]:
        """Return the items of these statuses."""
        return [item for item in self.items if item.status in statuses]

    def lines(self, item: Item, *, notes: bool = False) -> list[str]:
        """Return the messages about an item, errors first. Files are named as in the tree: the report is kept, this machine is not."""
        return [
            printable(line.replace(self._prefix, ""))
            for message in sorted(item.messages, key=lambda message: _LEVELS.index(message.level))
            if notes or message.level != NOTE
            for line in message.lines()
        ]

    def stays(self, item: Item) -> list[str]:
        """Return the outputs of earlier runs for an item that gave nothing now."""
        if item.status != FAILED:
            return []
        return sorted(path for path, entry in self.plan.written.files.items() if entry.source == item.name)

    def changes(self, *actions: str) -> list[str]:
        """Return the paths in DEST that these happen to, each with the reason for it."""
        found = sorted(self.plan.changes.items())
        return [f"{path} ({change.why})" if change.why else path for path, change in found if change.action in actions]

    def summary(self) -> str:
        """Return the counts of the sources: `9 converted (1 with warnings), 1 failed, 2 not converted`."""
        converted, warned = len(self.of(CONVERTED, WARNED)), len(self.of(WARNED))
        parts = [f"{converted} converted{f' ({warned} with warnings)' if warned else ''}"]
        parts += [f"{len(self.of(status))} {status}" for status in (FAILED, SKIPPED) if self.of(status)]
        return ", ".join(parts)

    def files(self) -> str:
        """Return the counts of the changes in DEST: `12 new, 3 unchanged`."""
        counted = [(action, self.plan.count(action)) for action in (NEW, CHANGED, UNCHANGED, REMOVED, KEPT)]
        return ", ".join(f"{count} {action}" for action, count in counted if count)
