"""The head of HTML pages that load nothing, with a Content-Security-Policy that allows only their own style and script."""

from __future__ import annotations

import base64
import hashlib


def source_hash(text: str) -> str:
    """Return the name of a style or script that a Content-Security-Policy allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def policy_of(style: str, script: str) -> str:
    """Return the policy that allows one style and one script, and nothing else."""
    return f"default-src 'none'; style-src '{source_hash(style)}'; script-src '{source_hash(script)}'"


def page_head(title: str, style: str, script: str) -> str:
    """Return the start of a page up to its body. `title` is escaped already; `script` is what the page ends with."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy_of(style, script)}">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
"""
