"""The language server, asked by a real client over its standard streams, and the parts of it that need no client.

fixtures/lsp/*.toml are tables of places in a text: `|` stands where the cursor is.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the extra lsp is not installed")
pytest_lsp = pytest.importorskip("pytest_lsp", reason="the extra test is not installed")

from lsprotocol import types as lsp  # noqa: E402  # after the skips
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities  # noqa: E402

from nixbridge.lsp import check_process  # noqa: E402
from nixbridge.lsp.completion_items import Completer  # noqa: E402
from nixbridge.lsp.diagnostics import text_diagnostics  # noqa: E402
from nixbridge.lsp.hover import hover_text  # noqa: E402
from nixbridge.lsp.known_values import KnownValues  # noqa: E402
from nixbridge.lsp.navigation import definition_locations, reference_locations, rename_edit  # noqa: E402
from nixbridge.lsp.partial import part_of  # noqa: E402
from nixbridge.lsp.text_positions import TextPositions  # noqa: E402
from nixbridge.lsp.workspace import Document, Workspace, path_of  # noqa: E402

TABLES = Path(__file__).parent.parent / "fixtures" / "lsp"


def rows(name: str) -> list[Any]:
    """The cases of a table, by their ids."""
    table = tomllib.loads((TABLES / name).read_text(encoding="utf-8"))
    return [pytest.param(case, id=key) for key, case in table.items()]


def at_cursor(text: str, folder: Path) -> tuple[Document, int, KnownValues]:
    """A text without its cursor `|`, opened as a file of a folder, and where the cursor was."""
    offset = text.index("|")
    workspace = Workspace()
    document = workspace.change(str(folder / "open.nix"), text[:offset] + text[offset + 1 :])
    return document, offset, KnownValues(workspace)


@pytest.mark.parametrize("case", rows("completion.toml"))
def test_completions(case: dict[str, Any], tmp_path: Path) -> None:
    for name, text in case.get("files", {}).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    document, offset, values = at_cursor(case["text"], tmp_path)
    labels = [item.label for item in Completer(document, offset, values).items()]
    assert set(case.get("has", ())) <= set(labels)
    assert not set(case.get("lacks", ())) & set(labels)
    if "only" in case:
        assert sorted(labels) == sorted(case["only"])


@pytest.mark.parametrize("case", rows("hover.toml"))
def test_hover(case: dict[str, Any], tmp_path: Path) -> None:
    document, offset, values = at_cursor(case["text"], tmp_path)
    found = hover_text(document, offset, values)
    if "nothing" in case:
        assert found is None
        return
    assert found is not None
    for part in case["has"]:
        assert part in found[0]


@pytest.mark.parametrize("case", rows("diagnostics.toml"))
def test_diagnostics_without_evaluation(case: dict[str, Any]) -> None:
    found = text_diagnostics(Document("/x.nix", case["text"]))
    shown = [[one.range.start.line, one.range.start.character, str(one.code), one.message] for one in found]
    assert [row[:3] for row in shown] == case["found"]
    for part in case.get("says", ()):
        assert any(part in row[3] for row in shown)


@pytest.mark.parametrize("case", rows("definitions.toml"))
def test_go_to_definition(case: dict[str, Any], tmp_path: Path) -> None:
    for name, text in case.get("files", {}).items():
        (tmp_path / name).write_text(text)
    document, offset, values = at_cursor(case["text"], tmp_path)
    found = [
        [Path(path_of(place.uri)).name, place.range.start.line, place.range.start.character]
        for place in definition_locations(document, offset, values)
    ]
    assert found == case["at"]


@pytest.mark.parametrize("case", rows("rename.toml"))
def test_rename_changes_only_one_variable(case: dict[str, Any], tmp_path: Path) -> None:
    document, offset, values = at_cursor(case["text"], tmp_path)
    edit = rename_edit(document, offset, case["new"])
    if "refused" in case:
        assert isinstance(edit, str) and case["refused"] in edit
        return
    assert not isinstance(edit, str) and edit.changes is not None
    text = document.text
    for change in sorted(edit.changes[document.uri], key=lambda one: document.positions.offset(one.range.start))[::-1]:
        start, end = document.positions.offset(change.range.start), document.positions.offset(change.range.end)
        text = text[:start] + change.new_text + text[end:]
    assert text == case["becomes"]
    declared = reference_locations(document, offset, values, declaration=True)
    assert len(declared) == len(edit.changes[document.uri])


def test_positions_are_counted_in_utf16_units() -> None:
    positions = TextPositions('{ a = "🎉"; b = 1; }\n# ä\nx')
    offset = positions.text.index("b")
    assert positions.position(offset) == lsp.Position(0, offset + 1)
    assert positions.offset(lsp.Position(0, offset + 1)) == offset
    assert positions.offset(lsp.Position(2, 99)) == len(positions.text)


def large_file(services: int) -> str:
    """A configuration of some fourteen lines a service."""
    one = """  svc{n} = mkVirtualService "svc{n}" {{
    namespace = "production";
    hosts = [ "svc{n}" ];
    httpRoutes = [
      {{
        match = [ {{ uri = {{ prefix = "/v{n}"; }}; }} ];
        route = [
          {{ destination = {{ host = "svc{n}"; subset = "v1"; port = {{ number = 8080; }}; }}; weight = 90; }}
          {{ destination = {{ host = "svc{n}"; subset = "v2"; }}; weight = 10; }}
        ];
        timeout = "${{toString base}}s";
      }}
    ];
  }};
"""
    return "let base = 5; in {\n" + "".join(one.format(n=n) for n in range(services)) + "}\n"


def test_edits_of_large_files_reparse_only_a_part(tmp_path: Path) -> None:
    text = large_file(200)
    whole = Document(str(tmp_path / "large.nix"), text)
    place = text.index('hosts = [ "svc150"')
    part = part_of(whole, text[:place] + "htt\n" + text[place:], place)
    assert part is not None
    assert len(part.symbols.scope_of.maps[0]) < len(whole.symbols.scope_of) / 10  # type: ignore[attr-defined]
    labels = [item.label for item in Completer(part, place + 3, KnownValues(Workspace())).items()]
    assert "tcpRoutes" in labels and "hosts" not in labels
    inside = text.index("toString base", place) + len("toString ba") + len("htt\n")
    changed = (
        part_of(whole, (text[:place] + "htt\n" + text[place:]).replace("toString base", "toString bas", 1), place)
        or part
    )
    names = [item.label for item in Completer(changed, inside, KnownValues(Workspace())).items()]
    assert "base" in names, "names around the part stay in scope"


@pytest.mark.parametrize("service", [20, 150, 180], ids=["before-the-edit", "at-the-edit", "after-the-edit"])
def test_hover_answers_anywhere_while_a_large_file_is_typed(service: int, tmp_path: Path) -> None:
    text = large_file(200)
    whole = Document(str(tmp_path / "large.nix"), text)
    place = text.index('hosts = [ "svc150"')
    typed = text[:place] + "tcpRoutes = [ ];\n" + text[place:]
    offset = typed.rindex("mkVirtualService", 0, typed.index(f'hosts = [ "svc{service}"')) + 3
    part = part_of(whole, typed, offset)
    assert part is not None
    found = hover_text(part, offset, KnownValues(Workspace()))
    assert found is not None and "VirtualService" in found[0]


def test_unsaved_files_are_checked(tmp_path: Path) -> None:
    request = {"check": str(tmp_path / "new.nix"), "text": 'mkVirtualService "web" { bogus = 1; }', "with": []}
    answer = check_process.answer(request)
    assert "NB001" in [finding["code"] for finding in answer["findings"]] and answer["golden"] == []


def test_imports_have_the_texts_of_the_editor(tmp_path: Path) -> None:
    imported = tmp_path / "hosts.nix"
    imported.write_text('[ "saved" ]')
    request = {
        "text": 'mkVirtualService "web" { hosts = import ./hosts.nix; }',
        "open": {str(imported): '[ "typed" ]'},
        "attribute": "hosts",
        "with": [],
    }
    path = str(tmp_path / "web.nix")
    assert "typed" in check_process.answer({"value": path, **request})["value"]
    assert "typed" in check_process.answer({"render": path, **request})["manifests"]
    assert "saved" in check_process.answer({"value": path, **request, "open": {}})["value"]


def test_an_internal_error_costs_only_one_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_process, "limit_memory", lambda mib: None)
    monkeypatch.setattr(
        "sys.stdin", io.StringIO('{"id": 1}\n{"id": 2, "value": "/x.nix", "text": "1", "attribute": ""}\n')
    )
    check_process.main()
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["error"].startswith("internal: KeyError") and second == {"id": 2, "value": "1\n"}


# through a client


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-m", "nixbridge", "lsp"]))
async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    """A client that has shaken hands with the server."""
    await lsp_client.initialize_session(lsp.InitializeParams(capabilities=client_capabilities("visual-studio-code")))
    yield
    await lsp_client.shutdown_session()


class Typist:
    """Types into one file, key by key, as an editor sends it."""

    def __init__(self, client: LanguageClient, path: Path, text: str) -> None:
        self.client, self.text, self.version, self.uri = client, text, 1, path.as_uri()
        path.write_text(text)
        document = lsp.TextDocumentItem(self.uri, "nix", self.version, text)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(document))

    def type(self, before: str, keys: str) -> None:
        """Put `keys` in before a text, one at a time."""
        at = self.text.index(before)
        for number, key in enumerate(keys):
            self.version += 1
            place = TextPositions(self.text).position(at + number)
            self.text = self.text[: at + number] + key + self.text[at + number :]
            change = lsp.TextDocumentContentChangePartial(lsp.Range(place, place), key)
            identifier = lsp.VersionedTextDocumentIdentifier(self.version, self.uri)
            self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))

    def place(self, text: str, after: int = 0) -> dict[str, Any]:
        """The parameters of a question about a place: `after` characters into the first occurrence of a text."""
        position = TextPositions(self.text).position(self.text.index(text) + after)
        return {"text_document": lsp.TextDocumentIdentifier(self.uri), "position": position}

    async def diagnostics(self, code: str, mentions: str) -> lsp.Diagnostic:
        """Wait for a diagnostic with a code that mentions a text: there may be others while something is being typed."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for one in self.client.diagnostics.get(self.uri, ()):
                if one.code == code and mentions in one.message:
                    return one
            await asyncio.sleep(0.05)
        raise AssertionError(f"no diagnostic {code}: {self.client.diagnostics.get(self.uri)}")


CANARY = """mkVirtualService "web" {
  namespace = "shop";
  httpRoutes = [
    {
      route = [
        { destination = { host = "web"; subset = "v3"; }; }
      ];
    }
  ];
}
"""
RULE = """mkDestinationRule "web" {
  namespace = "shop";
  host = "web";
  trafficPolicy = { outlierDetection = { interval = "30s"; }; };
  subsets = [ { name = "v1"; labels = { version = "v1"; }; } ];
}
"""


@pytest.mark.asyncio
async def test_typing_a_mistake_and_applying_its_quick_fix(client: LanguageClient, tmp_path: Path) -> None:
    (tmp_path / "rule.nix").write_text(RULE)
    typist = Typist(client, tmp_path / "canary.nix", CANARY)

    # the subset is defined nowhere: the rule stands in another file of the folder
    subset = await typist.diagnostics("NB010", "v3")
    assert subset.range.start.line == 5

    # a parameter is mistyped, key by key; the file does not parse until the end
    typist.type("  httpRoutes", "  expotTo = [ ];\n")
    unknown = await typist.diagnostics("NB001", "did you mean 'exportTo'?")
    actions = await client.text_document_code_action_async(
        lsp.CodeActionParams(lsp.TextDocumentIdentifier(typist.uri), unknown.range, lsp.CodeActionContext([unknown]))
    )
    assert actions is not None
    action = next(one for one in actions if isinstance(one, lsp.CodeAction))
    assert action.edit is not None and action.edit.changes is not None
    (edit,) = action.edit.changes[typist.uri]
    assert edit.new_text == "exportTo"

    # hover on a nested field, in the file that defines the subset
    rule = Typist(client, tmp_path / "rule.nix", RULE)
    hover = await client.text_document_hover_async(lsp.HoverParams(**rule.place("outlierDetection", 3)))
    assert hover is not None and isinstance(hover.contents, lsp.MarkupContent)
    assert "consecutive5xxErrors" in hover.contents.value


@pytest.mark.asyncio
async def test_completion_and_hover_answer_while_a_large_file_is_typed(client: LanguageClient, tmp_path: Path) -> None:
    typist = Typist(client, tmp_path / "large.nix", large_file(500))
    await client.text_document_hover_async(lsp.HoverParams(**typist.place("mkVirtualService", 3)))
    typist.type('hosts = [ "svc300"', "htt")
    completion = await client.text_document_completion_async(lsp.CompletionParams(**typist.place("htthosts", 3)))
    assert isinstance(completion, lsp.CompletionList)
    assert "httpRoutes" not in {item.label for item in completion.items}, "it is written already"
    assert "tcpRoutes" in {item.label for item in completion.items}


@pytest.mark.asyncio
async def test_a_nonterminating_evaluation_does_not_block_the_editor(client: LanguageClient, tmp_path: Path) -> None:
    text = 'let f = n: f (n + 1); in { a = f 0; b = mkVirtualService "web" { }; }'
    typist = Typist(client, tmp_path / "endless.nix", text)
    await asyncio.sleep(1)
    hover = await client.text_document_hover_async(lsp.HoverParams(**typist.place("mkVirtualService", 3)))
    assert hover is not None


@pytest.mark.asyncio
async def test_outline_folding_tokens_and_lens(client: LanguageClient, tmp_path: Path) -> None:
    typist = Typist(client, tmp_path / "rule.nix", RULE)
    document = lsp.TextDocumentIdentifier(typist.uri)
    symbols = await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
    assert symbols is not None
    assert [one.name for one in symbols] == ["namespace", "host", "trafficPolicy", "subsets"]
    folds = await client.text_document_folding_range_async(lsp.FoldingRangeParams(document))
    assert folds is not None and (folds[0].start_line, folds[0].end_line) == (0, 5)
    tokens = await client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(document))
    assert tokens is not None and list(tokens.data[:5]) == [0, 0, len("mkDestinationRule"), 4, 0]
    lenses = await client.text_document_code_lens_async(lsp.CodeLensParams(document))
    assert lenses is not None and lenses[0].command is not None
    command = lenses[0].command
    unchanged = await client.workspace_execute_command_async(
        lsp.ExecuteCommandParams(command.command, command.arguments)
    )
    assert unchanged == "the manifests of rule.nix do not change"
    typist.type('shop";', "work")
    changed = await client.workspace_execute_command_async(lsp.ExecuteCommandParams(command.command, command.arguments))
    assert "-  namespace: shop" in changed and "+  namespace: workshop" in changed
