"""The evaluators beside which nixbridge is measured, taken where they are found."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys

from tests.real_nix import real_nix

_NIXEVAL = "import json, nixeval, sys; sys.stdout.write(json.dumps(nixeval.loads(open(sys.argv[1]).read())))"


def nixbridge_command() -> list[str]:
    """The installed command beside this Python, else the module."""
    script = os.path.join(os.path.dirname(sys.executable), "nixbridge")
    return [script] if os.path.exists(script) else [sys.executable, "-m", "nixbridge"]


def commands(file: str) -> dict[str, list[str]]:
    """Evaluator -> the command that prints the JSON of `file`."""
    found = {"nixbridge": [*nixbridge_command(), "eval", file]}
    nix = real_nix()
    if nix is not None:
        found["Nix"] = [nix, "--eval", "--strict", "--json", file]
    if importlib.util.find_spec("nixeval") is not None:
        found["nixeval"] = [sys.executable, "-c", _NIXEVAL, file]
    return found


def versions() -> str:
    """Return what was measured, and on what: one line for the head of the table."""
    parts = [f"Python {platform.python_version()}"]
    nix = real_nix()
    if nix is not None:
        parts.append(
            subprocess.run([nix, "--version"], capture_output=True, text=True, check=True)
            .stdout.split("(")[-1]
            .replace(")", "")
            .strip()
        )
    if shutil.which(sys.executable) and importlib.util.find_spec("nixeval") is not None:
        parts.append(f"nixeval {importlib.metadata.version('nixeval')}")
    parts.append(f"{os.cpu_count()} cores, {platform.machine()}")
    return ", ".join(parts)
