"""JSON both ways: texts for `fromJSON`, values for `toJSON`, and both after one another."""

from __future__ import annotations

import random

from nixbridge.language.syntax.tree_text import literal
from tests.fuzz.grammars import Grammar, grown

TEXT: Grammar = {
    "start": ("‹space›‹value›‹space›",),
    "value": (
        "null", "true", "false", "‹number›", "‹number›", "‹string›", "‹string›", "[]", "{}", "[‹items›]", "[‹items›]",
        "{‹members›}", "{‹members›}", "{‹members›}",
    ),
    "items": ("1", "‹value›", "‹value›,‹items›", "‹value› , ‹items›"),
    "members": ('"a":1', "‹string›:‹value›", "‹string› : ‹value›,‹members›", "‹string›:‹value›,‹members›"),
    "number": (
        "0", "-0", "1", "-1", "123456789012", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "-9223372036854775809", "1.5", "-0.0", "1e5", "1E+2", "2.5e-3", "0.1",
        "1e15", "1e16", "1e22", "1e300", "5e-324", "1e-400", "100000000000000000000000", "3.0", "2", "‹odd›",
    ),
    "odd": ("4", "5", "6", "7", "8", "01", "1.", "+1", "1e400", "NaN"),
    "string": ('""', '"‹text›"', '"‹text›‹text›"', '"‹text›‹text›‹text›"'),
    "text": (
        "a", "b c", "é", "日本", "😀", "\\n", "\\t", "\\\\", '\\"', "\\/", "\\u00e9", "\\ud83d\\ude00", "\\b\\f\\r", "\\u001f",
        "/", "'", "$", "${", "\\u2028", "\x7f", "a", "b", "c", "d", "‹bad›",
    ),
    "bad": ("e", "f", "g", "h", "i", "\\ud83d", "\\u0000", "\\x", "\t"),
    "space": ("", "", " ", "\n", "\t", "\r\n", " \n "),
}  # fmt: skip

VALUE: Grammar = {
    "start": ("‹value›",),
    "value": (
        "null", "true", "1", "(-1)", "‹float›", "‹float›", "‹string›", "‹string›", "[ ]", "{ }", "[ ‹value› ]",
        "[ ‹value› ‹value› ]", "{ ‹attribute› }", "{ ‹attribute› ‹further› }", "{ ‹attribute› ‹further› z = ‹value›; }",
        "{ outPath = ‹value›; }", "{ __toString = self: ‹string›; a = 1; }", "./file.txt",
        '{ type = "derivation"; outPath = "/o"; }', "(x: x)", '(derivation { name = "d"; system = "s"; builder = "b"; })',
    ),
    "attribute": ("a = ‹value›;", '"b c" = ‹value›;', '"é" = ‹value›;', "Z = ‹value›;", '"\\"" = ‹value›;'),
    "further": ("b = ‹value›;", "B = ‹value›;", '"" = ‹value›;', '"ä" = ‹value›;', '"a\\n" = ‹value›;'),
    "float": (
        "0.0", "(-0.0)", "1.0", "0.1", "1.5e3", "1.0e15", "1.0e16", "123456789.125", "1.0e-5", "1.0e-7", "1.0e100",
        "3.3333333333333335", "1.7976931348623157e308", "5.0e-324", "100000.0", "1234567.0", "0.30000000000000004", "2.5e-3",
        "9007199254740993.0",
    ),
    "string": ('""', '"‹text›"', '"‹text›‹text›‹text›"'),
    "text": (
        "a", "é", "日本", "😀", "\\n", "\\t", "\\\\", '\\"', "/", "\\r", "\x7f", "'", "$", "\\${", "\x01", "\x1f", "\u2028",
        "<&>",
    ),
}  # fmt: skip


class JsonTexts:
    """Expressions out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)

    def expression(self) -> str:
        """One text read, one value written, or one taken there and back."""
        pick = self.picks.random()
        if pick < 0.5:
            return f"builtins.fromJSON {literal(grown(TEXT, self.picks, depth=9))}"
        value = grown(VALUE, self.picks, depth=6)
        if pick < 0.8:
            return f"builtins.toJSON ({value})"
        return f"let v = {value}; in builtins.fromJSON (builtins.toJSON v)" + (" == v" if pick > 0.95 else "")
