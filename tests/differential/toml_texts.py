"""TOML for `fromTOML`: documents with tables, arrays of tables and dotted keys that meet, and every spelling of a value."""

from __future__ import annotations

import random

from nixbridge.language.syntax.tree_text import literal
from tests.fuzz.grammars import Grammar, grown

#: Where a key stands: one of KEYS, or a name that no other has.
KEY = "¤"
KEYS = ("a", "a", "b", "b", "c", "A-1", "_", "1", "0x1", "'q t'", '"q.t"', '"\\u00e9"', '""', '"a"', "'b'")
TOML: Grammar = {
    "start": ("‹lines›", "‹lines›‹tables›", "‹lines›‹tables›", "‹lines›‹tables›‹tables›"),
    "tables": ("‹header›‹lines›", "‹header›‹lines›‹tables›", "‹header›‹lines›‹tables›"),
    "header": ("[¤]\n", "[¤]\n", "[¤.¤]\n", "[[¤]]\n", "[[¤.¤]]\n", "[ ¤ . ¤ ]  # x\n", "[¤.¤.¤]\n"),
    "lines": ("", "‹line›", "‹line›‹line›", "‹line›‹line›‹line›", "‹line›‹lines›"),
    "line": (
        "¤ = ‹value›‹end›", "¤ = ‹value›‹end›", "¤.¤ = ‹value›‹end›", "¤=‹value›‹end›", "‹blank›¤\t=  ‹value› # c‹end›",
        "# ‹word›‹end›",
    ),
    "end": ("\n", "\n", "\n", "\n", "\r\n", "\n\n", "   \n"),
    "blank": ("", " ", "\t"),
    "value": (
        "1", "true", "false", "‹number›", "‹number›", "‹string›", "‹string›", "‹string›", "[]", "[ ‹value› ]",
        "[‹value›, ‹value›]", "[\n  ‹value›,\n  # c\n  ‹value›,\n]", "{}", "{ ¤ = ‹value› }", "{ ¤.¤ = ‹value›, ¤ = ‹value› }",
    ),
    "number": (
        "0", "-1", "+1", "1_000", "0xff", "0xDEAD_beef", "0o17", "0b101", "9223372036854775807", "-9223372036854775808", "1.5",
        "-0.0", "+1.0", "1e3", "1E-2", "6.02_2e2_3", "0.1", "3.0", "1e15", "1e16", "1e300", "5e-324", "9007199254740993.0",
        "inf", "-inf", "-0", "+0.5e+1", "2", "3", "4", "1_0.0", "0b0", "7e+0", "‹refused›",
    ),
    "refused": (
        "5", "6", "7", "8.5", "9", "10", "11", "12", "13", "14",
        "01", "1.", ".5", "1__0", "0x", "9223372036854775808", "1e400", "nan", "0xg", "1979-05-27", "07:32:00", "_1", "1e",
    ),
    "string": (
        '""', '"‹text›"', '"‹text›‹text›"', "'‹raw›'", '"""‹text›"""', '"""\n‹text›\n‹text›"""', "'''‹raw›'''",
        "'''\n‹raw›\n‹raw›'''", '"""‹text› \\\n   ‹text›"""', '"""\r\n‹text›\r\n‹text›"""', '"""a""""', "'''a''''",
        '"""‹text›\\\r\n\r\n  ‹text›"""',
    ),
    "text": (
        "", "a", "b c", "\\n", "\\t", "\\\\", '\\"', "\\u00e9", "\\U0001F600", "\\b\\f\\r", "é", "日本", "\t", "'", "#", "d",
        "e f", "g", "h\ti", *"ABCDEFGHIJ", "‹bad›",
    ),
    "bad": (*"KLMNOPQRSTU", "\\e", "\\x41", "\\ud800", "\\u0000", "\\q", "\x01", "\x7f"),
    "raw": ("", "a", "\\n", '"', "é", "b c", "#", "\\"),
    "word": ("w", "é", "", "[x]"),
}  # fmt: skip


class TomlTexts:
    """Documents out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)

    def expression(self) -> str:
        """One document, read; most of them define nothing twice."""
        few = self.picks.random() < 0.1
        document = grown(TOML, self.picks, depth=8)
        for number in range(document.count(KEY)):
            document = document.replace(
                KEY, self.picks.choice(KEYS) if few or self.picks.random() < 0.02 else f"k{number}", 1
            )
        return f"builtins.fromTOML {literal(document)}"
