"""Modules loaded with all that they import, in Python: `collectModules` of nixpkgs' lib/modules.nix. See `module_definitions`.

All modules are loaded first, each before those that it imports, since any of them may disable others. Then the keys are followed from
the outside in, as `builtins.genericClosure` does.
"""

from __future__ import annotations

from nixbridge.errors.exceptions import WithoutNatives
from nixbridge.language.nixpkgs.module_definitions import list_of, member, set_of, text_of
from nixbridge.language.nixpkgs.trivial import is_function_
from nixbridge.language.runtime.function import call, formals_of
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.values import LAMBDAS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from nixbridge.language.nixpkgs.module_definitions import Attributes
    from nixbridge.language.runtime.values import Lazy, Value

#: What a module may have besides options and definitions, where it has `config` or `options`; and where it has neither.
_IN_FULL = frozenset(
    ("_class", "_file", "key", "disabledModules", "imports", "options", "config", "meta", "freeformType")
)
_IN_SHORT = frozenset(("_class", "_file", "key", "disabledModules", "require", "imports", "freeformType"))


def unify_syntax(file: Lazy, key: Lazy, module: Lazy) -> Attributes:
    """`unifyModuleSyntax`."""
    module = set_of(module)
    in_full = "config" in module or "options" in module
    config: Lazy
    if in_full:
        if not module.keys() <= _IN_FULL:
            raise WithoutNatives
        config = module.get("config", {})
        if "meta" in module:
            config = _merge([config, {"meta": module["meta"]}])
    else:
        config = {name: value for name, value in module.items() if name not in _IN_SHORT}
    if "freeformType" in module:
        config = _merge([config, {"_module": {"freeformType": module["freeformType"]}}])
    imports = module.get("imports", [])
    return {
        "_file": Thunk(text_of, module.get("_file", file)),
        "_class": module.get("_class"),
        "key": Thunk(text_of, module.get("key", key)),
        "disabledModules": module.get("disabledModules", []),
        "imports": imports if in_full or "require" not in module else Thunk(_joined, (module["require"], imports)),
        "options": module.get("options", {}) if in_full else {},
        "config": config,
    }


def _merge(contents: list[Any]) -> Attributes:
    return {"_type": "merge", "contents": contents}


def _joined(lists: tuple[Lazy, Lazy]) -> Value:
    return [*list_of(lists[0]), *list_of(lists[1])]


#: The file of the first modules, as messages name it.
UNKNOWN_MODULE = "<unknown-file>"


class StructuredModule:
    """A module that is loaded, and those that it imports."""

    __slots__ = ("imports", "module")

    def __init__(self, module: Attributes, imports: list[StructuredModule]) -> None:
        self.module, self.imports = module, imports

    def key(self) -> str:
        """Return the key, a text."""
        key = force(self.module["key"])
        assert isinstance(key, str)
        return key


class Collector:
    """`collectModules`: what modules are loaded with, and which of them others disable."""

    __slots__ = ("_arguments", "_class", "_disabled", "_import", "_path")

    def __init__(self, path: Lazy, arguments: Lazy, module_class: Lazy, import_: Lazy) -> None:
        self._path, self._arguments, self._class, self._import = path, arguments, module_class, import_
        self._disabled: list[tuple[Lazy, Lazy]] = []

    def collect(self, initial: Lazy) -> list[Any]:
        """Return the modules that are to be merged, each once."""
        found = self._load_all(UNKNOWN_MODULE, "", initial)
        disabled = {self._disabled_key(entry) for _, entries in self._disabled for entry in list_of(entries)}
        pending = [structured for structured in found if structured.key() not in disabled]
        seen: set[str] = set()
        modules: list[Any] = []
        for structured in pending:
            key = structured.key()
            if key not in seen:
                seen.add(key)
                modules.append(structured.module)
                pending += [inner for inner in structured.imports if inner.key() not in disabled]
        return modules

    def _load_all(self, file: Lazy, key: Lazy, modules: Lazy) -> list[StructuredModule]:
        found = []
        for number, given in enumerate(list_of(modules), 1):
            module = self._load(file, Thunk(_key_of, (key, number)), given)
            self._check_class(module)
            disabled = force(module["disabledModules"])
            if disabled != []:
                self._disabled.append((module["_file"], disabled))
            imports = self._load_all(module["_file"], module["key"], module["imports"])
            found.append(StructuredModule(module, imports))
        return found

    def _load(self, file: Lazy, key: Lazy, given: Lazy) -> Attributes:
        """`loadModule`: a module in full form, called with its arguments where it is a function, read where it is a file."""
        module = force(given)
        if is_function_(module):
            return unify_syntax(file, key, apply_arguments(module, self._arguments))
        if isinstance(module, dict):
            tag = force(module.get("_type", "module"))
            if tag == "if" or tag == "override":
                module = {"config": module}
            elif tag != "module":
                raise WithoutNatives
            return unify_syntax(file, key, module)
        path = text_of(module)
        loaded = call(self._import, module)
        if is_function_(loaded):
            loaded = apply_arguments(loaded, self._arguments)
        return unify_syntax(path, path, loaded)

    def _check_class(self, module: Attributes) -> None:
        expected = force(self._class)
        if expected is not None:
            module_class = force(module["_class"])
            if module_class is not None and not (isinstance(module_class, str) and module_class == expected):
                raise WithoutNatives

    def _disabled_key(self, entry: Lazy) -> str:
        """Return the key of a module that another one disables: a path, a text below `modulesPath`, or a set that has a key."""
        entry = force(entry)
        if isinstance(entry, dict):
            if "__toString" in entry or "outPath" in entry:
                raise WithoutNatives
            key = force(member(entry, "key"))
            if not isinstance(key, str):
                raise WithoutNatives
            return key
        text = text_of(entry)
        return text if isinstance(entry, NixPath) or text[:1] == "/" else f"{text_of(self._path)}/{text}"


def _key_of(place: tuple[Lazy, int]) -> Value:
    """Return the key of a module that has none: that of the module which imports it, and its number there."""
    return f"{text_of(place[0])}:anon-{place[1]}"


def apply_arguments(function: Lazy, arguments: Lazy) -> Value:
    """`applyModuleArgs`: a module called with what it asks for, which `config._module.args` has where `arguments` lacks it."""
    given = set_of(arguments)
    config = member(given, "config")
    wanted = {name: given[name] if name in given else Thunk(_argument, (config, name)) for name in _formals(function)}
    return call(function, {**given, **wanted})


def _formals(function: Lazy) -> Iterable[str]:
    """Return the names that a function asks for, as `lib.functionArgs` does."""
    function = force(function)
    if isinstance(function, dict):
        if "__functionArgs" in function:
            return set_of(function["__functionArgs"])
        function = call(function["__functor"], function)
    return formals_of(function) if isinstance(function, LAMBDAS) else ()


def _argument(wanted: tuple[Lazy, str]) -> Lazy:
    config, name = wanted
    argument: Lazy = member(set_of(member(set_of(member(set_of(config), "_module")), "args")), name)
    return argument


def collected(
    path: Lazy, initial: Lazy, arguments: Lazy, module_class: Lazy, import_: Lazy, original: Callable[[], Value]
) -> Attributes:
    """Return the set that `collectModules` gives; its graph is so rarely asked for that the Nix code makes it."""
    collector = Collector(path, arguments, module_class, import_)
    return {"modules": Thunk(collector.collect, initial), "graph": Thunk(_graph, original)}


def _graph(original: Callable[[], Value]) -> Lazy:
    graph: Lazy = member(set_of(original()), "graph")
    return graph
