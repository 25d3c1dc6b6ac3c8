"""Deep and long: nested values and calls, long lists, sets and texts, and what the builtins make of them."""

from __future__ import annotations

import random

from tests.fuzz.grammars import Grammar, grown
from tests.long_texts import LONG

#: `#` is a size.
VALUES: Grammar = {
    "start": (
        "builtins.length ‹list›", "‹sum›", "‹digest›", "‹digest›", "‹digest›", "‹digest›", "builtins.stringLength ‹text›",
        "‹compare›", "‹last›",
    ),
    "digest": (
        'builtins.hashString "md5" (builtins.toJSON ‹value›)', 'builtins.hashString "md5" (builtins.toXML ‹value›)',
        'builtins.hashString "md5" ‹text›', 'builtins.deepSeq ‹value› 1',
        'builtins.fromJSON (builtins.toJSON ‹value›) == ‹value›',
    ),
    "sum": (
        "builtins.foldl' builtins.add 0 ‹list›", "builtins.foldl' (a: b: a * 31 + b - a * 30) 1 ‹list›",
        "let f = n: if n == 0 then 0 else 1 + f (n - 1); in f #",
        "let f = n: a: if n == 0 then a else f (n - 1) (a + n); in f # 0",
        "(builtins.foldl' (f: n: x: f (x + 1)) (x: x) ‹short›) 0",
    ),
    "compare": (
        "‹value› == ‹value›", "‹list› < ‹list›", "‹text› < ‹text›", "let v = ‹value›; in v == v", "‹text› == ‹text›",
        "‹set› == ‹set›",
    ),
    "last": (
        "builtins.elemAt ‹list› 3", "builtins.substring 3 9 ‹text›", "builtins.substring # 5 ‹text›",
        "builtins.head (builtins.sort (a: b: a > b) ‹list›)",
        "builtins.length (builtins.genericClosure { startSet = [ { key = 0; } ]; operator = x:"
        " if x.key < # then [ { key = x.key + 1; } { key = x.key / 2; } ] else [ ]; })",
        "builtins.length (builtins.split \"a\" ‹text›)", "builtins.match \"[ab]*\" ‹text› == null",
        "builtins.all (x: x < #) ‹list›", "builtins.elem # ‹list›",
    ),
    "value": ("‹list›", "‹list›", "‹set›", "‹nested›", "[ ‹value› ‹value› ]", "{ a = ‹value›; }", "‹text›"),
    "list": (
        "(builtins.genList (n: n) #)", "(map (n: n * n) ‹list›)", "(‹list› ++ ‹list›)",
        "(builtins.filter (n: n / 2 * 2 == n) ‹list›)", "(builtins.sort builtins.lessThan ‹list›)",
        "(builtins.concatLists [ ‹list› ‹list› ])", "(builtins.tail ([ 1 ] ++ ‹list›))",
        "(builtins.concatMap (n: [ n n ]) ‹list›)", "(builtins.attrValues (builtins.mapAttrs (n: v: 1) ‹set›))",
        "(builtins.sort (a: b: a / 10 > b / 10) ‹list›)", "(let f = n: if n == 0 then [ ] else [ n ] ++ f (n - 1); in f #)",
        "(builtins.fromJSON (builtins.toJSON ‹list›))", "(builtins.genList (n: n * 7919 - n * 7919 / 1000 * 1000) #)",
    ),
    "short": ("(builtins.genList (n: n) 20)", "(builtins.genList (n: n) 300)"),
    "set": (
        '(builtins.listToAttrs (map (n: { name = "k${toString n}"; value = n; }) ‹list›))', "(‹set› // ‹set›)",
        '(builtins.mapAttrs (n: v: "${n}") ‹set›)', "(builtins.groupBy (n: toString (n / 7)) ‹list›)",
        '(removeAttrs ‹set› [ "k1" "k3" ])', "(builtins.intersectAttrs ‹set› ‹set›)",
        "(builtins.foldl' (s: n: s // { ${toString n} = n; }) { } ‹short›)",
        "(builtins.zipAttrsWith (n: v: builtins.length v) [ ‹set› ‹set› ])", "(builtins.partition (n: n < #) ‹list›)",
    ),
    "nested": (
        "(builtins.foldl' (v: n: [ v ]) 0 ‹short›)", "(builtins.foldl' (v: n: { a = v; b = n; }) 0 ‹short›)",
        "(let f = n: if n == 0 then { } else { x = f (n - 1); }; in f #)",
        "(let f = n: if n == 0 then [ ] else [ (f (n - 1)) n ]; in f #)",
    ),
    "text": (
        '(builtins.concatStringsSep "" (builtins.genList (n: "ab") #))', '(toString ‹list›)', "(builtins.toJSON ‹value›)",
        '(builtins.replaceStrings [ "a" "1" ] [ "é" "" ] ‹text›)', "(‹text› + ‹text›)",
        "(builtins.foldl' (s: n: s + toString n) \"\" ‹short›)", '(builtins.concatStringsSep "," (map toString ‹list›))',
        '"<${‹text›}>"', "(let f = n: if n == 0 then \"\" else \"a${f (n - 1)}\"; in f #)",
        "(builtins.concatStringsSep \"\\n\" (builtins.filter builtins.isString (builtins.split \"[0-9]\" ‹text›)))",
        "(builtins.toXML ‹list›)", "(let f = n: s: if n == 0 then s else f (n - 1) \"${s}${s}\"; in f 10 \"xyz\")",
    ),
}  # fmt: skip
SIZES = ("0", "1", "3", "20", "100", "300", "1000", "2000")


class LongValues:
    """Expressions out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)

    def expression(self) -> str:
        """One expression over something long, or one that is long itself."""
        if self.picks.random() < 0.1:
            return LONG[self.picks.choice(list(LONG))](self.picks.choice((2, 10, 50, 200)))
        parts = grown(VALUES, self.picks, depth=5).split("#")
        return parts[0] + "".join(self.picks.choice(SIZES) + part for part in parts[1:])
