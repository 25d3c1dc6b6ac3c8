"""Hashes of strings and files, and their notations. (Nix manual, Built-ins)"""

from __future__ import annotations

import hashlib

from nixbridge.language.builtins.path_argument import expect_path
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.selection import select
from nixbridge.language.runtime.strings import to_bytes, without_stand_ins
from nixbridge.language.runtime.type_checks import expect_plain_string, expect_set, expect_string
from nixbridge.language.runtime.values import Lazy, Value
from nixbridge.language.store import base32
from nixbridge.language.store.hash_text import check_algorithm, check_format, read_hash, write_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host


@primop("hashString")
def hash_string(algorithm: Lazy, text: Lazy) -> Value:
    """Return the hash of a string in base 16, its context ignored. (builtins.hashString)

    `algorithm` is md5, sha1, sha256 or sha512; anything else is an EvalError.
    """
    name = check_algorithm(expect_plain_string(algorithm))
    return hashlib.new(name, to_bytes(without_stand_ins(expect_string(text))), usedforsecurity=False).hexdigest()


@primop("hashFile", host=True)
def hash_file(host: Host, algorithm: Lazy, path: Lazy) -> Value:
    """Return the hash of a file's contents in base 16; the file must be below an allowed folder. (builtins.hashFile)"""
    name = check_algorithm(expect_plain_string(algorithm))
    return hashlib.new(name, host.files.read_bytes(expect_path(host, path)), usedforsecurity=False).hexdigest()


@primop("convertHash")
def convert_hash(arguments: Lazy) -> Value:
    """Return a hash in another notation: `{ hash, toHashFormat, hashAlgo }`, the last only where `hash` does not tell it.

    Formats: base16, nix32 (also called base32), base64, sri. (builtins.convertHash)
    """
    given = expect_set(arguments)
    text = expect_plain_string(select(given, "hash"))
    algorithm = check_algorithm(expect_plain_string(given["hashAlgo"])) if "hashAlgo" in given else None
    form = check_format(expect_plain_string(select(given, "toHashFormat")))
    return write_hash(*read_hash(text, algorithm), form)


@primop("placeholder")
def placeholder(output: Lazy) -> Value:
    """Return the placeholder of an output's path while its derivation is being written. (builtins.placeholder)"""
    clear = f"nix-output:{expect_plain_string(output)}"
    return "/" + base32.encode(hashlib.sha256(to_bytes(clear)).digest())
