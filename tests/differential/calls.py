"""Calls of built-in functions and operators with arguments of any kind: mostly errors, and the order in which they are found."""

from __future__ import annotations

import random
import re

from nixbridge.language.builtins.registry import ARITIES
from tests.differential.forms import WITHOUT_FORM

#: A value of each kind, and some that are nearly of another.
VALUES = (
    *("0", "(-1)", "1.5", "true", "null", '""', '"a"', '"1.2-b"', "./folder", "./file.txt"),
    *("[ ]", "[ 1 ]", '[ "a" "b" ]', '[ { key = 1; } { key = "a"; } ]', '[ { name = "n"; value = 1; } ]', '[ [ 1 ] [ "a" ] ]'),
    *("{ }", '{ a = 1; b = "x"; }', '{ outPath = "/o"; }', '{ __toString = self: "s"; }', "{ __functor = self: x: x; }"),
    *('"sha256"', '"[a"', '"{ }"', '"a/b"', '"/a"', '"1e400"', '"[1,"', "9223372036854775807", "(1 / 0.5)", "/a/b", '[ "a" 1 null ]'),
    *("[ [ ] { } ]", '[ (throw "e") ]', '{ a = throw "v"; }', "{ outPath = 1; }", "{ __toString = 1; }", "{ __functor = 1; }"),
    *('{ type = "derivation"; }', "{ name = 1; value = 2; }", '[ { name = "n"; } ]', "[ { key = { }; } ]", "{ path = ./file.txt; }"),
    *('{ hash = "a"; toHashFormat = "sri"; }', "{ startSet = [ { key = 1; } ]; operator = x: [ ]; }", "(throw null)", "(x: [ x ])"),
    *("(x: 1)", "(x: y: true)", '(x: "k")', "(x: { })"),
    *("(x: x)", "(x: y: x)", "({ a, b ? 1 }: a)", "builtins.add", '(throw "t")'),
    '(builtins.appendContext "c" { "/nix/store/00000000000000000000000000000000-x" = { path = true; }; })',
)  # fmt: skip

#: `%` is a value. `//` and `+` are left out: Nix looks at one operand before it evaluates the other.
OPERATIONS = (
    *(f"% {operator} %" for operator in ("-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "->", "++", "|>")),
    *("% ? ${%}", "(%).${%}", "%.a or %", "% %", "-%", "!%", '"${%}"', "if % then % else %", "assert %; %", "with %; a"),
    *("{ ${%} = %; }", "let inherit (%) a; in a", "[ % % ]", "toString [ % ]", "%.a.b or 1", "% ? a.b", "./folder + %"),
    *("/a/${%}", "({ a ? 5, ... }: a) %", "(args@{ a, b ? a }: [ args a b ]) %", "''\n  ${%}\n''", "let v = %; in v == v"),
)  # fmt: skip


class Calls:
    """Expressions out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)
        left_out = {name for names in WITHOUT_FORM.values() for name in names}
        self.functions = sorted(ARITIES.keys() - left_out)

    def expression(self) -> str:
        """One call, of a built-in function three times out of four."""
        if self.picks.random() < 0.25:
            return re.sub("%", lambda hole: self.picks.choice(VALUES), self.picks.choice(OPERATIONS))
        name = self.picks.choice(self.functions)
        return " ".join([f"builtins.{name}", *self.picks.choices(VALUES, k=ARITIES[name])])
