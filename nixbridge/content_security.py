"""The Content-Security-Policy of pages that load nothing: only their own style and script apply."""

from __future__ import annotations

import base64
import hashlib


def source_hash(text: str) -> str:
    """Return the name of a style or script that a Content-Security-Policy allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def policy_of(style: str, script: str) -> str:
    """Return the policy that allows one style and one script, and nothing else."""
    return f"default-src 'none'; style-src '{source_hash(style)}'; script-src '{source_hash(script)}'"
