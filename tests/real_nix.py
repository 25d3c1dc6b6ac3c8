"""A real Nix to compare with, where there is one."""

from __future__ import annotations

import os
import shutil


def real_nix() -> str | None:
    """The path of nix-instantiate: what NIXBRIDGE_NIX names, else what is on the PATH; None where there is none."""
    return shutil.which(os.environ.get("NIXBRIDGE_NIX") or "nix-instantiate")
