"""The cases of fixtures/language, fixtures/builtins and fixtures/formats.

A case is a file X.nix with its expected result next to it: X.json, X.nix-value (as Nix prints it), X.xml or X.yaml, or X.error, a part of
the error's message. Or it is a row of a .jsonl file: `shows` is its subject, `expr` the expression, and `json`, `value` (as Nix
prints it), `xml` or `error` (the first line of the message) the result. `nix_error` is Nix's message where nixbridge's own is
clearer, and `refused` marks what nixbridge refuses although Nix has a value. `attr` and `args` are those of `-A` and `--arg`;
`pure` is Nix's pure evaluation. The current folder of a row is `tree` next to its file, if there is one; `$TREE` is its path in messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FOLDERS = (FIXTURES / "language", FIXTURES / "builtins", FIXTURES / "formats")

#: A test's name has at most so many characters.
LONGEST_NAME = 120
#: The golden file's suffix, and what it is called in a row.
SUFFIXES = {".json": "json", ".nix-value": "value", ".xml": "xml", ".yaml": "yaml", ".error": "error"}
#: Kinds that real Nix cannot record.
OWN_KINDS = ("yaml",)

Row = dict[str, Any]


def source_files() -> list[Path]:
    """Every X.nix that is a case: those of a folder `tree` are not."""
    return sorted(path for folder in FOLDERS for path in folder.rglob("*.nix") if "tree" not in path.parts)


def goldens(source: Path) -> list[Path]:
    """Return the golden files next to a source."""
    return [path for suffix in SUFFIXES if (path := source.with_name(source.stem + suffix)).exists()]


def row_files() -> list[Path]:
    """Every .jsonl file of rows."""
    return sorted(path for folder in FOLDERS for path in folder.rglob("*.jsonl"))


def rows_of(path: Path) -> list[Row]:
    """The rows of one file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def current_folder(path: Path) -> Path:
    """The current folder of the expressions of a .jsonl file."""
    tree = path.parent / "tree"
    return tree if tree.is_dir() else path.parent


def named_rows() -> Iterator[tuple[str, Path, Row]]:
    """Each row with a name for it."""
    for path in row_files():
        for row in rows_of(path):
            about = f"{path.relative_to(FIXTURES).with_suffix('')}: {row.get('shows') or row['expr']}"
            yield about[:LONGEST_NAME], path, row
