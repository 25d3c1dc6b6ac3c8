"""Functions of nixpkgs' module system that run in Python where they are known by their text: values and errors stay those of the Nix code.

Here the Nix code is the built-in lib's; with NIXBRIDGE_SUITES, the module system of that nixpkgs itself is compared.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import nixbridge
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.compiler.known_functions import BUILT_IN, GROUPS, OPTIONS, known_functions
from nixbridge.language.evaluation.evaluator import Evaluator
from nixbridge.language.nixpkgs.library import FOLDER
from nixbridge.language.nixpkgs.native_bodies import BODIES_OF_A_PROGRAM, NATIVE_BODIES
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.parser import parse
from nixbridge.source import Source
from tests.conformance.known_functions import sum_of
from tests.conformance.public_suites import suite_folder

#: A module system whose functions pass everything on.
FUNCTIONS = """let
  mergeModules' = prefix: modules: configs: lib.modules.mergeModules' prefix modules configs;
  mergeOptionDecls = loc: opts: lib.modules.mergeOptionDecls loc opts;
  fixupOptionType = loc: opt: lib.modules.fixupOptionType loc opt;
  evalOptionValue = loc: opt: defs: lib.modules.evalOptionValue loc opt defs;
  mergeDefinitions = loc: type: defs: lib.modules.mergeDefinitions loc type defs;
  unifyModuleSyntax = file: key: m: lib.modules.unifyModuleSyntax file key m;
  dischargeProperties = def: lib.modules.dischargeProperties def;
  collectModules = class: let pass = path: modules: lib.modules.collectModules path modules; in path: modules: args: pass path modules args;
  inherit (lib.modules) pushDownProperties filterOverrides' sortProperties setDefaultModuleLocation;
  evalModules = given@{ modules, prefix ? [ ], specialArgs ? { }, class ? null, args ? { }, check ? true }: lib.evalModules given;
  inherit (lib.modules) mergeModules applyModuleArgsIfFunction applyModuleArgs;
  inherit (lib) mkIf mkMerge mkOverride mkOptionDefault;
  checkV2MergeCoherence = null;
  defaultOverridePriority = 100;
  defaultOrderPriority = 1000;
  inherit (lib) types mkForce mkDefault mkBefore mkAfter;
  mkOption = { type ? null, default ? null, ... }@attrs: lib.mkOption attrs;
  mergeEqualOption = loc: defs: lib.mergeEqualOption loc defs;
  # types of which only `merge` counts
  nullOr = elemType: lib.id { merge = loc: defs: (types.nullOr elemType).merge loc defs; };
  listOf = elemType: lib.id { merge.v2 = { loc, defs }: (types.listOf elemType).merge.v2 { inherit loc defs; }; };
  attrsWith = { elemType, lazy ? false }:
    lib.id { merge.v2 = { loc, defs }: (types.attrsWith { inherit elemType lazy; }).merge.v2 { inherit loc defs; }; };
  submoduleWith = { modules, shorthandOnlyDefinesConfig ? false }@given:
    let
      base = evalModules { modules = [ { _module.args.name = lib.mkOptionDefault "‹name›"; } ] ++ modules; };
      check = value: (types.submoduleWith given).check value;
    in lib.id { merge.v2 = { loc, defs }: (types.submoduleWith given).merge.v2 { inherit loc defs; }; };
  v2 = type: defs: let r = type.merge.v2 { loc = [ "a" ]; inherit defs; }; in [ r.headError r.value (builtins.attrNames r.valueMeta) ];
  at = file: value: { inherit file value; };
  merged = type: defs: let r = mergeDefinitions [ "a" ] type defs; in [ r.mergedValue r.isDefined r.defsFinal r.optionalValue ];
  option = options: defs:
    let
      declared = mergeOptionDecls [ "a" ] (map (options: { _file = "o"; inherit options; }) options);
      o = evalOptionValue [ "a" ] declared defs;
    in { inherit (o) value isDefined files definitions highestPrio definitionsWithLocations loc declarations; };
  values = options: if options ? _type then options.value else builtins.mapAttrs (n: values) options;
  modules = options: configs:
    let
      declared = map (options: { _file = "m"; inherit options; }) options;
      r = mergeModules' [ ] declared (map (config: { file = "c"; inherit config; }) configs);
    in { options = values r.matchedOptions; rest = r.unmatchedDefns; };
  int = mkOption { type = types.int; };
  collected = modules: map (m: { inherit (m) _file key config imports; }) (collectModules null "/path" modules args).modules;
  args = { config._module.args.late = 3; lib = "L"; };
  evaluated = modules: (evalModules { inherit modules; }).config;
  shown = option: removeAttrs option [ "type" "options" "declarationPositions" "__toString" "valueMeta" ];
  numbered = mkOption { type = types.attrsOf (types.submodule { options.n = int; }); };
in
"""

ASKED = {
    "one definition": 'merged types.int [ (at "f" 3) ]',
    "priorities": 'merged types.int [ (at "f" (mkDefault 1)) (at "g" (mkForce 2)) (at "h" 3) ]',
    "equal priorities": 'merged (types.listOf types.int) [ (at "f" (mkForce [ 1 ])) (at "g" (mkForce [ 2 ])) (at "h" [ 3 ]) ]',
    "conditions": 'merged types.int [ (at "f" (mkIf false (throw "not asked for"))) (at "g" (mkIf true (mkIf true 3))) ]',
    "a merge of properties": 'merged types.lines [ (at "f" (mkMerge [ "a" (mkIf true "b") (mkIf false "c") ])) (at "g" "d") ]',
    "an order": 'merged (types.listOf types.str) [ (at "f" (mkAfter [ "z" ])) (at "g" [ "m" ]) (at "h" (mkBefore [ "a" ])) ]',
    "no definition, an empty value": "merged (types.attrsOf types.int) [ ]",
    "a priority where the values fail": '(mergeDefinitions [ "a" ] types.int [ (at "f" (mkForce (throw "x"))) ])."defsFinal\'".highestPrio',
    "a default": 'option [ { type = types.int; default = 4; } ] [ ]',
    "a default that is not taken": 'option [ { type = types.int; default = throw "x"; } ] [ (at "f" 2) ]',
    "an apply": 'option [ { type = types.int; apply = x: x + 1; } ] [ (at "f" (mkDefault 2)) ]',
    "an option without a type": "modules [ { a = mkOption { }; } { a = mkOption { default = 1; }; } ] [ { a = 2; } ]",
    "two declarations": 'option [ { type = types.int; description = "x"; } { type = types.int; default = 3; } ] [ (at "f" (mkDefault 2)) ]',
    "a read-only option": 'option [ { type = types.int; readOnly = true; } ] [ (at "f" 2) ]',
    "nested options": "modules [ { a.b = int; c = int; } { a.d = int; } ] [ { a.b = 1; c = 2; } { a = mkIf true { d = 3; }; } ]",
    "unmatched definitions": "modules [ { a.b = int; } ] [ { a.b = 1; a.x.y = 2; } { z = 3; } ]",
    "overrides further out": "modules [ { a.b = int; a.c = int; } ] [ { a = mkForce { b = 1; c = 2; }; } { a.b = 5; a.c = mkForce 2; } ]",
    "submodules": 'modules [ { a = numbered; } ] [ { a.x.n = 1; a.y = { n = 2; }; } ]',
    "options that no definition needs": """builtins.attrNames
      (mergeModules' [ ] [ { _file = "m"; options.a = throw "x"; } ] (throw "y")).matchedOptions""",
    "a module in full": 'unifyModuleSyntax "f" "k" { config.a = 1; imports = [ 2 ]; meta.x = 3; _file = ./a; }',
    "a module in short": 'unifyModuleSyntax "f" "k" { a = 1; imports = [ 2 ]; require = [ 3 ]; freeformType = 4; key = "own"; }',
    "modules that import others": """collected [
      { _file = "a"; imports = [ { key = "k"; x = 1; } { imports = [ { key = "k"; x = 2; } ]; } ]; } { key = "k"; x = 3; } ]""",
    "functions as modules": """collected [ ({ lib, late, missing ? throw "not asked for", ... }: { x = [ lib late ]; })
      { __functor = _: { late, ... }: { x = late; }; } { __functor = _: a: { x = a.lib; }; __functionArgs = { late = false; }; } ]""",
    "a module in a file": "collected [ (builtins.toFile \"m.nix\" \"{ late, ... }: { x = late; }\") ]",
    "properties as modules": 'collected [ (mkIf true { x = 1; }) (mkForce { x = 2; }) ]',
    "modules that are disabled": """collected [ { disabledModules = [ "b.nix" ./c { key = "d"; } ]; } { key = "/path/b.nix"; }
      { key = toString ./c; } { key = "d"; imports = [ { key = "e"; } ]; } { key = "f"; imports = [ { key = "d"; } { key = "g"; } ]; } ]""",
    "a module that is disabled and disables": """collected
      [ { key = "a"; disabledModules = [ { key = "a"; } { key = "b"; } ]; } { key = "b"; } { key = "c"; } ]""",
    "the graph of modules": """map (node: { inherit (node) key disabled; imports = map (below: below.key) node.imports; })
      (collectModules null "" [ { key = "a"; imports = [ { key = "b"; } ]; } ] { config = { }; }).graph""",
    "a configuration": """evaluated [ { options.a = int; options.b.c = int; }
      ({ config, options, lib, ... }: { a = config.b.c + options.b.c.highestPrio; b.c = lib.mkDefault 1; }) ]""",
    "what an evaluation gives": """let e = evalModules { modules = [ { options.a = int; config.a = 1; } ]; class = "c"; prefix = [ "p" ]; };
      in [ e._type e.class (builtins.attrNames e) (builtins.attrNames e._module) e._module.check (shown e.options.a) ]""",
    "an extended configuration": """let e = evalModules { modules = [ { options.a = int; config.a = mkDefault 1; } ]; specialArgs.s = 1; };
      in [ e.config.a (e.extendModules { modules = [ ({ s, t, ... }: { a = s + t; }) ]; specialArgs.t = 5; }).config.a ]""",
    "the configuration of a submodule, extended": """let
        module = { options.a = mkOption { type = types.submodule { options.n = int; config.n = mkDefault 1; }; }; config.a = { }; };
        e = evalModules { modules = [ module ]; };
      in [ e.config.a.n (e.options.a.valueMeta.configuration.extendModules { modules = [ { n = 2; } ]; }).config.n ]""",
    "a configuration as a type": """let inner = evalModules { modules = [ { options.n = int; config.n = mkDefault 3; } ]; };
      in evaluated [ { options.a = mkOption { type = inner.type; }; config.a = { }; } ]""",
    "a function of a configuration in it": """(evaluated [ ({ extendModules, ... }: {
      options = { a = int; b = mkOption { type = types.raw; }; };
      config = { a = mkDefault 1; b = (extendModules { modules = [ { a = 2; b = mkForce 0; } ]; }).config.a; }; }) ])""",
    "special arguments": """(evalModules { modules = [ ({ lib, own, specialArgs, modulesPath, ... }:
      { options.a = mkOption { default = [ lib own specialArgs.own modulesPath ]; type = types.raw; }; disabledModules = [ "x" ]; })
      { key = "/m/x"; a = 2; } ]; specialArgs = { lib = "L"; own = 1; modulesPath = "/m"; }; }).config""",
    "module arguments": "evaluated [ { options.a = int; config._module.args = { x = 2; y = throw \"y\"; }; } ({ x, ... }: { a = x; }) ]",
    "a freeform type": """evaluated [ { freeformType = types.attrsOf (types.attrsOf types.int); options.a.b = int; }
      { a.b = 1; a.c = 2; d.e = 3; } ]""",
    "a freeform type without definitions": "evaluated [ { freeformType = types.attrsOf types.int; options.a = int; } { a = 1; } ]",
    "definitions that nobody checks": "evaluated [ { options.a = int; config.a = 1; } { b = 2; _module.check = false; } ]",
    "no modules": "evaluated [ ]",
    "a deprecated argument": "(evalModules { modules = [ ({ x, ... }: { options.a = int; config.a = x; }) ]; args = { x = 1; }; }).config",
    "the documentation of internal options": """let e = evalModules { modules = [ { options.a = int; config.a = 1; } ]; };
      in map (name: removeAttrs (shown e.options._module.${name}) [ "value" "definitions" "definitionsWithLocations" "internal" ])
        (builtins.attrNames e.options._module)""",
    "the graph of a configuration": """(evalModules { modules = [ { key = "a"; imports = [ { key = "b"; } ]; } ]; }).graph""",
    "options that nothing forces": """builtins.attrNames
      (evaluated [ { options.a = mkOption { type = throw "type"; }; } ])""",
    "values that are equal": 'mergeEqualOption [ "a" ] [ (at "f" [ 1 ]) (at "g" [ 1 ]) ]',
    "one function": '(mergeEqualOption [ "a" ] [ (at "f" (x: x)) ]) 3',
    "null or not": """let merge = (nullOr types.int).merge [ "a" ]; in
      [ (merge [ (at "f" 1) ]) (merge [ (at "f" null) (at "g" null) ]) ]""",
    "elements of lists": """v2 (listOf (types.listOf types.int))
      [ (at "f" [ [ 1 ] (mkIf false [ 2 ]) (mkMerge [ [ 3 ] [ 4 ] ]) ]) (at "g" [ [ ] ]) ]""",
    "elements that are not asked for": 'builtins.length (builtins.elemAt (v2 (listOf types.int) [ (at "f" [ "x" 1 ]) ]) 1)',
    "attributes": """v2 (attrsWith { elemType = types.listOf types.int; })
      [ (at "f" { a = [ 1 ]; b = mkIf false [ ]; c = mkForce [ 2 ]; }) (at "g" { a = [ 3 ]; c = [ 4 ]; }) ]""",
    "lazy attributes": """builtins.elemAt (v2 (attrsWith { elemType = types.nullOr types.int; lazy = true; })
      [ (at "f" { a = 1; b = mkIf false 2; }) ]) 1""",
    "an attribute that is not asked for": """(builtins.elemAt (v2 (attrsWith { elemType = types.int; })
      [ (at "f" { a = 1; b = "x"; }) ]) 1).a""",
    "what a submodule is": """v2 (submoduleWith { modules = [ { options.n = int; options.name = mkOption { type = types.str; }; }
      ({ name, ... }: { inherit name; }) ]; }) [ (at "f" { n = mkDefault 1; }) (at "g" ({ config, ... }: { n = 2; })) (at "h" { }) ]""",
    "a submodule in short": """v2 (submoduleWith { modules = [ { options.config = int; } ]; shorthandOnlyDefinesConfig = true; })
      [ (at "f" { config = 1; }) ]""",
    "discharged": "dischargeProperties (mkMerge [ (mkIf true 1) (mkMerge [ ]) (mkForce 2) ])",
}  # fmt: skip

FAILING = {
    "a definition of another type": 'merged types.int [ (at "f" "text") ]',
    "definitions that differ": 'merged types.int [ (at "f" 1) (at "g" 2) ]',
    "no definition": "merged types.int [ ]",
    "a condition that is not Boolean": 'merged types.int [ (at "f" (mkIf 1 2)) ]',
    "a definition that throws": 'merged types.int [ (at "f" (throw "not there")) ]',
    "a read-only option that is set twice": 'option [ { type = types.int; readOnly = true; default = 1; } ] [ (at "f" 2) ]',
    "two defaults": "option [ { default = 1; } { default = 2; } ] [ ]",
    "an option within an option": "modules [ { a = int; } { a.b = int; } ] [ ]",
    "a module with another attribute": 'unifyModuleSyntax "f" "k" { config = { }; other = 1; }',
    "values that are not equal": 'mergeEqualOption [ "a" ] [ (at "f" 1) (at "g" 2) ]',
    "null and not": '(nullOr types.int).merge [ "a" ] [ (at "f" 1) (at "g" null) ]',
    "an element of another type": 'v2 (listOf types.int) [ (at "f" [ "x" ]) ]',
    "an attribute of another type": 'v2 (attrsWith { elemType = types.int; }) [ (at "f" { a = "x"; }) ]',
    "a submodule that is a number": 'v2 (submoduleWith { modules = [ ]; }) [ (at "f" 3) ]',
    "a definition without an option": "evaluated [ { options.a = int; } { b = 1; } ]",
    "a module of another class": '(evalModules { modules = [ { _class = "other"; } ]; class = "c"; }).config',
    "imports that need the configuration": "evaluated [ ({ config, ... }: { imports = config.a; }) ]",
    "an option of a configuration that throws": 'evaluated [ { options.a = int; config.a = throw "not there"; } ]',
    "an argument that evalModules does not have": "evalModules { modules = [ ]; moduls = [ ]; }",
    "a list as a module": "collected [ [ { } ] ]",
    "a configuration as a module": 'collected [ { _type = "configuration"; } ]',
    "a module argument that nobody gives": 'collected [ ({ nobody, ... }: { x = nobody; }) ]',
    "a disabled module without a key": "collected [ { disabledModules = [ { } ]; } ]",
    "a module that throws": 'collected [ { key = "a"; } (throw "not a module") ]',
    "an option that needs itself": """(let
      o = evalOptionValue [ "a" ] (mergeOptionDecls [ "a" ] [ { _file = "f"; options = int; } ]) [ (at "f" o.value) ];
      in o.value)""",
}  # fmt: skip


#: The sum of each group in the text above.
SUMS = {group: sum_of(f"{FUNCTIONS}1", group) for group in GROUPS}


def outcome(asked: str, patch: pytest.MonkeyPatch, *, known: bool) -> object:
    """Return the value of a program, or its message with all places on the way to it, where the functions above are known or not."""
    for group, found in SUMS.items():
        patch.setattr(group, "sums", {found: {}} if known and found else {})
    try:
        # texts that differ, so that what was compiled for one is not taken for the other
        return nixbridge.evaluate(f"{FUNCTIONS}{asked} # {known}")
    except nixbridge.NixError as error:
        return error.message, error.span, error.context, [(frame.line, frame.span) for frame in error.frames]


@pytest.mark.parametrize("name", [*ASKED, *FAILING])
def test_functions_in_python_do_what_the_nix_code_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = f"builtins.deepSeq ({(ASKED | FAILING)[name]}) ({(ASKED | FAILING)[name]})"
    expected = outcome(asked, monkeypatch, known=False)
    assert isinstance(expected, tuple) == (name in FAILING), expected
    restarts = []
    start_again = Evaluator._start_again
    monkeypatch.setattr(Evaluator, "_start_again", lambda self: (restarts.append(name), start_again(self)))
    assert outcome(asked, monkeypatch, known=True) == expected
    assert bool(restarts) == (name in FAILING), "what Python does, it does alone"


def test_a_group_is_known_as_a_whole() -> None:
    sums = {sum_of(f"{FUNCTIONS}1", OPTIONS), sum_of(f"{FUNCTIONS}2", OPTIONS)}
    assert len(sums) == 1, "what is around the functions does not count"
    changed = FUNCTIONS.replace("defaultOrderPriority = 1000", "defaultOrderPriority = 1001")
    assert sum_of(f"{changed}1", OPTIONS) not in sums
    assert sum_of(FUNCTIONS.replace("  checkV2MergeCoherence = null;\n", "") + "1", OPTIONS) == ""
    others = {other for group in GROUPS for bodies in group.sums.values() for other in bodies.values()}
    assert {path for group in GROUPS for path in group.bodies} | others == {*NATIVE_BODIES, *BODIES_OF_A_PROGRAM}
    root = parse(Source(f"{FUNCTIONS}1"))
    assert isinstance(root, tree.Let)
    assert known_functions(root.bindings, Source(f"{FUNCTIONS}1")) == {}, "of no release of nixpkgs"


def test_the_built_in_lib_has_the_same_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    text = Path(FOLDER, "modules.nix").read_text(encoding="utf-8")
    assert sum_of(text, BUILT_IN) in BUILT_IN.sums, "changed: put the new sum in, if Python still does what it does"
    asked = """{ config, options, rest }: builtins.deepSeq config [ config options.a.files (rest ? graph) ]"""
    program = f"""({asked}) (let
      named = {{ name, ... }}: {{ options.n = lib.mkOption {{ default = name; }}; }};
      e = lib.evalModules {{ modules = [
      {{ options.a = lib.mkOption {{ type = lib.types.attrsOf (lib.types.submodule named); }}; }}
      {{ a = {{ x = {{ }}; y.n = 2; }}; }} ]; }}; in {{ inherit (e) config options; rest = e; }})"""
    with_bodies = nixbridge.evaluate(program)
    CodeCache.forget_recent()
    monkeypatch.setattr(BUILT_IN, "sums", {})
    assert nixbridge.evaluate(program) == with_bodies


NIXPKGS = suite_folder("nixpkgs")
PROGRAM = """
let
  lib = import %s;
  service = { name, config, ... }: {
    options = {
      port = lib.mkOption { type = lib.types.port; default = 80; };
      labels = lib.mkOption { type = lib.types.attrsOf lib.types.str; default = { }; };
      either = lib.mkOption { type = lib.types.either lib.types.int (lib.types.listOf lib.types.str); default = [ name ]; };
      url = lib.mkOption { type = lib.types.nullOr lib.types.str; default = null; };
    };
    config = lib.mkMerge [
      (lib.mkIf (config.port > 1000) { url = lib.mkDefault "http://${name}:${toString config.port}"; })
      { labels.app = name; }
    ];
  };
  result = lib.evalModules {
    modules = [
      { options.services = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule service); default = { }; }; }
      ({ config, lib, ... }: { services = lib.genAttrs [ "a" "b" "c" ] (name: { port = lib.mkDefault 8080; }); })
      { services.a = { port = lib.mkForce 9090; either = 3; }; services.b.labels = lib.mkForce { x = "y"; }; }
      {
        options.free = lib.mkOption { type = lib.types.submodule { freeformType = lib.types.attrsOf lib.types.int; }; };
        config.free = { n = 1; };
      }
      { options.late.x.y = lib.mkOption { type = lib.types.raw; }; config.late = lib.mkIf true { x.y = lib.mkOrder 3 "z"; }; }
    ];
  };
in { inherit (result) config; files = result.options.services.files; kind = result._type; }
"""


@pytest.mark.skipif(NIXPKGS is None, reason="NIXBRIDGE_SUITES names no nixpkgs")
def test_nixpkgs_own_module_system_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert NIXPKGS is not None
    path = NIXPKGS / "lib"
    for group in {*GROUPS} - {BUILT_IN}:
        sums = {sum_of(file.read_text(encoding="utf-8"), group) for file in path.glob("*.nix")}
        assert sums & group.sums.keys(), group.first
    program = f"builtins.seq 1 ({PROGRAM % path})"
    with_bodies = nixbridge.evaluate(program, allow=["/"])
    CodeCache.forget_recent()
    for group in GROUPS:
        monkeypatch.setattr(group, "sums", {})
    assert nixbridge.evaluate(program, allow=["/"]) == with_bodies
