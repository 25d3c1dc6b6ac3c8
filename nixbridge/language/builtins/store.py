"""What is copied to a store in Nix: here only the path that it would get. (Nix manual, Built-ins)"""

from __future__ import annotations

import hashlib

from nixbridge.errors.exceptions import EvalError, Refused
from nixbridge.language.builtins.path_argument import expect_path
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.function import call2
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.strings import context_of, without_context
from nixbridge.language.runtime.type_checks import (
    expect_bool,
    expect_function,
    expect_plain_string,
    expect_set,
    expect_string,
)
from nixbridge.language.runtime.values import Value
from nixbridge.language.store.archive import archive_hash
from nixbridge.language.store.copying import stored
from nixbridge.language.store.hash_text import read_hash
from nixbridge.language.store.memory_store import store_of
from nixbridge.language.store.store_path import STORE, fixed_path, source_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host
    from nixbridge.language.store.archive import Filter

_PATH_ARGUMENTS = ("path", "name", "filter", "recursive", "sha256")


@primop("path", host=True)
def path(host: Host, arguments: Value) -> Value:
    """The store path of a file or folder: `{ path, name, filter, recursive, sha256 }`, all but the first optional.

    `filter` is called with each entry's path and type; without `recursive` only a file's contents count, not that it is
    executable; the result must agree with `sha256`. (builtins.path)
    """
    given = expect_set(arguments)
    for name in given:
        if name not in _PATH_ARGUMENTS:
            raise EvalError(f"unsupported argument '{name}' to 'builtins.path'")
    if "path" not in given:
        raise EvalError("missing required 'path' attribute in the first argument to 'builtins.path'")
    where = expect_path(host, given["path"])
    name = expect_plain_string(given["name"]) if "name" in given else ""
    keep = _filter(given["filter"]) if "filter" in given else None
    recursive = expect_bool(given["recursive"]) if "recursive" in given else True
    wanted = _wanted_hash(given["sha256"]) if "sha256" in given else None
    return _added(host, where, name or _base_name(where), keep, recursive, wanted)


@primop("filterSource", host=True)
def filter_source(host: Host, predicate: Value, source: Value) -> Value:
    """The store path of a folder without the entries that `predicate` is false for. (builtins.filterSource)"""
    where = expect_path(host, source)
    return _added(host, where, _base_name(where), _filter(predicate), True, None)


@primop("toFile", host=True)
def to_file(host: Host, name: Value, contents: Value) -> Value:
    """The store path of a file with these contents, which may refer to store paths. (builtins.toFile)"""
    file = expect_plain_string(name)
    text = expect_string(contents)
    for element in sorted(context_of(text)):
        if not element.startswith(STORE):
            shown = element.replace(STORE + "/", "")
            raise EvalError(
                f"files created by builtins.toFile may not reference derivations, but {file} references {shown}"
            )
    return stored(store_of(host).add_text(file, without_context(text), context_of(text)))


@primop("storePath", host=True)
def store_path(host: Host, where: Value) -> Value:
    """Refused: it would say that a path is in the store, and there is none. (builtins.storePath)"""
    text = without_context(to_string(where, host, copy_to_store=False))
    if not text.startswith(STORE + "/"):
        raise EvalError(f"path '{text}' is not in the Nix store")
    raise Refused(f"builtins.storePath is refused: nixbridge has no store in which '{text}' could be")


def _filter(predicate: Value) -> Filter:
    function = expect_function(predicate)
    return lambda where, kind: expect_bool(call2(function, where, kind))


def _wanted_hash(value: Value) -> bytes:
    text = expect_plain_string(value)
    return read_hash(text, "sha256")[1] if text else bytes(32)


def _base_name(where: str) -> str:
    return where.rpartition("/")[2]


def _added(host: Host, where: str, name: str, keep: Filter | None, recursive: bool, wanted: bytes | None) -> str:
    """The store path, with context, of what is at `where`, a link followed. Raises EvalError where `wanted` differs."""
    if not host.path_exists(where):
        raise EvalError(f"path '{where}' does not exist")
    real = host.followed(where)
    found = archive_hash(host, real, keep) if recursive else hashlib.sha256(host.read_bytes(real)).digest()
    made = source_path(name, found) if recursive else fixed_path(name, "sha256", found, recursive=False)
    if wanted is not None and wanted != found:
        raise EvalError(f"store path mismatch in (possibly filtered) path added from '{where}'")
    return stored(made)
