"""Write the tables of the built-in lib (systems and licences) from a checkout of nixpkgs' lib.

    python -m tests.conformance.write_lib_tables LIB

LIB is the folder `lib` of nixpkgs, or that of github.com/nix-community/nixpkgs.lib. The tables in the repository are made from the
latter's revision de42d44212d207476489bce163375d8306a26d59 (14 June 2026).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import nixbridge

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TABLES = ROOT / "nixbridge" / "language" / "nixpkgs" / "data"


def tables(lib: Path) -> dict[str, Any]:
    """Return the tables, by name, for a folder of nixpkgs' lib."""
    program = f"import {HERE / 'lib_tables.nix'} (import {lib.resolve()})"
    made: dict[str, Any] = nixbridge.evaluate(program, allow=[HERE, lib.resolve()])
    return made


def text_of(table: Any) -> str:
    """Return a table as it is written: one entry of its sets a line, so that a change is a line of a diff."""
    entries = []
    for name in sorted(table):
        value = table[name]
        inner = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if isinstance(value, dict) and len(inner) > 1000:
            lines = (
                f"  {json.dumps(key)}: {json.dumps(value[key], ensure_ascii=False, sort_keys=True, separators=(',', ':'))}"
                for key in sorted(value)
            )
            inner = "{\n" + ",\n".join(lines) + "\n}"
        entries.append(f"{json.dumps(name)}: {inner}")
    return "{\n" + ",\n".join(entries) + "\n}\n"


def main() -> None:
    """Write each table to the package."""
    TABLES.mkdir(exist_ok=True)
    for name, table in tables(Path(sys.argv[1])).items():
        (TABLES / f"{name}.json").write_text(text_of(table), encoding="utf-8")


if __name__ == "__main__":
    main()
