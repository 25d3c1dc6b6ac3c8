"""Seeded random expressions that mostly evaluate: typed, nested, with laziness and, now and then, a mistake."""

from __future__ import annotations

import json
import random

TYPES = ("int", "bool", "string", "list", "set", "float")
NAMES = ("a", "b", "c", "x", "y")


class Generator:
    """Expressions of a type, with the variables in scope by type."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)
        self.scope: list[tuple[str, str]] = []

    def expression(self) -> str:
        """One expression."""
        self.scope = []
        return self.of(self.picks.choice(TYPES), 4)

    def of(self, kind: str, depth: int) -> str:
        """An expression of a type."""
        pick = self.picks.random()
        known = [name for name, other in self.scope if other == kind]
        if known and pick < 0.25:
            return self.picks.choice(known)
        if depth <= 0:
            return self.literal(kind)
        if pick < 0.28:
            return self.lazily(kind, depth)
        if pick < 0.45:
            return self.bound(kind, depth)
        if pick < 0.46:
            return self.of(self.picks.choice(TYPES), depth - 1)
        return f"({getattr(self, kind)(depth - 1)})"

    def literal(self, kind: str) -> str:
        """A value that is written out."""
        picks = self.picks
        if kind == "int":
            return str(picks.choice([0, 1, 2, 7, 100, 4611686018427387904]))
        if kind == "float":
            return picks.choice(["0.5", "1.0", "2.25", "1000000.0", "0.1"])
        if kind == "bool":
            return picks.choice(["true", "false"])
        if kind == "string":
            return json.dumps(picks.choice(["", "a", "bé", "x.y", "1.2.3", "foo bar"]), ensure_ascii=False)
        return "[ ]" if kind == "list" else "{ }"

    def lazily(self, kind: str, depth: int) -> str:
        """Something beside it that would fail, and is not looked at."""
        inner = self.of(kind, depth - 1)
        return self.picks.choice(
            [
                f'(let unused = throw "u"; in {inner})',
                f'(if true then {inner} else throw "u")',
                f'({{ v = {inner}; w = throw "u"; }}.v)',
                f'(builtins.head [ {inner} (throw "u") ])',
                f"(builtins.tryEval {inner}).value",
                f"(builtins.seq {self.of('int', 1)} {inner})",
            ]
        )

    def bound(self, kind: str, depth: int) -> str:
        """`let`, `with`, a function call: a variable more in scope."""
        name, other = self.picks.choice(NAMES), self.picks.choice(TYPES)
        value = self.of(other, depth - 2)
        hidden = [pair for pair in self.scope if pair[0] == name]
        before = self.scope
        self.scope = [pair for pair in self.scope if pair not in hidden] + [(name, other)]
        body = self.of(kind, depth - 1)
        self.scope = before
        forms = [
            f"(let {name} = {value}; in {body})",
            f"(({name}: {body}) {value})",
            f"(({{ {name} ? {value} }}: {body}) {{ }})",
            f"(({{ {name}, ... }}@args: {body}) {{ {name} = {value}; other = 1; }})",
            f"(rec {{ {name} = {value}; result = {body}; }}).result",
        ]
        if not hidden:
            forms.append(f"(with {{ {name} = {value}; }}; {body})")
        return self.picks.choice(forms)

    def int(self, depth: int) -> str:
        a, b = self.of("int", depth), self.of("int", depth)
        items, text = self.of("list", depth), self.of("string", depth)
        return self.picks.choice(
            [
                f"{a} {self.picks.choice('+-*/')} {b}",
                f"builtins.length {items}",
                f"builtins.stringLength {text}",
                f"builtins.bitXor {a} {b}",
                f"builtins.floor {self.of('float', depth)}",
                f"builtins.compareVersions {text} {self.of('string', depth)}",
                f"builtins.foldl' (p: q: p + 1) {a} {items}",
                f"if {self.of('bool', depth)} then {a} else {b}",
                f"-{a}",
            ]
        )

    def float(self, depth: int) -> str:
        a = self.of("float", depth)
        return self.picks.choice(
            [f"{a} + {self.of('int', depth)}", f"{a} * {self.of('float', depth)}", f"{a} / 2", f"{a} - 0.25"]
        )

    def bool(self, depth: int) -> str:
        kind = self.picks.choice(("int", "string", "float", "list"))
        a, b = self.of(kind, depth), self.of(kind, depth)
        other = self.picks.choice(TYPES)
        return self.picks.choice(
            [
                f"{self.of(other, depth)} == {self.of(self.picks.choice(TYPES), depth)}",
                f"{a} {self.picks.choice(['<', '<=', '>', '>='])} {b}" if kind != "list" else f"{a} != {b}",
                f"{self.of('bool', depth)} {self.picks.choice(['&&', '||', '->'])} {self.of('bool', depth)}",
                f"!{self.of('bool', depth)}",
                f"{self.of('set', depth)} ? {self.picks.choice(NAMES)}",
                f"builtins.elem {a} {self.of('list', depth)}",
                f"builtins.isString {self.of(other, depth)}",
                f"builtins.any (v: v == {a}) {self.of('list', depth)}",
            ]
        )

    def string(self, depth: int) -> str:
        text = self.of("string", depth)
        return self.picks.choice(
            [
                f'"<${{{text}}}-${{toString {self.of("int", depth)}}}>"',
                f"{text} + {self.of('string', depth)}",
                f"builtins.substring {self.picks.randrange(3)} {self.picks.randrange(-1, 4)} {text}",
                f'builtins.concatStringsSep "," (map toString {self.of("list", depth)})',
                f'builtins.replaceStrings [ "a" "." ] [ "b" "" ] {text}',
                f"builtins.toJSON {self.of(self.picks.choice(TYPES), depth)}",
                f"builtins.typeOf {self.of(self.picks.choice(TYPES), depth)}",
                f"toString {self.of('float', depth)}",
                f'builtins.hashString "sha256" {text}',
            ]
        )

    def list(self, depth: int) -> str:
        items = self.of("list", depth)
        element = self.picks.choice(("int", "string"))
        return self.picks.choice(
            [
                "[ " + " ".join(self.of(element, depth) for _ in range(self.picks.randrange(4))) + " ]",
                f"{items} ++ {self.of('list', depth)}",
                f"map (v: [ v {self.of('int', depth)} ]) {items}",
                f"builtins.filter (v: v != {self.of(element, depth)}) {items}",
                f"builtins.genList (n: n * {self.of('int', 1)}) {self.picks.randrange(4)}",
                f"builtins.attrNames {self.of('set', depth)}",
                f"builtins.attrValues {self.of('set', depth)}",
                f"builtins.sort (p: q: builtins.toJSON p < builtins.toJSON q) {items}",
                f"builtins.concatLists [ {items} {self.of('list', depth)} ]",
                f'builtins.split "[.a]" {self.of("string", depth)}',
                f"builtins.splitVersion {self.of('string', depth)}",
                f"(builtins.partition (v: builtins.isInt v) {items}).right",
            ]
        )

    def set(self, depth: int) -> str:
        attrs = self.of("set", depth)
        names = self.picks.sample(NAMES, self.picks.randrange(4))
        written = " ".join(f"{name} = {self.of(self.picks.choice(TYPES), depth)};" for name in names)
        return self.picks.choice(
            [
                f"{{ {written} }}",
                f"{{ {written} }} // {attrs}",
                f"{attrs} // {{ {written} }}",
                f"builtins.mapAttrs (n: v: [ n v ]) {attrs}",
                f'builtins.removeAttrs {attrs} [ "a" "x" ]',
                f"builtins.intersectAttrs {{ a = 1; b = 2; }} {attrs}",
                f"builtins.groupBy (v: builtins.typeOf v) {self.of('list', depth)}",
                f"{{ ${{{self.of('string', depth)}}} = {self.of('int', depth)}; }}",
                f"builtins.zipAttrsWith (n: vs: vs) [ {attrs} {self.of('set', depth)} ]",
                f"builtins.tryEval {self.of('int', depth)}",
            ]
        )
