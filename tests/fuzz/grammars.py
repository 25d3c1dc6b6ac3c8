"""Texts that are nearly right: what each language is made of, as productions. `‹name›` stands for another of them.

The first production of each is where growth ends, so it has no placeholder that leads back.
"""

from __future__ import annotations

import random
import re

from nixbridge.language.builtins.registry import ARITIES
from nixbridge.mesh.tables.builder_list import BUILDERS

Grammar = dict[str, tuple[str, ...]]

_PLACEHOLDER = re.compile("‹(.*?)›")


def grown(grammar: Grammar, picks: random.Random, symbol: str = "start", depth: int = 6) -> str:
    """A text of the grammar, nested `depth` deep at most."""
    production = picks.choice(grammar[symbol]) if depth > 0 else grammar[symbol][0]
    return _PLACEHOLDER.sub(lambda found: grown(grammar, picks, found[1], depth - 1), production)


#: Characters that somebody, somewhere, takes for something else.
ODD = ("\0", "\x1b", "\r", "\t", "\x7f", "\x85", "é", "\u2028", "\u202e", "\ud800", "\udc80", "\ufeff", "\uffff", "😀")

_CALLS = tuple(f"builtins.{name} {' '.join(['‹atom›'] * arity)}" for name, arity in ARITIES.items() if name != "break")

NIX: Grammar = {
    "start": (
        "‹scope›‹expression›",
        "‹scope›‹expression›",
        "‹scope›‹expression›",
        "‹expression›",
        "{ ‹formals› }: ‹expression›",
    ),
    "scope": (
        'let a = 1; b = "b"; c = [ 1 "x" ]; x = { a = 2; b = 1.5; }; self = x; a\' = null; a-b = y: y; __class__ = 0; in ',
    ),
    "expression": (
        "‹atom›",
        "‹atom›",
        "let ‹bindings› in ‹expression›",
        "if ‹expression› then ‹expression› else ‹expression›",
        "with ‹atom›; ‹expression›",
        "assert ‹expression›; ‹expression›",
        "‹name›: ‹expression›",
        "{ ‹formals› }@‹name›: ‹expression›",
        "‹name›@{ ‹formals› }: ‹expression›",
        "‹atom› ‹atom›",
        "‹expression› ‹operator› ‹expression›",
        "‹expression› ‹operator› ‹expression›",
        "-‹expression›",
        "!‹expression›",
        "‹atom› ? ‹path›",
        "‹atom›.‹path›",
        "‹atom›.‹path› or ‹atom›",
        "‹call›",
        "‹call›",
        "‹call›",
    ),
    "call": _CALLS,
    "atom": (
        "‹name›",
        "‹number›",
        "‹string›",
        "(‹expression›)",
        "(‹call›)",
        "[ ‹atom› ‹atom› ]",
        "{ ‹bindings› }",
        "rec { ‹bindings› }",
        "(‹name›: ‹expression›)",
        "(‹name›: ‹name›: ‹expression›)",
        "lib.‹name›",
        "./‹name›",
        "/etc/${‹expression›}",
        "~/‹name›",
        "<‹name›/x>",
        "true",
        "null",
        "[ ]",
        "{ }",
        "(throw ‹string›)",
        "{ outPath = ‹atom›; }",
        "{ __toString = self: ‹expression›; }",
        "{ __functor = self: ‹expression›; }",
        "{ name = ‹string›; value = ‹atom›; }",
        "{ key = ‹atom›; }",
    ),
    "bindings": ("", "‹path› = ‹expression›; ‹bindings›", "inherit ‹name›; ‹bindings›", "inherit (‹atom›) ‹name›;"),
    "formals": ("", "...", "‹name›", "‹name› ? ‹expression›, ‹formals›", "‹name›, ..."),
    "path": ("‹name›", "‹name›.‹path›", "‹string›", "${‹expression›}"),
    "name": ("a", "b", "c", "x", "self", "__class__", "a'", "a-b", "lib", "builtins", "toString", "map"),
    "number": ("0", "1", "-1", "2", "7", "0.5", "1e3", "9223372036854775807", "1.7976931348623157e308", "5e-324"),
    "string": ('""', '"a"', '"a.b"', '"‹text›"', '"‹text›${‹expression›}‹text›"', "''‹text›''", "''\n  ‹text›\n ${‹atom›}''"),
    "text": ("", "a", " ", "\\n", "\\", "$", "$$", "''", "''$", "''\\", "1.2.3", "sha256", "-", "/", "./..", *ODD),
    "operator": ("+", "-", "*", "/", "++", "//", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "->", "|>", "<|"),
}  # fmt: skip

JSON: Grammar = {
    "start": ("‹value›", " ‹value› ", "‹value›‹value›"),
    "value": ("null", "true", "‹number›", "‹string›", "[]", "[‹items›]", "{‹members›}", "NaN", "‹value›/**/"),
    "items": ("1", "‹value›", "‹value›,‹items›", "‹value›,"),
    "members": ('"a":1', "‹string›:‹value›", "‹string› : ‹value› , ‹members›", "‹string›"),
    "number": ("0", "-0", "01", "1.5", "1e5", "1e999", "-1E-400", "18446744073709551615", "9223372036854775808", "1.", "-"),
    "string": ('"a"', '"‹text›"', '"‹text›‹text›‹text›"'),
    "text": ("", "a", "\\u0000", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\u12", "\\/", "\\x", "\n", "\\", *ODD),
}  # fmt: skip

TOML: Grammar = {
    "start": ("a = 1", "‹lines›"),
    "lines": ("a = 1", "‹line›", "‹line›\n‹lines›", "‹line›\r\n‹lines›", "‹line›\n‹lines›\n‹lines›"),
    "line": ("", "‹key› = ‹value›", "‹key› = ‹value›", "[‹key›]", "[[‹key›]]", "# ‹text›", "‹key› ="),
    "key": ("a", "b", "1", "‹string›", "‹key›.‹key›", "‹key› . a", "-", ""),
    "value": (
        "1",
        "true",
        "‹number›",
        "‹string›",
        "[]",
        "[‹value›, ‹value›]",
        "[\n‹value›,\n# x\n]",
        "{}",
        "{ ‹key› = ‹value› }",
        "{ ‹key› = ‹value›, ‹key› = ‹value› }",
        "1979-05-27T07:32:00Z",
        "9999-99-99",
        "07:32:00.999",
    ),
    "number": ("0", "1_000", "0xff", "0o9", "0b1", "+inf", "-nan", "1e999", "9223372036854775808", "_1", "1.e1", "+0", "9" * 5000),
    "string": ('""', '"‹text›"', "'‹text›'", '"""\n‹text›\\\n  ‹text›"""', "'''‹text›'''"),
    "text": ("", "a", "\\u0000", "\\U0010ffff", "\\ud800", "\\ud83d", "\\x", "\\", '"', *ODD),
}  # fmt: skip

#: A pattern, a line end, and what it is tried on.
REGEX: Grammar = {
    "start": ("‹pattern›\n‹subject›", "‹pattern›‹pattern›\n‹subject›‹subject›"),
    "pattern": ("a", "‹piece›", "‹piece›‹pattern›", "‹pattern›|‹pattern›", "(‹pattern›)", "(‹pattern›)‹count›", "^‹pattern›$"),
    "piece": ("a", "‹one›", "‹one›‹count›", "‹one›‹count›", "(‹pattern›)‹count›"),
    "one": ("a", "b", ".", "[‹class›]", "[^‹class›]", "\\.", "\\‹character›", "()", "‹character›", "\\1"),
    "class": ("a", "a-z", "]a", "[:alpha:]", "[:space:]", "[=a=]", "[.-.]", "[:nothing:]", "z-a", "‹character›", "^-", "a\\"),
    "count": ("*", "+", "?", "{2}", "{0,1}", "{,3}", "{2,}", "{3,2}", "{99999}", "**", "{a}", "{"),
    "subject": ("", "a", "‹word›", "‹word›‹subject›", "‹word›‹word›‹subject›‹subject›"),
    "word": ("a", "aaaaaaaaaaaaaaaa", "ab", "b.", "\n", " ", "‹character›"),
    "character": ("a", "-", "{", ")", "[", "*", "\\", "<", "w", "b", "\n", *ODD),
}  # fmt: skip

YAML: Grammar = {
    "start": ("‹block›", "---\n‹block›\n...\n---\n‹block›", "%YAML 1.1\n---\n‹block›"),
    "block": ("a: 1", "‹key›: ‹value›", "‹key›: ‹value›\n‹block›", "- ‹value›\n- ‹value›", "‹key›:\n  ‹value›\n  ‹value›", "‹value›"),
    "key": ("a", "b", "‹scalar›", "? ‹value›\n", "<<", "[‹value›]", "*a", "&a a"),
    "value": ("1", "‹scalar›", "‹scalar›", "[‹value›, ‹value›]", "{‹key›: ‹value›}", "&a ‹value›", "*a", "‹tag› ‹value›", "|\n   ‹scalar›"),
    "tag": ("!!str", "!!int", "!!float", "!!bool", "!!null", "!!binary", "!!timestamp", "!!set", "!!omap", "!!pairs", "!!map", "!!seq",
            "!!python/object/apply:os.system", "!x", "!", "!!merge", "!!value"),
    "scalar": ("a", "1", "1:60", "0x", "0b_", "0o7", "+.inf", ".nan", "~", "yes", "1e5", "1_0", "2020-01-01", "''", '"‹text›"',
               "'‹text›'", "‹text›", "=", "_", "-", "0b", "+", ".", "9" * 5000),
    "text": ("", "a", "\\x", "\\ud800", "\\0", "#", ": ", "%", "@", "`", *ODD),
}  # fmt: skip

MARKDOWN: Grammar = {
    "start": ("text", "‹parts›"),
    "parts": ("text", "‹part›", "‹part›\n‹parts›", "‹part›\n\n‹parts›\n‹parts›"),
    "part": (
        "text",
        "‹fence›nix\n‹nix›\n‹fence›",
        "‹fence›nix\n‹nix›\n‹fence›\n‹fence›json\n‹data›\n‹fence›",
        "‹fence›yaml\n‹data›\n‹fence›",
        "‹fence› ‹data›",
        "<!-- nixbridge: ‹verb› -->",
        "    ‹part›",
        "> ‹part›",
    ),
    "fence": ("```", "````", "~~~", " ```", "   ```"),
    "nix": ("1", "{ a = 1; }", "a", "throw x", "``", "[", "\n  1\n", "‹odd›"),
    "data": ("1", '{"a": 1}', "a: 1", "nix", "{", "*a", "‹odd›"),
    "verb": ("skip", "arg a=1", "arg a = [", "arg", "fails x", "fails", "arg __class__=‹odd›", "arg a=}; in 1"),
    "odd": ODD,
}

#: Calls of the builders, with parameters that they know and values of every kind.
RECORDS: Grammar = {
    "start": ("‹call›", "[ ‹call› ‹call› ‹call› ]", "{ a = ‹call›; b = ‹call›; }"),
    "call": tuple(f"({name} ‹name› ‹set›)" for name in BUILDERS if name.startswith("mk")),
    "set": ("{ }", "{ ‹setting› }", "({ ‹setting› } // ‹set›)", "({ ‹setting› } // { ‹setting› } // ‹set›)"),
    "setting": ("namespace = ‹name›;", "‹word› = ‹value›;", "‹word›.‹word› = ‹value›;"),
    "name": ('"web"', '"api.prod"', '""', '"*"', '"A_b"', "‹string›"),
    "value": (
        "1",
        "‹name›",
        "‹number›",
        "‹string›",
        "true",
        "null",
        "[ ]",
        "[ ‹value› ‹value› ]",
        "‹set›",
        "‹set›",
        "[ ‹set› ]",
        "[ ‹set› ‹set› ]",
        "{ ${‹string›} = ‹value›; }",
        "(x: x)",
    ),
    "number": ("0", "-1", "80", "443", "100", "65536", "0.5", "1e300", "9223372036854775807"),
    "string": ('"30s"', '"5xx"', '"10%"', '"1.20"', '"STRICT"', '"prefix"', '"a"', '"GET"', '"1h1m"', '"-1s"', '"‹text›"'),
    "text": ("", ":", "/", "*", "{", "#", "9999999999999999999999s", "é", "\\n", "\u202e"),
    "word": ("host",),  # the words of the builders' own tables are put here by targets.py
}  # fmt: skip
