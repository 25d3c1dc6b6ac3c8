"""Asks a real Nix for every expectation of the corpus: `python -m tests.conformance.record [PATH...]`.

A new case needs no golden file, a new row no answer: run this, and read what was written. An answer that was recorded as JSON and
is none becomes the value as Nix prints it; a case may ask for `.nix-value` or `.xml` with an empty file, a row with an empty
`value` or `xml`. A .error file that is contained in Nix's message is kept, so that it may be shortened to what matters.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.conformance.cases import (
    FIXTURES,
    OWN_KINDS,
    SUFFIXES,
    Row,
    current_folder,
    goldens,
    row_files,
    rows_of,
    source_files,
)
from tests.differential.answers import main_line
from tests.real_nix import real_nix

#: How an answer of each kind is asked for; the error of a case may be that its value is not JSON.
_OPTIONS = {"json": ["--json"], "value": [], "xml": ["--xml"], "error": ["--json"]}
#: What Nix says where it would read what it put into the store: it writes there only when asked to.
_NOT_IN_STORE = re.compile(r"path '\S+' is not valid$")
_NO_JSON = re.compile("to JSON|JSON serialization")
#: What the parser would have liked instead: nixbridge lists what a person would write.
_WISHES = re.compile(r"^(syntax error, unexpected .*?), expecting .*")
_PLACE = re.compile(r" at («string»|/\S*?):\d+:\d+")


class Said(NamedTuple):
    """Nix's answer: `json`, `value` or `xml` and the text that was printed, or `error` and its main line."""

    kind: str
    text: str


class Nix:
    """`nix-instantiate`, asked for one answer at a time."""

    def __init__(self, command: str) -> None:
        self.command = command

    def ask(self, what: list[str], kind: str, folder: Path) -> Said:
        """The answer of that kind, the value as Nix prints it if it is not JSON, or the error."""
        features = "pipe-operators flakes" if "Flake" in what[-1] or "flake" in what[-1] else "pipe-operators"
        options = ["--option", "extra-experimental-features", features, "--eval", "--strict", *_OPTIONS[kind]]
        said = self.run([*options, *what], kind, folder)
        if said.kind != "error":
            return said
        error = said.text
        if _NOT_IN_STORE.search(error):
            with tempfile.TemporaryDirectory() as store:
                return self.run(["--read-write-mode", *options, *what], kind, folder, store)
        if kind == "json" and _NO_JSON.search(error):
            said = self.ask(what, "value", folder)
            return said if said.kind == "value" else Said("error", error)
        return Said("error", error)

    def run(self, arguments: list[str], kind: str, folder: Path, store: str | None = None) -> Said:
        """Return what Nix says, with a store below the folder `store` where one is given."""
        environment = {"NIX_REMOTE": f"local?root={store}", "NIX_CONFIG": "build-users-group =\nsubstitute = false"}
        done = subprocess.run(
            [self.command, *arguments],
            cwd=folder,
            env={**os.environ, **(environment if store is not None else {})},
            capture_output=True,
            timeout=60,
            check=False,
        )
        if done.returncode == 0:
            return Said("json" if kind == "error" else kind, done.stdout.decode("utf-8", "surrogateescape"))
        return Said("error", main_line(done.stderr.decode("utf-8", "replace")))

    def record_file(self, source: Path) -> None:
        """Writes the golden files of a source."""
        for path in goldens(source) or [source.with_suffix(".json")]:
            kind = SUFFIXES[path.suffix]
            if kind in OWN_KINDS:
                continue
            # as text for XML: a file's own path would be part of the answer
            what = ["-E", source.read_text(encoding="utf-8")] if kind == "xml" else [str(source)]
            said = self.ask(what, kind, source.parent)
            wanted = golden_text(said, path, source.parent)
            if said.kind != kind:
                path.unlink(missing_ok=True)
            suffix = next(suffix for suffix, name in SUFFIXES.items() if name == said.kind)
            source.with_suffix(suffix).write_text(wanted, encoding="utf-8", errors="surrogateescape")

    def record_row(self, row: Row, folder: Path) -> Row:
        """The row with Nix's answer."""
        if "refused" in row:
            return row
        expression = row["expr"]
        # what begins so would be taken for an option
        guarded = f"({expression})" if expression[:1] == "-" else expression
        given = [text for argument in row.get("args", {}).items() for text in ("--arg", *argument)]
        pure = ["--option", "pure-eval", "true"] if "pure" in row else []
        what = [*pure, *(["-A", row["attr"]] if "attr" in row else []), *given, "-E", guarded]
        said = self.ask(what, next((kind for kind in ("value", "xml", "error") if kind in row), "json"), folder)
        text = said.text if said.kind == "xml" else said.text.rstrip("\n").replace(str(folder), "$TREE")
        answer = json.loads(said.text) if said.kind == "json" else _WISHES.sub(r"\1", text)
        # nixbridge's own message stays where it has better words; Nix's is then kept as well
        own = {"error": row["error"]} if "nix_error" in row else {}
        key = "nix_error" if own and said.kind == "error" else said.kind
        return {
            **{key: row[key] for key in ("shows", "expr", "attr", "args", "pure") if key in row},
            key: answer,
            **own,
        }


def golden_text(said: Said, path: Path, folder: Path) -> str:
    """The text that a golden file is to have; `path` is the one that is there."""
    if said.kind == "json":
        return json.dumps(json.loads(said.text), ensure_ascii=False, indent=2) + "\n"
    if said.kind != "error":
        return said.text
    kept = path.read_text(encoding="utf-8").strip() if path.suffix == ".error" else ""
    return (kept if kept and kept in said.text else portable(said.text, folder)) + "\n"


def portable(message: str, folder: Path) -> str:
    """The part of a message that is the same in every checkout."""
    return max(_WISHES.sub(r"\1", _PLACE.split(message)[0]).split(str(folder)), key=len)


def line_of(row: Row) -> str:
    """A row as it stands in its file; bytes that are no UTF-8 are escaped."""
    line = json.dumps(row, ensure_ascii=False)
    return (line if line.isprintable() else json.dumps(row)) + "\n"


def main(names: list[str]) -> None:
    """Records the files and rows at or below the paths, or all."""
    found = real_nix()
    if found is None:
        sys.exit("no real Nix: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    nix = Nix(found)
    wanted = [Path(os.path.abspath(name)) for name in names] or [FIXTURES]
    sources = [path for path in source_files() if any(path.is_relative_to(top) for top in wanted)]
    tables = [path for path in row_files() if any(path.is_relative_to(top) for top in wanted)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(nix.record_file, sources))
        for path in tables:
            rows = rows_of(path)
            folders = [current_folder(path)] * len(rows)
            answered = list(pool.map(nix.record_row, rows, folders))
            path.write_text("".join(map(line_of, answered)), encoding="utf-8")
    print(f"{len(sources)} files and {len(tables)} tables")


if __name__ == "__main__":
    main(sys.argv[1:])
