"""`nixbridge lsp`: the server that speaks to an editor over its standard streams. (LSP 3.17, through pygls)"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from nixbridge.lsp.checker import Checker
from nixbridge.lsp.code_lenses import code_lenses, manifest_change
from nixbridge.lsp.completion_items import Completer
from nixbridge.lsp.diagnostics import FIX, evaluated_diagnostics, merged, text_diagnostics
from nixbridge.lsp.hover import hover_text, signature_help
from nixbridge.lsp.known_values import KnownValues
from nixbridge.lsp.navigation import (
    attribute_path,
    definition_locations,
    document_symbols,
    folding_ranges,
    reference_locations,
    rename_edit,
)
from nixbridge.lsp.partial import SMALL_FILE, part_of
from nixbridge.lsp.semantic_tokens import LEGEND, semantic_tokens
from nixbridge.lsp.text_positions import TextPositions
from nixbridge.lsp.workspace import Document, Workspace, companions_of, path_of, text_of
from nixbridge.version import __version__

#: Seconds without a key pressed after which a file is evaluated.
QUIET = 0.3
#: Futures after which the finished ones are dropped.
MOST_FUTURES = 100
#: The command of a code lens.
SHOW_CHANGE = "nixbridge.showManifestChange"


class NixServer(LanguageServer):
    """The state of one editor session: its texts, the last whole version of each, and the evaluating process."""

    def __init__(self) -> None:
        super().__init__("nixbridge", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Incremental)
        self.files = Workspace()
        self.values = KnownValues(self.files)
        self.checker = Checker()
        self.texts: dict[str, str] = {}
        self._pending: dict[str, asyncio.Task[None]] = {}

    # texts

    def text_of(self, uri: str) -> str:
        """Return the editor's text of a file."""
        return self.workspace.get_text_document(uri).source

    def whole(self, uri: str) -> Document:
        """Return the whole of a file's current text, parsed."""
        return self.files.change(path_of(uri), self.text_of(uri))

    def quick(self, uri: str, position: types.Position) -> Document:
        """Return what an answer at a position needs: the whole file, or a part of a large one while it is being typed."""
        text, path = self.text_of(uri), path_of(uri)
        known = self.files.open.get(path)
        if known is None or known.text == text or len(text) <= SMALL_FILE:
            return self.whole(uri)
        return part_of(known, text, TextPositions(text).offset(position)) or self.whole(uri)

    # checking

    def check_later(self, uri: str) -> None:
        """Check a file once nothing has been typed for a moment."""
        # each key starts the wait again: only the last text of a burst is evaluated
        pending = self._pending.pop(uri, None)
        if pending is not None:
            pending.cancel()
        self._pending[uri] = asyncio.ensure_future(self._check(uri))
        self._forget_finished()

    async def _check(self, uri: str) -> None:
        if len(self.text_of(uri)) > SMALL_FILE:
            await asyncio.sleep(QUIET)
        # a large file is parsed in a thread, so that completions are answered meanwhile
        document = await asyncio.to_thread(self.whole, uri)
        found = text_diagnostics(document)
        self._publish(uri, found)
        await asyncio.sleep(QUIET)
        answer = await self.checker.ask(
            {
                "check": document.path,
                "text": document.text,
                "open": self.texts_open(),
                "with": companions_of(document.path, self.texts_open()),
            }
        )
        # a newer text has its own check under way: positions of this answer would be wrong in it
        if self.text_of(uri) == document.text:
            self._publish(uri, merged(found, evaluated_diagnostics(document, answer)))

    def _forget_finished(self) -> None:
        """Drop the futures of notifications that were handled: pygls (2.1) keeps one for each key that is pressed."""
        futures = self.protocol._request_futures
        if len(futures) > MOST_FUTURES:
            for number in [number for number, future in futures.items() if future.done()]:
                futures.pop(number, None)

    def texts_open(self) -> dict[str, str]:
        """Return the editor's texts by path."""
        return {path: document.text for path, document in self.files.open.items()}

    def _publish(self, uri: str, found: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found))

    def forget(self, uri: str) -> None:
        """Drop what is known of a file that the editor closed."""
        pending = self._pending.pop(uri, None)
        if pending is not None:
            pending.cancel()
        self.files.close(path_of(uri))
        self._publish(uri, [])


server = NixServer()


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def did_open(ls: NixServer, params: types.DidOpenTextDocumentParams) -> None:
    ls.check_later(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def did_change(ls: NixServer, params: types.DidChangeTextDocumentParams) -> None:
    ls.check_later(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_SAVE)
def did_save(ls: NixServer, params: types.DidSaveTextDocumentParams) -> None:
    # other open files may import this one
    for path in list(ls.files.open):
        ls.check_later(ls.files.open[path].uri)


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def did_close(ls: NixServer, params: types.DidCloseTextDocumentParams) -> None:
    ls.forget(params.text_document.uri)


@server.feature(types.SHUTDOWN)
async def shutdown(ls: NixServer, _params: None) -> None:
    await ls.checker.close()


@server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[".", '"', "/", "{", " "]))
def completion(ls: NixServer, params: types.CompletionParams) -> types.CompletionList:
    document = ls.quick(params.text_document.uri, params.position)
    offset = document.positions.offset(params.position)
    return types.CompletionList(False, Completer(document, offset, ls.values).items())


@server.feature(types.TEXT_DOCUMENT_HOVER)
async def hover(ls: NixServer, params: types.HoverParams) -> types.Hover | None:
    document = ls.quick(params.text_document.uri, params.position)
    offset = document.positions.offset(params.position)
    found = hover_text(document, offset, ls.values)
    if found is None:
        value = await _value_at(ls, document, offset)
        if value is None:
            return None
        found = (value, offset, offset)
    text, start, end = found
    content = types.MarkupContent(types.MarkupKind.Markdown, text)
    return types.Hover(content, document.positions.range(start, end))


async def _value_at(ls: NixServer, document: Document, offset: int) -> str | None:
    """Return the value of the attribute under the cursor, evaluated."""
    path = attribute_path(document, offset)
    if not path:
        return None
    attribute = ".".join(f'"{name}"' for name in path)  # quoted: a name may contain a dot
    answer = await ls.checker.ask(
        {"value": document.path, "text": document.text, "open": ls.texts_open(), "attribute": attribute}
    )
    return f"```nix\n{answer['value']}\n```" if "value" in answer else None


@server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, types.SignatureHelpOptions(trigger_characters=["{", ";"]))
def signature(ls: NixServer, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    document = ls.quick(params.text_document.uri, params.position)
    return signature_help(document, document.positions.offset(params.position))


@server.feature(types.TEXT_DOCUMENT_DEFINITION)
def definition(ls: NixServer, params: types.DefinitionParams) -> list[types.Location]:
    document = ls.whole(params.text_document.uri)
    return definition_locations(document, document.positions.offset(params.position), ls.values)


@server.feature(types.TEXT_DOCUMENT_REFERENCES)
def references(ls: NixServer, params: types.ReferenceParams) -> list[types.Location]:
    document = ls.whole(params.text_document.uri)
    offset = document.positions.offset(params.position)
    return reference_locations(document, offset, ls.values, declaration=params.context.include_declaration)


@server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
def prepare_rename(ls: NixServer, params: types.PrepareRenameParams) -> types.Range | None:
    document = ls.whole(params.text_document.uri)
    offset = document.positions.offset(params.position)
    found = document.symbols.definition_at(offset)
    # tried with a name that is hardly taken, so that an editor does not ask for one in vain
    if found is None or isinstance(rename_edit(document, offset, f"{found.name}_"), str):
        return None
    use = document.symbols.use_at(offset)
    place = use if use is not None else found
    return document.positions.range(place.start, place.end)


@server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
def rename(ls: NixServer, params: types.RenameParams) -> types.WorkspaceEdit | None:
    document = ls.whole(params.text_document.uri)
    result = rename_edit(document, document.positions.offset(params.position), params.new_name)
    if isinstance(result, str):
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Error, result))
        return None
    return result


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def symbols(ls: NixServer, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    return document_symbols(ls.whole(params.text_document.uri))


@server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
def folding(ls: NixServer, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    return folding_ranges(ls.whole(params.text_document.uri))


@server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, LEGEND)
def tokens(ls: NixServer, params: types.SemanticTokensParams) -> types.SemanticTokens:
    return types.SemanticTokens(semantic_tokens(ls.whole(params.text_document.uri)))


@server.feature(
    types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
)
def code_action(ls: NixServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    document = ls.whole(params.text_document.uri)
    actions: list[types.CodeAction] = []
    for diagnostic in params.context.diagnostics:
        fix: dict[str, Any] | None = (diagnostic.data or {}).get(FIX) if isinstance(diagnostic.data, dict) else None
        if fix is None:
            continue
        edits = [types.TextEdit(document.positions.range(start, end), new) for start, end, new in fix["edits"]]
        change = types.WorkspaceEdit(changes={document.uri: edits})
        kind = types.CodeActionKind.QuickFix
        actions.append(types.CodeAction(fix["title"], kind, [diagnostic], is_preferred=True, edit=change))
    return actions


@server.feature(types.TEXT_DOCUMENT_CODE_LENS)
def lenses(ls: NixServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    return code_lenses(ls.whole(params.text_document.uri), SHOW_CHANGE)


@server.command(SHOW_CHANGE)
async def show_change(ls: NixServer, uri: str) -> str:
    """Return, and show, how the manifests of the text being typed differ from those of the file on the disk."""
    document = ls.whole(uri)
    try:
        saved = text_of(document.path)
    except OSError:
        saved = ""
    before = await ls.checker.ask({"render": document.path, "text": saved}) if saved else {"manifests": ""}
    after = await ls.checker.ask({"render": document.path, "text": document.text, "open": ls.texts_open()})
    text = manifest_change(os.path.basename(document.path), before, after)
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))
    return text


def run() -> None:
    """Serve one editor on the standard streams until it says exit."""
    # copies: the server closes its streams, and the command still has to flush its own
    server.start_io(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
