"""Integers and floats: how they are read and written, arithmetic up to its limits, comparison, rounding, bits."""

from __future__ import annotations

import random

from tests.fuzz.grammars import Grammar, grown

NUMBERS: Grammar = {
    "start": (
        "‹number›",
        "[ ‹number› ‹number› ‹number› ]",
        "[ ‹number› (‹test›) ‹text› ]",
        "‹list›",
        "{ a = ‹number›; b = ‹text›; }",
    ),
    "number": (
        "‹literal›",
        "‹literal›",
        "‹literal›",
        "(‹number› + ‹number›)",
        "(‹number› - ‹number›)",
        "(‹number› * ‹number›)",
        "(‹number› / ‹number›)",
        "(-‹number›)",
        "(builtins.floor ‹number›)",
        "(builtins.ceil ‹number›)",
        "(builtins.bitAnd ‹integer› ‹integer›)",
        "(builtins.bitOr ‹integer› ‹integer›)",
        "(builtins.bitXor ‹integer› ‹integer›)",
        "(builtins.fromJSON (builtins.toJSON ‹number›))",
        "(builtins.foldl' builtins.add 0 ‹list›)",
        "(builtins.foldl' builtins.mul 1 [ ‹number› ‹number› ])",
        "(if ‹test› then ‹number› else ‹number›)",
        "(builtins.div ‹number› ‹number›)",
        "(builtins.sub ‹number› ‹number›)",
        '(builtins.fromJSON "‹digits›")',
        '(builtins.fromTOML "a = ‹digits›").a',
        "(let f = n: if n < 1 then ‹number› else f (n - 1) * 2; in f ‹small›)",
    ),
    "integer": (
        "0",
        "1",
        "‹small›",
        "(-1)",
        "255",
        "4294967295",
        "9223372036854775807",
        "(-9223372036854775807)",
        "(-9223372036854775807 - 1)",
        "4611686018427387904",
        "1000000007",
    ),
    "literal": (
        "‹integer›",
        "‹integer›",
        "‹small›",
        "‹small›.‹small›",
        ".‹small›",
        "‹small›.",
        "0.‹digits›",
        "‹digits›.5",
        "1.‹digits›e‹small›",
        "1.e‹small›",
        "1.5e-‹small›",
        "2.5E+‹small›‹small›",
        "1.0e‹small›‹small›",
        "1.0e-‹small›‹small›",
        "0.1",
        "0.0",
        "(-0.0)",
        "1.7976931348623157e308",
        "5.0e-324",
        "2.2250738585072014e-308",
        "9007199254740993.0",
        "9223372036854775808.0",
        "1.0e22",
        "1.0e23",
    ),
    "digits": (
        "1",
        "‹small›‹small›",
        "‹small›‹digits›",
        "12345678‹small›",
        "99999‹small›",
        "100000‹small›",
        "1‹small›‹small›‹small›‹small›",
    ),
    "small": ("2", "1", "3", "5", "7", "9", "0"),
    "test": (
        "‹number› == ‹number›",
        "‹number› < ‹number›",
        "‹number› >= ‹number›",
        "‹number› != ‹number›",
        "[ ‹number› ] == [ ‹number› ]",
        "[ ‹number› ‹number› ] < [ ‹number› ‹number› ]",
        "builtins.isInt ‹number›",
        "builtins.lessThan ‹number› ‹number›",
        "builtins.elem ‹number› ‹list›",
        "{ a = ‹number›; } == { a = ‹number›; }",
    ),
    "text": (
        "(toString ‹number›)",
        "(builtins.toJSON ‹number›)",
        "(builtins.toXML ‹number›)",
        "(toString ‹list›)",
        "(builtins.typeOf ‹number›)",
    ),
    "list": (
        "[ ‹number› ]",
        "(builtins.sort builtins.lessThan ‹list›)",
        "(builtins.sort (a: b: a > b) [ ‹number› ‹number› ‹number› ])",
        "[ ‹number› ‹number› ‹number› ‹number› ]",
        "(map (n: n * 2) ‹list›)",
        "(builtins.genList (n: n * ‹number›) 3)",
    ),
}


class Numbers:
    """Expressions out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)

    def expression(self) -> str:
        """One expression over numbers."""
        return grown(NUMBERS, self.picks, depth=self.picks.randint(2, 5))
