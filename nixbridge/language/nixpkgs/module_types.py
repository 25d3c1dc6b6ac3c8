"""Definitions merged in Python by the types that options most often have. See `module_definitions`."""

from __future__ import annotations

from nixbridge.errors.exceptions import WithoutNatives
from nixbridge.language.nixpkgs.module_definitions import Definitions, list_of, member, set_of
from nixbridge.language.nixpkgs.module_evaluation import configuration_of
from nixbridge.language.runtime.compare import equal
from nixbridge.language.runtime.function import call, call2, is_function
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.values import sorted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.nixpkgs.module_definitions import Attributes
    from nixbridge.language.runtime.values import Lazy, Value


def merge_equal(_loc: Lazy, definitions: Lazy, _original: object) -> Value:
    """`mergeEqualOption`: all values are the same one."""
    given = list_of(definitions)
    if not given:
        raise WithoutNatives
    first = member(set_of(given[0]), "value")
    if not all(equal(member(set_of(other), "value"), first) for other in given[1:]):
        raise WithoutNatives
    return force(first)


def merge_null_or(loc: Lazy, definitions: Lazy, element: Lazy, _original: object) -> Value:
    """`(types.nullOr element).merge`: all values are null, or none is."""
    given = list_of(definitions)
    nulls = [definition for definition in given if force(member(set_of(definition), "value")) is None]
    if not nulls:
        return call2(member(set_of(element), "merge"), loc, given)
    if len(nulls) < len(given):
        raise WithoutNatives
    return None


def checked(kind: type, definitions: Lazy) -> Value:
    """Return null, which stands for the absence of an error, where the values of all definitions are of this type."""
    for definition in list_of(definitions):
        if not isinstance(force(member(set_of(definition), "value")), kind):
            raise WithoutNatives
    return None


def meta_of(element: Definitions) -> Lazy:
    """Return `checkedAndMerged.valueMeta` of an element."""
    meta: Lazy = member(set_of(element.checked), "valueMeta")
    return meta


class MergedAttributes:
    """`(types.attrsOf element).merge.v2`: attributes that are defined in some way, each merged when it is asked for.

    Of `types.lazyAttrsOf` there are all, since looking which are defined would evaluate conditions.
    """

    __slots__ = ("_definitions", "_element", "_is_lazy", "_loc", "_merged")

    def __init__(self, arguments: Lazy, is_lazy: Lazy, element: Lazy) -> None:
        given = set_of(arguments)
        self._loc, self._definitions = given["loc"], given["defs"]
        self._is_lazy, self._element = force(is_lazy), element
        self._merged: dict[str, Definitions] | None = None

    def attributes(self) -> Attributes:
        """Return the set that the function gives."""
        return {
            "headError": Thunk(lambda: checked(dict, self._definitions)),
            "value": Thunk(self._values),
            "valueMeta": {"attrs": Thunk(self._meta)},
        }

    def merged(self) -> dict[str, Definitions]:
        """Return the attributes, each with its definitions."""
        if self._merged is None:
            found: dict[str, list[Any]] = {}
            for definition in map(set_of, list_of(self._definitions)):
                file = member(definition, "file")
                for name, value in set_of(member(definition, "value")).items():
                    found.setdefault(name, []).append({"file": file, "value": value})
            loc = list_of(self._loc)
            merged = {name: Definitions([*loc, name], self._element, found[name]) for name in sorted_names(found)}
            if self._is_lazy is not True:
                merged = {name: element for name, element in merged.items() if element.values()}
            self._merged = merged
        return self._merged

    def _values(self) -> Value:
        value = self._lazy_value if self._is_lazy is True else Definitions.merged
        return {name: Thunk(value, element) for name, element in self.merged().items()}

    def _lazy_value(self, element: Definitions) -> Lazy:
        """Return a value that may turn out to be undefined: it is then what the type has for that."""
        if not element.values():
            empty = force(set_of(self._element).get("emptyValue"))
            if isinstance(empty, dict) and "value" in empty:
                value: Lazy = empty["value"]
                return value
        return element.merged()

    def _meta(self) -> Value:
        return {name: Thunk(meta_of, element) for name, element in self.merged().items()}


class MergedList:
    """`(types.listOf element).merge.v2`: the elements of all definitions that are defined in some way."""

    __slots__ = ("_definitions", "_element", "_loc", "_merged")

    def __init__(self, arguments: Lazy, element: Lazy) -> None:
        given = set_of(arguments)
        self._loc, self._definitions, self._element = given["loc"], given["defs"], element
        self._merged: list[Definitions] | None = None

    def attributes(self) -> Attributes:
        """Return the set that the function gives."""
        return {
            "headError": Thunk(lambda: checked(list, self._definitions)),
            "value": Thunk(self._values),
            "valueMeta": {"list": Thunk(self._meta)},
        }

    def merged(self) -> list[Definitions]:
        """Return the elements, each with its definition."""
        if self._merged is None:
            loc = list_of(self._loc)
            elements: list[Definitions] = []
            for number, definition in enumerate(map(set_of, list_of(self._definitions)), 1):
                file = member(definition, "file")
                for place, value in enumerate(list_of(member(definition, "value")), 1):
                    at = [*loc, f"[definition {number}-entry {place}]"]
                    elements.append(Definitions(at, self._element, [{"file": file, "value": value}]))
            self._merged = [element for element in elements if element.values()]
        return self._merged

    def _values(self) -> Value:
        return [Thunk(element.merged) for element in self.merged()]

    def _meta(self) -> Value:
        return [Thunk(meta_of, element) for element in self.merged()]


class MergedSubmodule:
    """`(types.submoduleWith ...).merge.v2`: the configuration `base` with definitions that are modules."""

    __slots__ = ("_base", "_check", "_definitions", "_is_shorthand", "_loc")

    def __init__(self, arguments: Lazy, base: Lazy, is_shorthand: Lazy, check: Lazy) -> None:
        given = set_of(arguments)
        self._loc, self._definitions = given["loc"], given["defs"]
        self._base, self._is_shorthand, self._check = base, is_shorthand, check

    def attributes(self) -> Attributes:
        """Return the set that the function gives."""
        configuration = Thunk(self._configuration)
        return {
            "headError": Thunk(self._checked),
            "value": Thunk(_config_of, configuration),
            "valueMeta": {"configuration": configuration},
        }

    def _checked(self) -> Value:
        for definition in list_of(self._definitions):
            value = force(member(set_of(definition), "value"))
            if not isinstance(value, dict) and not is_function(value) and call(self._check, value) is not True:
                raise WithoutNatives
        return None

    def _configuration(self) -> Value:
        base, modules = set_of(self._base), Thunk(self._modules)
        made_by = configuration_of(base)
        if made_by is not None:
            # the Nix code of the function need not be compiled for this
            return made_by.extended(modules, self._loc)
        return call(member(base, "extendModules"), {"modules": modules, "prefix": self._loc})

    def _modules(self) -> Value:
        name: Attributes = {"_module": {"args": {"name": Thunk(_last, self._loc)}}}
        return [name, *(Thunk(self._module, definition) for definition in list_of(self._definitions))]

    def _module(self, definition: Lazy) -> Value:
        given = set_of(definition)
        if given.keys() != {"file", "value"}:
            raise WithoutNatives
        value = given["value"]
        if isinstance(force(value), dict):
            is_shorthand = force(self._is_shorthand)
            if is_shorthand is True:
                return {"_file": given["file"], "config": value}
            if is_shorthand is not False:
                raise WithoutNatives
        return {"_file": given["file"], "imports": [value]}


def _config_of(configuration: Lazy) -> Lazy:
    config: Lazy = member(set_of(configuration), "config")
    return config


def _last(loc: Lazy) -> Lazy:
    last: Lazy = list_of(loc)[-1]
    return last
