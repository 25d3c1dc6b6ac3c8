"""Rows of fixtures/builtins: an expression, and what real Nix says of it. `python -m tests.builtin_rows` asks again.

A row has `expr` and then `json`, the value, or `error`, the main line of Nix's message. `message` says what nixbridge's
message is where it has better words, `refused` where it refuses what Nix does: these are ours, and kept.
Expressions see the folder `tree` beside the rows as the current one; `$TREE` stands for its path in messages.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "builtins"
TREE = FOLDER / "tree"

Row = dict[str, Any]


def rows_of(path: Path) -> list[Row]:
    """The rows of one file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def ask(nix: str, row: Row) -> Row:
    """The row with Nix's answer."""
    if "refused" in row:
        return row
    ours = {"message": row["message"]} if "message" in row else {}
    options = ["--option", "extra-experimental-features", "flakes", "--eval", "--strict", "--json"]
    done = subprocess.run([nix, *options, "-E", row["expr"]], cwd=TREE, capture_output=True, check=False)
    if done.returncode == 0:
        return {"expr": row["expr"], "json": json.loads(done.stdout), **ours}
    text = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr.decode("utf-8", "replace"))
    message = re.findall(r"^\s*error: (.*)$", text, re.MULTILINE)[-1].strip()
    return {"expr": row["expr"], "error": message.replace(str(TREE), "$TREE"), **ours}


def main(names: list[str]) -> None:
    """Asks for the rows of the named built-ins, or of all."""
    nix = os.environ.get("NIXBRIDGE_NIX", "nix-instantiate")
    for path in sorted(FOLDER.glob("*.jsonl")):
        if not names or path.stem in names:
            answered = [ask(nix, row) for row in rows_of(path)]
            lines = [json.dumps(row, ensure_ascii=False) for row in answered]
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            print(f"{path.stem}: {len(lines)} rows")


if __name__ == "__main__":
    main(sys.argv[1:])
