"""Latency of the language server while a large file is typed: `python -m tests.benchmarks.editor [--runs N]`.

A client writes JSON-RPC to the server's standard streams, as an editor does, and measures the time until the answer is complete. The file
has 500 services in some 7,500 lines.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from statistics import median
from typing import Any

from tests.benchmarks.process import clean_environment

SERVICES = 500
#: Seconds after which an answer counts as missing.
PATIENCE = 60.0

_SERVICE = """\
  service-{n} = mkVirtualService "service-{n}" {{
    namespace = "shop-{n}";
    hosts = [ "service-{n}" ];
    httpRoutes = [
      {{
        match = [ {{ uri = {{ prefix = "/v{n}"; }}; }} ];
        route = [
          {{ destination = {{ host = "service-{n}"; subset = "v1"; port = {{ number = 8080; }}; }}; weight = 90; }}
          {{ destination = {{ host = "service-{n}"; subset = "v2"; }}; weight = 10; }}
        ];
        timeout = "${{toString seconds}}s";
      }}
    ];
  }};

"""


def configuration(services: int = SERVICES) -> str:
    """Return the file that is typed into."""
    return "let seconds = 5; in {\n" + "".join(_SERVICE.format(n=n) for n in range(services)) + "}\n"


class Editor:
    """A client with one open file. Answers are read by a thread, so that the server never waits for its output to be taken."""

    def __init__(self, folder: Path, text: str) -> None:
        self.path = folder / "mesh.nix"
        self.path.write_text(text, encoding="utf-8")
        self.text, self.version, self._number = text, 1, 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nixbridge", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=clean_environment(XDG_CACHE_HOME=str(folder / "cache")),
        )
        self._received: Queue[tuple[float, dict[str, Any]]] = Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.ask("initialize", {"processId": os.getpid(), "rootUri": folder.as_uri(), "capabilities": {}})
        self.notify("initialized", {})
        document = {"uri": self.path.as_uri(), "languageId": "nix", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while head := stream.readline():
            if head.lower().startswith(b"content-length:"):
                size = int(head.split(b":")[1])
            elif head == b"\r\n":
                body = stream.read(size)
                self._received.put((time.perf_counter(), json.loads(body)))

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _wait(self, is_wanted: Callable[[dict[str, Any]], bool]) -> tuple[float, dict[str, Any]]:
        deadline = time.perf_counter() + PATIENCE
        while True:
            at, message = self._received.get(timeout=deadline - time.perf_counter())
            if is_wanted(message):
                return at, message

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Send what has no answer."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> tuple[float, Any]:
        """Return the seconds until a request was answered, and its result."""
        self._number += 1
        start = time.perf_counter()
        self._send({"id": self._number, "method": method, "params": params})
        at, message = self._wait(lambda message: message.get("id") == self._number)
        assert "error" not in message, message["error"]
        return at - start, message["result"]

    def place(self, offset: int) -> dict[str, Any]:
        """Return the parameters of a request about an offset; the file is ASCII."""
        line = self.text.count("\n", 0, offset)
        character = offset - (self.text.rfind("\n", 0, offset) + 1)
        return {
            "textDocument": {"uri": self.path.as_uri()},
            "position": {"line": line, "character": character},
        }

    def type(self, offset: int, text: str) -> None:
        """Insert a text at an offset."""
        self.version += 1
        position = self.place(offset)["position"]
        self.text = self.text[:offset] + text + self.text[offset:]
        change = {"range": {"start": position, "end": position}, "text": text}
        document = {"uri": self.path.as_uri(), "version": self.version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    def published(self, mentions: str) -> float:
        """Return when diagnostics were published that mention a text."""

        def is_wanted(message: dict[str, Any]) -> bool:
            is_publishing = message.get("method") == "textDocument/publishDiagnostics"
            return is_publishing and any(mentions in one["message"] for one in message["params"]["diagnostics"])

        return self._wait(is_wanted)[0]

    def close(self) -> None:
        """End the server."""
        self.ask("shutdown", None)
        self.notify("exit", {})
        self._process.wait(PATIENCE)


def hover(editor: Editor, run: int) -> Iterator[float]:
    """Yield the time of a hover on a field of a service that nobody edits."""
    offset = editor.text.index("destination", editor.text.index(f"service-{(run * 37) % SERVICES} ="))
    seconds, found = editor.ask("textDocument/hover", editor.place(offset + 3))
    assert "destination" in found["contents"]["value"]
    yield seconds


def parameter(editor: Editor, run: int) -> Iterator[float]:
    """Yield the times from keys to the completions of a builder's parameter."""
    offset = editor.text.index("    hosts", editor.text.index(f"service-{(run * 53) % SERVICES} ="))
    yield from completions(editor, offset, "tcp", "tcpRoutes")
    editor.type(offset + len("tcp"), "Routes = [ ];")


def expression(editor: Editor, run: int) -> Iterator[float]:
    """Yield the times from keys to the completions of an expression: every name in scope, all builders and builtins."""
    offset = editor.text.index("seconds}", editor.text.index(f"service-{(run * 71) % SERVICES} ="))
    yield from completions(editor, offset, "sec", "seconds")
    editor.type(offset + len("sec"), "onds + ")


def completions(editor: Editor, offset: int, keys: str, wanted: str) -> Iterator[float]:
    """Type keys one by one at an offset, ask for completions after each, and yield the time of each answer."""
    # the editor was elsewhere for a while: the server has read the whole file since the last key
    editor.ask("textDocument/documentSymbol", {"textDocument": editor.place(0)["textDocument"]})
    for number, key in enumerate(keys):
        editor.type(offset + number, key)
        seconds, found = editor.ask("textDocument/completion", editor.place(offset + number + 1))
        assert any(item["label"] == wanted for item in found["items"])
        yield seconds


def diagnostics(editor: Editor, run: int) -> Iterator[float]:
    """Yield the time from a key to the diagnostics of the whole file; it includes the server's pause for further keys."""
    offset = editor.text.index("seconds}", editor.text.index(f"service-{(run * 91) % SERVICES} ="))
    start = time.perf_counter()
    editor.type(offset, f"unknown-{run} + ")
    yield editor.published(f"'unknown-{run}'") - start


#: What is measured, by the name of its row.
MEASUREMENTS = {
    "hover": hover,
    "completion of a parameter, after a key": parameter,
    "completion of an expression, after a key": expression,
    "diagnostics after a key": diagnostics,
}


def main() -> None:
    """Measure and print a table in Markdown, with the load of the machine."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks.editor")
    options.add_argument("--runs", type=int, default=30)
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        editor = Editor(Path(folder), configuration())
        before = os.getloadavg()[0]
        print(f"{editor.text.count(chr(10)):,} lines, {runs} requests a row; load {before:.1f} before the first.\n")
        print("| language server | median, ms | worst, ms |\n| --- | --- | --- |")
        for name, measure in MEASUREMENTS.items():
            list(measure(editor, runs))  # not counted: the first of a kind loads what it needs
            times = [seconds * 1000 for run in range(runs) for seconds in measure(editor, run)]
            print(f"| {name} | {median(times):.0f} | {max(times):.0f} |", flush=True)
        editor.close()


if __name__ == "__main__":
    main()
