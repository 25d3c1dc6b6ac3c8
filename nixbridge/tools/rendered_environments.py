"""A rendered project, each environment separately, for render and graph."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from nixbridge.errors.exceptions import LimitReached, MissingArgument, NixError, TooDeep
from nixbridge.errors.traceback import annotate
from nixbridge.language.evaluation.provenance import marked_document
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import Lazy, sorted_names
from nixbridge.mesh.model.messages import Message
from nixbridge.mesh.model.record_data import same
from nixbridge.mesh.model.result_contents import Found, builder_of, find
from nixbridge.mesh.output.rendering import Rendering, render
from nixbridge.tools.call_recorder import CallRecorder
from nixbridge.tools.environments import Key, Member, choose, group, objects_of
from nixbridge.tools.inputs import Evaluation, folder_of, is_data
from nixbridge.tools.parts import PartOfOthers, library, part_without_argument, unless_part
from nixbridge.tools.positioned_data import read_positioned_data
from nixbridge.type_checking import Sentinel

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Value
    from nixbridge.mesh.model.render_context import Options as RenderOptions
    from nixbridge.source import Source
    from nixbridge.tools.entry_points import EntryPoint, EntryPoints
    from nixbridge.tools.project_files import Each

    Reader = Callable[[Value, Host], Any]

#: Stands for a part of a result that fails.
_FAILED = Sentinel("_FAILED")


class RenderedEnvironment(NamedTuple):
    """An environment: its name (None if it is the only one), and the common rendering of its files."""

    name: str | None
    rendering: Rendering


class RenderedEnvironments:
    """The environments that the entry points of a command make.

    `errors` are those of files that could not be evaluated; `left_out` has (file, reason) for those that render to nothing. With
    `piecemeal`, a part of a result that fails does not stop the others. `each` iterates over the files, and may show how many are done.
    """

    def __init__(
        self,
        chosen: EntryPoints,
        wanted: RenderOptions,
        write_message: Callable[[str], None],
        *,
        piecemeal: bool = False,
        each: Each = iter,
    ) -> None:
        self.sources: dict[str, Source] = {}
        self.errors: list[NixError] = []
        self.left_out: list[tuple[str, str]] = []
        self._chosen, self._write_message, self._piecemeal = chosen, write_message, piecemeal
        # All files are read before any is classified: which of them are parts is known only after every import has run.
        read = [(entry, result) for entry in each(chosen.entries) for result in self._read(entry)]
        self._files: list[tuple[EntryPoint, Any, Found]] = []
        for entry, result in read:
            found = find(result)
            if chosen.is_part(entry):
                self.left_out.append((entry.file, f"part of {chosen.imports.names_of_importers(entry.path)}"))
            elif entry.named or found.records or found.manifests:
                self._files.append((entry, result, found))
            else:
                self.left_out.append((entry.file, "it contains neither a builder's record nor a manifest"))
        self.left_out.sort()
        members = [
            Member(entry.path, entry.options.environment, objects_of(found.resources))
            for entry, _, found in self._files
        ]
        self.environments = [
            RenderedEnvironment(one.name, self._rendered(one.members, wanted))
            for one in choose(group(members), chosen.inferred)
            # without any file there is one environment all the same; after errors it has nothing to report
            if not self.errors or one.members
        ]

    @property
    def failed(self) -> bool:
        """True where there is any error."""
        return bool(self.errors) or any(one.rendering.failed for one in self.environments)

    def messages(self) -> list[Message]:
        """Return the messages of all environments, each once."""
        found: dict[tuple[str, str], Message] = {}
        for environment in self.environments:
            for message in environment.rendering.messages:
                found.setdefault((str(message), repr(message.position)), message)
        return list(found.values())

    def manifests(self) -> list[dict[str, object]]:
        """Return the manifests of all environments, equal ones once. Only where there are no `conflicts`."""
        manifests: dict[Key, JsonObject] = {}
        for environment in self.environments:
            for manifest in environment.rendering.manifests:
                manifests.setdefault(_key(manifest), manifest)
        return list(manifests.values())

    def conflicts(self) -> list[str]:
        """Return a sentence for each object that environments define differently, so that they cannot be in one cluster."""
        first: dict[Key, JsonObject] = {}
        different: dict[Key, None] = {}
        for environment in self.environments:
            for manifest in environment.rendering.manifests:
                key = _key(manifest)
                if not same(first.setdefault(key, manifest), manifest):
                    different[key] = None
        return [self._conflict(*key) for key in different]

    def _conflict(self, kind: str, namespace: str, name: str) -> str:
        files = [
            entry.file
            for entry, _, found in self._files
            for builder, _, defined in objects_of(found.resources)
            if defined == name and builder in (f"mk{kind}", kind)
        ]
        places = list(dict.fromkeys(files)) or [str(one.name) for one in self.environments]
        title = f"{kind} '{namespace}/{name}'" if namespace else f"{kind} '{name}'"
        return f"{' and '.join(places[:2])}{_more(len(places) - 2)} define {title} differently"

    def _rendered(self, members: list[int], wanted: RenderOptions) -> Rendering:
        results = [self._files[number][1] for number in members]
        return render(find(results[0] if len(results) == 1 else results), wanted)

    def _read(self, entry: EntryPoint) -> list[object]:
        """Return the result of a file; an empty list where there is none."""
        try:
            return [self._read_file(entry)]
        except PartOfOthers as part:
            self.left_out.append((entry.file, str(part)))
        except MissingArgument as error:
            if entry.named:
                self.errors.append(error)
            else:
                self.left_out.append((entry.file, str(part_without_argument(error))))
        except NixError as error:
            if isinstance(error, LimitReached) and error.ends_run:
                raise
            self.errors.append(self._placed(error, entry))
        return []

    def _placed(self, error: NixError, entry: EntryPoint) -> NixError:
        """Return an error with a position: the file's first line, where the evaluation knows no other."""
        source = self.sources.get(os.path.abspath(entry.file))
        if error.source is None and source is not None:
            error.source, error.span = source, (1, 0, 1, 0)
        return error

    def _read_file(self, entry: EntryPoint) -> Any:
        if is_data(entry.file):
            return read_positioned_data(entry.file, entry.options, self.sources)
        evaluation = Evaluation(
            entry.options,
            folder_of(entry.file),
            write_message=self._write_message,
            # recorded builders mark their records with positions, which messages of rendering show
            recorder=CallRecorder(),
            on_import=self._chosen.imports.note_running,
        )
        pieces = Pieces(evaluation, skipped=not entry.named)
        reader: Reader = pieces.read if self._piecemeal else marked_document
        try:
            return evaluation.read(entry.file, unless_part(reader, skipped=not entry.named))
        except TooDeep:
            pieces.errors.clear()  # of the parts on the way down, which may be hundreds of thousands
            raise
        finally:
            self.errors += pieces.errors
            self.sources.update(evaluation.sources)


class Pieces:
    """A reader that keeps the parts of a value that can be evaluated; `errors` are those of the others. `skipped` are libraries."""

    def __init__(self, evaluation: Evaluation, *, skipped: bool) -> None:
        self.errors: list[NixError] = []
        self._evaluation, self._skipped = evaluation, skipped

    def read(self, value: Lazy, host: Host) -> Any:
        """Return the parts that can be evaluated. Raises NixError where that is none."""
        self.errors.clear()  # evaluation starts over where it needs another mode
        result = self._piece(value, host)
        reason = library(value) if self.errors and self._skipped else None
        if reason is not None:
            self.errors.clear()
            raise PartOfOthers(reason)
        if result is _FAILED:
            raise self.errors.pop()
        return result

    def _piece(self, value: Lazy, host: Host) -> Any:
        try:
            value = force(value)
            if isinstance(value, list):
                return [part for item in value if (part := self._piece(item, host)) is not _FAILED]
            if isinstance(value, dict) and _holds_others(value):
                parts = {name: self._piece(value[name], host) for name in sorted_names(value)}
                kept = {name: part for name, part in parts.items() if part is not _FAILED}
                return AttrSet(kept, value.positions, value.origin) if isinstance(value, AttrSet) else kept
            return marked_document(value, host)
        except LimitReached:
            raise
        except NixError as error:
            annotate(error, self._evaluation.sources)
            self.errors.append(error)
            return _FAILED


def _holds_others(value: JsonObject) -> bool:
    """Return whether a set has records and manifests in it rather than being one."""
    return (
        builder_of(value) is None
        and not {"apiVersion", "kind"} <= value.keys()
        and not {"__toString", "outPath"} & value.keys()
    )


def _key(manifest: JsonObject) -> Key:
    metadata = manifest.get("metadata") or {}
    return str(manifest["kind"]), str(metadata.get("namespace") or ""), str(metadata.get("name", ""))


def _more(count: int) -> str:
    return f" (and {count} more)" if count > 0 else ""
