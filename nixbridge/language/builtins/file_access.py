"""Files below the allowed folders, the search path, imports. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.builtins.path_argument import expect_path, path_as_written
from nixbridge.language.machine import search_path
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.path import NixPath, canonical
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.selection import select
from nixbridge.language.runtime.strings import with_context, without_context
from nixbridge.language.runtime.type_checks import expect_list, expect_plain_string, expect_set
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.evaluation.globals import Services
    from nixbridge.language.machine.host import Host


@primop("readFile", host=True)
def read_file(host: Host, path: Lazy) -> Value:
    """Return the contents of a file as a string; a null byte in it is an error. (builtins.readFile)"""
    name = expect_path(host, path)
    text = host.files.read_text(name)
    if "\0" in text:
        raise EvalError(f"the contents of the file '{name}' cannot be represented as a Nix string")
    if host.files.is_mounted(name):
        return with_context(text, host.store.references_in(name, text))
    return text


@primop("readDir", host=True)
def read_dir(host: Host, path: Lazy) -> Value:
    """Return the entries of a folder: name to regular, directory, symlink or unknown. (builtins.readDir)"""
    return {**host.files.list_dir(expect_path(host, path))}


@primop("readFileType", host=True)
def read_file_type(host: Host, path: Lazy) -> Value:
    """regular, directory, symlink or unknown; links are not followed, also not on the way. (builtins.readFileType)"""
    name = expect_path(host, path)
    link = host.files.first_link(name)
    if link is not None:
        raise EvalError(f"path '{link}' is a symlink")
    return host.files.file_type(name)


@primop("pathExists", host=True)
def path_exists(host: Host, path: Lazy) -> Value:
    """Return whether there is a file, folder or link. With `/` or `/.` at the end: a folder. (builtins.pathExists)"""
    written = path_as_written(host, path)
    name = canonical(written)
    if not written.endswith(("/", "/.")):
        return host.files.path_exists(name)
    return host.files.leads_to_a_file(name) and host.files.is_folder(name)


@primop("findFile", host=True)
def find_file(host: Host, entries: Lazy, name: Lazy) -> Value:
    """Return the path that `<name>` means, given a list of `{ path, prefix ? "" }`. (builtins.findFile)

    Raises an error that tryEval catches when there is none.
    """
    pairs: list[tuple[str, str]] = []
    for entry in expect_list(entries):
        attrs = expect_set(entry)
        prefix = expect_plain_string(attrs["prefix"]) if "prefix" in attrs else ""
        path = to_string(select(attrs, "path"), host, copy_to_store=False)
        pairs.append((prefix, without_context(path)))
    return NixPath(search_path.find_file(host.files, pairs, expect_plain_string(name)))


@primop("import", services=True)
def import_(services: Services, path: Lazy) -> Value:
    """Return the value of a file, or of the `default.nix` in a folder; a file is evaluated once. (builtins.import)"""
    file = expect_path(services.host, path)
    if file.endswith(".drv") and services.host.files.is_mounted(file):
        from nixbridge.language.builtins.derivation_strict import imported_derivation

        return imported_derivation(services, file)
    return services.import_file(file)


@primop("scopedImport", services=True)
def scoped_import(services: Services, scope: Lazy, path: Lazy) -> Value:
    """Return the value of a file that sees the attributes of `scope` as names, first of all. (builtins.scopedImport)"""
    name = expect_path(services.host, path)
    return services.scoped_import(expect_set(scope), name)


@primop("getEnv", host=True)
def get_env(host: Host, name: Lazy) -> Value:
    """Return an environment variable, where the user allowed it (--allow-env); else `""`. (builtins.getEnv)"""
    return host.environment(expect_plain_string(name))
