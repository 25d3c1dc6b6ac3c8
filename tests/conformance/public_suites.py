"""The public test suites of Nix's language and of nixpkgs' lib, as cases to run here.

They are not in this repository. `NIXBRIDGE_SUITES` names a folder with `nix`, a checkout of github.com/NixOS/nix, and `nixpkgs`,
one of github.com/NixOS/nixpkgs or of github.com/nix-community/nixpkgs.lib; either may be missing. PINNED are the commits whose
cases were all accounted for; what is out of scope is listed with its reason in fixtures/public_suites.jsonl.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import NamedTuple

PINNED = {
    "nix": "88b09c64fbea076a0376830d98e5331f70ed31a3",
    "nixpkgs": "de42d44212d207476489bce163375d8306a26d59",
}
REASONS = Path(__file__).parent.parent.parent / "fixtures" / "public_suites.jsonl"


def suite_folder(name: str) -> Path | None:
    """Return the folder of a suite, or None where there is none."""
    base = os.environ.get("NIXBRIDGE_SUITES")
    folder = Path(base) / name if base else None
    return folder if folder is not None and folder.is_dir() else None


def reasons(suite: str) -> dict[str, str]:
    """Return case -> why it is out of scope."""
    rows = [json.loads(line) for line in REASONS.read_text(encoding="utf-8").splitlines()]
    return {row["case"]: row["reason"] for row in rows if row["suite"] == suite}


class LanguageCase(NamedTuple):
    """A case of tests/functional/lang: a program, its flags, and the value or the last line of the error that is right."""

    name: str
    path: Path
    flags: list[str]
    value: str | None
    error: str | None


def language_cases(folder: Path) -> list[LanguageCase]:
    """The cases that evaluate: `eval-okay-*` with their printed values, `eval-fail-*` with their errors."""
    cases = []
    for path in sorted(folder.glob("eval-*.nix")):
        value, error = path.with_suffix(".exp"), path.with_suffix(".err.exp")
        flags = path.with_suffix(".flags")
        given = shlex.split(flags.read_text(encoding="utf-8"), comments=True) if flags.exists() else []
        if path.name.startswith("eval-fail-"):
            wanted = last_error(error.read_text(encoding="utf-8", errors="surrogateescape")) if error.exists() else ""
            cases.append(LanguageCase(path.stem, path, given, None, wanted))
        elif value.exists():
            text = value.read_text(encoding="utf-8", errors="surrogateescape")
            cases.append(LanguageCase(path.stem, path, given, text, None))
    return cases


def last_error(text: str) -> str:
    """Return the first line of the error that ended an evaluation: the last one of Nix's trace."""
    return [line.partition("error:")[2].strip() for line in text.splitlines() if "error:" in line][-1]


class ModuleCase(NamedTuple):
    """A case of nixpkgs' lib/tests/modules.sh: an attribute of the evaluated modules, and what must be found in the output."""

    name: str
    fails: bool
    pattern: str
    attribute: str
    modules: str


#: Prints what a check of modules.sh is given, each part with a null character at its end.
_PRINT = r"""
checkConfigOutput() { printf 'output\0%s\0%s\0%s\0' "$1" "$2" "${*:3}"; }
checkConfigError() { printf "${ABORT_ON_WARN:+abort-on-warn-}error"'\0%s\0%s\0%s\0' "$1" "$2" "${*:3}"; }
checkExpression() { :; }
evalConfig() { :; }
"""


def module_cases(folder: Path) -> list[ModuleCase]:
    """The checks of modules.sh, read by the shell that it was written for."""
    lines = (folder / "modules.sh").read_text(encoding="utf-8").splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith("check") and "()" not in line)
    script = _PRINT + "\n".join(lines[first:]).partition("cat <<EOF")[0]
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder / "modules", capture_output=True, text=True, timeout=60, check=True
    )
    parts = done.stdout.split("\0")[:-1]
    rows = zip(parts[0::4], parts[1::4], parts[2::4], parts[3::4], strict=True)
    return [
        ModuleCase(f"{number}: {attribute} {modules}", kind == "error", pattern, attribute, modules)
        for number, (kind, pattern, attribute, modules) in enumerate(rows)
        if not kind.startswith("abort-on-warn")  # an option that nixbridge does not have
    ]
