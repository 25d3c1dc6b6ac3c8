"""Chains of derivations with random attributes, and what is made of them: paths of their outputs, their texts, copies of files."""

from __future__ import annotations

import random

from tests.fuzz.grammars import Grammar, grown

#: `§` is the path of a derivation, and `¤` becomes one of the derivations before. Values that Nix refuses are rare.
DERIVATION: Grammar = {
    "start": (
        '{ ‹common› ‹attributes› }', '{ ‹common› ‹attributes› }', '{ ‹common› ‹outputs› ‹attributes› }',
        '{ ‹common› ‹outputs› ‹attributes› }', '{ ‹common› ‹fixed› ‹attributes› }',
        '{ name = ‹name›; system = ‹system›; builder = "/bin/sh"; __structuredAttrs = true; ‹structured› }',
        '{ name = ‹name›; system = ‹system›; builder = "${¤}/x"; __structuredAttrs = true; ‹outputs› d = ‹any›; args = [ "a" ]; }',
        '{ ‹common› __ignoreNulls = ‹bool›; empty = null; ‹attributes› }',
    ),
    "common": (
        'name = ‹name›; system = ‹system›; builder = ‹builder›;',
        'name = ‹name›; system = ‹system›; builder = ‹builder›; args = [ ‹value› ];',
        'name = ‹name›; system = ‹system›; builder = ‹builder›; args = [ ‹value› ‹value› ];',
    ),
    "name": (
        '"x"', '"x"', '"y"', '"y-z"', '"foo-1.0"', '"a.b+c_d?e=f"', f'"{"n" * 200}"', '"0"', '"_"', '"long-name-1.2.3-rc4"',
        '"‹bad›"',
    ),
    "bad": ("good", "better", "b1", "b2", "b3", "a b", "x.drv", "-x", ".x", "n" * 212, "", "a/b", "..", "."),
    "system": (*('"x86_64-linux"',) * 9, *('"s"',) * 9, '"é s"', '""'),
    "builder": ('"/bin/sh"', '"/bin/sh"', './script.sh', '¤', '"${¤}/bin/x"', '(builtins.toFile "b" "‹word›")'),
    "outputs": (
        'outputs = [ "out" "dev" ];', 'outputs = [ "out" ];', 'outputs = [ "dev" "out" "a" ];', 'outputs = [ "lib" ];',
        'outputs = [ "out" "doc" ]; out2 = "1";', 'outputs = [ "bin" "out" ];', 'outputs = [ "x-y" "out" "man" ];',
        'outputs = [ ‹odd› ];',
    ),
    "odd": ('"a"', '"out" "a"', '"b"', '"out" "b"', '"out" "c"', "", '"out" "out"', '"drv"', '"a b"', '"out" ¤', "1"),
    "fixed": (
        'outputHash = ‹hash›; outputHashAlgo = "sha256"; outputHashMode = ‹mode›;',
        'outputHash = ‹hash›; outputHashAlgo = "sha256";',
        'outputHash = (builtins.hashString ‹algorithm› "‹word›"); outputHashAlgo = ‹algorithm›;',
        'outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; outputHashMode = ‹mode›;',
        'outputHash = ""; outputHashAlgo = "sha256";',
        'outputHash = (builtins.hashString "sha1" "‹word›"); outputHashAlgo = "sha1"; outputHashMode = "recursive";',
    ),
    "hash": (
        '(builtins.hashString "sha256" "‹word›")', '"0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"',
        '"sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="', '"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="',
        '(builtins.hashString "sha256" "x")', '(builtins.hashString "sha256" "y")', '"‹word›"',
    ),
    "algorithm": ('"sha256"', '"sha256"', '"sha512"', '"sha1"', '"md5"', '"blake3"'),
    "mode": ('"flat"', '"recursive"', '"recursive"', '"flat"', '"nar"', '"recursive"', '"flat"', '"text"', '"git"'),
    "attributes": ("", "", "‹attribute›", "‹attribute› ‹more›", "‹attribute› ‹more› ‹most›"),
    "attribute": (
        'a = ‹value›;', '"a b" = ‹value›;', '"é" = ‹value›;', 'PATH = ‹value›;', 'passAsFile = [ "a" ];',
        'exportReferencesGraph = [ "g" ¤ ];',
    ),
    "more": (
        'b = ‹value›;', 'allowedReferences = [ ¤ "out" ];', 'preferLocalBuild = ‹bool›;', '_ = ‹value›;', 'Z = ‹value›;',
    ),
    "most": ('c = ‹value›;', 'c = ‹value›; d = ‹value›;', 'impureEnvVars = [ "A" ];', 'requiredSystemFeatures = [ "kvm" ];'),
    "structured": (
        'a = ‹any›;', 'a = ‹any›;', '"a b" = ‹any›; c = ‹any›;', 'outputChecks.out.allowedReferences = [ ¤ ];',
        'exportReferencesGraph.g = [ ¤ ];',
    ),
    "any": ("‹value›", "{ x = ‹any›; }", "[ ‹any› ‹any› ]", "1.5", "null", "{ }", "{ outPath = ‹value›; }", "1.0e20"),
    "value": (
        '"‹word›"', '"‹word›"', '"${¤}"', '¤', '"${¤}/‹word›"', "§", '(builtins.unsafeDiscardOutputDependency ¤.drvPath)',
        '(builtins.unsafeDiscardStringContext "${¤}")', "1", "(-5)", "true", "false", "null", "[ ‹value› ‹value› ]", "[ ]",
        "./file.txt", "./folder", '"${./folder}/nested"', '(builtins.toFile "t" "‹word›")',
        '(builtins.toFile "t" "${./file.txt}")', "{ outPath = ‹value›; }", '{ __toString = s: ‹value›; }',
        '(placeholder "out")', '(builtins.path { path = ./folder; name = "p"; ‹copy› })',
        '(builtins.filterSource (p: t: ‹kept›) ./folder)', '(toString ./file.txt)', "1.5",
        '(builtins.toJSON { a = ‹value›; })', '"‹word›\\n\\t\\"\\\\${"q"}"', "‹refused›", '"v"', '"w"', "7", "[ 1 2 ]",
    ),
    "refused": ("1", "2", "3", '"r"', '"s"', "(x: x)", '(throw "t")', "{ }", "(1 + null)", "./absent"),
    "copy": ("", "recursive = true;", "filter = p: t: ‹kept›;", 'sha256 = "";', "recursive = false;"),
    "kept": (
        "true", 't == "regular"', 't != "symlink"', 'baseNameOf p != "two.nix"', 't == "directory" || baseNameOf p == "empty"',
        "false",
    ),
    "bool": ("true", "false"),
    "word": ("w", "", "foo bar", "é", "a=b", "$out", "w\\nw", "/nix/store/x", "\\\\", "\\\"", "日本"),
}  # fmt: skip

#: What the first derivation may use.
BASE = 'base = derivation { name = "base"; system = "s"; builder = "b"; };'

#: What is asked of the last derivation, `d`; `all` are all of them.
QUESTIONS = (
    "{ inherit (d) drvPath outPath; }",
    "{ inherit (d) drvPath outPath; }",
    "map (o: o.outPath) d.all",
    "builtins.map (x: x.drvPath) all",
    "{ o = d.outputName; t = d.type; n = builtins.attrNames d; }",
    'builtins.getContext "${d} ${d.drvPath}"',
    "builtins.getContext (toString all)",
    'removeAttrs d.drvAttrs [ "builder" "args" "a" "a b" "c" ]',
    'builtins.derivationStrict (d.drvAttrs // { name = "again"; })',
    "d == d && (d // { x = 1; }) == d && all == all",
    "(d.overrideAttrs or (x: d)) { } == d",
    "builtins.toJSON all",
    "builtins.toXML d.drvPath",
    '"${builtins.head d.all}"',
)
#: Questions whose answer is read back from the store.
TEXTS = (
    "builtins.readFile (builtins.unsafeDiscardOutputDependency d.drvPath)",
    "map (x: builtins.readFile (builtins.unsafeDiscardOutputDependency x.drvPath)) all",
    'builtins.hashFile "sha256" (builtins.unsafeDiscardOutputDependency d.drvPath)',
    "let i = import d.drvPath; in { inherit (i) name drvPath outPath; n = builtins.attrNames i; }",
    'builtins.readFile (builtins.toFile "t" "see ${./file.txt}")',
    'builtins.readDir (builtins.path { path = ./folder; name = "p"; filter = p: t: t != "symlink"; })',
)


class DerivationCalls:
    """Chains of derivations out of one seed; with `read_back`, their texts are asked for."""

    def __init__(self, seed: int, *, read_back: bool = False) -> None:
        self.picks = random.Random(seed)
        self.questions = (*QUESTIONS, *TEXTS, *TEXTS, *TEXTS) if read_back else QUESTIONS
        # the whole closure of a derivation is only known where there is a store
        self.whole = (
            ("¤.drvPath", '"${¤.drvPath}!x"') if read_back else ("(builtins.unsafeDiscardOutputDependency ¤.drvPath)",)
        )

    def expression(self) -> str:
        """One to four derivations, each of which may use those before, and a question."""
        count = self.picks.choices((1, 2, 3, 4), (5, 3, 2, 1))[0]
        bindings = [f"d{number} = derivation {self.arguments(number)};" for number in range(count)]
        names = " ".join(f"d{number}" for number in range(count))
        return f"let {BASE} {' '.join(bindings)} d = d{count - 1}; all = [ {names} ]; in {self.picks.choice(self.questions)}"

    def arguments(self, number: int) -> str:
        """The set that a derivation is made of."""
        text = grown(DERIVATION, self.picks, depth=7)
        for _ in range(text.count("§")):
            text = text.replace("§", self.picks.choice(self.whole), 1)
        parts = text.split("¤")
        text = parts[0]
        for part in parts[1:]:
            text += (f"d{self.picks.randrange(number)}" if number else "base") + part
        return text


class DerivationTexts(DerivationCalls):
    """Chains whose texts are read back from the store."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, read_back=True)
