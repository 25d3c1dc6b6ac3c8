"""Programs for the module system: options of many types, modules that define them in many ways, and questions about the result."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

NAMES = ("a", "b", "c", "d", "enable", "list", "text")
WORDS = ('"x"', '"y"', '"foo"', '"b c"', '""', '"1"', '"a\\nb"')

#: A definition's wrappers, with how often each is taken. `%` is the value, `@` a condition.
WRAPPERS = {
    "%": 12, "lib.mkDefault %": 3, "lib.mkForce %": 2, "lib.mkOverride 900 %": 1, "lib.mkOptionDefault %": 1,
    "lib.mkIf (@) %": 3, "lib.mkIf (@) (lib.mkForce %)": 1, "lib.mkMerge [ % ]": 1, "lib.mkMerge [ (lib.mkIf (@) %) % ]": 1,
    "lib.mkBefore %": 1, "lib.mkAfter %": 1, "lib.mkOrder 700 %": 1, "lib.mkVMOverride %": 1, "lib.mkImageMediaOverride %": 1,
    "lib.mkMerge [ ]": 0.1, "lib.mkForce (lib.mkIf (@) %)": 0.4, "lib.mkDefault (lib.mkOrder 300 %)": 0.4,
}  # fmt: skip
DEFAULT_TEXTS = ('"text"', 'lib.literalExpression "x + 1"', 'lib.literalMD "*x*"')
CONDITIONS = (
    "true",
    "true",
    "true",
    "false",
    "true",
    "(config.enable or true) == true",
    'config ? "a"',
    "options ? b",
    'args.given == "given"',
)
#: What is asked about the evaluated modules.
OPTIONS = 'options = removeAttrs evaluated.options [ "_module" ];'
QUESTIONS = {
    "evaluated.config": 8,
    "lib.mapAttrs (n: o: { inherit (o) isDefined highestPrio files loc; d = o.type.description; }) options": 2,
    "lib.mapAttrs (n: o: o.definitionsWithLocations) options": 2,
    "map (o: removeAttrs o [ \"description\" ]) (lib.optionAttrSetToDocList options)": 2,
    "lib.mapAttrs (n: o: { inherit (o.type) name; s = o.type.getSubOptions [ ] != { }; m = o.type.getSubModules != null; })"
    " options": 1,
    "(evaluated.extendModules { modules = [ { config.a = lib.mkForce 1; } ]; }).config": 1,
    "lib.mapAttrs (n: o: builtins.tryEval (builtins.deepSeq o.value o.value)) options": 2,
    "{ inherit (evaluated) class; c = evaluated.config; }": 1,
    "lib.attrNames evaluated.config": 1,
    "evaluated.type.getSubOptions [ \"x\" ] ? a": 0.5,
}  # fmt: skip


class Type(NamedTuple):
    """An option's type as it is written, and how a value of it is made."""

    text: str
    value: Callable[[], str]


class ModulePrograms:
    """Programs out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)

    def expression(self) -> str:
        """One program: an evaluation of modules, and a question about it."""
        options = {name: self.type(2) for name in self.picks.sample(NAMES, self.picks.randint(1, 4))}
        declared = list(options)
        first = self.picks.randrange(len(declared) + 1)
        modules = [
            self.module(options, declared[:first]),
            self.module(options, declared[first:]),
            *(self.module(options, []) for _ in range(self.picks.randrange(3))),
        ]
        if self.picks.random() < 0.1:
            modules.append(self.renamed(declared[0]))
        self.picks.shuffle(modules)
        given = [f"modules = [ {' '.join(modules)} ];"]
        if self.picks.random() < 0.2:
            given.append('specialArgs.extra = "special";')
        if self.picks.random() < 0.1:
            given.append(self.picks.choice(('class = "nixos";', "class = null;", 'prefix = [ "at" ];')))
        return f"let evaluated = lib.evalModules {{ {' '.join(given)} }}; {OPTIONS} in {self.weighted(QUESTIONS)}"

    def module(self, options: dict[str, Type], declared: list[str]) -> str:
        """A module that declares some options and defines some, written in one of the ways to write one."""
        declarations = [f"options.{name} = {self.declaration(options[name])};" for name in declared]
        chance = 0.7 if declared else 0.25  # each further definition may contradict the first
        definitions = [
            f"{name} = {self.definition(kind)};" for name, kind in options.items() if self.picks.random() < chance
        ]
        if self.picks.random() < 0.02:
            definitions.append("unknown = 1;")
        shorthand = not declarations and self.picks.random() < 0.3
        body = [*declarations, *(definitions if shorthand else self.configuration(definitions))]
        if self.picks.random() < 0.2:
            body.append(f'_file = "{self.picks.choice("mn")}.nix";')
        if self.picks.random() < 0.07:
            body.append(f'key = "{self.picks.choice("kl")}";')
        elif not shorthand and self.picks.random() < 0.12:
            body.append(f"imports = [ {self.module(options, [])} ];")
        elif self.picks.random() < 0.03:
            body.append('disabledModules = [ { key = "k"; } ];')
        if not shorthand and self.picks.random() < 0.05:
            body.append(f"freeformType = {self.type(1).text};" if declarations else "imports = [ ];")
        text = f"{{ {' '.join(body)} }}"
        if "config" in text or "options" in text or "args." in text or self.picks.random() < 0.3:
            return f'({{ config, options, lib, ... }}@given: let args = {{ given = "given"; }}; in {text})'
        return text

    def configuration(self, definitions: list[str]) -> list[str]:
        """Definitions as the `config` of a module."""
        if not definitions:
            return []
        pick = self.picks.random()
        if pick < 0.5:
            return [f"config.{definition}" for definition in definitions]
        together = f"{{ {' '.join(definitions)} }}"
        if pick < 0.8:
            return [f"config = {together};"]
        if pick < 0.9:
            return [f"config = lib.mkIf ({self.picks.choice(CONDITIONS)}) {together};"]
        return [f"config = lib.mkMerge [ {' '.join(f'{{ {definition} }}' for definition in definitions)} ];"]

    def declaration(self, kind: Type) -> str:
        """`mkOption` with some of its arguments."""
        arguments = [f"type = {kind.text};"]
        if self.picks.random() < 0.85:
            arguments.append(f"default = {kind.value()};")
        extras = {
            0.1: f"apply = {self.picks.choice(('x: x', 'x: [ x ]', 'toString', 'x: { inherit x; }', 'builtins.typeOf'))};",
            0.11: f"description = {self.picks.choice(WORDS)};",
            0.08: f"example = {kind.value()};",
            0.02: "readOnly = true;",
            0.06: "internal = true;",
            0.07: f"visible = {self.picks.choice(('false', 'true'))};",
            0.09: f"defaultText = {self.picks.choice(DEFAULT_TEXTS)};",
        }
        arguments += [text for chance, text in extras.items() if self.picks.random() < chance]
        return f"lib.mkOption {{ {' '.join(arguments)} }}" if self.picks.random() < 0.97 else 'lib.mkEnableOption "it"'

    def definition(self, kind: Type) -> str:
        """A value of the type, now and then of another, perhaps in a wrapper."""
        if self.picks.random() < 0.005:
            kind = self.type(1)
        wrapper = self.weighted(WRAPPERS).replace("@", self.picks.choice(CONDITIONS))
        parts = wrapper.split("%")
        return parts[0] + "".join(kind.value() + part for part in parts[1:])

    def renamed(self, name: str) -> str:
        """A module that gives an option another name, with the option that its warnings go to."""
        kind = self.picks.choice(
            (
                f'(lib.mkRenamedOptionModule [ "old" ] [ "{name}" ])',
                f'(lib.mkAliasOptionModule [ "alias" ] [ "{name}" ])',
                '(lib.mkRemovedOptionModule [ "gone" ] "It went.")',
                f'(lib.mkChangedOptionModule [ "old" ] [ "{name}" ] (config: config.old))',
                f'(lib.mkMergedOptionModule [ [ "p" ] [ "q" ] ] [ "{name}" ] (config: 1))',
                f'(lib.doRename {{ from = [ "old" ]; to = [ "{name}" ]; visible = true; warn = false; use = x: x; }})',
            )
        )
        messages = "options.warnings = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };"
        assertions = (
            "options.assertions = lib.mkOption { type = lib.types.listOf lib.types.unspecified; default = [ ]; };"
        )
        return f"{kind} {{ {messages} {assertions} }}"

    def weighted(self, choices: dict[str, float]) -> str:
        """One of the keys, by its weight."""
        return self.picks.choices(list(choices), list(choices.values()))[0]

    # Types

    def type(self, depth: int) -> Type:
        """A random type, at most `depth` types deep."""
        if depth == 0 or self.picks.random() < 0.45:
            text, values, refused = self.picks.choice(SIMPLE)
            return Type(text, lambda: self.picks.choice(refused if self.picks.random() < 0.01 else values))
        return self.picks.choice(
            (self.list, self.attributes, self.alternatives, self.submodule, self.refined, self.tagged)
        )(depth - 1)

    def list(self, depth: int) -> Type:
        """`listOf` and its relatives."""
        element = self.type(depth)
        constructor = self.picks.choice(("listOf", "listOf", "nonEmptyListOf"))
        return Type(
            f"(lib.types.{constructor} {element.text})",
            lambda: (
                f"[ {' '.join(f'({element.value()})' for _ in range(self.picks.randint(constructor != 'listOf', 3)))} ]"
            ),
        )

    def attributes(self, depth: int) -> Type:
        """`attrsOf` and its relatives."""
        element = self.type(depth)
        constructor = self.picks.choice(("attrsOf", "attrsOf", "lazyAttrsOf"))

        def value() -> str:
            names = self.picks.sample(("p", "q", '"r s"'), self.picks.randrange(3))
            return f"{{ {' '.join(f'{name} = {self.definition(element)};' for name in names)} }}"

        return Type(f"(lib.types.{constructor} {element.text})", value)

    def alternatives(self, depth: int) -> Type:
        """`nullOr`, `either`, `oneOf`, `coercedTo`."""
        one, other = self.type(depth), self.type(depth)
        pick = self.picks.randrange(4)
        if pick == 0:
            return Type(f"(lib.types.nullOr {one.text})", lambda: "null" if self.picks.random() < 0.4 else one.value())
        if pick == 1:
            return Type(
                "(lib.types.coercedTo lib.types.int toString lib.types.str)",
                lambda: self.picks.choice(("1", "42", *WORDS)),
            )
        both = f"{one.text} {other.text}"
        text = f"either {both}" if pick == 2 else f"oneOf [ {both} ]"
        return Type(f"(lib.types.{text})", lambda: self.picks.choice((one, other)).value())

    def submodule(self, depth: int) -> Type:
        """`submodule` in some of its forms."""
        inner = {name: self.type(depth) for name in self.picks.sample(("p", "q", "r"), self.picks.randint(1, 2))}
        declarations = " ".join(f"options.{name} = {self.declaration(kind)};" for name, kind in inner.items())
        form = self.picks.choice(
            (
                f"submodule {{ {declarations} }}",
                f"submodule [ {{ {declarations} }} ]",
                f"submodule ({{ name, config, ... }}: {{ {declarations} options.self = lib.mkOption {{ default = name; }}; }})",
                f"submoduleWith {{ modules = [ {{ {declarations} }} ]; shorthandOnlyDefinesConfig = true; }}",
                f"submoduleWith {{ modules = [ {{ freeformType = lib.types.attrsOf lib.types.int; {declarations} }} ]; }}",
            )
        )

        def value() -> str:
            names = [name for name in inner if self.picks.random() < 0.7]
            return f"{{ {' '.join(f'{name} = {self.definition(inner[name])};' for name in names)} }}"

        return Type(f"(lib.types.{form})", value)

    def refined(self, depth: int) -> Type:
        """A type with a further condition, or with another way to merge."""
        kind = self.type(depth)
        form = self.picks.choice(
            (
                "(lib.types.uniq {})",
                '(lib.types.unique {{ message = "Only once."; }} {})',
                "(lib.types.addCheck {} (x: true))",
                "(lib.types.addCheck {} (x: x != 7))",
                '({} // {{ description = "ours"; }})',
                '(lib.types.mkOptionType {{ name = "own"; check = ({}).check; merge = lib.mergeEqualOption; }})',
            )
        )
        return Type(form.format(kind.text), kind.value)

    def tagged(self, depth: int) -> Type:
        """`attrTag`: a set with exactly one of the attributes."""
        kind = self.type(depth)
        text = f"(lib.types.attrTag {{ p = {self.declaration(kind)}; q = lib.mkOption {{ type = lib.types.int; }}; }})"
        return Type(text, lambda: self.picks.choice((f"{{ p = {kind.value()}; }}", "{ q = 3; }")))


INTEGERS = ("0", "1", "7", "42", "(-3)")
#: Types without parts, values of them, and values that are refused.
SIMPLE = (
    ("lib.types.int", INTEGERS, ('"1"', "1.5")),
    ("lib.types.bool", ("true", "false"), ("1",)),
    ("lib.types.str", WORDS, ("1", "[ ]")),
    ("lib.types.float", ("1.5", "0.0"), ("1",)),
    ("lib.types.number", ("1.5", "3"), ('"3"',)),
    ("lib.types.port", ("80", "65535"), ("70000",)),
    ("lib.types.ints.u8", ("0", "255"), ("256",)),
    ("lib.types.ints.s16", ("0", "(-32768)"), ("32768",)),
    ("lib.types.ints.positive", ("1", "2"), ("0",)),
    ("lib.types.ints.unsigned", ("0", "9"), ("(-1)",)),
    ("(lib.types.ints.between 1 9)", ("1", "9"), ("10",)),
    ("(lib.types.numbers.between 0 1)", ("0.5", "1"), ("2",)),
    ("lib.types.numbers.nonnegative", ("0.5", "0"), ("(-0.5)",)),
    ('(lib.types.enum [ "x" "y" 1 ])', ('"x"', '"y"', "1"), ('"z"', "2")),
    ("(lib.types.enum [ ])", ('"x"',), ("1",)),
    ("lib.types.lines", WORDS, ("1",)),
    ("lib.types.commas", WORDS, ("null",)),
    ("lib.types.envVar", WORDS, ("{ }",)),
    ('(lib.types.separatedString ":")', WORDS, ("1",)),
    ('(lib.types.strMatching "[a-z ]+")', ('"x"', '"foo"', '"b c"'), ('"1"', '""')),
    ("lib.types.nonEmptyStr", ('"x"', '"1"'), ('""', '" "')),
    ("lib.types.singleLineStr", ('"x"', '"b c"'), ('"a\\nb"',)),
    ("(lib.types.passwdEntry lib.types.str)", ('"x"', '"b c"'), ('"a:b"',)),
    ("lib.types.anything", ("1", '"x"', "{ p = 1; }", "{ q.r = [ 2 ]; }", "[ 1 ]", "null"), ("{ p = 2; }",)),
    ("lib.types.attrs", ("{ }", "{ p = 1; }", "{ q = [ ]; p = 2; }"), ("[ ]",)),
    ("lib.types.raw", ("1", "[ { } ]", '"x"'), ("null",)),
    ("lib.types.unspecified", ("1", "[ 1 ]", "{ p = 1; }", '"x"'), ("null",)),
    ("lib.types.boolByOr", ("true", "false"), ("1",)),
    ("lib.types.path", ("/a/b", '"/c"'), ('"relative"', "1")),
    ("lib.types.pathInStore", ('"/nix/store/00000000000000000000000000000000-x/y"',), ('"/nix/store"', '"/c"')),
    ("(lib.types.listOf lib.types.int)", ("[ 1 ]", "[ ]", "[ 2 3 ]"), ("[ null ]",)),
    ("(lib.types.attrsOf lib.types.str)", ('{ p = "x"; }', "{ }"), ("{ p = 1; }",)),
)  # fmt: skip
