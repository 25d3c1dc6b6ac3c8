"""Store paths: digests of what an object is, with its name. (Nix manual, Store path specification)

A digest is made from a fingerprint, `TYPE:sha256:INNER:/nix/store:NAME`; the functions below differ in TYPE and INNER.
"""

from __future__ import annotations

import hashlib

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.strings import to_bytes
from nixbridge.language.store import base32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

STORE = "/nix/store"
#: The suffix of a store derivation's file.
DERIVATION_SUFFIX = ".drv"

_LONGEST_NAME = 211
_DIGEST_LENGTH = 32
_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._?=")


def source_path(name: str, archive_hash: bytes, references: Iterable[str] = ()) -> str:
    """Return the path of a file or folder whose archive has this SHA-256. Raises EvalError for an invalid name."""
    return _store_path(_with_references("source", references), archive_hash.hex(), name)


def text_path(name: str, data: bytes, references: Iterable[str]) -> str:
    """Return the path of a text (`builtins.toFile`, a derivation's own file) that refers to these store paths."""
    return _store_path(_with_references("text", references), hashlib.sha256(data).hexdigest(), name)


def fixed_path(name: str, algorithm: str, digest: bytes, *, recursive: bool) -> str:
    """Return the path of an object that is known by its hash: of its archive where `recursive`, else of its contents."""
    if recursive and algorithm == "sha256":
        return source_path(name, digest)
    method = "r:" if recursive else ""
    inner = hashlib.sha256(f"fixed:out:{method}{algorithm}:{digest.hex()}:".encode())
    return _store_path("output:out", inner.hexdigest(), name)


def output_path(name: str, output: str, masked_hash: str) -> str:
    """Return the path of an output of the derivation `name`; `masked_hash` is that of the derivation without its output paths."""
    return _store_path(f"output:{output}", masked_hash, output_name(name, output))


def output_name(name: str, output: str) -> str:
    """Return the name part of an output's path: the derivation's own name for `out`."""
    return name if output == "out" else f"{name}-{output}"


def name_fault(name: str) -> str | None:
    """Return why `name` is not valid in a store path, in Nix's words, or None where it is."""
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


def checked_derivation_name(name: str) -> str:
    """Return the name of a derivation. Raises EvalError, in Nix's words, for one that is not valid in a store path."""
    fault = name_fault(name)
    if fault is not None:
        raise EvalError(f"invalid derivation name: {fault}. Please pass a different 'name'.")
    return name


def path_fault(path: str) -> str:
    """Return why `path`, for which `object_path` has nothing, is not a store path, in Nix's words."""
    base = path.removeprefix(STORE + "/").partition("/")[0]
    if not path.startswith(STORE + "/") or not base:
        return f"path '{path}' is not in the Nix store"
    if len(base) <= _DIGEST_LENGTH:
        return f"'{base}' is too short to be a valid store path"
    for character in base[:_DIGEST_LENGTH]:
        if character not in base32.DIGIT_SET:
            return f"store path '{base}' contains illegal base-32 character '{character}'"
    fault = name_fault(base[_DIGEST_LENGTH + 1 :]) or f"a dash is missing after the first {_DIGEST_LENGTH} characters"
    return f"path '{base}' is not a valid store path: {fault}"


def object_path(path: str) -> str | None:
    """Return the store path that `path` is or lies below; None where its first component in the store is not valid."""
    if not path.startswith(STORE + "/"):
        return None
    base = path[len(STORE) + 1 :].partition("/")[0]
    digest, name = base[:_DIGEST_LENGTH], base[_DIGEST_LENGTH + 1 :]
    if len(base) <= _DIGEST_LENGTH or base[_DIGEST_LENGTH] != "-" or not set(digest) <= base32.DIGIT_SET:
        return None
    return f"{STORE}/{base}" if name_fault(name) is None else None


def digest_of(path: str) -> str:
    """Return the digest of a store path: what a reference to it is recognised by."""
    return path[len(STORE) + 1 :][:_DIGEST_LENGTH]


def _with_references(kind: str, references: Iterable[str]) -> str:
    return ":".join([kind, *sorted(references)])


def _store_path(kind: str, inner: str, name: str) -> str:
    fingerprint = hashlib.sha256(to_bytes(f"{kind}:sha256:{inner}:{STORE}:{name}")).digest()
    # 256 bits are folded to 160: byte i is xor-ed into byte i mod 20
    folded = int.from_bytes(fingerprint[:20], "big") ^ int.from_bytes(fingerprint[20:] + bytes(8), "big")
    base = f"{base32.encode(folded.to_bytes(20, 'big'))}-{name}"
    fault = name_fault(name)
    if fault is not None:
        raise EvalError(f"path '{base}' is not a valid store path: {fault}")
    return f"{STORE}/{base}"
