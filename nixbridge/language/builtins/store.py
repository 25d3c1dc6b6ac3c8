"""Files and texts in the store: the paths that Nix would give them. Nothing is written. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.builtins.path_argument import absolute_path, path_argument
from nixbridge.language.name_order import in_nix_order
from nixbridge.language.runtime.function import call2
from nixbridge.language.runtime.path import canonical
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.strings import context_of, in_order, with_context, without_context
from nixbridge.language.runtime.type_checks import (
    expect_bool,
    expect_function,
    expect_plain_string,
    expect_set,
    expect_string,
)
from nixbridge.language.runtime.values import Lazy, Value
from nixbridge.language.store.hash_text import read_hash
from nixbridge.language.store.store_path import STORE, fixed_path, object_path, path_fault, source_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host
    from nixbridge.language.store.archive import Filter


@primop("path", host=True)
def path(host: Host, arguments: Lazy) -> Value:
    """Return the store path of a file or folder: `{ path, name, filter, recursive, sha256 }`, all but the first optional.

    `filter` is called with each entry's path and type; without `recursive` only a file's contents count, not that it is
    executable; the result must agree with `sha256`. (builtins.path)
    """
    given = expect_set(arguments)
    source, name, keep, recursive, wanted = None, "", None, True, None
    for argument in in_nix_order(given):
        value = given[argument]
        match argument:
            case "path":
                source = path_argument(host, value)
            case "name":
                name = expect_plain_string(value)
            case "filter":
                keep = _filter(value)
            case "recursive":
                recursive = expect_bool(value)
            case "sha256":
                wanted = _wanted_hash(value)
            case _:
                raise EvalError(f"unsupported argument '{argument}' to 'builtins.path'")
    if source is None:
        raise EvalError("missing required 'path' attribute in the first argument to 'builtins.path'")
    where, context = source
    return _added(host, canonical(where), context, name, keep, recursive, wanted)


@primop("filterSource", host=True)
def filter_source(host: Host, predicate: Lazy, source: Lazy) -> Value:
    """Return the store path of a folder without the entries that `predicate` is false for. (builtins.filterSource)"""
    where, context = path_argument(host, source)
    return _added(host, canonical(where), context, "", _filter(predicate), True, None)


@primop("toFile", host=True)
def to_file(host: Host, name: Lazy, contents: Lazy) -> Value:
    """Return the store path of a file with these contents, which may refer to store paths. (builtins.toFile)"""
    file = expect_plain_string(name)
    text = expect_string(contents)
    for element in in_order(context_of(text)):
        if not element.startswith(STORE):
            shown = element.replace(STORE + "/", "")
            raise EvalError(
                f"files created by builtins.toFile may not reference derivations, but {file} references {shown}"
            )
    return _with_itself(host.store.add_text(file, without_context(text), context_of(text)))


@primop("storePath", host=True)
def store_path(host: Host, where: Lazy) -> Value:
    """Return the path, which is in the store already, with its store path as context. (builtins.storePath)

    Whether the store has it is not asked: there is none to ask.
    """
    if host.pure:
        raise EvalError("'builtins.storePath' is not allowed in pure evaluation mode")
    written = absolute_path(host, where)
    path = canonical(written)
    if not path.startswith(STORE + "/") and host.files.may_read(path):
        path = host.files.follow(path)  # a link such as ./result
    top = object_path(path)
    if top is None:
        raise EvalError(path_fault(path))
    return with_context(path, {*context_of(written), top})


def _filter(predicate: Lazy) -> Filter:
    function = expect_function(predicate)
    return lambda where, kind: expect_bool(call2(function, where, kind))


def _wanted_hash(value: Lazy) -> bytes:
    text = expect_plain_string(value)
    return read_hash(text, "sha256")[1] if text else bytes(32)


def _added(
    host: Host,
    where: str,
    context: frozenset[str],
    name: str,
    keep: Filter | None,
    recursive: bool,
    wanted: bytes | None,
) -> str:
    """Return the store path, with context, of what is at `where`, a link followed. Raises EvalError where `wanted` differs."""
    if not host.files.path_exists(where):
        raise EvalError(f"path '{where}' does not exist")
    name = name or where.rpartition("/")[2]
    path = host.files.follow(where)
    # what is copied from the store keeps its references, if the argument tells that it comes from there
    references = host.store.references_of(path) if context else []
    if recursive:
        made = host.store.add_source(name, path, keep, references)
    elif references:
        raise EvalError(f"fixed output derivation '{name}' is not allowed to refer to other store paths.")
    else:
        made = host.store.add_contents(name, path)
    if wanted is not None:
        expected = (
            source_path(name, wanted, references) if recursive else fixed_path(name, "sha256", wanted, recursive=False)
        )
        if made != expected:
            raise EvalError(f"store path mismatch in (possibly filtered) path added from '{where}'")
    return _with_itself(made)


def _with_itself(path: str) -> str:
    """Return a store path as a string that has it as its context."""
    return with_context(path, (path,))
