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
from nixbridge.language.runtime.primop import as_value, declared_in
from nixbridge.language.runtime.thunk import Thunk, force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.language.evaluation.globals import Services

#: Sub-set -> the names that it has; those without a star are in `lib` itself, too.
FILES: dict[str, str] = {
    "types": "str* nullOr* listOf* int* bool* attrsOf* attrs* submodule* enum* unspecified* package* lines* path* "
    "either* functionTo* anything* mkOptionType port* coercedTo* addCheck* pkgs* defaultFunctor oneOf* loaOf* "
    "submoduleWith* float* deferredModule* raw* number* ints* numbers* boolByOr* nonEmptyStr* singleLineStr* "
    "strMatching* separatedString* commas* envVar* passwdEntry* lazyAttrsOf* attrsWith* nonEmptyListOf* "
    "attrListOf* attrListWith* attrTag* uniq* unique* json* toml* serializableValueWith* deferredModuleWith* "
    "optionType* optionDeclaration* pathWith* pathInStore* externalPath* shellPackage* luaInline* isType "
    "setType isOptionType defaultTypeMerge mergeTypes* optionDescriptionPhrase* noCheckForDocsModule* types*",
    "options": "mkOption mkEnableOption literalExpression isOption mkPackageOption mergeEqualOption "
    "optionAttrSetToDocList literalMD showOption mergeOneOption mergeUniqueOption mergeDefaultOption "
    "mkSinkUndeclaredOptions getValues getFiles optionAttrSetToDocList' scrubOptionValue renderOptionValue* "
    "literalCode* showFiles showDefs* showOptionWithDefLocs unknownModule",
    "modules": "mkOverride mkIf mkDefault mkMerge evalModules mkOptionDefault mkForce mkAliasDefinitions mkBefore "
    "mkRemovedOptionModule mkAliasOptionModule mkDerivedConfig mkImageMediaOverride mkVMOverride mkOrder "
    "mkAfter mkAssert mkDefinition defaultOverridePriority* defaultOrderPriority* mapDefinitionValue* "
    "setDefaultModuleLocation importApply* importJSON* importTOML* mkRenamedOptionModule "
    "mkRenamedOptionModuleWith mkAliasOptionModuleMD mkMergedOptionModule mkChangedOptionModule doRename "
    "mkAliasAndWrapDefinitions mkAliasAndWrapDefsWithPriority* mkAliasIfDef* mkFixStrictness fixMergeModules "
    "evalOptionValue* mergeDefinitions mergeModules mergeModules' mergeOptionDecls "
    "mergeAttrDefinitionsWithPrio* pushDownProperties dischargeProperties filterOverrides filterOverrides'* "
    "sortProperties fixupOptionType unifyModuleSyntax applyModuleArgsIfFunction collectModules*",
    "lists": "optionals optional findFirst unique all any foldl' flatten sort concatMap last imap0 groupBy range foldl "
    "compareLists count foldr reverseList intersectLists toList singleton take sublist drop fold init imap1 "
    "ifilter0 forEach remove findSingle findFirstIndex* replicate groupBy' zipListsWith zipLists sortOn "
    "naturalSort listDfs toposort takeEnd dropEnd hasPrefix* removePrefix* commonPrefix* crossLists "
    "uniqueStrings allUnique subtractLists mutuallyExclusive concatAttrValues replaceElemAt partition",
    "strings": "optionalString concatStringsSep splitString concatStrings hasPrefix hasInfix removePrefix getVersion "
    "concatMapStringsSep concatMapStrings toInt hasSuffix escapeShellArg stringToCharacters removeSuffix "
    "toLower toUpper makeBinPath getName toIntBase10 fixedWidthNumber makeLibraryPath concatImapStrings "
    "concatImapStringsSep concatMapAttrsStringSep concatLines join intersperse replaceString replicate* trim "
    "trimWith toSentenceCase toCamelCase lowerChars upperChars stringAsChars charToInt* escape escapeC* "
    "escapeURL escapeShellArgs escapeNixString* escapeNixIdentifier* escapeRegex escapeXML toShellVar "
    "toShellVars isValidPosixName versionOlder versionAtLeast fixedWidthString floatToString* makeSearchPath "
    "makeSearchPathOutput makeIncludePath normalizePath* splitStringBy isStringLike isConvertibleWithToString* "
    "isStorePath sanitizeDerivationName* levenshtein* levenshteinAtMost* commonPrefixLength* "
    "commonSuffixLength* addContextFrom fileContents cmakeOptionType cmakeBool cmakeFeature mesonOption "
    "mesonBool mesonEnable enableFeature enableFeatureAs withFeature withFeatureAs nameFromURL",
    "attrsets": "mapAttrsToList mapAttrs optionalAttrs recursiveUpdate filterAttrs attrValues mapAttrs' attrsToList "
    "setAttrByPath mergeAttrsList attrByPath catAttrs zipAttrs hasAttrByPath getAttrs isDerivation collect "
    "mapAttrsRecursive updateManyAttrsByPath getAttrFromPath genAttrs genAttrs' foldlAttrs foldAttrs "
    "concatMapAttrs attrVals mapAttrsRecursiveCond mapAttrsToListRecursive mapAttrsToListRecursiveCond "
    "filterAttrsRecursive cartesianProduct mapCartesianProduct zipAttrsWith zipAttrsWithNames "
    "recursiveUpdateUntil matchAttrs overrideExisting showAttrPath longestValidPathPrefix* recurseIntoAttrs "
    "dontRecurseIntoAttrs unionOfDisjoint* getOutput getFirstOutput getBin getLib getStatic getDev getInclude "
    "getMan chooseDevOutputs nameValuePair",
    "trivial": "pipe compare isFunction min max importJSON boolToString mod id flip splitByAndCompare importTOML warn "
    "warnIf throwIf const mergeAttrs concat or and xor bitNot boolToYesNo defaultTo mapNullable version "
    "release* versionSuffix* codeName* oldestSupportedRelease* isInOldestRelease "
    "oldestSupportedReleaseIsAtLeast nixpkgsVersion inNixShell inPureEvalMode warnIfNot throwIfNot "
    "checkListOfEnum info showWarnings setFunctionArgs functionArgs mirrorFunctionArgs toFunction "
    "fromHexString toHexString toBaseDigits",
    "asserts": "assertMsg assertOneOf assertEachOneOf* checkAssertWarn*",
    "meta": "getExe getExe' addMetaAttrs setName updateName appendToName mapDerivationAttrset defaultPriority* setPrio "
    "lowPrio hiPrio lowPrioSet hiPrioSet dontDistribute cpeFullVersionWithVendor*",
    "fixedPoints": "extends fix fix' converge composeExtensions composeManyExtensions makeExtensible "
    "makeExtensibleWithCustomName toExtension",
    "misc": "imap maybeAttr maybeAttrNullable maybeEnv ifEnable nvs setAttr setAttrMerge mergeAttrsWithFunc "
    "mergeAttrsConcatenateValues mergeAttrsNoOverride mergeAttrByFunc mergeAttrsByFuncDefaults "
    "mergeAttrsByFuncDefaultsClean mergeAttrBy uniqList uniqListExt condConcat lazyGenericClosure defaultMerge "
    "defaultMergeArg foldArgs modifySumArgs innerModifySumArgs checkFlag getValue checkReqs nixType fakeHash "
    "fakeSha256 fakeSha512",
    "path": "subpath* append* hasPrefix* removePrefix* splitRoot* hasStorePathPrefix*",
    "cli": "toCommandLine* toCommandLineGNU* toCommandLineShell* toCommandLineShellGNU* toGNUCommandLine* "
    "toGNUCommandLineShell*",
    "customisation": "makeOverridable callPackageWith callPackagesWith makeScope",
    "debug": "traceIf traceVal traceValFn traceSeq traceSeqN traceValSeq traceValSeqFn traceValSeqN traceValSeqNFn "
    "traceFnSeqN runTests testAllTrue throwTestFailures*",
    "derivations": "optionalDrvAttr",
    "filesystem": "pathIsDirectory pathIsRegularFile pathType listFilesRecursive* packagesFromDirectoryRecursive "
    "locateDominatingFile* resolveDefaultNix*",
    "generators": "toPretty* toINI* toINIWithGlobalSection* toKeyValue* mkKeyValueDefault* mkValueStringDefault* toGitINI* "
    "toJSON* toYAML* toPlist* toDhall* toLua* mkLuaInline toDconfINI* mkDconfKeyValue* withRecursion*",
    "gvariant": "mkValue* mkArray* mkEmptyArray* mkVariant* mkDictionaryEntry* mkMaybe* mkNothing* mkJust* mkTuple* "
    "mkBoolean* mkString* mkObjectpath* mkUchar* mkInt16* mkUint16* mkInt32* mkUint32* mkInt64* mkUint64* "
    "mkDouble* type* isGVariant* intConstructors*",
    "kernel": "option* yes* no* module* unset* freeform* whenHelpers*",
    "network": "ipv6* mkEUI64Suffix",
    "stringsWithDeps": "textClosureList textClosureMap noDepEntry fullDepEntry packEntry stringAfter",
    "systems": "elaborate*",
    "versions": "major* minor* patch* majorMinor* pad*",
}


#: Sub-set -> what it passes on from `builtins`.
PASSED_ON: dict[str, str] = {
    "lib": "length filter hasAttr elem isAttrs head listToAttrs tail elemAt isList attrNames map isString "
    "replaceStrings removeAttrs stringLength isBool splitVersion substring compareVersions concatLists "
    "baseNameOf split isInt isFloat deepSeq genList getAttr intersectAttrs match typeOf isPath add sub mul div "
    "lessThan bitAnd bitOr bitXor ceil floor seq genericClosure pathExists readFile readDir readFileType "
    "hashFile hashString convertHash dirOf parseDrvName toJSON fromJSON fromTOML toXML toString tryEval trace "
    "addErrorContext unsafeGetAttrPos getContext hasContext appendContext unsafeDiscardStringContext",
    "lists": "length filter elem head tail elemAt isList map concatLists genList",
    "strings": "filter elem isAttrs head tail elemAt isList isString replaceStrings stringLength substring "
    "compareVersions split isInt genList match typeOf isPath readFile parseDrvName toJSON fromJSON "
    "appendContext unsafeDiscardStringContext storeDir",
    "attrsets": "hasAttr isAttrs listToAttrs attrNames removeAttrs getAttr intersectAttrs",
    "trivial": "isBool isInt isFloat deepSeq add sub mul div lessThan bitAnd bitOr bitXor ceil floor seq genericClosure "
    "pathExists readFile",
    "versions": "splitVersion compareVersions",
    "filesystem": "baseNameOf isPath readDir readFileType hashFile dirOf",
    "debug": "trace addErrorContext unsafeGetAttrPos",
}


#: Sub-set -> what is written in Python.
PYTHON: dict[str, str] = {
    "lists": "optional optionals singleton toList forEach foldr fold foldl foldl' imap0 imap1 ifilter0 flatten remove "
    "findSingle findFirstIndex findFirst count range replicate groupBy' zipListsWith zipLists reverseList take "
    "drop takeEnd dropEnd sublist last init hasPrefix removePrefix commonPrefix compareLists unique "
    "intersectLists subtractLists",
    "strings": "concatStrings concatMapStrings concatMapStringsSep concatImapStringsSep concatImapStrings concatLines "
    "optionalString hasPrefix hasSuffix hasInfix removePrefix removeSuffix splitString stringToCharacters "
    "stringAsChars toLower toUpper replicate intersperse escape",
    "attrsets": "optionalAttrs mapAttrsToList filterAttrs nameValuePair attrByPath hasAttrByPath getAttrFromPath "
    "setAttrByPath recursiveUpdate genAttrs mapAttrs' attrsToList attrVals getAttrs isDerivation foldlAttrs "
    "mergeAttrsList",
    "trivial": "id const pipe flip concat mergeAttrs or and xor min max compare boolToString boolToYesNo defaultTo "
    "mapNullable isFunction",
}

#: Sub-set -> what is the builtin of the same name.
SAME_AS_BUILTIN: dict[str, str] = {
    "attrsets": "attrValues catAttrs mapAttrs zipAttrsWith",
    "lists": "all any concatMap groupBy partition sort",
    "strings": "concatStringsSep",
}

#: Sub-set -> the file that it comes from, where that has another name.
FILE_NAMES = {"fixedPoints": "fixed-points", "stringsWithDeps": "strings-with-deps"}

#: What is there as a name only: sub-set ("" is `lib` itself) -> why, names (none: the whole sub-set).
REFUSED: dict[str, tuple[str, str]] = {
    "licenses": ("licences", ""),
    "licensesSpdx": ("licences", ""),
    "maintainers": ("maintainers", ""),
    "teams": ("maintainers", ""),
    "systems": ("the tables of systems", "architectures doubles equals examples flakeExposed inspect parse platforms"),
    "platforms": ("the tables of systems", ""),
    "sourceTypes": ("marks for packages' sources", ""),
    "fileset": ("file sets, which end in the store", ""),
    "fetchers": ("helpers of fetchers", ""),
    "sources": ("source filtering, which ends in the store", ""),
    "flakes": ("flakes", ""),
    "derivations": ("derivations", "lazyDerivation warnOnInstantiate"),
    "customisation": (
        "derivations and cross compilation",
        "extendDerivation extendMkDerivation hydraJob makeScopeWithSplicing makeScopeWithSplicing' mapCrossIndex "
        "overrideDerivation renameCrossIndexFrom renameCrossIndexTo",
    ),
    "attrsets": ("the store", "toDerivation"),
    "meta": (
        "licences and system tables",
        "availableOn getLicenseFromSpdxId getLicenseFromSpdxIdOr licensesSpdx platformMatch",
    ),
    "filesystem": ("packages of Haskell", "haskellPathsInDir"),
    "trivial": ("nixpkgs' own git folder", "revisionWithDefault"),
    "misc": ("derivations", "closePropagation closePropagationFast closePropagationSlow innerClosePropagation"),
    "": (
        "the store, derivations and flakes",
        "addDrvOutputDependencies flakeRefToString parseFlakeRef placeholder toFile unsafeDiscardOutputDependency",
    ),
}


class Library:
    """One `lib`: the set, and the Nix files behind it, each loaded once. `load_nix` gives the value of a Nix text with a name."""

    def __init__(self, services: Services, load_nix: Callable[[str, str], Any]) -> None:
        self._services = services
        self._load_nix = load_nix
        self._nix_files: dict[str, Any] = {}
        self.lib: dict[str, Any] = {}
        self._fill()
        #: What the Nix files see: lib, and, as `lib.internal.modules` and so on, all that their neighbours define.
        self._lib_for_files = self.lib | {"internal": {name: Thunk(self._nix_file, name) for name in FILES}}

    def _fill(self) -> None:
        lib = self.lib
        for sub_set, names in FILES.items():
            lib[sub_set] = Thunk(self.sub_set, sub_set)
            for name in names.split():
                if not name.endswith("*"):
                    lib[name] = Thunk(self._member, (sub_set, name))
        for name in PASSED_ON["lib"].split():
            lib[name] = Thunk(self._builtin, name)
        for sub_set, (reason, names) in REFUSED.items():
            if not names:
                lib[sub_set] = Thunk(self._refuse, (f"lib.{sub_set}", reason))
            for name in names.split():
                lib[name] = Thunk(self._refused_function, (f"lib.{name}", reason))
        lib["extend"] = Thunk(self._extend)
        lib["evalOptionValue"] = Thunk(self._member, ("modules", "evalOptionValue"))

    def sub_set(self, sub_set: str) -> dict[str, Any]:
        """`lib.strings` and so on, each attribute loaded when it is asked for."""
        names = [name.rstrip("*") for name in FILES[sub_set].split()]
        attrs: dict[str, Any] = {name: Thunk(self._member, (sub_set, name)) for name in names}
        for name in PASSED_ON.get(sub_set, "").split():
            attrs[name] = Thunk(self._builtin, name)
        reason, refused = REFUSED.get(sub_set, ("", ""))
        for name in refused.split():
            attrs[name] = Thunk(self._refused_function, (f"lib.{sub_set}.{name}", reason))
        return attrs

    def _member(self, what: tuple[str, str]) -> Any:
        sub_set, name = what
        if name in _SAME_AS_BUILTIN.get(sub_set, ()):
            return builtin(name, self._services)
        if name in _PYTHON_NAMES.get(sub_set, ()):
            run, needs = declared_in(import_module(f"nixbridge.language.nixpkgs.{sub_set}"))[name]
            return as_value(name, run, self._services, needs)
        return force(self._nix_file(sub_set)[name])

    def _nix_file(self, sub_set: str) -> dict[str, Any]:
        if sub_set not in self._nix_files:
            file = FILE_NAMES.get(sub_set, sub_set)
            with open(os.path.join(FOLDER, f"{file}.nix"), encoding="utf-8") as source:
                function = self._load_nix(source.read(), f"{FOLDER}/{file}.nix")
            self._nix_files[sub_set] = function(self._lib_for_files)
        return self._nix_files[sub_set]  # type: ignore[no-any-return]

    def _builtin(self, name: str) -> Any:
        return builtin(name, self._services)

    def _refused_function(self, what: tuple[str, str]) -> Any:
        """Something that is a function in nixpkgs: it can be passed on, and fails when it is called."""
        return lambda _argument: self._refuse(what)

    def _refuse(self, what: tuple[str, str]) -> Any:
        name, reason = what
        raise Refused(
            f"{name} is not part of the built-in lib: it needs {reason}",
            hint="use the real one: -I nixpkgs=DIR with `import <nixpkgs/lib>`, or --lib DIR with nixpkgs' lib folder",
        )

    def _extend(self) -> Any:
        """`lib.extend overlay`: lib with the overlay's changes; what is below sees the changed lib."""
        return self._load_nix(_EXTEND, "/__nixbridge__/nixpkgs/lib/extend.nix")(self.lib)


_EXTEND = """
lib: let extendable = base: base // { extend = overlay: let final = extendable (base // overlay final base); in final; };
in overlay: let final = extendable (lib // overlay final lib); in final
"""

FOLDER = os.path.dirname(os.path.abspath(__file__))
_SAME_AS_BUILTIN = {sub_set: frozenset(names.split()) for sub_set, names in SAME_AS_BUILTIN.items()}
_PYTHON_NAMES = {sub_set: frozenset(names.split()) for sub_set, names in PYTHON.items()}
