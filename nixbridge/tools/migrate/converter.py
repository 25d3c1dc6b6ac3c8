"""Conversion of sources to documents with one evaluator for the whole tree, so that shared imports are evaluated once."""

from __future__ import annotations

import gc
import os
from contextlib import AbstractContextManager

from nixbridge.errors.exceptions import LimitReached, MissingArgument, NixError
from nixbridge.errors.excerpt import excerpt, word_at
from nixbridge.errors.report import character_column, report
from nixbridge.language.evaluation.provenance import marked_document
from nixbridge.language.formats.format_table import format_named
from nixbridge.language.formats.plain_yaml import dump_stream
from nixbridge.mesh.model.messages import ERROR, NOTE, WARNING
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.manifest_files import file_name, files_of
from nixbridge.mesh.output.rendering import render
from nixbridge.project.imports import Imports
from nixbridge.tools.call_recorder import CallRecorder
from nixbridge.tools.evaluation_options import check_size
from nixbridge.tools.inputs import Evaluation, open_cache
from nixbridge.tools.migrate.item import FAILED, Item, Message
from nixbridge.tools.migrate.kustomize import object_names
from nixbridge.tools.migrate.migration_settings import MANIFESTS, Settings
from nixbridge.tools.parts import PartOfOthers, part_without_argument, unless_part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Value
    from nixbridge.mesh.model import messages
    from nixbridge.mesh.model.result_contents import Found

#: What `builtins.warn` and `lib.warn` put before their text.
_WARNED = "evaluation warning: "


class Converter:
    """Converter of the items of one tree. `limited` creates the time limit of one file."""

    def __init__(
        self, settings: Settings, top: str, imports: Imports, limited: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.settings, self.top, self.imports, self.limited = settings, top, imports, limited
        self.whole_tree = os.path.isdir(settings.source)
        self._cache = open_cache(settings.evaluation)
        self._item = Item("", "")
        self._evaluation = self._open()

    def _open(self) -> Evaluation:
        return Evaluation(
            self.settings.evaluation,
            self.top,
            write_message=self._keep_message,
            cache=self._cache,
            recorder=CallRecorder(),
            on_import=self.imports.note_running,
        )

    def _keep_message(self, text: str) -> None:
        """Keep a message of `trace` or `warn` with the file that is converted."""
        warned = text.startswith(_WARNED)
        self._item.messages.append(Message(WARNING if warned else NOTE, text.removeprefix(_WARNED)))

    def read(self, item: Item) -> None:
        """Record the imports in the text of an item."""
        try:
            with self.limited():
                self.imports.read(self._evaluation.source(item.path))
        except NixError:
            return  # `convert` meets it again, and reports it

    def convert(self, item: Item) -> None:
        """Give an item its outputs, named as if they were in its own folder, or the reason why it has none.

        Never raises for what a file can cause.
        """
        self._item = item
        interrupted = False
        try:
            with self.limited():
                self._convert(item)
        except PartOfOthers as reason:
            item.skip(str(reason))
        except MissingArgument as error:
            if self.whole_tree:
                item.skip(str(part_without_argument(error)))
            else:
                self._fail(item, error)
        except NixError as error:
            self._fail(item, error)
            interrupted = isinstance(error, LimitReached)
        else:
            if item.status != FAILED:
                item.done()
        if interrupted:
            self._start_again()

    def _fail(self, item: Item, error: NixError) -> None:
        item.fail(report(error, show_trace=self.settings.show_trace).removeprefix("error: "))

    def _start_again(self) -> None:
        """Open another evaluation: an interrupted one may have left values half made. Its memory is given back."""
        del self._evaluation
        gc.collect()
        self._evaluation = self._open()

    def _convert(self, item: Item) -> None:
        result = self._evaluation.read(item.path, unless_part(self._result, skipped=self.whole_tree))
        if self.settings.to != MANIFESTS:
            item.outputs = {"": self._encoded(result)}
            return
        found = find(result)
        if self.whole_tree and not found.records and not found.manifests:
            raise PartOfOthers("it contains neither a builder's record nor a manifest")
        self._render(item, found)

    def _result(self, value: Value, host: Host) -> Any:
        """Return the text of a document, or the data that is to be rendered."""
        if self.settings.to == MANIFESTS:
            return marked_document(value, host)
        return format_named(self.settings.to).write(value, host)

    def _render(self, item: Item, found: Found) -> None:
        rendering = render(found, self.settings.rendering)
        item.messages += [self._placed(message) for message in rendering.messages]
        if rendering.failed:
            item.status = FAILED
            return
        if self.settings.kustomize:
            item.outputs = {path: self._encoded(text) for path, text in files_of(rendering.manifests).items()}
            item.objects = {file_name(manifest): tuple(object_names(manifest)) for manifest in rendering.manifests}
        elif rendering.manifests:
            item.outputs = {"": self._encoded(dump_stream(rendering.manifests))}

    def _encoded(self, text: str) -> bytes:
        data = text.encode("utf-8", "surrogateescape")
        check_size(len(data), self.settings.evaluation)
        return data

    def _placed(self, message: messages.Message) -> Message:
        """Return a message of the rendering with its place, the file named as in the tree."""
        if message.position is None:
            return Message(message.level, message.subject)
        file, line, column = message.position
        source = self._evaluation.sources.get(file)
        text = source.line(line) if source is not None else ""
        start = character_column(text, column - 1)
        place = f"{os.path.relpath(file, self.top) if file.startswith('/') else file}:{line}:{start}"
        shown: list[str] = []
        if source is not None and message.level == ERROR:
            end = column - 1 + len(word_at(text, start - 1).encode("utf-8", "surrogateescape"))
            shown = excerpt(source, (line, column - 1, line, end))
        return Message(message.level, message.subject, place, shown)
