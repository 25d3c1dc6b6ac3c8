"""The names that things have in the store: hashes of what they are. (Nix manual, Store path specification)"""

from __future__ import annotations

import hashlib

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.strings import to_bytes
from nixbridge.language.store import base32

STORE = "/nix/store"

_LONGEST_NAME = 211
_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._?=")


def source_path(name: str, archive_hash: bytes) -> str:
    """Where a file or folder goes whose archive has this SHA-256. Raises EvalError for a name that cannot be."""
    return _make("source", archive_hash, name)


def flat_path(name: str, contents_hash: bytes) -> str:
    """Where a single file goes of which only the contents, with this SHA-256, are looked at."""
    inner = hashlib.sha256(f"fixed:out:sha256:{contents_hash.hex()}:".encode()).digest()
    return _make("output:out", inner, name)


def text_path(name: str, text: str, references: list[str]) -> str:
    """Where `builtins.toFile` puts a text that refers to these store paths."""
    kind = ":".join(["text", *sorted(references)])
    return _make(kind, hashlib.sha256(to_bytes(text)).digest(), name)


def _make(kind: str, digest: bytes, name: str) -> str:
    whole = hashlib.sha256(to_bytes(f"{kind}:sha256:{digest.hex()}:{STORE}:{name}")).digest()
    folded = bytearray(20)
    for place, byte in enumerate(whole):
        folded[place % 20] ^= byte
    base = f"{base32.encode(bytes(folded))}-{name}"
    wrong = _wrong_with(name)
    if wrong:
        raise EvalError(f"path '{base}' is not a valid store path: {wrong}")
    return f"{STORE}/{base}"


def _wrong_with(name: str) -> str | None:
    """What forbids `name` as a name in the store; None when nothing does."""
    if not name:
        return "name must not be empty"
    if len(to_bytes(name)) > _LONGEST_NAME:
        return f"name '{name}' must be no longer than {_LONGEST_NAME} characters"
    for dots in (".", ".."):
        if name == dots:
            return f"name '{name}' is not valid"
        if name.startswith(dots + "-"):
            return f"name '{name}' is not valid: first dash-separated component must not be '{dots}'"
    for character in name:
        if character not in _ALLOWED:
            return f"name '{name}' contains illegal character '{character}'"
    return None
