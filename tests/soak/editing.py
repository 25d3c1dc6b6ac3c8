"""The language server over many edits: a file typed key by key and taken back, questions in between, files opened and closed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.soak.footprint import Footprint, footprint

#: After so many edits a person looks at what the server has to say.
PAUSE = 30
TEXT = """{
  web = mkVirtualService "web" {
    namespace = "shop";
    hosts = [ "web" ];
    httpRoutes = [ { route = [ { destination = { host = "web"; subset = "v1"; }; } ]; } ];
  };
}
"""
TYPED = '  more = mkDestinationRule "web" { host = "web"; subsets = [ { name = "v1"; } ]; };\n'


class Editor:
    """The client's end of a session, as far as it is needed here. (LSP 3.17)"""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "nixbridge", "lsp"]
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number = 0
        self.version = 0
        self.diagnostics = 0
        self.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities={})
        self.tell("initialized")

    def tell(self, method: str, **parameters: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": parameters})

    def ask(self, method: str, **parameters: Any) -> Any:
        """Return the answer to a request. Raises AssertionError where that is an error."""
        self.number += 1
        self._send({"id": self.number, "method": method, "params": parameters})
        while True:
            message = self._receive()
            if message.get("id") == self.number and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def wait_for_diagnostics(self, count: int) -> None:
        """Read messages until the server has published so many lists of diagnostics since it started."""
        while self.diagnostics < count:
            self._receive()

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self.process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while (line := self.process.stdout.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        self.diagnostics += message.get("method") == "textDocument/publishDiagnostics"
        return message

    # a person's doings

    def open(self, name: str, text: str) -> str:
        """Open a file and return its address."""
        uri = (self.folder / name).as_uri()
        self.tell("textDocument/didOpen", textDocument={"uri": uri, "languageId": "nix", "version": 0, "text": text})
        return uri

    def replace(self, uri: str, line: int, start: int, end: int, text: str) -> None:
        """Replace a part of a line."""
        self.version += 1
        place = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        change = {"range": place, "text": text}
        self.tell("textDocument/didChange", textDocument={"uri": uri, "version": self.version}, contentChanges=[change])

    def close(self) -> None:
        """End the session."""
        self.ask("shutdown")
        self.tell("exit")
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def soak(edits: int, seconds: float) -> tuple[list[Footprint], list[str]]:
    """Return the footprints of a session of so many edits, or as many of them as fit into `seconds`; there are no problems."""
    deadline = time.monotonic() + seconds
    taken: list[Footprint] = []
    with tempfile.TemporaryDirectory() as temporary:
        editor = Editor(Path(temporary))
        uri = editor.open("main.nix", TEXT)
        for number in range(edits):
            _edit(editor, uri, number)
            _look(editor, uri, number)
            if number % PAUSE == PAUSE - 1:
                editor.wait_for_diagnostics(editor.diagnostics + 2)
                taken.append(_of_both(editor.process.pid, number))
            if time.monotonic() > deadline:
                break
        editor.close()
    return taken, []


def _edit(editor: Editor, uri: str, number: int) -> None:
    """Type the next key of TYPED into the second line, or take the last one back."""
    at = number % (2 * len(TYPED))
    if at < len(TYPED) - 1:
        editor.replace(uri, 1, at, at, TYPED[at])
    elif at >= len(TYPED) + 1:
        last = 2 * len(TYPED) - at - 1
        editor.replace(uri, 1, last, last + 1, "")


def _look(editor: Editor, uri: str, number: int) -> None:
    """Ask what an editor asks while somebody types."""
    document = {"uri": uri}
    position = {"line": 1, "character": 4}
    match number % 10:
        case 1:
            editor.ask("textDocument/completion", textDocument=document, position=position)
        case 3:
            editor.ask("textDocument/hover", textDocument=document, position=position)
        case 5:
            editor.ask("textDocument/documentSymbol", textDocument=document)
        case 7:
            editor.ask("textDocument/semanticTokens/full", textDocument=document)
        case 9:
            other = editor.open(f"other{number}.nix", f"import ./main.nix // {{ a{number} = 1; }}")
            editor.ask("textDocument/definition", textDocument={"uri": other}, position=position)
            editor.tell("textDocument/didClose", textDocument={"uri": other})


def _of_both(server: int, rounds: int) -> Footprint:
    """Return the footprint of the server and of the process that evaluates for it."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    parts = [footprint(process, rounds) for process in (server, *map(int, children))]
    return Footprint(
        rounds=rounds,
        memory=sum(part.memory for part in parts),
        descriptors=sum(part.descriptors for part in parts),
        threads=sum(part.threads for part in parts),
        seconds=sum(part.seconds for part in parts),
    )
