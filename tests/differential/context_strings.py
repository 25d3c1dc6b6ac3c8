"""Strings with contexts: every way to make, combine and lose one."""

from __future__ import annotations

import random

from tests.fuzz.grammars import Grammar, grown

#: What the expressions see: a derivation with two outputs, one that uses it, and a file in the store.
SCOPE = (
    'd = derivation { name = "d"; system = "s"; builder = "b"; outputs = [ "out" "dev" ]; };'
    ' e = derivation { name = "e"; system = "s"; builder = "b"; a = d; };'
    ' t = builtins.toFile "t" "text";'
    ' p = "/nix/store/00000000000000000000000000000000-p";'
)
STRINGS: Grammar = {
    "start": ("{ text = builtins.unsafeDiscardStringContext s; context = builtins.getContext s; }",),
    "question": (
        "builtins.hasContext s", "s", "builtins.getContext s", "s == builtins.unsafeDiscardStringContext s", "{ ${s} = 1; }",
        "builtins.fromJSON s", "builtins.toFile \"n\" s", "builtins.hashString \"sha256\" s", "s < ‹string›", "./folder + s",
        "builtins.attrNames { ${builtins.unsafeDiscardStringContext s} = 1; }", "builtins.stringLength s",
        "builtins.toXML [ s ]", "builtins.listToAttrs [ { name = s; value = 1; } ]", "{ a = 1; } ? ${s}",
        "builtins.parseDrvName s", "builtins.splitVersion s", "builtins.compareVersions s ‹string›",
        "builtins.match \"(.*)-(.*)\" s",
        "map builtins.hasContext (builtins.filter builtins.isString (builtins.split \"-\" s))",
        "derivation { name = s; system = \"s\"; builder = \"b\"; }",
        "(derivation { name = \"n\"; system = s; builder = s; }).drvPath", "builtins.groupBy (x: x) [ s ]",
        "builtins.getEnv s", "builtins.toPath s", "throw s", "builtins.pathExists s", "builtins.fromTOML s",
        "builtins.storePath s", "builtins.elem s [ (builtins.unsafeDiscardStringContext s) ]", "builtins.placeholder s",
        "builtins.replaceStrings [ s ] [ \"x\" ] (s + s)", "builtins.getAttr s { }", "removeAttrs { } [ s ]",
        "builtins.convertHash { hash = s; hashAlgo = \"md5\"; toHashFormat = \"sri\"; }",
    ),
    "string": (
        '"${d}"', '"${d.dev}"', "d.drvPath", "d.outPath", '"${e}"', "e.drvPath", "t", '"${./file.txt}"', '"${./folder}/x"',
        '"plain"', '""', "p", '"${‹string›}"', '"<${‹string›}:${‹string›}>"', "(‹string› + ‹string›)",
        "''\n  ${‹string›}\n    a\n''", "(toString [ ‹string› ‹string› ])", "(toString { outPath = ‹string›; })",
        "(toString { __toString = x: ‹string›; })", "(builtins.substring ‹small› ‹size› ‹string›)",
        '(builtins.concatStringsSep ‹string› [ ‹string› ‹string› ])',
        '(builtins.replaceStrings [ "/" "d" ] [ ‹string› "" ] ‹string›)',
        '(builtins.replaceStrings [ "absent" ] [ ‹string› ] ‹string›)', '(builtins.replaceStrings [ "" ] [ ‹string› ] "ab")',
        "(builtins.toJSON { a = ‹string›; b = [ ‹string› ]; })", "(builtins.toXML { a = ‹string›; })",
        "(builtins.toJSON ‹string›)", "(baseNameOf ‹string›)", "(dirOf ‹string›)",
        "(builtins.unsafeDiscardStringContext ‹string›)", "(builtins.unsafeDiscardOutputDependency ‹string›)",
        "(builtins.addDrvOutputDependencies ‹single›)", "(builtins.addDrvOutputDependencies d.drvPath)",
        "(builtins.appendContext ‹string› (builtins.getContext ‹string›))", "(builtins.appendContext ‹string› ‹context›)",
        "(builtins.head (builtins.split \"/\" ‹string›))", "(builtins.foldl' (a: b: a + b) \"\" [ ‹string› ‹string› ])",
        "(if builtins.hasContext ‹string› then ‹string› else ‹string›)", "(builtins.elemAt [ ‹string› ‹string› ] 1)",
        "(builtins.toFile \"u\" ‹file›)", "(toString ./file.txt)", "(builtins.addErrorContext ‹string› ‹string›)",
        "(builtins.seq ‹string› ‹string›)", "(derivation { name = \"n\"; system = \"s\"; builder = ‹string›; }).outPath",
        "(builtins.path { path = ./file.txt; })", "(let x = ‹string›; in x + x)", "(builtins.readFile ./file.txt + ‹string›)",
        "(builtins.filterSource (a: b: true) ./folder)",
    ),
    "context": (
        "{ }", "{ ${p} = { path = true; }; }", '{ "${p}.drv" = { outputs = [ "out" ]; }; }', "{ }",
        "{ ${p} = { path = true; }; }", "{ ${p} = { path = true; allOutputs = false; }; }",
        '{ "${p}.drv" = { allOutputs = true; }; }', '{ "${p}.drv" = { outputs = [ "out" "dev" ]; }; }',
        '{ "${p}.drv" = { outputs = [ ]; }; }', "{ ${p} = { allOutputs = true; }; }", '{ ${p} = { outputs = [ "out" ]; }; }',
        '{ "/x" = { path = true; }; }', "{ ${p} = { }; }", "{ ${p} = 1; }",
        '{ "${p}.drv" = { path = true; allOutputs = true; outputs = [ "b" "a" ]; }; }',
    ),
    "single": ("d.drvPath", "e.drvPath", "(builtins.unsafeDiscardOutputDependency e.drvPath)", "‹string›"),
    "file": ('"${t}"', '"${./file.txt}${t}"', '"plain"', "‹string›"),
    "small": ("0", "1", "5", "100", "1000", "3", "0", "2", "10", "(-1)"),
    "size": ("0", "1", "10", "(-1)", "1000"),
}  # fmt: skip


class ContextStrings:
    """Expressions out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)

    def expression(self) -> str:
        """One string and a question about it: most often its text and its context."""
        string = grown(STRINGS, self.picks, "string", self.picks.randint(1, 4))
        question = grown(STRINGS, self.picks, "start" if self.picks.random() < 0.85 else "question", 3)
        return f"let {SCOPE} s = {string}; in {question}"
