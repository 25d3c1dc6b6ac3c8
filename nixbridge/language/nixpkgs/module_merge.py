"""The module system's inner loops in Python: options, declared and defined by modules. See `module_definitions`."""

from __future__ import annotations

from nixbridge.errors.exceptions import WithoutNatives
from nixbridge.language.nixpkgs.module_definitions import (
    Definitions,
    list_of,
    member,
    not_here,
    push_down,
    set_of,
    tag_of,
)
from nixbridge.language.runtime.function import call
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.values import sorted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.nixpkgs.module_definitions import Attributes
    from nixbridge.language.runtime.values import Lazy, Value

OPTION_DEFAULT_PRIORITY = 1500

#: An attribute that is rarely asked for.
NOT_HERE = Thunk(not_here, None)


class EvaluatedOption:
    """`evalOptionValue`: an option with its definitions, its default among them, looked at when one of its attributes is asked for."""

    __slots__ = ("_given", "_loc", "_merged", "_option", "value")

    def __init__(self, loc: Lazy, option: Attributes, definitions: Lazy) -> None:
        self._loc, self._option, self._given = loc, option, definitions
        self._merged: Definitions | None = None
        self.value = Thunk(self._value)
        if force(member(set_of(member(option, "type")), "deprecationMessage")) is not None:
            raise WithoutNatives

    def attributes(self) -> Attributes:
        """Return the set that the function gives."""
        return {
            **self._option,
            "value": self.value,
            "highestPrio": Thunk(self.priority),
            "definitions": Thunk(self.each, "value"),
            "files": Thunk(self.each, "file"),
            "definitionsWithLocations": Thunk(self.definitions),
            "isDefined": Thunk(self.is_defined),
            "valueMeta": Thunk(self.meta),
            "__toString": NOT_HERE,
        }

    def result(self) -> Definitions:
        """Return the merged definitions; which there are is not looked at before, since that may need other options."""
        if self._merged is None:
            option = self._option
            definitions = Thunk(self._with_default) if "default" in option else self._given
            is_read_only = force(option.get("readOnly", False))
            if is_read_only is not False and (is_read_only is not True or len(list_of(definitions)) > 1):
                raise WithoutNatives
            self._merged = Definitions(self._loc, option["type"], definitions)
        return self._merged

    def _with_default(self) -> Value:
        content = {"_type": "override", "priority": OPTION_DEFAULT_PRIORITY, "content": self._option["default"]}
        return [{"file": Thunk(self._first_file), "value": content}, *list_of(self._given)]

    def _first_file(self) -> Lazy:
        declarations = list_of(member(self._option, "declarations"))
        if not declarations:
            raise WithoutNatives
        first: Lazy = declarations[0]
        return first

    def _value(self) -> Lazy:
        """Return `value`, with `apply` where the option has that."""
        if "apply" in self._option:
            return call(self._option["apply"], Thunk(self._merged_value))
        return self.result().merged()

    def _merged_value(self) -> Lazy:
        return self.result().merged()

    def priority(self) -> Lazy:
        """`highestPrio`."""
        return self.result().priority()

    def definitions(self) -> Lazy:
        """`definitionsWithLocations`."""
        return self.result().values()

    def each(self, name: str) -> Lazy:
        """`definitions` and `files`."""
        return [member(definition, name) for definition in self.result().values()]

    def is_defined(self) -> Lazy:
        """`isDefined`."""
        return self.result().is_defined()

    def meta(self) -> Lazy:
        """`valueMeta`."""
        meta: Lazy = member(set_of(self.result().checked), "valueMeta")
        return meta


#: Attributes that only one of the declarations of an option may have.
_ONCE_ONLY = ("default", "example", "description", "apply")


def merge_declarations(loc: Lazy, declarations: list[Any], warns: bool = False) -> Attributes:
    """`mergeOptionDecls`; a release that `warns` puts a warning into types that take others."""
    merged: Attributes = {"loc": loc, "declarations": [], "options": []}
    for declaration in declarations:
        declared = set_of(declaration)
        file = member(declared, "_file")
        options = set_of(member(declared, "options"))
        if any(name in options and name in merged for name in _ONCE_ONLY):
            raise WithoutNatives
        files, others = merged["declarations"], merged["options"]
        both = _merged_type(merged, options) if "type" in options and "type" in merged else {}
        if warns and "type" in options:
            both = _with_warning(loc, set_of(both.get("type", options["type"])))
        submodules = Thunk(_submodules, (options, file, others))
        merged = {**options, **merged, "declarations": [*files, file], "options": submodules, **both}
    return {**merged, "declarationPositions": NOT_HERE}


def _merged_type(merged: Attributes, options: Attributes) -> Attributes:
    """Return the type of two declarations."""
    functor = member(set_of(options["type"]), "functor")
    type_ = call(member(set_of(merged["type"]), "typeMerge"), functor)
    if type_ is None:
        raise WithoutNatives
    return {"type": type_}


def _with_warning(loc: Lazy, type_: Attributes) -> Attributes:
    """Return a type whose `functor.wrapped` warns, where it has that."""
    functor = force(type_.get("functor"))
    if not isinstance(functor, dict) or "wrappedDeprecationMessage" not in functor:
        return {"type": type_}
    warning = Thunk(_warning, (functor["wrappedDeprecationMessage"], loc))
    return {"type": {**type_, "functor": {**functor, "wrapped": warning}}}


def _warning(function_of: tuple[Lazy, Lazy]) -> Lazy:
    return call(function_of[0], {"loc": function_of[1]})


def _submodules(declared: tuple[Attributes, Lazy, Lazy]) -> Value:
    """Return the modules of the option's type, each with the place of the declaration, and those of the declarations before."""
    options, file, others = declared
    type_ = force(options.get("type"))
    submodules = force(type_.get("getSubModules")) if isinstance(type_, dict) else None
    if submodules is None:
        return list_of(others)
    return [*({"_file": file, "imports": [module]} for module in list_of(submodules)), *list_of(others)]


def fixed_type(option: Attributes, types: Lazy) -> Attributes:
    """`fixupOptionType`: a type of submodules takes over the places of their declarations, and no type is `types.unspecified`."""
    if "type" not in option:
        return {**option, "type": member(set_of(types), "unspecified")}
    type_ = set_of(option["type"])
    if force(type_.get("getSubModules")) is None:
        return option
    return {**option, "type": Thunk(_substituted, (type_, option)), "options": []}


def _substituted(typed: tuple[Attributes, Attributes]) -> Lazy:
    type_, option = typed
    return call(member(type_, "substSubModules"), member(option, "options"))


class MergedModules:
    """`mergeModules'`: declarations and definitions by name, of one set of options; a set within it is another one of these.

    `types` are those of lib.
    """

    __slots__ = (
        *("_configs", "_declared", "_defined", "_inner", "_modules", "_options", "_prefix", "_types", "_warns"),
        *("config", "matched", "unmatched"),
    )

    def __init__(self, prefix: Lazy, modules: Lazy, configs: Lazy, types: Lazy, warns: bool = False) -> None:
        self._prefix, self._modules, self._configs = prefix, modules, configs
        self._types, self._warns = types, warns
        self._declared: dict[str, list[Any]] | None = None
        self._defined: dict[str, list[Any]] | None = None
        self._inner: dict[str, MergedModules | None] = {}
        self._options: dict[str, EvaluatedOption] = {}
        #: The values of the options, in the same tree.
        self.config = Thunk(self._values)
        self.matched = Thunk(self._match)
        self.unmatched = Thunk(self._unmatch)

    def attributes(self) -> Attributes:
        """Return the set that the function gives."""
        return {"matchedOptions": self.matched, "unmatchedDefns": self.unmatched}

    def declared(self) -> dict[str, list[Any]]:
        """`declsByName`."""
        if self._declared is None:
            found: dict[str, list[Any]] = {}
            for module in list_of(self._modules):
                module = set_of(module)
                file = member(module, "_file")
                for name, option in set_of(member(module, "options")).items():
                    found.setdefault(name, []).append({"_file": file, "options": option})
            self._declared = found
        return self._declared

    def defined(self) -> dict[str, list[Any]]:
        """`rawDefinitionsByName`."""
        if self._defined is None:
            found: dict[str, list[Any]] = {}
            for module in list_of(self._configs):
                module = set_of(module)
                file = member(module, "file")
                for name, value in set_of(member(module, "config")).items():
                    found.setdefault(name, []).append({"file": file, "value": value})
            self._defined = found
        return self._defined

    def _definitions(self, name: str) -> Value:
        return self.defined().get(name, [])

    def _pushed_down(self, name: str) -> Value:
        """Return the definitions of a set of options, each a set."""
        return [
            {"file": definition["file"], "config": part}
            for definition in self.defined().get(name, ())
            for part in push_down(definition["value"])
        ]

    def inner(self, name: str) -> MergedModules | None:
        """Return the merged modules of a set of options; None where the name is that of an option."""
        if name not in self._inner:
            declarations = self.declared()[name]
            tags = [tag_of(force(declaration["options"])) for declaration in declarations]
            is_option = "option" in tags
            # a set of options has no `_type`; what is both, or anything else, is for the original
            if any(tag != "option" for tag in tags) if is_option else any(_has_tag(entry) for entry in declarations):
                raise WithoutNatives
            self._inner[name] = (
                None
                if is_option
                else MergedModules(
                    self._loc(name), declarations, Thunk(self._pushed_down, name), self._types, self._warns
                )
            )
        return self._inner[name]

    def _loc(self, name: str) -> list[Any]:
        return [*list_of(self._prefix), name]

    def _match(self) -> Value:
        """`matchedOptions`."""
        return {name: Thunk(self._matched_option, name) for name in self.declared()}

    def _matched_option(self, name: str) -> Lazy:
        inner = self.inner(name)
        return inner.matched if inner is not None else self._option(name).attributes()

    def _option(self, name: str) -> EvaluatedOption:
        option = self._options.get(name)
        if option is None:
            loc = self._loc(name)
            declared = fixed_type(merge_declarations(loc, self.declared()[name], self._warns), self._types)
            option = self._options[name] = EvaluatedOption(loc, declared, Thunk(self._definitions, name))
        return option

    def _values(self) -> Value:
        return {name: Thunk(self._value_of, name) for name in self.declared()}

    def _value_of(self, name: str) -> Lazy:
        inner = self.inner(name)
        return inner.config if inner is not None else self._option(name).value

    def _unmatch(self) -> Value:
        """`unmatchedDefns`: what no option is declared for, here and further in."""
        if not list_of(self._configs):
            return []
        declared, defined = self.declared(), self.defined()
        found: list[Any] = []
        for name in sorted_names({**declared, **defined}):
            definitions: list[Any] = []
            if name not in declared:
                definitions = defined[name]
            else:
                inner = self.inner(name)
                if inner is not None:
                    definitions = list_of(inner.unmatched)
            for definition in definitions:
                definition = set_of(definition)
                found.append({**definition, "prefix": [name, *list_of(definition.get("prefix", []))]})
        return found


def _has_tag(declaration: Attributes) -> bool:
    options = force(declaration["options"])
    return isinstance(options, dict) and "_type" in options
