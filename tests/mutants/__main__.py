"""python -m tests.mutants [NAME...]: make each mutant in a copy of the checkout, run its tests, and name those that survive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("mutants.toml")
#: Seconds that the tests of one mutant may take; a mutant that makes them endless is noticed late.
PATIENCE = 600


def mutants() -> dict[str, dict[str, Any]]:
    """Return the table: name -> file, old, new, tests."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def survives(mutant: dict[str, Any], folder: Path) -> bool:
    """Return whether the mutant's tests pass in a copy of the checkout that has the mistake."""
    file = folder / mutant["file"]
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(mutant["old"], mutant["new"]), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant["tests"]]
    # programs that the tests start are the copy's as well
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return False
    finally:
        file.write_text(text, encoding="utf-8")
    return done.returncode == 0


def main(names: list[str]) -> int:
    """Try the mutants with these names, or all; return how many survive."""
    chosen = {name: mutant for name, mutant in mutants().items() if not names or name in names}
    survivors = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "checkout"
        ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, folder, symlinks=True, ignore=ignored)
        for name, mutant in chosen.items():
            alive = survives(mutant, folder)
            survivors += alive
            print(f"{'SURVIVES' if alive else 'noticed '}  {name}", flush=True)
    print(f"{survivors} of {len(chosen)} survive")
    return survivors


if __name__ == "__main__":
    raise SystemExit(min(main(sys.argv[1:]), 1))
