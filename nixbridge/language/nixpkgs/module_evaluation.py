"""`evalModules` of nixpkgs' lib/modules.nix in Python. See `module_definitions`.

What is asked for once in a configuration, if at all (the graph of modules, the type, functions that extend the configuration, the
documentation of internal options), is left to the Nix code, which makes it when it is asked for.
"""

from __future__ import annotations

from nixbridge.errors.exceptions import WithoutNatives
from nixbridge.language.builtins.attrsets import like
from nixbridge.language.nixpkgs.attrsets import recursive_update, set_attr_by_path
from nixbridge.language.nixpkgs.module_collection import Collector
from nixbridge.language.nixpkgs.module_definitions import list_of, member, push_down, set_of
from nixbridge.language.nixpkgs.module_merge import MergedModules
from nixbridge.language.runtime.function import call, call2
from nixbridge.language.runtime.thunk import Thunk, force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.language.nixpkgs.module_definitions import Attributes
    from nixbridge.language.runtime.values import Lazy, Value

#: The file and the key of the module that every evaluation has of itself, and the set that its options are in.
INTERNAL_FILE = "lib/modules.nix"
INTERNAL = "_module"


#: The arguments of an evaluation that is left to the Nix code altogether.
NO_MODULES: Attributes = {"modules": []}


class InternalOptions:
    """The options that each evaluation has of itself: their types, which are the same ones every time, and their documentation."""

    __slots__ = ("arguments", "evaluate", "freeform", "types")

    def __init__(self, types: Value, evaluate: Lazy) -> None:
        self.types, self.evaluate = types, evaluate
        self.arguments = Thunk(self._applied, ("lazyAttrsOf", "raw"))
        self.freeform = Thunk(self._applied, ("nullOr", "optionType"))

    def _applied(self, names: tuple[str, str]) -> Value:
        outer, inner = names
        return call(self.type_(outer), self.type_(inner))

    def type_(self, name: str) -> Lazy:
        """Return a type of lib, or a function that gives one."""
        type_: Lazy = member(set_of(self.types), name)
        return type_

    def description(self, name: str) -> Lazy:
        """Return the documentation of an option: an evaluation without modules has it."""
        evaluated = set_of(call(self.evaluate, NO_MODULES))
        internal = set_of(member(set_of(member(evaluated, "options")), INTERNAL))
        description: Lazy = member(set_of(member(internal, name)), "description")
        return description


class Configuration:
    """The configuration that modules make. `lib` and `import_` are what modules are loaded with, `original` is the Nix code."""

    __slots__ = (
        "_arguments",
        "_config",
        "_given",
        "_import",
        "_internal",
        "_merged",
        "_original",
        "_prefix",
        "_special",
    )

    def __init__(
        self, given: Attributes, lib: Lazy, internal: InternalOptions, import_: Lazy, original: Callable[[], Value]
    ) -> None:
        self._given, self._internal, self._import = given, internal, import_
        self._original = Thunk(original)
        self._prefix: Lazy = given.get("prefix", [])
        self._special: Lazy = given.get("specialArgs", {})
        self._arguments = Thunk(self._arguments_of_modules, lib)
        self._config = Thunk(self._whole)
        modules = Thunk(self._modules)
        self._merged = MergedModules(self._prefix, modules, Thunk(definitions_in, modules), internal.types)

    def attributes(self) -> Attributes:
        """Return the set that the function gives."""
        return {
            "_type": "configuration",
            "options": Thunk(self._checked, self._merged.matched),
            "config": Thunk(self._checked, Thunk(self._public)),
            INTERNAL: Thunk(self._checked, Thunk(self._of_internal, INTERNAL)),
            "graph": Thunk(self._left_to_nix, "graph"),
            "extendModules": Thunk(self.extend_modules),
            "type": Thunk(self._left_to_nix, "type"),
            "class": self._given.get("class"),
        }

    def _left_to_nix(self, name: str) -> Lazy:
        value: Lazy = member(set_of(self._original), name)
        return value

    def extend_modules(self) -> Lazy:
        """Return `extendModules` as a function of Nix."""
        return self._left_to_nix("extendModules")

    def extended(self, modules: Lazy, prefix: Lazy) -> Value:
        """Return what `extendModules { inherit modules prefix; }` is."""
        all_modules = Thunk(lambda: [*list_of(self._given["modules"]), *list_of(modules)])
        changed = {"modules": all_modules, "specialArgs": self._special, "prefix": prefix}
        return call(self._internal.evaluate, {**self._given, **changed})

    # modules

    def _modules(self) -> Value:
        """Return all modules, each once, those that count most first."""
        collector = Collector(Thunk(self._modules_path), self._arguments, self._given.get("class"), self._import)
        return [*reversed(collector.collect([*list_of(self._given["modules"]), self._internal_module()]))]

    def _modules_path(self) -> Lazy:
        path: Lazy = set_of(self._special).get("modulesPath", "")
        return path

    def _arguments_of_modules(self, lib: Lazy) -> Value:
        """Return what modules are called with."""
        own = {
            "lib": lib,
            "options": self._merged.matched,
            "specialArgs": self._special,
            "_class": self._given.get("class"),
            "_prefix": self._prefix,
            "config": self._config,
        }
        return own | set_of(self._special)

    def _internal_module(self) -> Attributes:
        check = {"type": Thunk(self._internal.type_, "bool"), "default": True}
        freeform = {"type": self._internal.freeform, "default": None}
        options = {
            "args": Thunk(self._option_of_arguments),
            "check": self._internal_option("check", check),
            "freeformType": self._internal_option("freeformType", freeform),
            "specialArgs": self._internal_option("specialArgs", {"readOnly": True}),
        }
        passed_on = {
            "extendModules": Thunk(self._left_to_nix, "extendModules"),
            "moduleType": Thunk(self._left_to_nix, "type"),
        }
        return {
            "_file": INTERNAL_FILE,
            "key": INTERNAL_FILE,
            "options": {INTERNAL: options},
            "config": {INTERNAL: {"args": passed_on, "specialArgs": self._special}},
        }

    def _option_of_arguments(self) -> Value:
        """Return `_module.args`, which the documentation of the outermost modules shows."""
        option = self._internal_option("args", {"type": self._internal.arguments})
        if not list_of(self._prefix):
            del option["internal"]
        return option

    def _internal_option(self, name: str, attributes: Attributes) -> Attributes:
        description = Thunk(self._internal.description, name)
        return {**attributes, "internal": True, "description": description, "_type": "option"}

    # what they make

    def _whole(self) -> Value:
        """`config`: the values of all options, and what a freeform type makes of the definitions that have none."""
        declared = set_of(self._merged.config)
        freeform = self._freeform_type()
        if freeform is None:
            return declared
        found = list_of(self._merged.unmatched)
        if not found:
            return recursive_update({}, declared)
        placed: list[Any] = [_placed(set_of(definition)) for definition in found]
        merged = call2(member(set_of(freeform), "merge"), self._prefix, placed)
        return recursive_update(merged, declared)

    def _freeform_type(self) -> Value:
        """Return the type of definitions that have no option; None, its default, is not merged where nothing else is there."""
        internal = self._merged.inner(INTERNAL)
        if internal is None:
            raise WithoutNatives
        if len(internal.declared().get("freeformType", ())) == 1 and "freeformType" not in internal.defined():
            return None
        return force(member(set_of(internal.config), "freeformType"))

    def _of_internal(self, name: str) -> Lazy:
        value: Lazy = member(set_of(self._config), name)
        return value

    def _public(self) -> Value:
        config = set_of(self._config)
        return like(config, {name: value for name, value in config.items() if name != INTERNAL})

    def _checked(self, value: Lazy) -> Lazy:
        """`checkUnmatched`, then the value: each definition has an option, unless the modules want no check."""
        check = force(member(set_of(self._of_internal(INTERNAL)), "check"))
        if check is False:
            return value
        if check is not True or (self._freeform_type() is None and list_of(self._merged.unmatched)):
            raise WithoutNatives
        return value


def configuration_of(attributes: Attributes) -> Configuration | None:
    """Return what made a configuration in Python; None for another, and for one whose `extendModules` somebody has asked for."""
    extend = attributes.get("extendModules")
    code = extend.code if type(extend) is Thunk else None
    made_by: object = getattr(code, "__self__", None)
    return made_by if isinstance(made_by, Configuration) and code == made_by.extend_modules else None


def definitions_in(modules: Lazy) -> Value:
    """Return the definitions of modules, properties around them pushed down, each with its file."""
    found: list[Any] = []
    for module in list_of(modules):
        module = set_of(module)
        found += [{"file": module["_file"], "config": config} for config in push_down(member(module, "config"))]
    return found


def _placed(definition: Attributes) -> Attributes:
    value = Thunk(_at_its_place, (definition["prefix"], definition["value"]))
    return {"file": member(definition, "file"), "value": value}


def _at_its_place(definition: tuple[Lazy, Lazy]) -> Value:
    return set_attr_by_path(*definition)


def eval_modules() -> Callable[..., Value]:
    """Return the body of `evalModules` for one program, which may have several lib: each has types of its own."""
    known: dict[int, tuple[Value, InternalOptions]] = {}

    def body(
        given: Lazy, lib: Lazy, types: Lazy, import_: Lazy, evaluate: Lazy, original: Callable[[], Value]
    ) -> Value:
        arguments = set_of(given)
        # the first two are deprecated: they mean a warning, and a further module
        if "args" in arguments or "check" in arguments or arguments is NO_MODULES:
            return original()
        home = force(types)
        if id(home) not in known:
            known[id(home)] = home, InternalOptions(home, evaluate)
        return Configuration(arguments, lib, known[id(home)][1], import_, original).attributes()

    return body
