"""Asks a real Nix for the trees of fixtures/syntax/trees.jsonl: `python -m tests.differential.record_syntax`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.real_nix import real_nix

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "syntax" / "trees.jsonl"
_PLACE = re.compile(r"at «stdin»:(\d+):(\d+)")


def ask(nix: str, expression: str) -> dict[str, Any]:
    """`{"tree": text}`, with `/base` for the folder and `~` for the home folder, or `{"nix_error": message, "at": [line, column]}`."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [nix, "--extra-experimental-features", "pipe-operators", "--parse", "-"],
            cwd=folder,
            input=expression.encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        if done.returncode == 0:
            shown = done.stdout.decode().removesuffix("\n")
            return {"tree": shown.replace(folder, "/base").replace(os.path.expanduser("~/"), "~/")}
    said = done.stderr.decode()
    message = next(line for line in said.splitlines() if line.startswith("error:")).removeprefix("error: ")
    place = _PLACE.search(said, len(message) + 8)
    return {"nix_error": message, "at": [int(number) for number in place.groups()] if place else None}


def main() -> None:
    """Writes the file again."""
    nix = real_nix()
    if nix is None:
        sys.exit("no real Nix: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    cases = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    rows = [{"expr": case["expr"], **ask(nix, case["expr"])} for case in cases]
    FILE.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
