"""What would use the network: all of it is refused. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, Refused
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.selection import select
from nixbridge.language.runtime.strings import without_context
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import expect_plain_string, expect_string
from nixbridge.language.runtime.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from nixbridge.language.evaluation.globals import Services
    from nixbridge.language.machine.host import Host


@primop("fetchurl")
def fetchurl(source: Value) -> Value:
    """Refused: it would download a file. (builtins.fetchurl)"""
    return _refuse("fetchurl", _url_of("fetchurl", source))


@primop("fetchTarball")
def fetch_tarball(source: Value) -> Value:
    """Refused: it would download an archive. (builtins.fetchTarball)"""
    return _refuse("fetchTarball", _url_of("fetchTarball", source))


@primop("fetchGit", host=True)
def fetch_git(host: Host, source: Value) -> Value:
    """Refused: it would run git. (builtins.fetchGit)"""
    return _refuse("fetchGit", _repository(host, source))


@primop("fetchMercurial", host=True)
def fetch_mercurial(host: Host, source: Value) -> Value:
    """Refused: it would run Mercurial. (builtins.fetchMercurial)"""
    return _refuse("fetchMercurial", _repository(host, source))


@primop("getFlake", services=True)
def get_flake(services: Services, reference: Value) -> Value:
    """Return a flake of this machine: its outputs, its inputs and what is known of its source. (builtins.getFlake)"""
    return services.flakes().get_flake(expect_plain_string(reference))


def _url_of(function: str, source: Value) -> str:
    value = force(source)
    if not isinstance(value, dict):
        return without_context(expect_string(value))
    for name in value:
        if name not in ("url", "sha256", "name"):
            raise EvalError(f"unsupported argument '{name}' to '{function}'")
    if "url" not in value:
        raise EvalError("'url' argument required")
    return without_context(expect_string(value["url"]))


def _repository(host: Host, source: Value) -> str:
    value = force(source)
    if isinstance(value, dict):
        value = select(value, "url")
    return without_context(to_string(value, host, copy_to_store=False))


def _refuse(function: str, what: str) -> NoReturn:
    raise Refused(
        f"builtins.{function} of '{what}' is refused: nixbridge uses no network and runs no programs",
        hint="fetch it beforehand and give its folder with -I NAME=DIR",
    )
