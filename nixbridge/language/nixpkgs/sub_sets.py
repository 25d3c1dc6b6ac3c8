"""The functions of nixpkgs' `lib` by name: what each of its sub-sets has, and where that comes from. Nothing is loaded for it."""

from __future__ import annotations


class SubSet:
    """A set in lib, such as `lib.strings`, whose functions come from one Nix file, one Python module, and the builtins.

    `shared` names are in `lib` itself as well, `own` ones only in the sub-set. Of both, those in `python` are written in Python, in
    `module`, and those in `same_as_builtin` are the builtins of the same name; the others are in the Nix file `file`, which has the
    sub-set's name unless another is given. `builtins` are names that the sub-set passes on. An `internal` one is not in lib under its
    own name.
    """

    __slots__ = ("builtins", "file", "internal", "module", "own", "python", "same_as_builtin", "shared")

    def __init__(
        self,
        shared: str = "",
        own: str = "",
        *,
        builtins: str = "",
        module: str = "",
        python: str = "",
        same_as_builtin: str = "",
        file: str | None = None,
        internal: bool = False,
    ) -> None:
        self.shared = tuple(shared.split())
        self.own = tuple(own.split())
        self.builtins = tuple(builtins.split())
        self.module = module
        self.python = frozenset(python.split())
        self.same_as_builtin = frozenset(same_as_builtin.split())
        self.file = file
        self.internal = internal

    @property
    def names(self) -> tuple[str, ...]:
        """The functions that the sub-set defines."""
        return self.shared + self.own


SUB_SETS: dict[str, SubSet] = {
    "types": SubSet(
        shared="mkOptionType defaultFunctor isType setType isOptionType defaultTypeMerge",
        own=(
            "fileset str nullOr listOf int bool attrsOf attrs submodule enum unspecified package lines path either functionTo "
            "anything port coercedTo addCheck pkgs oneOf loaOf submoduleWith float deferredModule raw number ints numbers "
            "boolByOr nonEmptyStr singleLineStr strMatching separatedString commas envVar passwdEntry lazyAttrsOf attrsWith "
            "nonEmptyListOf attrListOf attrListWith attrTag uniq unique json toml serializableValueWith deferredModuleWith "
            "optionType optionDeclaration pathWith pathInStore externalPath shellPackage luaInline mergeTypes "
            "optionDescriptionPhrase noCheckForDocsModule types"
        ),
    ),
    "options": SubSet(
        shared=(
            "mkOption mkEnableOption literalExpression isOption mkPackageOption mergeEqualOption optionAttrSetToDocList "
            "literalMD showOption mergeOneOption mergeUniqueOption mergeDefaultOption mkSinkUndeclaredOptions getValues "
            "getFiles optionAttrSetToDocList' scrubOptionValue showFiles showOptionWithDefLocs unknownModule"
        ),
        own="renderOptionValue literalCode showDefs",
    ),
    "modules": SubSet(
        shared=(
            "mkOverride mkIf mkDefault mkMerge evalModules mkOptionDefault mkForce mkAliasDefinitions mkBefore "
            "mkRemovedOptionModule mkAliasOptionModule mkDerivedConfig mkImageMediaOverride mkVMOverride mkOrder mkAfter "
            "mkAssert mkDefinition setDefaultModuleLocation mkRenamedOptionModule mkRenamedOptionModuleWith "
            "mkAliasOptionModuleMD mkMergedOptionModule mkChangedOptionModule doRename mkAliasAndWrapDefinitions "
            "mkFixStrictness fixMergeModules mergeDefinitions mergeModules mergeModules' mergeOptionDecls "
            "pushDownProperties dischargeProperties filterOverrides sortProperties fixupOptionType unifyModuleSyntax "
            "applyModuleArgsIfFunction"
        ),
        own=(
            "defaultOverridePriority defaultOrderPriority mapDefinitionValue importApply importJSON importTOML "
            "mkAliasAndWrapDefsWithPriority mkAliasIfDef evalOptionValue mergeAttrDefinitionsWithPrio filterOverrides' "
            "collectModules"
        ),
    ),
    "lists": SubSet(
        shared=(
            "optionals optional findFirst unique all any foldl' flatten sort concatMap last imap0 groupBy range foldl "
            "compareLists count foldr reverseList intersectLists toList singleton take sublist drop fold init imap1 "
            "ifilter0 forEach remove findSingle replicate groupBy' zipListsWith zipLists sortOn naturalSort listDfs "
            "toposort takeEnd dropEnd crossLists uniqueStrings allUnique subtractLists mutuallyExclusive concatAttrValues "
            "replaceElemAt partition"
        ),
        own="findFirstIndex hasPrefix removePrefix commonPrefix",
        builtins="length filter elem head tail elemAt isList map concatLists genList",
        module="nixbridge.language.nixpkgs.lists",
        python=(
            "optional optionals singleton toList forEach foldr fold foldl foldl' imap0 imap1 ifilter0 flatten remove "
            "findSingle findFirstIndex findFirst count range replicate groupBy' zipListsWith zipLists reverseList take drop "
            "takeEnd dropEnd sublist last init hasPrefix removePrefix commonPrefix compareLists unique intersectLists "
            "subtractLists"
        ),
        same_as_builtin="all any concatMap groupBy partition sort",
    ),
    "strings": SubSet(
        shared=(
            "optionalString concatStringsSep splitString concatStrings hasPrefix hasInfix removePrefix getVersion "
            "concatMapStringsSep concatMapStrings toInt hasSuffix escapeShellArg stringToCharacters removeSuffix toLower "
            "toUpper makeBinPath getName toIntBase10 fixedWidthNumber makeLibraryPath concatImapStrings "
            "concatImapStringsSep concatMapAttrsStringSep concatLines join intersperse replaceString trim trimWith "
            "toSentenceCase toCamelCase lowerChars upperChars stringAsChars escape escapeURL escapeShellArgs escapeRegex "
            "escapeXML toShellVar toShellVars isValidPosixName versionOlder versionAtLeast fixedWidthString makeSearchPath "
            "makeSearchPathOutput makeIncludePath splitStringBy isStringLike isStorePath addContextFrom fileContents "
            "cmakeOptionType cmakeBool cmakeFeature mesonOption mesonBool mesonEnable enableFeature enableFeatureAs "
            "withFeature withFeatureAs nameFromURL"
        ),
        own=(
            "replicate charToInt escapeC escapeNixString escapeNixIdentifier floatToString normalizePath "
            "isConvertibleWithToString sanitizeDerivationName levenshtein levenshteinAtMost commonPrefixLength "
            "commonSuffixLength"
        ),
        builtins=(
            "filter elem isAttrs head tail elemAt isList isString replaceStrings stringLength substring compareVersions "
            "split isInt genList match typeOf isPath readFile parseDrvName toJSON fromJSON appendContext "
            "unsafeDiscardStringContext storeDir"
        ),
        module="nixbridge.language.nixpkgs.strings",
        python=(
            "concatStrings concatMapStrings concatMapStringsSep concatImapStringsSep concatImapStrings concatLines "
            "optionalString hasPrefix hasSuffix hasInfix removePrefix removeSuffix splitString stringToCharacters "
            "stringAsChars toLower toUpper replicate intersperse escape"
        ),
        same_as_builtin="concatStringsSep",
    ),
    "attrsets": SubSet(
        shared=(
            "mapAttrsToList mapAttrs optionalAttrs recursiveUpdate filterAttrs attrValues mapAttrs' attrsToList "
            "setAttrByPath mergeAttrsList attrByPath catAttrs zipAttrs hasAttrByPath getAttrs isDerivation collect "
            "mapAttrsRecursive updateManyAttrsByPath getAttrFromPath genAttrs genAttrs' foldlAttrs foldAttrs concatMapAttrs "
            "attrVals mapAttrsRecursiveCond mapAttrsToListRecursive mapAttrsToListRecursiveCond filterAttrsRecursive "
            "cartesianProduct mapCartesianProduct zipAttrsWith zipAttrsWithNames recursiveUpdateUntil matchAttrs "
            "overrideExisting showAttrPath recurseIntoAttrs dontRecurseIntoAttrs getOutput getFirstOutput getBin getLib "
            "getStatic getDev getInclude getMan chooseDevOutputs nameValuePair toDerivation"
        ),
        own="longestValidPathPrefix unionOfDisjoint",
        builtins="hasAttr isAttrs listToAttrs attrNames removeAttrs getAttr intersectAttrs",
        module="nixbridge.language.nixpkgs.attrsets",
        python=(
            "optionalAttrs mapAttrsToList filterAttrs nameValuePair attrByPath hasAttrByPath getAttrFromPath setAttrByPath "
            "recursiveUpdate genAttrs mapAttrs' attrsToList attrVals getAttrs isDerivation foldlAttrs mergeAttrsList"
        ),
        same_as_builtin="attrValues catAttrs mapAttrs zipAttrsWith",
    ),
    "trivial": SubSet(
        shared=(
            "pipe compare isFunction min max importJSON boolToString mod id flip splitByAndCompare importTOML warn warnIf "
            "throwIf const mergeAttrs concat or and xor bitNot boolToYesNo defaultTo mapNullable version isInOldestRelease "
            "oldestSupportedReleaseIsAtLeast nixpkgsVersion inNixShell inPureEvalMode warnIfNot throwIfNot checkListOfEnum "
            "info showWarnings setFunctionArgs functionArgs mirrorFunctionArgs toFunction fromHexString toHexString "
            "toBaseDigits "
        ),
        own="revisionWithDefault release versionSuffix codeName oldestSupportedRelease",
        builtins=(
            "isBool isInt isFloat deepSeq add sub mul div lessThan bitAnd bitOr bitXor ceil floor seq genericClosure "
            "pathExists readFile"
        ),
        module="nixbridge.language.nixpkgs.trivial",
        python=(
            "id const pipe flip concat mergeAttrs or and xor min max compare boolToString boolToYesNo defaultTo mapNullable "
            "isFunction"
        ),
    ),
    "asserts": SubSet(
        shared="assertMsg assertOneOf",
        own="assertEachOneOf checkAssertWarn",
    ),
    "meta": SubSet(
        shared=(
            "getExe getExe' addMetaAttrs setName updateName appendToName mapDerivationAttrset setPrio lowPrio hiPrio "
            "lowPrioSet hiPrioSet dontDistribute getLicenseFromSpdxId getLicenseFromSpdxIdOr licensesSpdx"
        ),
        own="availableOn defaultPriority cpeFullVersionWithVendor platformMatch",
    ),
    "fixedPoints": SubSet(
        shared=(
            "extends fix fix' converge composeExtensions composeManyExtensions makeExtensible makeExtensibleWithCustomName "
            "toExtension"
        ),
        file="fixed-points",
    ),
    "misc": SubSet(
        shared=(
            "imap maybeAttr maybeAttrNullable maybeEnv ifEnable nvs setAttr setAttrMerge mergeAttrsWithFunc "
            "mergeAttrsConcatenateValues mergeAttrsNoOverride mergeAttrByFunc mergeAttrsByFuncDefaults "
            "mergeAttrsByFuncDefaultsClean mergeAttrBy uniqList uniqListExt condConcat lazyGenericClosure defaultMerge "
            "defaultMergeArg foldArgs modifySumArgs innerModifySumArgs checkFlag getValue checkReqs nixType fakeHash "
            "fakeSha256 fakeSha512 closePropagation innerClosePropagation"
        ),
        own="closePropagationFast closePropagationSlow",
    ),
    "path": SubSet(
        own="subpath append hasPrefix removePrefix splitRoot hasStorePathPrefix",
    ),
    "cli": SubSet(
        own="toCommandLine toCommandLineGNU toCommandLineShell toCommandLineShellGNU toGNUCommandLine toGNUCommandLineShell",
    ),
    "customisation": SubSet(
        shared=(
            "makeOverridable callPackageWith callPackagesWith makeScope extendDerivation extendMkDerivation hydraJob "
            "makeScopeWithSplicing makeScopeWithSplicing' mapCrossIndex overrideDerivation renameCrossIndexFrom "
            "renameCrossIndexTo"
        ),
    ),
    "debug": SubSet(
        shared=(
            "traceIf traceVal traceValFn traceSeq traceSeqN traceValSeq traceValSeqFn traceValSeqN traceValSeqNFn "
            "traceFnSeqN runTests testAllTrue"
        ),
        own="throwTestFailures",
        builtins="trace addErrorContext unsafeGetAttrPos",
    ),
    "derivations": SubSet(
        shared="optionalDrvAttr lazyDerivation warnOnInstantiate",
        builtins="addDrvOutputDependencies unsafeDiscardOutputDependency",
    ),
    "filesystem": SubSet(
        shared="pathIsDirectory pathIsRegularFile pathType packagesFromDirectoryRecursive ",
        own="haskellPathsInDir listFilesRecursive locateDominatingFile resolveDefaultNix",
        builtins="baseNameOf isPath readDir readFileType hashFile dirOf",
    ),
    "generators": SubSet(
        shared="mkLuaInline",
        own=(
            "toPretty toINI toINIWithGlobalSection toKeyValue mkKeyValueDefault mkValueStringDefault toGitINI toJSON toYAML "
            "toPlist toDhall toLua toDconfINI mkDconfKeyValue withRecursion"
        ),
    ),
    "gvariant": SubSet(
        own=(
            "mkValue mkArray mkEmptyArray mkVariant mkDictionaryEntry mkMaybe mkNothing mkJust mkTuple mkBoolean mkString "
            "mkObjectpath mkUchar mkInt16 mkUint16 mkInt32 mkUint32 mkInt64 mkUint64 mkDouble type isGVariant "
            "intConstructors"
        ),
    ),
    "kernel": SubSet(
        own="option yes no module unset freeform whenHelpers",
    ),
    "network": SubSet(
        shared="mkEUI64Suffix",
        own="ipv6",
    ),
    "stringsWithDeps": SubSet(
        shared="textClosureList textClosureMap noDepEntry fullDepEntry packEntry stringAfter",
        file="strings-with-deps",
    ),
    "systems": SubSet(
        own=(
            "architectures doubles elaborate equals examples flakeExposed functionNames inspect parse platforms "
            "systemToAttrs"
        ),
    ),
    "fileset": SubSet(
        own="difference empty fileFilter fromSource gitTracked gitTrackedWith intersection isFileset maybeMissing toList "
        "toSource trace traceVal union unions",
    ),
    "fetchers": SubSet(
        own="normalizeHash proxyImpureEnvVars withNormalizedHash",
    ),
    "sources": SubSet(
        shared=(
            "canCleanSource cleanSource cleanSourceFilter cleanSourceWith commitIdFromGitRepo pathHasContext pathIsGitRepo "
            "repoRevToName revOrTag sourceByRegex sourceFilesBySuffices "
        ),
        own="shortRev sourceByGlobs urlToName trace",
        builtins="filterSource",
    ),
    "versions": SubSet(
        own="major minor patch majorMinor pad",
        builtins="splitVersion compareVersions",
    ),
    "metaTables": SubSet(
        shared="licenses licensesSpdx getLicenseFromSpdxId getLicenseFromSpdxIdOr sourceTypes platforms",
        file="meta-tables",
        internal=True,
    ),
    "flakes": SubSet(
        builtins="flakeRefToString parseFlakeRef",
    ),
}

#: What `lib` itself passes on from the builtins.
_BUILTINS_IN_LIB = (
    "filterSource length filter hasAttr elem isAttrs head listToAttrs tail elemAt isList attrNames map isString replaceStrings "
    "removeAttrs stringLength isBool splitVersion substring compareVersions concatLists baseNameOf split isInt "
    "isFloat deepSeq genList getAttr intersectAttrs match typeOf isPath add sub mul div lessThan bitAnd bitOr "
    "bitXor ceil floor seq genericClosure pathExists readFile readDir readFileType hashFile hashString convertHash "
    "dirOf parseDrvName toJSON fromJSON fromTOML toXML toString tryEval trace addErrorContext unsafeGetAttrPos "
    "getContext hasContext appendContext unsafeDiscardStringContext addDrvOutputDependencies flakeRefToString "
    "parseFlakeRef placeholder toFile unsafeDiscardOutputDependency"
)
BUILTINS_IN_LIB = tuple(_BUILTINS_IN_LIB.split())

#: Sets that are there as a name only, and the reason for it.
REFUSED = {
    "maintainers": "nixpkgs' list of maintainers",
    "teams": "nixpkgs' list of maintainers",
}
