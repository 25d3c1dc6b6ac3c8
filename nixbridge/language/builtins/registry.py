"""All of `builtins`, by name: the file that has it and its arity. A file is loaded when a function of it is used."""

from __future__ import annotations

from nixbridge.errors.exceptions import Refused
from nixbridge.language.machine.files import BUILT_IN_COREPKGS
from nixbridge.language.runtime.primop import as_value, declared_in
from nixbridge.language.runtime.thunk import Thunk
from nixbridge.language.runtime.values import Lazy, Value
from nixbridge.late_import import import_late

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.evaluation.globals import Services

NIX_VERSION = "2.34.8"
LANGUAGE_VERSION = 6
STORE_FOLDER = "/nix/store"
DERIVATION = f"{BUILT_IN_COREPKGS}/derivation-internal.nix"

#: The module of each group of builtins -> its functions, each with its arity. A test compares this with what the modules declare.
# fmt: off
FUNCTIONS: dict[str, dict[str, int]] = {
    "nixbridge.language.builtins.arithmetic": {
        "add": 2, "sub": 2, "mul": 2, "div": 2, "lessThan": 2, "bitAnd": 2, "bitOr": 2, "bitXor": 2, "floor": 1,
        "ceil": 1,
    },
    "nixbridge.language.builtins.lists": {
        "length": 1, "head": 1, "tail": 1, "elemAt": 2, "elem": 2, "map": 2, "filter": 2, "foldl'": 3,
        "concatLists": 1, "concatMap": 2, "genList": 2, "partition": 2, "groupBy": 2, "all": 2, "any": 2,
        "genericClosure": 1,
    },
    "nixbridge.language.builtins.sorting": {"sort": 2},
    "nixbridge.language.builtins.attrsets": {
        "attrNames": 1, "attrValues": 1, "getAttr": 2, "hasAttr": 2, "removeAttrs": 2, "intersectAttrs": 2,
        "listToAttrs": 1, "mapAttrs": 2, "catAttrs": 2, "zipAttrsWith": 2, "unsafeGetAttrPos": 2,
    },
    "nixbridge.language.builtins.types": {
        "typeOf": 1, "isNull": 1, "isFunction": 1, "isInt": 1, "isFloat": 1, "isString": 1, "isBool": 1, "isPath": 1,
        "isList": 1, "isAttrs": 1, "functionArgs": 1,
    },
    "nixbridge.language.builtins.evaluation_control": {
        "throw": 1, "abort": 1, "tryEval": 1, "seq": 2, "deepSeq": 2, "trace": 2, "traceVerbose": 2, "warn": 2,
        "addErrorContext": 2, "break": 1,
    },
    "nixbridge.language.builtins.strings": {
        "toString": 1, "substring": 3, "stringLength": 1, "concatStringsSep": 2, "baseNameOf": 1, "dirOf": 1,
        "toPath": 1,
    },
    "nixbridge.language.builtins.replace_strings": {"replaceStrings": 3},
    "nixbridge.language.builtins.regexes": {"match": 2, "split": 2},
    "nixbridge.language.builtins.versions": {"splitVersion": 1, "compareVersions": 2, "parseDrvName": 1},
    "nixbridge.language.builtins.string_context": {
        "hasContext": 1, "getContext": 1, "appendContext": 2, "unsafeDiscardStringContext": 1,
        "unsafeDiscardOutputDependency": 1, "addDrvOutputDependencies": 1,
    },
    "nixbridge.language.builtins.hashes": {"hashString": 2, "hashFile": 2, "convertHash": 1, "placeholder": 1},
    "nixbridge.language.builtins.data": {"toJSON": 1, "fromJSON": 1},
    "nixbridge.language.builtins.toml": {"fromTOML": 1},
    "nixbridge.language.builtins.xml_text": {"toXML": 1},
    "nixbridge.language.builtins.file_access": {
        "readFile": 1, "readDir": 1, "readFileType": 1, "pathExists": 1, "findFile": 2, "import": 1, "scopedImport": 2,
        "getEnv": 1,
    },
    "nixbridge.language.builtins.store": {"path": 1, "filterSource": 2, "toFile": 2, "storePath": 1},
    "nixbridge.language.builtins.derivation_strict": {"derivationStrict": 1},
    "nixbridge.language.builtins.fetching": {
        "fetchurl": 1, "fetchTarball": 1, "fetchGit": 1, "fetchMercurial": 1, "fetchTree": 1, "getFlake": 1,
    },
    "nixbridge.language.builtins.flake_references": {"parseFlakeRef": 1, "flakeRefToString": 1},
}
# fmt: on

ARITIES: dict[str, int] = {}
_MODULE_OF: dict[str, str] = {}
for _module, _functions in FUNCTIONS.items():
    ARITIES.update(_functions)
    _MODULE_OF.update(dict.fromkeys(_functions, _module))

#: What a builtin evaluates first, before it can fail or run anything else: positions in that order, each with the type that it
#: wants there ("function", "string", "index", "start" for literals that can be passed by). The compiler makes no thunk of the first
#: argument that it is sure of. A test calls each builtin to hold this true.
FORCES: dict[str, tuple[tuple[int, str], ...]] = {
    **dict.fromkeys(
        (
            *(
                "length",
                "head",
                "tail",
                "attrNames",
                "attrValues",
                "stringLength",
                "concatLists",
                "listToAttrs",
                "fromJSON",
            ),
            *(
                "functionArgs",
                "genericClosure",
                "ceil",
                "floor",
                "removeAttrs",
                "intersectAttrs",
                "replaceStrings",
                "typeOf",
            ),
            *("isNull", "isFunction", "isInt", "isFloat", "isString", "isBool", "isPath", "isList", "isAttrs"),
        ),
        ((0, ""),),
    ),
    **dict.fromkeys(("map", "filter", "genList", "mapAttrs", "sort", "elem"), ((1, ""),)),
    **dict.fromkeys(("concatMap", "all", "any", "partition", "groupBy", "zipAttrsWith"), ((0, "function"), (1, ""))),
    **dict.fromkeys(("concatStringsSep", "hasAttr", "getAttr", "catAttrs"), ((0, "string"), (1, ""))),
    "foldl'": ((0, "function"), (2, "")),
    "elemAt": ((1, "index"), (0, "")),
    "substring": ((0, "start"), (1, "index"), (2, "")),
}

#: The names in `builtins` that no Python function has: values, and `derivation`, which is written in Nix.
CONSTANTS = (
    *("true", "false", "null", "nixVersion", "langVersion", "storeDir", "nixPath", "builtins"),
    *("currentSystem", "currentTime", "derivation"),
)

#: Every name that `builtins` has.
BUILTINS = (*ARITIES, *CONSTANTS)
#: The names that the set `builtins` has in some evaluations only: see `all_builtins`.
UNCERTAIN = frozenset(("currentSystem", "currentTime", "fetchTree"))

#: The names that are in scope without `builtins.`.
_BARE = (
    "abort",
    "baseNameOf",
    "break",
    "builtins",
    "derivation",
    "derivationStrict",
    "dirOf",
    "false",
    "fetchGit",
    "fetchMercurial",
    "fetchTarball",
    "fetchTree",
    "fromTOML",
    "import",
    "isNull",
    "map",
    "null",
    "placeholder",
    "removeAttrs",
    "scopedImport",
    "throw",
    "toString",
    "true",
)
GLOBALS = (*_BARE, *(f"__{name}" for name in BUILTINS if name not in _BARE))


def builtin(name: str, services: Services) -> Lazy:
    """`builtins.NAME`. Raises KeyError for a name that there is not."""
    if name in _MODULE_OF:
        run, needs = declared_in(import_late(_MODULE_OF[name]))[name]
        return as_value(name, run, services, needs)
    if name == "builtins":
        return all_builtins(services)
    if name == "nixPath":
        return [{"path": path, "prefix": prefix} for prefix, path in services.host.search_path]
    if name == "currentSystem" or name == "currentTime":
        system = services.host.system
        return system if name == "currentSystem" and system is not None else Thunk(lambda: _refuse(name))
    if name == "derivation":
        return services.import_file(DERIVATION)
    return {
        "true": True,
        "false": False,
        "null": None,
        "nixVersion": NIX_VERSION,
        "langVersion": LANGUAGE_VERSION,
        "storeDir": STORE_FOLDER,
    }[name]


def _refuse(name: str) -> Value:
    if name == "currentTime":
        raise Refused("builtins.currentTime is refused: the value of an expression does not depend on the clock")
    raise Refused(
        "builtins.currentSystem is refused: the value of an expression does not depend on the machine",
        hint="say which system is meant with --system, for example --system x86_64-linux",
    )


def all_builtins(services: Services) -> dict[str, Lazy]:
    """Return the set `builtins`; each attribute is loaded when it is needed.

    As in Nix's pure evaluation it has no clock, and no system unless one was given; `fetchTree` belongs to flakes.
    """
    hidden = {"currentTime"}
    if services.host.system is None:
        hidden.add("currentSystem")
    if not services.host.pure:
        hidden.add("fetchTree")
    result: dict[str, Lazy] = {
        name: Thunk(lambda name=name: builtin(name, services)) for name in BUILTINS if name not in hidden
    }
    result["builtins"] = result
    return result
