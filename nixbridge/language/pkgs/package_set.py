"""`pkgs` for a system: the Nix files of this package, with the few functions that they need from Python."""

from __future__ import annotations

import os

from nixbridge.language.pkgs.pkgs_derivation import recorded, stand_in
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.function import call, call2
from nixbridge.language.runtime.primop import as_value, primop
from nixbridge.language.runtime.thunk import Thunk
from nixbridge.language.runtime.type_checks import expect_set
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.evaluation.globals import Services

FOLDER = os.path.dirname(os.path.abspath(__file__))

#: Nix files that each take `{ lib, pkgs, native, ... }` and give attributes of pkgs.
FILES = ("stdenv", "trivial-builders", "shells", "fetchers", "formats", "substitute", "writers", "customisation")

#: The system that is meant where none is given: what is written does not depend on it, and no answer on the machine.
DEFAULT_SYSTEM = "x86_64-linux"


@primop("open")
def open_set(function: Lazy, attrs: Lazy) -> Value:
    """Return the set as an open one: for a missing name, selection and `with` call `function name`."""
    return AttrSet(expect_set(attrs), absent=lambda name: Thunk(lambda: call(function, name)))


class PackageSets:
    """The built-in nixpkgs of one evaluation. `load_nix` gives the value of a Nix text with a name, `lib` gives nixpkgs' `lib`."""

    def __init__(self, services: Services, load_nix: Callable[[str, str], Value], lib: Callable[[], Value]) -> None:
        self._services = services
        self._load_nix = load_nix
        self._lib = lib
        self._make: Value = None

    def nixpkgs(self, arguments: Lazy) -> Value:
        """Return the value of `import <nixpkgs> { system, config, overlays, ... }`."""
        if self._make is None:
            native: dict[str, Lazy] = {
                "open": as_value("open", open_set),
                "recorded": as_value("recorded", recorded, self._services, "host"),
                "standIn": as_value("standIn", stand_in, self._services, "host"),
                "files": [Thunk(self._file, name) for name in FILES],
                "defaultSystem": self._services.host.system or DEFAULT_SYSTEM,
            }
            self._make = call2(self._file("package-set"), Thunk(self._lib), native)
        return call(self._make, arguments)

    def _file(self, name: str) -> Value:
        path = f"{FOLDER}/{name}.nix"
        with open(path, encoding="utf-8") as source:
            return self._load_nix(source.read(), path)
