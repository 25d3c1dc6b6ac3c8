"""A migration from its sources to its plan."""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import UsageError
from nixbridge.language.formats.format_table import DATA_SUFFIXES
from nixbridge.project.imports import Imports
from nixbridge.tools.inputs import folder_of
from nixbridge.tools.migrate.converter import Converter
from nixbridge.tools.migrate.destination import ABSENT, FILE, Destination
from nixbridge.tools.migrate.item import FAILED, PENDING, SKIPPED
from nixbridge.tools.migrate.kustomize import kustomizations
from nixbridge.tools.migrate.layout import PAGE, REPORT, WRITTEN, place, refuse_collisions
from nixbridge.tools.migrate.migration_report import Report
from nixbridge.tools.migrate.migration_settings import Settings
from nixbridge.tools.migrate.plan import Plan
from nixbridge.tools.migrate.report_pages import html, markdown
from nixbridge.tools.migrate.source_tree import find_items
from nixbridge.tools.migrate.written_files import Written, read
from nixbridge.tools.project_files import project_sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Self


class Migration:
    """`items` are the sources with their outcomes, `plan` are the changes in DEST. `top` is the folder of the tree.

    It has DEST open, so it is used in a `with` statement.
    """

    def __init__(self, settings: Settings) -> None:
        """Look for the sources. Raises UsageError where there are none, or where DEST cannot be one."""
        self.settings = settings
        self.destination = _open(settings)
        try:
            self._look_for_sources(settings)
        except BaseException:
            self.destination.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.destination.close()

    def _look_for_sources(self, settings: Settings) -> None:
        sources = project_sources(settings.evaluation, folder_of(settings.source) or settings.source, settings.exclude)
        self.top, self.items = find_items(settings.source, settings.destination, sources)
        self.whole_tree = os.path.isdir(settings.source)
        root = os.path.relpath(self.top, self.destination.path)
        self.plan = Plan(self.destination, self._written_before(root), root, force=settings.force)

    def _written_before(self, root: str) -> Written:
        before = read(self.destination.read(WRITTEN))
        if (not before.valid or self.destination.look(WRITTEN)[0] not in (ABSENT, FILE)) and not self.settings.force:
            raise UsageError(
                f"'{self.settings.destination}/{WRITTEN}' was not written by nixbridge",
                hint="move it away; --force overwrites it",
            )
        if before.root not in (None, root) and not self.settings.force:
            raise UsageError(
                f"'{self.settings.destination}' contains the migration of another tree, {before.root}",
                hint="use another DEST; --force replaces the files of the other tree",
            )
        return before

    @property
    def failed(self) -> bool:
        """True where something could not be converted or written."""
        return bool(self.plan.problems) or any(item.status == FAILED for item in self.items)

    def convert(
        self, limited: Callable[[], AbstractContextManager[None]], progress: Callable[[int], None] = lambda count: None
    ) -> None:
        """Evaluate the sources, skipping parts of other files. `progress` is called after each."""
        pending = {item.path: item for item in self.items if item.status == PENDING}
        imports = Imports(pending)
        converter = Converter(self.settings, self.top, imports, limited)
        if self.whole_tree:
            for item in pending.values():
                converter.read(item)
        roots = imports.roots(list(pending))
        progress(len(self.items) - len(roots))
        for path in roots:
            converter.convert(pending[path])
            progress(1)
        # once more: evaluation may have found imports that the texts do not show
        for path in pending.keys() - set(imports.roots(roots)):
            pending[path].skip(f"part of {imports.names_of_importers(path, self.top)}")

    def make_plan(self) -> None:
        """Plan the changes in DEST. Raises UsageError if there was nothing to convert."""
        converted = [item for item in self.items if item.converted]
        if not converted and not any(item.status == FAILED for item in self.items):
            left_out = "; ".join(f"{item.name}: {item.reason}" for item in self.items[:5])
            raise UsageError(f"nothing in '{self.settings.source}' is to be converted ({left_out})")
        for item in converted:
            place(item, self.settings)
        refuse_collisions([item for item in converted if item.converted])
        others = self._outside() | self._failed()
        for item in converted:
            if item.converted:
                self.plan.add_item(item, others)
        self.plan.keep_outputs(self._outside() | self._failed())
        if self.settings.kustomize:
            files, warnings = kustomizations(self.plan.objects())
            self.plan.add_own(files)
            self.plan.warnings += warnings
        reasons = {
            item.name: item.reason if item.status == SKIPPED else "it is now written to other files"
            for item in self.items
        }
        self.plan.remove_rest(reasons, (REPORT, PAGE))
        # last: the reports list what the rest of the plan does
        reports = {REPORT: markdown(self.report()), PAGE: html(self.report())}
        self.plan.add_own({name: text.encode("utf-8", "replace") for name, text in reports.items()})

    def report(self) -> Report:
        """Return the report of the run."""
        return Report(os.path.basename(self.top) or "/", self.top, self.items, self.plan)

    def _failed(self) -> set[str]:
        """Return the sources that failed, and those that earlier runs found in a folder that cannot be read now."""
        failed = {item.name for item in self.items if item.status == FAILED}
        hidden = tuple("" if name == "." else f"{name}/" for name in failed)
        sources = {entry.source for entry in self.plan.before.files.values() if entry.source is not None}
        return failed | {source for source in sources if source.startswith(hidden)}

    def _outside(self) -> set[str]:
        """Return the sources that this run is not about: one file was named, and others were migrated before."""
        if self.whole_tree:
            return set()
        names = {item.name for item in self.items}
        return {entry.source for entry in self.plan.before.files.values() if entry.source is not None} - names


def _open(settings: Settings) -> Destination:
    path = settings.destination.rstrip("/") or "/"
    if os.path.islink(path):
        raise UsageError(f"'{path}' is a symbolic link, which is not written through")
    if os.path.lexists(path) and not os.path.isdir(path):
        raise UsageError(f"'{path}' is a file; -o names a folder")
    if path.endswith(DATA_SUFFIXES) and not os.path.isdir(path):
        raise UsageError(
            f"-o names a folder, and '{path}' looks like a file",
            hint="to convert a single file without a report, use eval or render: nixbridge eval -f yaml -o FILE.yaml FILE.nix",
        )
    return Destination(path)
