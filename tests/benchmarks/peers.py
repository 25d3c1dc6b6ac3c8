"""The evaluators beside which nixbridge is measured, taken where they are found."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import nixbridge
from tests.benchmarks.process import clean_environment
from tests.real_nix import real_nix

PACKAGE = Path(nixbridge.__file__).parent


def nixbridge_command() -> list[str]:
    """The installed command beside this Python, else the module."""
    script = os.path.join(os.path.dirname(sys.executable), "nixbridge")
    return [script] if os.path.exists(script) else [sys.executable, "-m", "nixbridge"]


def commands(file: str, options: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Return evaluator -> the command that prints the JSON of the attribute `result` of `file`, options as people type them."""
    asked = ["-A", "result", *options, file]
    found = {"nixbridge": [*nixbridge_command(), "eval", "--compact", *asked]}
    other = distribution_python()
    if other is not None:
        found["distribution"] = [other, str(PACKAGE / "cli" / "command.py"), "eval", "--compact", *asked]
    nix = real_nix()
    if nix is not None:
        found["Nix"] = [nix, "--eval", "--strict", "--json", *asked]
    return found


def environments(cache: str) -> dict[str, dict[str, str]]:
    """Return evaluator -> its environment; each Python has a cache of its own."""
    packages = os.pathsep.join([str(PACKAGE.parent), *(path for path in sys.path if path.endswith("site-packages"))])
    return {
        "nixbridge": clean_environment(XDG_CACHE_HOME=os.path.join(cache, "own")),
        "distribution": clean_environment(XDG_CACHE_HOME=os.path.join(cache, "distribution"), PYTHONPATH=packages),
    }


@cache
def distribution_python() -> str | None:
    """Return the distribution's Python of this version, where it is another one: built with profiles (PGO), it is faster."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return None if sys.base_prefix == "/usr" else shutil.which(f"python{version}", path="/usr/bin")


def versions() -> str:
    """Return what was measured, and on what: one line for the head of the table."""
    other = distribution_python()
    parts = [f"Python {platform.python_version()}" + (f" and {other}" if other else "")]
    nix = real_nix()
    if nix is not None:
        parts.append(
            subprocess.run([nix, "--version"], capture_output=True, text=True, check=True)
            .stdout.split("(")[-1]
            .replace(")", "")
            .strip()
        )
    parts.append(f"{os.cpu_count()} cores, {platform.machine()}")
    return ", ".join(parts)
