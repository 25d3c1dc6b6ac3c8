"""`lib`, by name: which file has what, and under which paths it can be reached. Nothing is loaded before it is used.

What configurations use most is in Python (`lists.py`, `strings.py`, `attrsets.py`, `trivial.py`); the rest is in Nix files of
the same names, compiled and cached like any file. What a Kubernetes configuration cannot need is there as
a name, and says what to do when it is used.
"""

from __future__ import annotations

import os
from importlib import import_module

from nixbridge.errors.exceptions import Refused
from nixbridge.language.builtins.registry import builtin
from nixbridge.language.nixpkgs.sub_sets import BUILTINS_IN_LIB, REFUSED, SUB_SETS
from nixbridge.language.runtime.function import call, call2
from nixbridge.language.runtime.primop import as_value, declared_in
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_set
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.evaluation.globals import Services

#: The names in `lib` of each sub-set, with what `Library._member` takes for them.
SHARED = {name: [(shared, (name, shared)) for shared in sub_set.shared] for name, sub_set in SUB_SETS.items()}


class Library:
    """`lib` for one evaluation: the set and its Nix files, each loaded once. `load_nix` gives the value of a Nix text with a name."""

    def __init__(
        self, services: Services, load_nix: Callable[[str, str], Value], overlays: tuple[Lazy, ...] = ()
    ) -> None:
        self._services = services
        self._load_nix = load_nix
        self._overlays = overlays
        self._nix_files: dict[str, dict[str, Lazy]] = {}
        self.lib: dict[str, Lazy] = {}
        self._fill()
        for overlay in overlays:
            # the files below see the changed lib, so that a submodule's `lib` has what an overlay added
            self.lib = {**self.lib, **expect_set(call2(overlay, Thunk(lambda: self.lib), self.lib))}
        #: What the Nix files see: lib, and, as `lib.internal.modules` and so on, all that their neighbours define.
        internal: dict[str, Lazy] = {name: Thunk(self._nix_file, name) for name in SUB_SETS}
        internal["tables"] = {name: Thunk(_table, name) for name in TABLES}
        self._lib_for_files = self.lib | {"internal": internal}

    def _fill(self) -> None:
        # hundreds of thunks in each evaluation: no method and no argument is an object of its own for each
        lib, of_sub_set, of_member, of_builtin = self.lib, self.sub_set, self._member, self._builtin
        for name, sub_set in SUB_SETS.items():
            if not sub_set.internal:
                lib[name] = Thunk(of_sub_set, name)
            for shared, place in SHARED[name]:
                lib[shared] = Thunk(of_member, place)
        for name in BUILTINS_IN_LIB:
            lib[name] = Thunk(of_builtin, name)
        for name in REFUSED:
            lib[name] = Thunk(_refuse, name)
        lib["extend"] = Thunk(self._extend)
        lib["evalOptionValue"] = Thunk(self._member, ("modules", "evalOptionValue"))

    def sub_set(self, name: str) -> dict[str, Lazy]:
        """`lib.strings` and so on, each attribute loaded when it is asked for."""
        sub_set = SUB_SETS[name]
        attrs: dict[str, Lazy] = {member: Thunk(self._member, (name, member)) for member in sub_set.names}
        for member in sub_set.builtins:
            attrs[member] = Thunk(self._builtin, member)
        return attrs

    def _member(self, what: tuple[str, str]) -> Lazy:
        sub_set, name = what
        if name in SUB_SETS[sub_set].same_as_builtin:
            return builtin(name, self._services)
        if name in SUB_SETS[sub_set].python:
            run, needs = declared_in(import_module(SUB_SETS[sub_set].module))[name]
            return as_value(name, run, self._services, needs)
        return force(self._nix_file(sub_set)[name])

    def _nix_file(self, sub_set: str) -> dict[str, Lazy]:
        if sub_set not in self._nix_files:
            file = SUB_SETS[sub_set].file or sub_set
            with open(os.path.join(FOLDER, f"{file}.nix"), encoding="utf-8") as source:
                function = self._load_nix(source.read(), f"{FOLDER}/{file}.nix")
            self._nix_files[sub_set] = expect_set(call(function, self._lib_for_files))
        return self._nix_files[sub_set]

    def _builtin(self, name: str) -> Lazy:
        return builtin(name, self._services)

    def _extend(self) -> Value:
        """Return `lib.extend`: a function from an overlay to a lib with its changes."""
        return lambda overlay: Library(self._services, self._load_nix, (*self._overlays, overlay)).lib


FOLDER = os.path.dirname(os.path.abspath(__file__))

#: Data of nixpkgs' lib, made by tests/conformance/write_lib_tables.py; Nix files read it as `lib.internal.tables.NAME`.
TABLES = ("licenses", "systems")


def _table(name: str) -> Value:
    from nixbridge.language.builtins.json_text import read_json

    with open(os.path.join(FOLDER, "data", f"{name}.json"), encoding="utf-8") as file:
        return read_json(file.read())


def _refuse(name: str) -> Value:
    raise Refused(
        f"lib.{name} is not part of the built-in lib: it needs {REFUSED[name]}",
        hint="use the real one: -I nixpkgs=DIR with `import <nixpkgs/lib>`, or --lib DIR with nixpkgs' lib folder",
    )
