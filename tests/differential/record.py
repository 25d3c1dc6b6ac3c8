"""Asks a real Nix for the answers of fixtures/language/expressions.jsonl: `python -m tests.differential.record`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.real_nix import real_nix

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "language" / "expressions.jsonl"


def main_line(stderr: str) -> str:
    """The last `error:` of a report of Nix's, which is what it is about."""
    said = [
        line.strip().removeprefix("error:").strip() for line in stderr.splitlines() if line.strip().startswith("error:")
    ]
    return next((line for line in reversed(said) if line), stderr.strip())


def ask(nix: str, expression: str) -> dict[str, Any]:
    """`{"json": value}` or `{"error": message}`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            nix,
            "--eval",
            "--strict",
            "--json",
            "-E",
            f"({expression})" if expression[:1] in "-!" else expression,
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return {"json": json.loads(done.stdout)} if done.returncode == 0 else {"error": main_line(done.stderr)}


def main() -> None:
    """Writes the file anew."""
    nix = real_nix()
    if nix is None:
        sys.exit("no real Nix: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    cases = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    lines = [
        json.dumps({"id": case["id"], "expr": case["expr"], **ask(nix, case["expr"])}, ensure_ascii=False)
        for case in cases
    ]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
