"""The order in which Nix visits the attributes of a set: that in which it has met their names.

Nix numbers each name when it first meets it, and sorts sets by these numbers. What is deeply evaluated, compared or checked for names
that it may not have is visited in that order, so it decides which of two errors is reported. Here, sets are dicts whose order is the
same as far as a text tells: the parser sorts what is written between braces. Sets made from others keep the order of
those, and `in_nix_order` then puts first what Nix knows before it reads a text.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

#: The names that Nix 2.34.8 has met before it reads the first text, in order.
_MET_FIRST = """
outPath drvPath type meta name value system __overrides outputs outputName __ignoreNulls file line column __functor
__toString right wrong __structuredAttrs __json allowedReferences allowedRequisites disallowedReferences
disallowedRequisites maxSize maxClosureSize builder args __contentAddressed __impure outputHash outputHashAlgo
outputHashMode recurseForDerivations description self startSet operator key path prefix outputSpecified __sub
__lessThan __mul __div or __findFile __nixPath body builtins true false null __currentTime currentTime __currentSystem
currentSystem __nixVersion nixVersion __storeDir storeDir __langVersion langVersion __traceVerbose traceVerbose
nixPath scopedImport import __typeOf typeOf isNull __isFunction isFunction __isInt isInt __isFloat isFloat __isString
isString __isBool isBool __isPath isPath __genericClosure genericClosure break abort throw __addErrorContext
addErrorContext __ceil ceil __floor floor __tryEval tryEval __getEnv getEnv __seq seq __deepSeq deepSeq __trace trace
__warn warn derivationStrict placeholder __toPath toPath __storePath storePath __pathExists pathExists baseNameOf
dirOf __readFile readFile findFile __hashFile hashFile __readFileType readFileType __readDir readDir __toXML toXML
__toJSON toJSON __fromJSON fromJSON __toFile toFile __filterSource filterSource __path __attrNames attrNames
__attrValues attrValues __getAttr getAttr __unsafeGetAttrPos unsafeGetAttrPos __hasAttr hasAttr __isAttrs isAttrs
removeAttrs __listToAttrs listToAttrs __intersectAttrs intersectAttrs __catAttrs catAttrs __functionArgs functionArgs
__mapAttrs mapAttrs __zipAttrsWith zipAttrsWith __isList isList __elemAt elemAt __head head __tail tail map __filter
filter __elem elem __concatLists concatLists __length length __foldl' foldl' __any any __all all __genList genList
__sort sort __partition partition __groupBy groupBy __concatMap concatMap __add add sub mul div __bitAnd bitAnd
__bitOr bitOr __bitXor bitXor lessThan toString __substring substring __stringLength stringLength __hashString
hashString __convertHash convertHash __match match __split split __concatStringsSep concatStringsSep __replaceStrings
replaceStrings __parseDrvName parseDrvName __compareVersions compareVersions __splitVersion splitVersion
__unsafeDiscardStringContext unsafeDiscardStringContext __hasContext hasContext __unsafeDiscardOutputDependency
unsafeDiscardOutputDependency __addDrvOutputDependencies addDrvOutputDependencies __getContext getContext
__appendContext appendContext fetchMercurial fetchFinalTree __fetchurl fetchurl fetchTarball fetchGit fromTOML
__getFlake getFlake __parseFlakeRef parseFlakeRef __flakeRefToString flakeRefToString derivation strict drvAttrs
commonAttrs outputsList x outputToAttrListElement
"""

_NUMBERS = {name: number for number, name in enumerate(_MET_FIRST.split())}
_KNOWN = frozenset(_NUMBERS)


def first_numbers() -> dict[str, int]:
    """Return the numbers of the names that have been met before a text; whoever reads it adds those in it."""
    return _NUMBERS.copy()


def in_nix_order(names: Collection[str]) -> Collection[str]:
    """Return names of attributes, in a dict's order, with those first that Nix has met before all texts."""
    if len(names) < 2 or _KNOWN.isdisjoint(names):
        return names
    return sorted(names, key=_number)


def _number(name: str) -> int:
    return _NUMBERS.get(name, len(_NUMBERS))
