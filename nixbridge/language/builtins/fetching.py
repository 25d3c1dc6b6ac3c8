"""Sources by hash, from the cache of fetched sources, never from the network. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, Refused
from nixbridge.language.builtins.flake_references import NotAUrl, attributes_of_text
from nixbridge.language.name_order import in_nix_order
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.selection import select
from nixbridge.language.runtime.strings import with_context, without_context
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import expect_plain_string, expect_string
from nixbridge.language.runtime.values import Lazy, Value, type_name
from nixbridge.language.store.hash_text import read_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.builtins.flake_references import Attributes
    from nixbridge.language.evaluation.globals import Services
    from nixbridge.language.machine.host import Host


@primop("fetchurl", services=True)
def fetchurl(services: Services, source: Lazy) -> Value:
    """Return the store path of a file that was fetched before: `{ url, sha256, name ? baseNameOf url }`. (builtins.fetchurl)"""
    url, name, digest = _download_arguments(services, "fetchurl", source)
    path = services.flakes().fetch_file(url, name or url.rstrip("/").rpartition("/")[2], digest)
    return with_context(path, (path,))


@primop("fetchTarball", services=True)
def fetch_tarball(services: Services, source: Lazy) -> Value:
    """Return the store path of what a fetched archive holds: `{ url, sha256, name ? "source" }`. (builtins.fetchTarball)"""
    url, name, digest = _download_arguments(services, "fetchTarball", source)
    path = services.flakes().fetch_archive(url, name or "source", digest)
    return with_context(path, (path,))


@primop("fetchGit", services=True)
def fetch_git(services: Services, source: Lazy) -> Value:
    """Return the metadata of a local Git repository, or of a commit that was fetched before. (builtins.fetchGit)"""
    value = force(source)
    attributes = _tree_attributes(services.host, "fetchGit", value) if isinstance(value, dict) else {}
    if not isinstance(value, dict):
        attributes["url"] = without_context(to_string(value, services.host, copy_to_store=False))
    if "url" not in attributes:
        raise EvalError("input attribute 'url' is missing")
    url = str(attributes["url"])
    attributes["url"] = f"file://{url}" if url.startswith("/") else url
    return services.flakes().fetch_tree({**attributes, "type": "git"}, "fetchGit")


@primop("fetchTree", services=True)
def fetch_tree(services: Services, source: Lazy) -> Value:
    """Return the metadata of a source, given its flake reference as a string or a set. (builtins.fetchTree)"""
    value = force(source)
    if isinstance(value, dict):
        attributes = _tree_attributes(services.host, "fetchTree", value)
        if "type" not in attributes:
            raise EvalError("argument 'type' is missing in call to 'fetchTree'")
        if "dir" in attributes:
            raise EvalError(f"input attribute 'dir' not supported by scheme '{attributes['type']}'")
        if attributes["type"] == "git":
            attributes.setdefault("shallow", True)  # so that commits need not be counted
    else:
        try:
            attributes = attributes_of_text(expect_plain_string(value))
        except NotAUrl:
            raise EvalError(f"'{value}' is not a valid URL") from None
    return services.flakes().fetch_tree(attributes, "fetchTree")


@primop("fetchMercurial", host=True)
def fetch_mercurial(host: Host, source: Lazy) -> Value:
    """Refused: it would run Mercurial. (builtins.fetchMercurial)"""
    value = force(source)
    if isinstance(value, dict):
        value = select(value, "url")
    url = without_context(to_string(value, host, copy_to_store=False))
    raise Refused(
        f"builtins.fetchMercurial of '{url}' is refused: nixbridge uses no network and runs no programs",
        hint="fetch it beforehand and give its folder with -I NAME=DIR",
    )


@primop("getFlake", services=True)
def get_flake(services: Services, reference: Lazy) -> Value:
    """Return a local flake: its outputs, its inputs and the metadata of its source. (builtins.getFlake)"""
    return services.flakes().get_flake(expect_plain_string(reference))


def _download_arguments(services: Services, function: str, source: Lazy) -> tuple[str, str, bytes]:
    """Return URL, name (may be empty) and SHA-256 of a download."""
    value = force(source)
    given = value if isinstance(value, dict) else {"url": value}
    url, name, text = None, "", ""
    for argument in in_nix_order(given):
        match argument:
            case "url":
                url = without_context(expect_string(given["url"]))
            case "name":
                name = expect_plain_string(given["name"])
            case "sha256":
                text = expect_plain_string(given["sha256"])
            case _:
                raise EvalError(f"unsupported argument '{argument}' to '{function}'")
    if url is None:
        raise EvalError("'url' argument required")
    if not text:
        if services.host.pure:
            raise EvalError(f"in pure evaluation mode, '{function}' requires a 'sha256' argument")
        raise Refused(
            f"builtins.{function} of '{url}' is refused: without a sha256 it would have to use the network",
            hint="give its sha256; `nixbridge flake fetch` then gets it once",
        )
    return url, name, read_hash(text, "sha256")[1]


def _tree_attributes(host: Host, function: str, given: dict[str, Lazy]) -> Attributes:
    """Return the attributes of a reference that is given as a set."""
    attributes: Attributes = {}
    for name in in_nix_order(given):
        value = force(given[name])
        if value.__class__ is NixPath or (name == "url" and not isinstance(value, str)):
            value = to_string(value, host, copy_to_store=False)
        if isinstance(value, str):
            attributes[name] = without_context(value)
        elif value.__class__ in (int, bool):
            attributes[name] = value
        elif value is not None:
            raise EvalError(
                f"argument '{name}' to '{function}' is {type_name(value)} while a string, Boolean or integer is expected"
            )
    return attributes
