"""Random regular expressions give under nixbridge what they give under a real Nix."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from nixbridge import evaluate
from tests.differential.patterns import Patterns
from tests.real_nix import real_nix

#: Patterns a seed: one process of Nix.
PATTERNS = 2000

# As hashes: a lone surrogate, which a group may well be, has no place in JSON.
TEXT = 'map (case: builtins.hashString "md5" (builtins.toXML case)) [\n{cases}\n]'


def literal(text: str) -> str:
    """A string in Nix's syntax."""
    return '"' + text.replace("\\", "\\\\").replace("$", "\\$").replace('"', '\\"') + '"'


@pytest.mark.parametrize("seed", [1, 2])
def test_regular_expressions_match_as_in_nix(seed: int, tmp_path: Path) -> None:
    nix = real_nix()
    if nix is None:
        pytest.skip("no real Nix was found: set NIXBRIDGE_NIX or put nix-instantiate on the PATH")
    patterns = Patterns(seed)
    cases = [
        f"(builtins.{kind} {literal(pattern)} {literal(text)})"
        for kind, pattern, text in (patterns.case() for _ in range(PATTERNS))
    ]
    file = tmp_path / "patterns.nix"
    file.write_text(TEXT.format(cases="\n".join(cases)), encoding="utf-8")
    command = [nix, "--eval", "--strict", "--json", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    wanted, got = json.loads(done.stdout), evaluate(file.read_text(encoding="utf-8"))
    assert [case for case, a, b in zip(cases, wanted, got, strict=True) if a != b] == []
