"""Hashes as text: SRI, `sha256:...`, base 16, Nix's base 32, base 64. (Nix manual, builtins.convertHash)"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.store import base32

#: Algorithm -> bytes of its hashes. Nix also knows `blake3`, as an experimental feature, which is switched off.
SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}

_FORMATS = ("base16", "nix32", "base32", "base64", "sri")
_BASE64_DIGITS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def experimental_feature(name: str, reason: str = "") -> EvalError:
    """Return Nix's error for what needs an experimental feature, all of which are switched off. `reason` says what does."""
    because = f" ({reason})" if reason else ""
    return EvalError(
        f"experimental Nix feature '{name}' is disabled{because}; add '--extra-experimental-features {name}' to enable it"
    )


def check_algorithm(name: str) -> str:
    """Return `name`. Raises EvalError where Nix has no such hash algorithm."""
    if name in SIZES:
        return name
    if name == "blake3":
        raise experimental_feature("blake3-hashes")
    raise EvalError(f"unknown hash algorithm '{name}', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'")


def check_format(name: str) -> str:
    """Return `name`. Raises EvalError where it is not a notation of hashes."""
    if name not in _FORMATS:
        raise EvalError(f"unknown hash format '{name}', expect 'base16', 'base32', 'base64', or 'sri'")
    return name


def read_hash(text: str, algorithm: str | None) -> tuple[str, bytes]:
    """Return the algorithm and the bytes of a hash in any notation, which is known by its length.

    `algorithm` is the one that it must have, None where the text tells it. Raises EvalError for anything else.
    """
    prefix, separator, rest = text.partition(":")
    if not separator:
        prefix, separator, rest = text.partition("-")
    if not separator:
        if algorithm is None:
            raise EvalError(f"hash '{text}' does not include a type, nor is the type otherwise known from context")
        return algorithm, _decode(text, algorithm)
    named = check_algorithm(prefix)
    if algorithm is not None and algorithm != named:
        raise EvalError(f"hash '{text}' should have type '{algorithm}'")
    return named, _decode_base64(rest, named, "SRI") if separator == "-" else _decode(rest, named)


def write_hash(algorithm: str, digest: bytes, form: str) -> str:
    """Return the hash in a notation; only SRI has the algorithm in it."""
    if form == "base16":
        return digest.hex()
    if form in ("nix32", "base32"):
        return base32.encode(digest)
    text = b2a_base64(digest, newline=False).decode("ascii")
    return f"{algorithm}-{text}" if form == "sri" else text


def _decode(text: str, algorithm: str) -> bytes:
    size = SIZES[algorithm]
    if len(text) == 2 * size:
        return _checked("base16", text, _from_hex(text), size)
    if len(text) == base32.length(size):
        return _checked("nix32", text, _from_base32(text), size)
    if len(text) == (size + 2) // 3 * 4:
        return _decode_base64(text, algorithm, "Base64")
    raise EvalError(f"hash '{text}' has wrong length for hash algorithm '{algorithm}'")


def _decode_base64(text: str, algorithm: str, form: str) -> bytes:
    return _checked(form, text, _from_base64(text), SIZES[algorithm])


def _checked(form: str, text: str, digest: bytes, size: int) -> bytes:
    if len(digest) != size:
        raise EvalError(f"invalid {form} hash '{text}', length {len(digest)} != expected length {size}")
    return digest


# A text with a character that is not a digit counts as no bytes at all, as in Nix's messages.


def _from_hex(text: str) -> bytes:
    try:
        # `fromhex` would skip blanks
        return b"" if not text.isalnum() else bytes.fromhex(text)
    except ValueError:
        return b""


def _from_base32(text: str) -> bytes:
    try:
        return base32.decode(text)
    except ValueError:
        return b""


def _from_base64(text: str) -> bytes:
    """Return the bytes; line ends are skipped, the padding may be missing, what follows it is ignored."""
    digits = text.replace("\n", "").partition("=")[0]
    if not _BASE64_DIGITS.issuperset(digits):
        return b""
    return a2b_base64(digits + "A" * (-len(digits) % 4))[: len(digits) * 6 // 8]
